"""The sites of a panel that its components are computed from: common, well called, unambiguous, not in linkage."""

import numpy as np
import polars as pl

from permed.genome import AUTOSOMES, canonical
from permed.genotypes.store import GenotypeStore, pack
from permed.quality.ancestry.kernels import count_chosen, prune
from permed.variants import is_ambiguous

MIN_FREQUENCY = 0.05  # of the rarer allele: components of rarer ones show families and batches before populations
MIN_CALL_RATE = 0.98
MAX_CORRELATION = 0.2  # squared: linked sites would count one stretch of the genome many times
WINDOW = 500_000  # bases in which sites are compared; linkage beyond is rare but in a few known regions
MAX_SITES = 50_000  # more no longer sharpen populations, but every cohort would have to be read at them
BLOCK = 1 << 16  # sites counted at a time


def choose_sites(store: GenotypeStore, people: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of ``store.sites``, mean ALT dosage and sqrt(2pq) of each chosen site, over the ``people`` (boolean).

    Single-base changes on autosomes that are the only record at their position. Sites that read the same on both
    strands (A/T, C/G) are left out, since an exchange of strands would not show. Where more than :data:`MAX_SITES`
    remain, evenly spaced ones are taken.
    """
    single = _unambiguous(store.sites)
    mask, number = words_of(people), int(people.sum())
    rows, means = [], []
    pos = store.sites["pos"].to_numpy()
    start = 0
    for part in store.parts:
        counts = np.zeros((len(part), 3), np.int64)
        for first in range(0, len(part), BLOCK):
            count_chosen(np.asarray(part[first : first + BLOCK]), mask, counts[first : first + BLOCK])
        called = counts[:, 0]
        mean = 2 - counts[:, 1] / np.maximum(called, 1)
        common = (np.minimum(mean, 2 - mean) >= 2 * MIN_FREQUENCY) & (called >= MIN_CALL_RATE * number)
        own = np.flatnonzero(common & single[start : start + len(part)])
        keep = np.zeros(len(own), bool)
        prune(np.asarray(part), own, pos[own + start], mask, WINDOW, MAX_CORRELATION, keep)
        rows.append(own[keep] + start)
        means.append(mean[own[keep]])
        start += len(part)
    chosen, mean = (np.concatenate(each) if each else np.zeros(0) for each in (rows, means))
    if len(chosen) > MAX_SITES:
        spaced = np.linspace(0, len(chosen) - 1, MAX_SITES).round().astype(np.int64)
        chosen, mean = chosen[spaced], mean[spaced]
    return chosen.astype(np.int64), mean, np.sqrt(mean * (1 - mean / 2))


def words_of(people: np.ndarray) -> np.ndarray:
    """A mask for the kernels: 64-bit words with the lower bit of each genotype of the ``people`` (boolean)."""
    packed = pack(people[None].astype(np.uint8))[0]
    padded = np.zeros(-(-len(packed) // 8) * 8, np.uint8)
    padded[: len(packed)] = packed
    return padded.view(np.uint64)


def _unambiguous(sites: pl.DataFrame) -> np.ndarray:
    """Which sites are the only record at their place, on autosomes, of two bases of different pairs."""
    contigs = [name for name in sites["contig"].unique() if canonical(name) in AUTOSOMES]
    pairs = [(a, b) for a in "ACGT" for b in "ACGT" if a != b and not is_ambiguous(a, b)]
    alone = pl.len().over("contig", "pos") == 1
    fits = pl.concat_str("ref", "alt", separator=">").is_in([f"{a}>{b}" for a, b in pairs])
    return sites.select(pl.col("contig").is_in(contigs) & fits & alone).to_series().to_numpy()
