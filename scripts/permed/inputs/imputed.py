"""Give genotypes to records that have imputed dosages alone, by the rule with which the store rounds dosages."""

import struct
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pysam

from permed.bcftools import bcftools, opened
from permed.genome import canonical, pseudoautosomal
from permed.genotypes.bcf import Header, read_header, record_buffers
from permed.genotypes.kernels import (
    CONTIG,
    DS,
    FIELDS,
    GP,
    GP_SIZE,
    GT,
    HDS,
    HDS_SIZE,
    POS,
    fill_dosages,
    parse_records,
    round_dosages,
)
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, NO_DOSAGE, unpack
from permed.inputs.bcf_writer import genotype_codes

BUILDS = ("GRCh37", "GRCh38")
DERIVED = "records given genotypes by their dosages"
UNCLEAR = "dosages set aside on X, Y or M, of which nothing says whether they count one copy or two"
MAY_BE_HAPLOID = ("chrX", "chrY", "chrM")
_GT_LINE = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype, where absent by dosages within 0.1">'
_END, _MISSING = 0x7F800002, 0x7F800001
_ALLELES = np.full((4, 2), -1)
_ALLELES[[HOM_REF, HET, HOM_ALT]] = [[0, 0], [0, 1], [1, 1]]
_SITE = struct.Struct("<II18xHI")  # sizes of both parts; number of alleles; FORMAT fields and samples


def add_genotypes(path: Path, out: Path, two_copies: Iterable[str] = ()) -> Counter:
    """Write a BCF with GT in records that have DS, HDS or GP and no GT; count what was done.

    A genotype is that of the nearest dosage within 0.1, else missing. A person is haploid where HDS or GP has the
    values of one copy. On X outside the pseudoautosomal regions, Y and M a DS alone may count one copy or two: but
    for those known to have ``two_copies`` of X only 0 and 2 are believed there, any other DS becomes missing. Records
    of several ALT stay without GT.
    """
    headed = out.with_name("headed.bcf")
    with opened(path) as file:
        defined = "GT" in file.header.formats
    lines = out.with_name("header.txt")
    lines.write_text("" if defined else f"{_GT_LINE}\n", encoding="utf-8")
    bcftools("annotate", "-h", lines, "-Ob", "-o", headed, path, file=path)
    header = read_header(headed)
    sure = np.isin(header.samples, list(two_copies))
    counts: Counter = Counter()
    with pysam.BGZFile(str(out), "wb") as written:
        written.write(_header_bytes(headed))
        for _, buffer, starts in record_buffers(headed, header):
            _write_records(written, buffer, starts, header, sure, counts)
    headed.unlink()
    return counts


def _header_bytes(path: Path) -> bytes:
    with pysam.BGZFile(str(path), "r") as file:
        start = file.read(9)
        return start + file.read(int.from_bytes(start[5:], "little"))


def _write_records(written, buffer: np.ndarray, starts, header: Header, sure: np.ndarray, counts: Counter) -> None:
    fields = np.empty((len(starts), FIELDS), np.int64)
    parse_records(buffer, starts, len(header.samples), header.keys, fields)
    for row, start in enumerate(starts):
        shared, own, alleles, formats = _SITE.unpack_from(buffer, start)
        record = buffer[start : start + 8 + shared + own].copy()
        here = fields[row].copy()
        if here[GT] >= 0 or alleles != 2 or not (here[[DS, HDS, GP]] >= 0).any():
            written.write(record.tobytes())
            continue
        here[[DS, HDS, GP]] -= np.where(here[[DS, HDS, GP]] >= 0, start, 0)
        codes = _genotypes(record, here, header, sure, counts)
        added = _key(int(header.keys[0])) + b"\x21" + codes.tobytes()
        head = struct.pack("<II", shared, own + len(added)) + record[8:28].tobytes()
        head += struct.pack("<I", formats + (1 << 24)) + record[32 : 8 + shared].tobytes()
        written.write(head + added + record[8 + shared :].tobytes())
        counts[DERIVED] += 1


def _genotypes(record: np.ndarray, fields: np.ndarray, header: Header, sure: np.ndarray, counts: Counter) -> np.ndarray:
    """BCF codes of everybody's genotype by the dosages of a record, in which unclear ones are set to missing."""
    samples = len(sure)
    haploid, told = _copies(record, fields, samples)
    bits = np.packbits(haploid, bitorder="little")[None, :]
    dosages, packed = np.empty((1, samples), np.uint16), np.empty((1, -(-samples // 4)), np.uint8)
    fill_dosages(record, fields[None, :], samples, bits, dosages)
    round_dosages(dosages, packed)
    codes = unpack(packed, samples)[0]
    codes[haploid & (codes == HET)] = MISSING
    if _one_or_two(header.contigs[int(fields[CONTIG])], int(fields[POS])):
        certain = told | (codes == HOM_REF) | (codes == HOM_ALT)
        if canonical(header.contigs[int(fields[CONTIG])]) == "chrX":
            certain |= sure
        counts[UNCLEAR] += int((~certain & (dosages[0] != NO_DOSAGE)).sum())
        codes[~certain] = MISSING
        values = record[fields[DS] : fields[DS] + 4 * samples].view("<u4") if fields[DS] >= 0 else np.empty(0, "<u4")
        values[~certain[: len(values)]] = _MISSING
    return genotype_codes(_ALLELES[codes], haploid=haploid)


def _copies(record: np.ndarray, fields: np.ndarray, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """Who is haploid by the values of HDS or GP, and of whom these tell the number of copies at all."""
    haploid, told = np.zeros(samples, bool), np.zeros(samples, bool)
    for at, size, most in ((fields[HDS], fields[HDS_SIZE], 2), (fields[GP], fields[GP_SIZE], 3)):
        if at < 0:
            continue
        values = record[at : at + 4 * size * samples].view("<u4").reshape(samples, size)
        known = ~told & (values[:, 0] != _MISSING) & (values[:, 0] != _END)
        haploid |= known & ((values[:, -1] == _END) if size == most else True)
        told |= known
    return haploid, told


def _one_or_two(contig: str, pos: int) -> bool:
    """Whether some people have one copy there: outside the regions that X and Y share on either build."""
    name = canonical(contig)
    shared = [[start <= pos <= end for start, end in pseudoautosomal(build, name)] for build in BUILDS]
    return name in MAY_BE_HAPLOID and not all(map(any, shared))


def _key(number: int) -> bytes:
    return bytes([0x11, number]) if number < 128 else b"\x12" + struct.pack("<h", number)
