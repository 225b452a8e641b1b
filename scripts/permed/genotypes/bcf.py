"""Parse BCF records and pack their genotypes without an object a record.

Blocks are inflated into buffers of bounded size, kernels parse and pack the whole records of a buffer, and what is left
moves on to the next one; so memory does not grow with the number of sites. With several threads buffers are packed
while the next ones are inflated; results come in order.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pysam

from permed.bgzf import compression
from permed.errors import Fault
from permed.genotypes.inflate import MAX_BLOCK, Inflated, check_blocks
from permed.genotypes.kernels import (
    ALT_SIZE,
    BROKEN,
    CONTIG,
    DS,
    FIELDS,
    GP,
    GT,
    HDS,
    ID_SIZE,
    POLYPLOID,
    POS,
    REF_SIZE,
    STATUS,
    count_packed,
    fill_dosages,
    find_records,
    pack_records,
    parse_records,
    round_dosages,
    site_text,
    take_observed,
)
from permed.genotypes.store import DOSAGE_FIELDS
from permed.observations.codes import FIELD as OBSERVED_FIELD
from permed.observations.codes import MERGED

BUFFER = 1 << 22


@dataclass
class Sites:
    """Where some consecutive records are, an element each: ``contig`` is its number in the header, ``pos`` 1-based.

    ``text`` has a line of REF, ALT (a dot for none) and id (nothing for none) with tabs between; ``counts`` of shape
    (records, 4) are how often each code of the store is there.
    """

    contig: np.ndarray
    pos: np.ndarray
    text: bytes
    counts: np.ndarray


@dataclass
class Records:
    """Some consecutive records.

    ``packed`` is (records, ceil(samples / 4)), ``haploid`` (records, ceil(samples / 8)) or None where no called
    genotype is, ``dosages`` uint16 (records, samples) or None where there are none, ``observed`` uint8 (records,
    samples) or None where nothing is said; all as in the store.
    """

    sites: Sites
    packed: np.ndarray
    haploid: np.ndarray | None
    dosages: np.ndarray | None
    observed: np.ndarray | None = None


@dataclass
class Header:
    """``contigs`` by their number, ``keys`` the dictionary numbers of GT, DS, HDS, GP, OBS (-1: none), sample names;
    ``merged``: files of several people were merged, and OBS says of missing genotypes that a file has them."""

    contigs: dict[int, str]
    keys: np.ndarray
    samples: list[str]
    merged: bool = False

    @property
    def has_dosages(self) -> bool:
        """Whether records may have dosages."""
        return bool((self.keys[1:4] >= 0).any())


def is_packed_bcf(path: Path) -> bool:
    """Whether a file is BCF version 2 in BGZF blocks."""
    if compression(path) != "bgzf":
        return False
    buffer = np.empty(MAX_BLOCK, np.uint8)
    return bytes(buffer[: Inflated(path).fill(buffer, 0)][:4]) == b"BCF\2"


def read_header(path: Path) -> Header:
    """Read the header of a VCF or BCF."""
    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(path)) as file:
            formats = file.header.formats
            keys = [formats[name].id if name in formats else -1 for name in ("GT", *DOSAGE_FIELDS, OBSERVED_FIELD)]
            contigs = {contig.id: name for name, contig in file.header.contigs.items()}
            return Header(contigs, np.array(keys, np.int64), list(file.header.samples), MERGED in formats)
    except (OSError, ValueError) as error:
        if compression(path) == "bgzf":
            check_blocks(path)
        raise Fault(f"the file cannot be read: {error}", path, remedy="Delete it and run again") from None
    finally:
        pysam.set_verbosity(verbosity)


def read_records(path: Path, header: Header, threads: int = 1) -> Iterator[Records]:
    """Give the records of a BCF in order, a buffer's at a time."""
    if threads < 2:
        for start, buffer, starts in record_buffers(path, header):
            yield _pack(path, header, start, buffer, starts)
        return
    with ThreadPoolExecutor(threads - 1) as pool:
        waiting = deque()
        for piece in record_buffers(path, header, own=True):
            waiting.append(pool.submit(_pack, path, header, *piece))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def record_buffers(path: Path, header: Header, own: bool = False) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Give the number of the first record, a buffer and where its records start; ``own``: no buffer is used twice."""
    inflated = Inflated(path)
    buffer, end = np.empty(BUFFER, np.uint8), 0
    at, number, begun = 0, 0, False
    while True:
        filled = inflated.fill(buffer, end)
        whole = filled == end
        if not begun and filled >= 9:
            at = 9 + int.from_bytes(buffer[5:9].tobytes(), "little")
            begun = at <= filled
        starts = np.empty(filled // 32 + 1, np.int64)
        count, rest = find_records(buffer, at, filled, starts) if begun else (0, 0)
        if count:
            yield number, buffer, starts[:count]
            number += count
        if whole:
            if not begun or rest < filled:
                remedy = "Delete it and run again; if it is a file of yours, copy it again from its source"
                raise Fault(f"the file ends within its header or record {number + 1}", path, remedy=remedy)
            return
        left, at = filled - rest, 0 if begun else at
        grown = len(buffer) if left + MAX_BLOCK <= len(buffer) // 2 else 2 * len(buffer)
        following = np.empty(grown, np.uint8) if own or grown > len(buffer) else buffer
        following[:left] = buffer[rest:filled]
        buffer, end = following, left


def _pack(path: Path, header: Header, first: int, buffer: np.ndarray, starts: np.ndarray) -> Records:
    samples = len(header.samples)
    fields = np.empty((len(starts), FIELDS), np.int64)
    parse_records(buffer, starts, samples, header.keys, fields)
    contig, pos = fields[:, CONTIG].copy(), fields[:, POS].copy()
    broken = fields[:, STATUS] == BROKEN
    if not broken.any() and not header.contigs.keys() >= set(np.unique(contig).tolist()):
        broken = ~np.isin(contig, list(header.contigs))
    if broken.any():
        number = first + int(np.argmax(broken)) + 1
        raise Fault(f"record {number} is no valid BCF record", path, remedy="Check it with bcftools view")
    text = np.empty(int(fields[:, [ID_SIZE, REF_SIZE, ALT_SIZE]].sum()) + 4 * len(starts), np.uint8)
    text = text[: site_text(buffer, fields, text)].tobytes()
    packed = np.empty((len(starts), -(-samples // 4)), np.uint8)
    haploid = np.zeros((len(starts), -(-samples // 8)), np.uint8)
    any_haploid = pack_records(buffer, fields, samples, packed, haploid)
    polyploid = fields[:, STATUS] == POLYPLOID
    if polyploid.any():
        row = int(np.argmax(polyploid))
        raise polyploid_fault(header.contigs[int(contig[row])], int(pos[row]), path)
    dosages = None
    if header.has_dosages and (fields[:, [DS, HDS, GP]] >= 0).any():
        dosages = np.empty((len(starts), samples), np.uint16)
        fill_dosages(buffer, fields, samples, haploid, dosages)
        without = np.flatnonzero(fields[:, GT] < 0)
        derived = np.empty((len(without), packed.shape[1]), np.uint8)
        round_dosages(dosages[without], derived)
        packed[without] = derived
    counts = np.empty((len(starts), 4), np.int64)
    count_packed(packed, samples, counts)
    observed = None
    if header.keys[4] >= 0 or header.merged:
        observed = np.empty((len(starts), samples), np.uint8)
        observed = observed if take_observed(buffer, fields, samples, header.merged, observed) else None
    return Records(Sites(contig, pos, text, counts), packed, haploid if any_haploid else None, dosages, observed)


def polyploid_fault(contig: str, pos: int, path: Path) -> Fault:
    """The refusal of a genotype of more than two alleles."""
    remedy = "Give haploid or diploid genotypes"
    return Fault(f"{contig}:{pos} has a genotype of more than two alleles", path, remedy=remedy)
