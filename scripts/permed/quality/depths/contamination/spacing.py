"""Of which sites the reads are kept, so that a large cohort's fit in memory."""

import polars as pl

from permed.frequencies import site_frequencies
from permed.genotypes.store import GenotypeStore

MAX_SITES = 20_000  # at 12 reads 6,000 tell a share of 0.05 within 0.01
MAX_CELLS = 1 << 28  # sites times people


def spacing(store: GenotypeStore, frequencies: pl.DataFrame | None) -> int:
    """Every how many-th site of known frequency is enough; ``frequencies`` are the cohort's own where they are None."""
    most = max(1, min(MAX_SITES, MAX_CELLS // max(1, len(store.samples))))
    known = len(store.sites)
    if frequencies is not None and len(frequencies) > most:
        known = int((~pl.Series(site_frequencies(store.sites, frequencies.select(_FIRST))[0]).is_nan()).sum())
    elif frequencies is not None:
        known = min(known, len(frequencies))
    return max(1, known // most)


_FIRST = ["contig", "pos", "ref", "alt", "af"]
