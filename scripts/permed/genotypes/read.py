"""Read the genotypes of a file of split records: two-bit codes, haploid flags, dosages, sites.

BCF in BGZF blocks, what the workflow makes, goes by :mod:`permed.genotypes.bcf`; anything else that htslib reads goes
record by record through cyvcf2 and gives the same bytes.

ALT dosages come from DS, where that is missing from the haplotype dosages HDS, where both are from the genotype
probabilities GP, 0 to 1 and summing to 1. A dosage of a haploid genotype, 0 to 1 in a file, is doubled, as the genotype
itself is. A value that is no dosage (beyond 0 to 2 by more than 0.01) is missing. A record with dosages and no GT gets
its genotypes by rounding where the dosage is within 0.1 of an integer, else missing, as ``plink2 --hard-call-threshold
0.1`` has it. A record with neither has everybody's genotype missing.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from permed.bgzf import compression
from permed.genotypes.bcf import (
    Header,
    Records,
    Sites,
    is_packed_bcf,
    polyploid_fault,
    read_header,
    read_records,
)
from permed.genotypes.inflate import check_blocks
from permed.genotypes.kernels import GP_TOLERANCE, HARD_CALL_DISTANCE, TOLERANCE
from permed.genotypes.store import (
    DOSAGE_FIELDS,
    DOSAGE_UNIT,
    HET,
    HOM_ALT,
    HOM_REF,
    MISSING,
    NO_DOSAGE,
    SITE_SCHEMA,
    pack,
    unpack,
)
from permed.variants import variant_keys

RECORDS = 256
NO_CALL, HAPLOID = -1, -2
_OF_DOSAGE = np.array([HOM_REF, HET, HOM_ALT], np.uint8)
_FLOAT_END = 0x7F800002


class GenotypeReader:
    """The records of a file, given in order when iterated over, once; ``samples`` are the names in its header."""

    def __init__(self, variants: Path, threads: int = 1) -> None:
        self.path, self.threads = variants, threads
        self.header = read_header(variants)
        self.samples = self.header.samples
        self._read: list[Sites] = []

    def __iter__(self) -> Iterator[Records]:
        read = read_records if is_packed_bcf(self.path) else _read_any
        for records in read(self.path, self.header, self.threads):
            self._read.append(records.sites)
            yield records

    def sites(self) -> pl.DataFrame:
        """The site table of the records given so far."""
        return site_table(self._read, self.header.contigs)


def read_chunks(variants: Path, threads: int = 1) -> Iterator[tuple[pl.DataFrame, np.ndarray]]:
    """Give (site table, codes) of some records at a time, codes as uint8 of shape (records, samples)."""
    reader = GenotypeReader(variants, threads)
    for records in reader:
        yield site_table([records.sites], reader.header.contigs), unpack(records.packed, len(reader.samples))


def site_table(parts: list[Sites], contigs: dict[int, str]) -> pl.DataFrame:
    """The sites of some records, with the columns of :data:`permed.genotypes.store.SITE_SCHEMA`."""
    if not parts:
        return pl.DataFrame(schema=SITE_SCHEMA)
    counts = np.concatenate([part.counts for part in parts])
    table = pl.read_csv(
        b"".join(part.text for part in parts),
        separator="\t",
        has_header=False,
        schema={"ref": pl.String, "alt": pl.String, "id": pl.String},
        quote_char=None,
        encoding="utf8-lossy",
    )
    numbers = pl.Series(np.concatenate([part.contig for part in parts]))
    table = table.with_columns(
        contig=numbers.replace_strict(contigs, return_dtype=pl.String),
        pos=pl.Series(np.concatenate([part.pos for part in parts])),
        n_ref=pl.Series(counts[:, HOM_REF]),
        n_het=pl.Series(counts[:, HET]),
        n_alt=pl.Series(counts[:, HOM_ALT]),
        n_missing=pl.Series(counts[:, MISSING]),
    )
    return table.with_columns(key=pl.Series(variant_keys(table))).select(*SITE_SCHEMA)


def encode(alleles: np.ndarray) -> np.ndarray:
    """Codes from allele pairs, an integer array of shape (…, 2) with -1 for a missing allele and -2 for none."""
    first, second = alleles[..., 0], alleles[..., 1]
    dosage = np.where(second == HAPLOID, 2 * first, first + second)
    missing = (first < 0) | ((second < 0) & (second != HAPLOID))
    return np.where(missing, np.uint8(MISSING), _OF_DOSAGE[np.where(missing, 0, np.minimum(dosage, 2))])


def _read_any(path: Path, header: Header, threads: int) -> Iterator[Records]:
    """The records of any file that htslib reads, by cyvcf2."""
    import cyvcf2

    if compression(path) == "bgzf":  # cyvcf2 takes a file that was cut between two blocks for a whole one
        check_blocks(path)
    names = {name: number for number, name in header.contigs.items()}
    file = cyvcf2.VCF(str(path), threads=threads)
    while rows := [_row(record, header, names, path) for _, record in zip(range(RECORDS), file, strict=False)]:
        contig, pos, text, codes, haploid, dosages = zip(*rows, strict=True)
        codes, haploid, dosages = np.stack(codes), np.stack(haploid), np.stack(dosages)
        counts = np.stack([(codes == code).sum(axis=1) for code in range(4)], axis=1)
        yield Records(
            Sites(np.array(contig), np.array(pos), "".join(text).encode(), counts),
            pack(codes),
            np.packbits(haploid, axis=1, bitorder="little") if haploid.any() else None,
            dosages if (dosages != NO_DOSAGE).any() else None,
        )
    file.close()


def _row(record, header: Header, names: dict[str, int], path: Path) -> tuple:
    samples = len(header.samples)
    alleles = _diploid(record, samples, path)
    haploid = (alleles[:, 1] == HAPLOID) & (alleles[:, 0] >= 0)
    dosages = _dosages(record, haploid) if header.has_dosages else np.full(samples, NO_DOSAGE, np.uint16)
    codes = encode(alleles) if "GT" in record.FORMAT else _hard_calls(dosages)
    alt = record.ALT[0] if record.ALT else "."
    text = f"{record.REF}\t{alt}\t{record.ID or ''}\n"
    return names[record.CHROM], record.POS, text, codes, haploid, dosages


def _diploid(record, samples: int, path: Path) -> np.ndarray:
    if "GT" not in record.FORMAT:
        return np.full((samples, 2), NO_CALL)
    alleles = record.genotype.array()[:, :-1]  # the last column says whether the genotype is phased
    if alleles.shape[1] == 1:
        return np.concatenate([alleles, np.full_like(alleles, HAPLOID)], axis=1)
    if (alleles[:, 2:] != HAPLOID).any():
        raise polyploid_fault(record.CHROM, record.POS, path)
    return alleles[:, :2]


def _dosages(record, haploid: np.ndarray) -> np.ndarray:
    """ALT dosages of a record, in units of 1/16384; :data:`NO_DOSAGE` where there is none."""
    fields = [record.format(name) if name in record.FORMAT else None for name in DOSAGE_FIELDS]
    ds, hds, gp = (_floats(field, len(haploid)) for field in fields)
    value = np.full(len(haploid), np.nan)
    if ds.shape[1] == 1:
        value = ds[:, 0].astype(float) * (1 + haploid)
    if 1 <= hds.shape[1] <= 2:
        one = np.full(len(hds), True) if hds.shape[1] == 1 else _ended(hds[:, 1])
        of_hds = np.where(one, 2 * hds[:, 0].astype(float), hds.astype(float).sum(axis=1))
        value = np.where(np.isnan(value), of_hds, value)
    if 2 <= gp.shape[1] <= 3:
        one = np.full(len(gp), True) if gp.shape[1] == 2 else _ended(gp[:, 2])
        p = gp.astype(float)
        two = np.where(one, 0, p[:, -1])
        of_gp = np.where(one, 2 * p[:, 1], p[:, 1] + 2 * two)
        sound = np.abs(p[:, 0] + p[:, 1] + two - 1) <= GP_TOLERANCE
        value = np.where(np.isnan(value), np.where(sound, of_gp, np.nan), value)
    with np.errstate(invalid="ignore"):
        inside = (value >= -TOLERANCE) & (value <= 2 + TOLERANCE)
        units = np.floor(np.clip(np.where(inside, value, 0), 0, 2) * DOSAGE_UNIT + 0.5)
    return np.where(inside, units, NO_DOSAGE).astype(np.uint16)


def _floats(field, samples: int) -> np.ndarray:
    """A FORMAT field as float32 of shape (samples, values); no values where it is absent or holds no floats."""
    if field is None or field.dtype != np.float32:
        return np.empty((samples, 0), np.float32)
    return np.ascontiguousarray(field.reshape(samples, -1))


def _ended(values: np.ndarray) -> np.ndarray:
    """Whether a value stands for the end of a shorter vector."""
    return np.ascontiguousarray(values).view(np.uint32) == _FLOAT_END


def _hard_calls(dosages: np.ndarray) -> np.ndarray:
    dosages = dosages.astype(np.int64)
    nearest = (dosages + DOSAGE_UNIT // 2) // DOSAGE_UNIT
    known = (dosages != NO_DOSAGE) & (np.abs(dosages - nearest * DOSAGE_UNIT) <= HARD_CALL_DISTANCE)
    return np.where(known, _OF_DOSAGE[np.where(known, nearest, 0)], np.uint8(MISSING))
