"""Variants as values: trimming, strand, and a sortable 64-bit key. Positions are 1-based, alleles in VCF form."""

import zlib

import numpy as np
import polars as pl

from permed.alleles import complement
from permed.genome import CONTIGS, canonical

EXACT_BASES = 11  # alleles of at most so many bases together fit the key as they are
_CODE = np.full(256, 255, np.uint8)
_CODE[np.frombuffer(b"ACGTacgt", np.uint8)] = [0, 1, 2, 3] * 2


def is_ambiguous(allele: str, other: str) -> bool:
    """Whether an allele pair reads the same on both strands, such as A/T or C/G."""
    return complement(allele) == other


def trim(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """Drop the bases that both alleles share, last ones first, keeping one base in each: the parsimonious form."""
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def variant_keys(sites: pl.DataFrame) -> np.ndarray:
    """A uint64 key for each row of ``contig pos ref alt``, sorting by contig and position.

    Five bits name the contig (order of :data:`permed.genome.CONTIGS`, 0 for any other), 28 the position, 31 the
    alleles: as they are when they have at most 11 bases of ACGT together, else a 30-bit hash with the lowest bit
    set. Two hashed alleles can share a key, so a join on it is verified on the alleles when that bit is set.
    """
    codes = {name: _contig_code(name) for name in sites["contig"].unique()}
    contig = sites["contig"].replace_strict(codes).cast(pl.UInt64).to_numpy()
    pos = sites["pos"].cast(pl.UInt64).to_numpy()
    return contig << np.uint64(59) | pos << np.uint64(31) | _allele_bits(sites["ref"], sites["alt"])


def contig_keys(contig: str) -> tuple[int, int]:
    """The lowest and the highest key that a variant of a main contig, in any spelling, can have."""
    code = _contig_code(contig)
    return code << 59, (code + 1 << 59) - 1


def _contig_code(contig: str) -> int:
    name = canonical(contig)
    return CONTIGS.index(name) + 1 if name in CONTIGS else 0


def _allele_bits(ref: pl.Series, alt: pl.Series) -> np.ndarray:
    both = ref + alt
    sizes = both.str.len_bytes().to_numpy().astype(np.int64)
    ref_sizes = ref.str.len_bytes().to_numpy().astype(np.uint64)
    text = np.frombuffer("".join(both.str.join("")).encode() + b"\0" * EXACT_BASES, np.uint8)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]) if len(sizes) else np.zeros(0, np.int64)
    exact = sizes <= EXACT_BASES
    bits = np.zeros(len(sizes), np.uint64)
    longest = sizes[exact].max(initial=0)
    for offset in range(longest):
        inside = exact & (offset < sizes)
        code = _CODE[text[starts + offset]]
        exact &= ~(inside & (code == 255))
        bits = bits << np.uint64(2) | np.where(inside & exact, code, 0).astype(np.uint64)
    bits = bits << np.uint64(2 * (EXACT_BASES - longest))
    low = ref_sizes << np.uint64(27) | (sizes.astype(np.uint64) - ref_sizes) << np.uint64(23) | bits << np.uint64(1)
    for row in np.flatnonzero(~exact):
        low[row] = (zlib.crc32(f"{ref[int(row)]}>{alt[int(row)]}".encode()) & 0x3FFFFFFF) << 1 | 1
    return low
