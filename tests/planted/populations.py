"""Populations by drift, people of one or several of them, and the sites where they are looked at.

Haplotypes are bool of shape (2, sites), the two of a person; ``True`` is ALT. A person of a population that mixed
generations ago has haplotypes that change between populations along the genome.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from permed.genome import AUTOSOMES, lengths

MORGAN = 100_000_000  # bases of one crossover a meiosis
LEAST_FREQUENCY = 0.002  # rarer alleles in a population are those that drift has lost


@dataclass(frozen=True)
class Sites:
    """Places on the genome in its order: contig of each, and its 1-based position."""

    contigs: list[str]
    positions: list[int]

    def __len__(self) -> int:
        return len(self.positions)

    def odd_recombinations(self, generations: float = 1.0) -> np.ndarray:
        """Probability that an odd number of crossovers lies before each site; 1/2 where a contig begins (Haldane)."""
        contig, position = np.array(self.contigs), np.array(self.positions)
        morgans = generations * np.diff(position) / MORGAN
        inner = np.where(contig[1:] == contig[:-1], (1 - np.exp(-2 * morgans)) / 2, 0.5)
        return np.concatenate([[0.5], inner])


def spread_sites(count: int, contigs: Sequence[str] = tuple(AUTOSOMES), build: str = "GRCh38") -> Sites:
    """Sites at even distances over some contigs."""
    ends = np.cumsum([lengths(build)[name] for name in contigs])
    places = np.linspace(1, ends[-1] - 1, count).astype(np.int64)
    number = np.searchsorted(ends, places, side="right")
    starts = np.concatenate([[0], ends[:-1]])
    return Sites([contigs[n] for n in number], (places - starts[number] + 1).tolist())


def ancestral_frequencies(rng: np.random.Generator, sites: int, low: float = 0.05, high: float = 0.95) -> np.ndarray:
    """ALT frequencies of common sites before populations parted."""
    return rng.uniform(low, high, sites)


def drift(rng: np.random.Generator, ancestral: np.ndarray, fst: float) -> np.ndarray:
    """ALT frequencies of a population that drifted from the ancestral ones by ``fst`` (Balding and Nichols 1995).

    Two populations that drifted by ``fst`` each differ by about as much.
    """
    if fst == 0:
        return ancestral.copy()
    shape = (1 - fst) / fst
    drawn = rng.beta(ancestral * shape, (1 - ancestral) * shape)
    return np.clip(drawn, LEAST_FREQUENCY, 1 - LEAST_FREQUENCY)


def outbred(rng: np.random.Generator, frequency: np.ndarray) -> np.ndarray:
    """Haplotypes of somebody of one population."""
    return rng.random((2, len(frequency))) < frequency


def first_generation(rng: np.random.Generator, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Haplotypes of a child of two populations: each parent gave one, so that every site is half and half."""
    return np.stack([rng.random(len(one)) < one, rng.random(len(other)) < other])


def admixed(
    rng: np.random.Generator,
    sites: Sites,
    frequencies: Sequence[np.ndarray],
    shares: Sequence[float],
    generations: int = 8,
) -> np.ndarray:
    """Haplotypes of somebody of a mixed population, whose segments come from one or another by their shares."""
    table, haplotypes = np.stack(frequencies), []
    for _ in range(2):
        changes = rng.random(len(sites)) < 2 * sites.odd_recombinations(generations)
        segment = np.cumsum(changes)
        source = rng.choice(len(table), size=segment[-1] + 1, p=shares)[segment]
        haplotypes.append(rng.random(len(sites)) < table[source, np.arange(len(sites))])
    return np.stack(haplotypes)
