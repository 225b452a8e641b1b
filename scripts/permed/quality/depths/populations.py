"""Whose allele frequencies fit a person: of several populations' the ones under which the genotypes are likeliest."""

import numpy as np
import polars as pl

from permed.frequencies import populations, site_frequencies
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, GenotypeStore

LEAST_AF = 0.005  # so that a genotype that a population seems not to have excludes none
CELLS = 1 << 22  # genotypes taken at a time


def likeliest(store: GenotypeStore, frequencies: pl.DataFrame | None) -> np.ndarray:
    """The number of the likeliest of the populations of ``frequencies`` for each person, int64 of shape (samples,).

    The likelihood is that of genotypes in Hardy-Weinberg proportions at independent sites. Where all are alike, and
    where there is one population only (None: the cohort's own), it is the first.
    """
    if frequencies is None or len(populations(frequencies)) == 1:
        return np.zeros(len(store.samples), np.int64)
    total = np.zeros((len(populations(frequencies)), len(store.samples)))
    size, first = max(1, CELLS // max(1, len(store.samples))), 0
    for part in store.parts:
        known = site_frequencies(store.sites[first : first + len(part)], frequencies)
        rows = np.flatnonzero(~np.isnan(known[0]))
        for start in range(0, len(rows), size):
            here = rows[start : start + size]
            codes = store.codes(first + here)
            af = np.clip(known[:, here], LEAST_AF, 1 - LEAST_AF)
            logs = {HOM_REF: 2 * np.log(1 - af), HET: np.log(2 * af * (1 - af)), HOM_ALT: 2 * np.log(af)}
            for code, log in logs.items():
                total += log.astype(np.float32) @ (codes == code).astype(np.float32)
        first += len(part)
    return total.argmax(axis=0)
