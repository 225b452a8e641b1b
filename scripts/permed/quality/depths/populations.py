"""Whose allele frequencies fit a person: of several populations' the ones under which the genotypes are likeliest."""

import numpy as np

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, GenotypeStore

LEAST_AF = 0.005  # so that a genotype that a population seems not to have excludes none
CELLS = 1 << 22  # genotypes taken at a time


def likeliest(store: GenotypeStore, frequencies: np.ndarray) -> np.ndarray:
    """The number of the likeliest population for each person, int64 of shape (samples,).

    ``frequencies`` are of ALT, (populations, sites of the store), NaN where the first population's is not known. The
    likelihood is that of genotypes in Hardy-Weinberg proportions at independent sites. Where all are alike, and where
    there is one population only, it is the first.
    """
    total = np.zeros((len(frequencies), len(store.samples)))
    rows = np.flatnonzero(~np.isnan(frequencies[0])) if len(frequencies) > 1 else np.zeros(0, np.int64)
    size = max(1, CELLS // max(1, len(store.samples)))
    for start in range(0, len(rows), size):
        here = rows[start : start + size]
        codes = store.codes(here)
        af = np.clip(frequencies[:, here], LEAST_AF, 1 - LEAST_AF)
        logs = {HOM_REF: 2 * np.log(1 - af), HET: np.log(2 * af * (1 - af)), HOM_ALT: 2 * np.log(af)}
        for code, log in logs.items():
            total += log.astype(np.float32) @ (codes == code).astype(np.float32)
    return total.argmax(axis=0)
