"""Simulated populations (Balding and Nichols 1995) as stores of a panel and of new people."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import GenotypeStore, pack

CODES = np.array([3, 2, 0, 1], np.uint8)  # code of 0, 1, 2 copies of ALT, and of a missing genotype
FST = 0.05


def store_of(dosages: np.ndarray, samples: list[str], contigs: list[str] | None = None) -> GenotypeStore:
    """A store of ALT dosages, 3 for missing, at sites A>G 10 kb apart, on chr1 unless told otherwise."""
    count = len(dosages)
    sites = pl.DataFrame(
        {
            "contig": contigs or ["chr1"] * count,
            "pos": np.arange(count) * 10_000 + 1_000,
            "ref": ["A"] * count,
            "alt": ["G"] * count,
            **{name: (dosages == n).sum(axis=1) for n, name in enumerate(["n_ref", "n_het", "n_alt", "n_missing"])},
        }
    )
    return GenotypeStore(samples, sites, [pack(CODES[dosages])])


@dataclass
class World:
    """Populations with their frequencies (sites, populations), from which anybody can be drawn."""

    frequencies: np.ndarray
    rng: np.random.Generator

    def draw(self, populations: np.ndarray, missing: float = 0.0) -> np.ndarray:
        """ALT dosages, uint8 of shape (sites, people), 3 where missing."""
        dosages = self.rng.binomial(2, self.frequencies[:, populations]).astype(np.uint8)
        dosages[self.rng.random(dosages.shape) < missing] = 3
        return dosages

    def mix(self, one: int, other: int, share: float, people: int) -> np.ndarray:
        """Dosages of people with a ``share`` of their genome from one population, the rest from another."""
        frequency = share * self.frequencies[:, one] + (1 - share) * self.frequencies[:, other]
        return self.rng.binomial(2, np.repeat(frequency[:, None], people, axis=1)).astype(np.uint8)


def make_world(sites: int, populations: int, seed: int = 5) -> World:
    rng = np.random.default_rng(seed)
    ancestral = rng.uniform(0.1, 0.9, (sites, 1))
    shape = (1 - FST) / FST
    return World(rng.beta(ancestral * shape, (1 - ancestral) * shape, (sites, populations)), rng)


def labels_of(samples: list[str], populations: np.ndarray) -> pl.DataFrame:
    names = [f"POP{n}" for n in populations]
    unrelated = pl.lit(True)
    return pl.DataFrame({"sample": samples, "population": names, "superpopulation": names}).with_columns(
        unrelated=unrelated
    )


@pytest.fixture(scope="session")
def sim():
    """The functions of this file, for tests."""
    return SimpleNamespace(CODES=CODES, store_of=store_of, make_world=make_world, labels_of=labels_of)


@pytest.fixture(scope="session")
def world():
    """Four populations at 3,000 sites; the panel has the first three."""
    return make_world(3000, 4)


@pytest.fixture(scope="session")
def panel_store(world):
    """Sixty people of each of three populations."""
    populations = np.repeat([0, 1, 2], 60)
    samples = [f"R{n}" for n in range(len(populations))]
    return store_of(world.draw(populations, 0.005), samples), labels_of(samples, populations)


@pytest.fixture(scope="session")
def panel(panel_store):
    """The panel that is built of them."""
    from permed.quality.ancestry.panel import make_panel

    return make_panel(*panel_store, "GRCh38")
