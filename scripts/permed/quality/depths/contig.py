"""What the genotypes of a contig say of depth, quality and allele balance, in one pass over its BCF."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pysam

from permed.errors import Fault
from permed.genome import AUTOSOMES, canonical, pseudoautosomal
from permed.genotypes.bcf import read_header, record_buffers
from permed.genotypes.kernels import BROKEN, FIELDS, POS, STATUS, parse_records
from permed.quality.depths.kernels import (
    AUTOSOME,
    COUNTS,
    ELSEWHERE,
    FORMATS,
    NONE,
    SHOWN,
    SUMS,
    X,
    Y,
    add_records,
    find_formats,
)

FIELDS_READ = ("AD", "DP", "GQ")
_BASES = ["A", "C", "G", "T"]


@dataclass
class Depths:
    """Sums over genotypes, a column a sample, rows as in the kernels; ``has`` are those of AD, DP and GQ that the
    header names. ``n_het_balance`` and ``het_balance`` (NaN for none) have one element a site. ``shown`` are reads and
    qualities as in the kernels at some sites of common alleles, ``ref_af`` (populations, sites) the frequencies there;
    ``population`` is the number of each sample's."""

    has: frozenset[str]
    counts: np.ndarray
    sums: np.ndarray
    n_het_balance: np.ndarray
    het_balance: np.ndarray
    shown: np.ndarray
    ref_af: np.ndarray
    population: np.ndarray

    def __add__(self, other: "Depths") -> "Depths":
        """Of the same people on this contig and then another."""
        number = np.concatenate([self.n_het_balance, other.n_het_balance])
        balance = np.concatenate([self.het_balance, other.het_balance])
        shown = np.concatenate([self.shown, other.shown], axis=1)
        ref_af = np.concatenate([self.ref_af, other.ref_af], axis=1)
        counts, sums = self.counts + other.counts, self.sums + other.sums
        return Depths(self.has | other.has, counts, sums, number, balance, shown, ref_af, self.population)


def measure_contig(
    variants: Path, sites: pl.DataFrame, ref_af: np.ndarray, population: np.ndarray, build: str, every: int = 1
) -> Depths:
    """Measure the normalised BCF of a contig. ``sites`` are those of the store, one a record in the same order.

    ``ref_af`` is the frequency of REF, (populations, sites), NaN where it is not known or not between the bounds of
    CHARR, ``population`` the number of each sample's population. Reads are kept of ``every`` so many-th site that has a
    frequency.

    A file without AD, DP and GQ is not read.
    """
    header, keys = read_header(variants), format_keys(variants)
    samples, places = len(population), _places(sites, ref_af, every)
    kept = ref_af[:, places >= 0]
    shown = np.full((SHOWN, kept.shape[1], samples), NONE, np.uint8)
    ref_af = np.ascontiguousarray(ref_af.T)
    has = frozenset(name for name, key in zip(FIELDS_READ, keys, strict=True) if key >= 0)
    counts, sums = np.zeros((COUNTS, samples), np.int64), np.zeros((SUMS, samples))
    site_counts, site_sums = np.zeros(len(sites), np.int64), np.zeros(len(sites))
    if has and len(sites):
        regions, balanced, pos = regions_of(sites, build), is_balanced(sites), sites["pos"].to_numpy()
        read = 0
        for start, buffer, starts in record_buffers(variants, header):
            here = slice(start, start + len(starts))
            fields = np.empty((len(starts), FIELDS), np.int64)
            parse_records(buffer, starts, samples, header.keys, fields)
            if not np.array_equal(fields[:, POS], pos[here]) or (fields[:, STATUS] == BROKEN).any():
                raise _changed(variants)
            formats = np.empty((len(starts), FORMATS), np.int64)
            find_formats(buffer, starts, samples, keys, formats)
            rows = (regions[here], balanced[here], ref_af[here], population, counts, sums)
            add_records(buffer, fields, formats, *rows, site_counts[here], site_sums[here], places[here], shown)
            read += len(starts)
        if read != len(sites):
            raise _changed(variants)
    balance = np.divide(site_sums, site_counts, out=np.full(len(sites), np.nan), where=site_counts > 0)
    return Depths(has, counts, sums, site_counts, balance, shown, kept, population)


def _places(sites: pl.DataFrame, ref_af: np.ndarray, every: int) -> np.ndarray:
    """The numbers of the sites of which reads are kept, -1 for others."""
    known = np.flatnonzero(is_balanced(sites) & ~np.isnan(ref_af).all(axis=0)) if len(sites) else np.zeros(0, np.int64)
    places = np.full(len(sites), -1, np.int64)
    chosen = known[::every]
    places[chosen] = np.arange(len(chosen))
    return places


def format_keys(path: Path) -> np.ndarray:
    """Dictionary numbers of AD, DP and GQ in a header, -1 for one that it does not name."""
    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(str(path)) as file:
            formats = file.header.formats
            return np.array([formats[name].id if name in formats else -1 for name in FIELDS_READ], np.int64)
    finally:
        pysam.set_verbosity(verbosity)


def regions_of(sites: pl.DataFrame, build: str) -> np.ndarray:
    """Where each site lies: on an autosome, on chrX or chrY outside the pseudoautosomal regions, or elsewhere."""
    regions = np.full(len(sites), ELSEWHERE, np.int64)
    names = sites["contig"].to_numpy()
    pos = sites["pos"].to_numpy()
    for contig in sites["contig"].unique().to_list():
        name = canonical(contig)
        kind = AUTOSOME if name in AUTOSOMES else {"chrX": X, "chrY": Y}.get(name, ELSEWHERE)
        regions[names == contig] = kind
        for start, end in pseudoautosomal(build, name) if kind in (X, Y) else []:
            regions[(names == contig) & (pos >= start) & (pos <= end)] = ELSEWHERE
    return regions


def is_balanced(sites: pl.DataFrame) -> np.ndarray:
    """Whether half the reads of a heterozygous genotype should show ALT: substitutions of one base on autosomes that
    are the only record of their position, so that no third allele has a share of the reads."""
    autosomal = pl.col("contig").is_in([name for name in sites["contig"].unique() if canonical(name) in AUTOSOMES])
    alone = pl.struct("contig", "pos").is_unique()
    return (
        sites.select(autosomal & alone & pl.col("ref").is_in(_BASES) & pl.col("alt").is_in(_BASES))
        .to_series()
        .to_numpy()
    )


def _changed(variants: Path) -> Fault:
    return Fault("its records are not those of the store", variants, remedy="Delete both and run again")
