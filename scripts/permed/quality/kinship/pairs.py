"""Pairs of people compared: everybody with everybody, or listed pairs."""

from statistics import NormalDist
from typing import Protocol

import numpy as np

from permed.genotypes.store import HET, MISSING, GenotypeStore, unpack
from permed.quality.kinship.kernels import (
    SITES,
    add_counts,
    add_pair_counts,
    close_distant,
    close_unrelated,
    fill_planes,
)
from permed.quality.kinship.sites import KinshipSites, screening_sites

GROUP = 2048  # people compared with as many at a time; a multiple of four
WORDS = 128  # words of 64 sites in a plane at a time, so that memory does not grow with the sites
PLANE_BYTES = 1 << 26
LISTED = 1 << 17  # listed pairs counted at a time
SCREEN_SITES = 8192
MISSED = 0.001  # share of pairs with just the kinship of third-degree relatives that the screen's error may lose
THIRD, FURTHEST = 2.0**-4, 2.0**-4.5  # expected kinship of third-degree relatives, and the least that counts as such
EXCLUDED = 6  # standard errors below the bound at which a pair is left before all sites are seen
CHANCE = 0.05  # expected pairs of a cohort that chance alone calls related


class Expected(Protocol):
    """What kinship is expected of unrelated people, such as :class:`permed.quality.kinship.admixture.Mixture`."""

    def tile(self, rows: slice, columns: slice) -> np.ndarray:
        """That of some people of the store with some others, float32 of shape (people, people)."""


def find_related(
    store: GenotypeStore, sites: KinshipSites, usable: np.ndarray, expected: Expected | None = None
) -> np.ndarray:
    """Pairs of ``usable`` people whose kinship is 2^-4.5 or more and beyond chance, as int64 of shape (pairs, 2).

    Beyond chance means that among as many pairs of unrelated people less than :data:`CHANCE` would be expected. Kinship
    counts from what is ``expected`` of unrelated people, 0 if nothing is.
    """
    return _scan(store, sites, sites.rows, usable, FURTHEST, chance_errors(int(usable.sum())), expected)


def screen_related(
    store: GenotypeStore, sites: KinshipSites, usable: np.ndarray, expected: Expected | None = None
) -> np.ndarray:
    """Pairs that :data:`SCREEN_SITES` informative sites cannot exclude, as :func:`find_related` gives them."""
    chosen = screening_sites(sites, SCREEN_SITES)
    return _scan(store, sites, sites.rows[chosen], usable, screening_cutoff(sites.frequency[chosen]), 0.0, expected)


def screening_cutoff(frequency: np.ndarray) -> float:
    """Kinship over the screen's sites below which a pair is not looked at again; ``frequency`` are the sites' own.

    The kinship of third-degree relatives less so many standard errors that :data:`MISSED` of them are lost.
    """
    return THIRD + NormalDist().inv_cdf(MISSED) * unrelated_error(frequency)


def unrelated_error(frequency: np.ndarray) -> float:
    """Standard error of the kinship of unrelated people over independent sites in Hardy-Weinberg proportions."""
    p, q = frequency, 1 - frequency
    het, hom = 2 * p * q, p * p + q * q
    spread = 16 * 2 * (p * q) ** 2 + 2 * het * hom + 4 * het**2
    return float(np.sqrt(spread.sum()) / (4 * het.sum())) if het.sum() else float("inf")


