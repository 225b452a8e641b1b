"""What ancestry makes of the kinship of people who are no relatives.

KING-robust takes two people for members of one population in Hardy-Weinberg proportions. With g the ALT dosage, mu the
frequency that a person's ancestry lets expect and r = g - 2 mu, it is 1/2 - sum (g1 - g2)² / (4 h), h being the smaller
number of heterozygous sites, and of unrelated people

    E = 1/2 - (v1 + v2 + 4 d) / (4 h),  v = sum r²,  d = sum (mu1 - mu2)².

A child of two populations is heterozygous more often than its r varies (h > v): children of the same two look related.
People of different ancestry differ more (d > 0), and one of them is heterozygous more often (h is the smaller):
relatives look less related than they are. What is beyond E, times h / (2 sum sqrt(mu1 (1 - mu1) mu2 (1 - mu2))), is the
kinship of PC-Relate (Conomos and others 2016), sum r1 r2 / (4 sum sqrt(...)), read from the same counts of a pair.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from permed.genotypes.store import HET, HOM_ALT, MISSING, GenotypeStore
from permed.quality.matching import match_sites

if TYPE_CHECKING:
    from permed.quality.ancestry.panel import Panel

MOST_SITES = 16_384  # of the panel, spread evenly, from which expectations are read
LEAST_SITES = 2_000
BLOCK = 1024
WITHIN = 0.002  # frequencies from components are kept this far from 0 and 1
NOTICED = 0.015  # a kinship of unrelated people nearer to 0 is left alone
UNSURE = 0.2  # share of what is expected that is not sure


@dataclass(frozen=True)
class Mixture:
    """By person of a store whose ancestry is ``known``: a site's mean ``varies`` (v), ``hets`` (h) and mu (1 - mu) as
    ``own``, and ``places`` (people, dimensions), whose squared distances are d."""

    known: np.ndarray
    varies: np.ndarray
    hets: np.ndarray
    own: np.ndarray
    places: np.ndarray

    def expected(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Kinship of people of these ancestries who are unrelated, 0 where unknown or hardly any; indexes broadcast."""
        apart = np.square(self.places[first] - self.places[second]).sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            least = np.minimum(self.hets[first], self.hets[second])
            found = 0.5 - (self.varies[first] + self.varies[second] + 4 * apart) / (4 * least)
        told = self.known[first] & self.known[second] & (np.abs(found) >= NOTICED)
        return np.where(told, found, 0.0)

    def scale(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """By what the kinship beyond the expected is to be multiplied; 1 where nothing is expected."""
        with np.errstate(divide="ignore", invalid="ignore"):
            least = np.minimum(self.hets[first], self.hets[second])
            found = least / (2 * np.sqrt(self.own[first] * self.own[second]))
        return np.where(self.expected(first, second) != 0, found, 1.0)

    def tile(self, rows: slice, columns: slice) -> np.ndarray:
        """:meth:`expected` of some people with some others, float32 of shape (people, people)."""
        people = np.arange(len(self.known))
        first, second = people[rows], people[columns]
        if not (self.known[first].any() and self.known[second].any()):
            return np.zeros((len(first), len(second)), np.float32)
        return self.expected(first[:, None], second[None, :]).astype(np.float32)


def panel_mixture(panel: "Panel", store: GenotypeStore, ancestry: pl.DataFrame) -> Mixture | None:
    """Expectations from a panel's components, of people who resemble its populations or are mixtures of them.

    ``ancestry`` has the columns ``sample pcs state``. None where too few sites of the panel are in the store.
    """
    matched = match_sites(panel.listed, store.sites)
    if len(matched.rows) < LEAST_SITES:
        return None
    some = np.unique(np.linspace(0, len(matched.rows) - 1, min(MOST_SITES, len(matched.rows))).round().astype(np.int64))
    sites, used = matched.sites[some], int(panel.used)
    placed = {row["sample"]: row["pcs"] for row in ancestry.iter_rows(named=True) if row["pcs"] is not None}
    known = np.array([name in placed for name in store.samples], bool)
    coordinates = np.array([placed[name][:used] if name in placed else [0.0] * used for name in store.samples])
    slopes = panel.loadings[sites, :used].astype(np.float64) * panel.scale[sites, None] / 2
    shape = np.linalg.cholesky(slopes.T @ slopes / len(sites) + 1e-12 * np.eye(used))
    varies, hets, own, called = (np.zeros(len(known)) for _ in range(4))
    for start in range(0, len(some), BLOCK):
        here = slice(start, start + BLOCK)
        codes = store.codes(matched.rows[some[here]])
        dosages = np.where(codes == HET, 1.0, np.where(codes == HOM_ALT, 2.0, 0.0))
        swapped = matched.swapped[some[here]]
        dosages[swapped] = 2 - dosages[swapped]
        frequency = panel.mean[sites[here], None] / 2 + slopes[here] @ coordinates.T
        frequency = np.clip(frequency, WITHIN, 1 - WITHIN)
        there = codes != MISSING
        varies += (np.square(dosages - 2 * frequency) * there).sum(axis=0)
        own += (frequency * (1 - frequency) * there).sum(axis=0)
        hets += (codes == HET).sum(axis=0)
        called += there.sum(axis=0)
    varies, hets, own = (each / np.maximum(1, called) for each in (varies, hets, own))
    known &= (called >= LEAST_SITES) & (hets > 0)
    # who varies more than by their own heterozygosity is of a population that the components do not show
    return Mixture(known, np.minimum(varies, hets), hets, own, coordinates @ shape)


EXCESS = 0.045  # inbreeding below its negative: more heterozygous than one population makes, three standard errors
EXCESS_SITES = 8_192
FEWEST = 8  # people who are no close relatives from whom frequencies are read
UNEQUAL = 4.0  # standard errors


def excess_heterozygosity(store: GenotypeStore, rows: np.ndarray, close: Iterable[tuple[int, int]]) -> np.ndarray:
    """By how much each person makes the kinship of unrelated ones too high: minus inbreeding, 0 where it may be chance.

    Frequencies are those of people of whom no two are ``close`` relatives, pairs of numbers of the store.
    """
    people = len(store.samples)
    kin: dict[int, set[int]] = {}
    for one, other in close:
        kin.setdefault(one, set()).add(other)
        kin.setdefault(other, set()).add(one)
    taken: set[int] = set()
    for person in range(people):
        if not kin.get(person, set()) & taken:
            taken.add(person)
    chosen = np.array(sorted(taken), np.int64)
    if len(chosen) < FEWEST or not len(rows):
        return np.zeros(people)
    some = rows[np.unique(np.linspace(0, len(rows) - 1, min(EXCESS_SITES, len(rows))).round().astype(np.int64))]
    hets, wanted = np.zeros(people), np.zeros(people)
    for start in range(0, len(some), BLOCK):
        codes = store.codes(some[start : start + BLOCK])
        theirs = codes[:, chosen]
        called = (theirs != MISSING).sum(axis=1)
        alternates = (theirs == HET).sum(axis=1) + 2 * (theirs == HOM_ALT).sum(axis=1)
        frequency = alternates / np.maximum(1, 2 * called)
        expected = 2 * frequency * (1 - frequency) * 2 * called / np.maximum(1, 2 * called - 1)
        hets += (codes == HET).sum(axis=0)
        wanted += ((codes != MISSING) * expected[:, None]).sum(axis=0)
    excess = np.divide(hets, wanted, out=np.ones(people), where=wanted > 0) - 1
    return np.where(excess > EXCESS, excess, 0.0)


MANY_PEOPLE = 200  # of so many the frequencies of all are near enough to those of people who are no relatives


def excess_of_many(hets: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """:func:`excess_heterozygosity` from people's shares of heterozygous genotypes at sites spread over those of
    ``frequency``, that of ALT in all of them."""
    some = np.linspace(0, len(frequency) - 1, min(EXCESS_SITES, len(frequency))).round().astype(np.int64)
    excess = np.nan_to_num(hets) / np.mean(2 * frequency[some] * (1 - frequency[some])) - 1
    return np.where(excess > EXCESS, excess, 0.0)


MOST_UNEQUAL = 0.12  # beyond what chance and missing genotypes do to the heterozygosity of two people of one population


@dataclass(frozen=True)
class Unequal:
    """What is expected of unrelated people of whom only the share of heterozygous genotypes is known: where it differs,
    kinship is too low."""

    hets: np.ndarray

    def tile(self, rows: slice, columns: slice) -> np.ndarray:
        """As :meth:`Mixture.tile`."""
        first, second = self.hets[rows, None], self.hets[None, columns]
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.maximum(first, second) / np.minimum(first, second) - 1
        return np.where(np.isfinite(ratio) & (ratio > MOST_UNEQUAL), -ratio / 4, 0.0).astype(np.float32)


def unequal(hets: np.ndarray) -> Unequal | None:
    """:class:`Unequal`, or None where nobody's heterozygosity (NaN if unknown) is another's by more than chance."""
    known = hets[hets > 0]
    return Unequal(hets) if len(known) and known.max() > (1 + MOST_UNEQUAL) * known.min() else None


def unequal_heterozygosity(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """By how much kinship is too low where one of a pair has more heterozygous sites (counts) than chance gives."""
    least, most = np.minimum(first, second), np.maximum(first, second)
    ratio = np.divide(most, least, out=np.ones(len(least)), where=least > 0) - 1
    return np.where(ratio > UNEQUAL * np.sqrt(2 / np.maximum(1, least)), ratio / 4, 0.0)