def chance_errors(people: int) -> float:
    """Standard errors from 0 beyond which less than :data:`CHANCE` pairs of unrelated people are expected."""
    pairs = max(1, people * (people - 1) // 2)
    return -NormalDist().inv_cdf(CHANCE / pairs)


def count_pairs(store: GenotypeStore, sites: KinshipSites, pairs: np.ndarray) -> np.ndarray:
    """Counts of listed pairs by autosome, uint32 of shape (pairs, autosomes with sites, 5), in the order of kernels."""
    numbers = np.unique(sites.contig)
    counts = np.zeros((len(pairs), len(numbers), SITES + 1), np.uint32)
    words = max(1, min(WORDS, PLANE_BYTES // (8 * max(1, len(store.samples)))))
    everybody = slice(0, -(-len(store.samples) // 4))
    for block, number in enumerate(numbers if len(pairs) else ()):
        rows = sites.rows[sites.contig == number]
        for start in range(0, len(rows), 64 * words):
            hom, alt = _planes(_packed(store, rows[start : start + 64 * words], everybody))
            for first in range(0, len(pairs), LISTED):
                some = pairs[first : first + LISTED]
                add_pair_counts(hom, alt, some[:, 0].copy(), some[:, 1].copy(), block, counts[first : first + LISTED])
    return counts


def heterozygosity(store: GenotypeStore, rows: np.ndarray, most: int = 4096) -> np.ndarray:
    """Share of each person's called genotypes that is heterozygous, over ``most`` rows; NaN where none is called."""
    some = rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(np.int64)]
    het, called = np.zeros(len(store.samples), np.int64), np.zeros(len(store.samples), np.int64)
    everybody = slice(0, -(-len(store.samples) // 4))
    for start in range(0, len(some), 256):
        codes = unpack(_packed(store, some[start : start + 256], everybody), len(store.samples))
        het += (codes == HET).sum(axis=0)
        called += (codes != MISSING).sum(axis=0)
    return np.divide(het, called, out=np.full(len(het), np.nan), where=called > 0)


def _scan(
    store: GenotypeStore,
    sites: KinshipSites,
    rows: np.ndarray,
    usable: np.ndarray,
    smallest: float,
    errors: float,
    expected: Expected | None = None,
) -> np.ndarray:
    """Pairs with a kinship over ``rows`` of ``smallest`` and so many standard errors beyond what is expected."""
    found = []
    people = len(store.samples)
    can = np.zeros(-(-people // 4) * 4, bool)
    can[:people] = usable
    crowding = float(np.sqrt(sites.crowding))
    for top in range(0, len(can), GROUP):
        for left in range(top, len(can), GROUP):
            related = can[top : top + GROUP, None] & can[left : left + GROUP]
            related = np.triu(related, 1) if top == left else related
            away = np.zeros(related.shape, np.float32)
            if expected is not None:
                told = expected.tile(slice(top, top + GROUP), slice(left, left + GROUP))
                away[: told.shape[0], : told.shape[1]] = told
            bounds = smallest, errors * crowding, EXCLUDED * crowding
            _scan_groups(store, rows, (top, left), related, away, *bounds)
            found.append(np.argwhere(related) + [top, left])
    pairs = np.concatenate(found) if found else np.zeros((0, 2), np.int64)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].astype(np.int64)


def _scan_groups(
    store, rows, begin: tuple[int, int], related, expected, smallest: float, errors: float, excluded: float
) -> None:
    """Clear ``related`` (bool, people x people) where two people of the groups that begin at two numbers are not.

    Every part of the sites is spread over the genome, so that a pair can be left after any of them, once its kinship is
    far enough below the bound.
    """
    counts = np.zeros((*related.shape, 4), np.uint32)
    columns = [slice(start // 4, (start + size) // 4) for start, size in zip(begin, related.shape, strict=True)]
    parts = max(1, -(-len(rows) // (64 * WORDS)))
    for part in range(parts):
        some = rows[part::parts]
        one = _planes(_packed(store, some, columns[0]))
        other = one if begin[0] == begin[1] else _planes(_packed(store, some, columns[1]))
        add_counts(*one, *other, begin[0] == begin[1], related, counts)
        close_distant(counts, expected, smallest, excluded, related)
    close_unrelated(counts, expected, smallest, errors, related)


def _packed(store: GenotypeStore, rows: np.ndarray, columns: slice) -> np.ndarray:
    """Packed genotypes of sorted rows of the store, of the people in some bytes."""
    packed = np.empty((len(rows), columns.stop - columns.start), np.uint8)
    start = 0
    for part in store.parts:
        first, last = np.searchsorted(rows, [start, start + len(part)])
        if last > first:
            packed[first:last] = part[rows[first:last] - start, columns]
        start += len(part)
    return packed


def _planes(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    shape = (4 * packed.shape[1], -(-len(packed) // 64))
    hom, alt = np.empty(shape, np.uint64), np.empty(shape, np.uint64)
    fill_planes(packed, hom, alt)
    return hom, alt
