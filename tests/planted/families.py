"""Families by meiosis with crossovers, over any sites, and what faults of the laboratory make of their genotypes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, SITE_SCHEMA, GenotypeStore, code_counts, pack
from planted.populations import Sites

CODES = np.array([HOM_REF, HET, HOM_ALT, MISSING], np.uint8)  # the store's code of 0, 1, 2 copies of ALT; 3 is missing
ABSENT = 3


@dataclass(frozen=True)
class Founder:
    """Somebody whose parents are not simulated, of a population by name."""

    population: str = ""


@dataclass(frozen=True)
class Child:
    """A child of two people by name, in whatever order."""

    one: str
    other: str


@dataclass(frozen=True)
class Twin:
    """Somebody with the genome of another: an identical twin, or one person's sample again."""

    of: str


Pedigree = Mapping[str, Founder | Child | Twin]
Draw = Callable[[np.random.Generator, str], np.ndarray]


def gamete(rng: np.random.Generator, sites: Sites, person: np.ndarray) -> np.ndarray:
    """One haplotype (sites) that somebody with haplotypes (2, sites) passes on."""
    strand = np.cumsum(rng.random(len(sites)) < sites.odd_recombinations()) % 2
    return np.where(strand == 1, person[1], person[0])


def descend(rng: np.random.Generator, sites: Sites, pedigree: Pedigree, draw: Draw) -> dict[str, np.ndarray]:
    """Haplotypes by name of a pedigree in which parents stand before their children.

    ``draw`` gives a founder's haplotypes from the generator and the name of the population.
    """
    people: dict[str, np.ndarray] = {}
    for name, origin in pedigree.items():
        if isinstance(origin, Founder):
            people[name] = draw(rng, origin.population)
        elif isinstance(origin, Twin):
            people[name] = people[origin.of]
        else:
            people[name] = np.stack([gamete(rng, sites, people[parent]) for parent in (origin.one, origin.other)])
    return people


def dosages_of(people: Mapping[str, np.ndarray], names: Iterable[str] | None = None) -> np.ndarray:
    """Copies of ALT, uint8 of shape (sites, people)."""
    return np.stack([people[name].sum(axis=0) for name in names or people], axis=1).astype(np.uint8)


def nuclear(prefix: str, children: int = 1, population: str = "") -> dict[str, Founder | Child]:
    """Father, mother and children: ``prefix`` with f, m, c1, c2 and so on."""
    father, mother = f"{prefix}f", f"{prefix}m"
    own = {f"{prefix}c{n}": Child(father, mother) for n in range(1, children + 1)}
    return {father: Founder(population), mother: Founder(population), **own}


def three_generations(prefix: str, population: str = "") -> dict[str, Founder | Child]:
    """Grandparents gf gm, their children a b with spouses as bs, and the cousins c1 c2 (of a) and d (of b)."""
    origin: dict[str, Founder | Child] = dict.fromkeys(("gf", "gm", "as", "bs"), Founder(population))
    origin |= {"a": Child("gf", "gm"), "b": Child("gf", "gm")}
    origin |= {"c1": Child("a", "as"), "c2": Child("a", "as"), "d": Child("b", "bs")}
    return prefixed(prefix, origin)


def half_siblings(prefix: str, population: str = "") -> dict[str, Founder | Child]:
    """A mother m with children c of f and h of g."""
    origin: dict[str, Founder | Child] = dict.fromkeys(("m", "f", "g"), Founder(population))
    return prefixed(prefix, origin | {"c": Child("m", "f"), "h": Child("m", "g")})


def prefixed(prefix: str, pedigree: Pedigree) -> dict[str, Founder | Child | Twin]:
    """The same family under other names."""
    names = {name: f"{prefix}{name}" for name in pedigree}

    def renamed(origin: Founder | Child | Twin) -> Founder | Child | Twin:
        if isinstance(origin, Child):
            return Child(names[origin.one], names[origin.other])
        return Twin(names[origin.of]) if isinstance(origin, Twin) else origin

    return {names[name]: renamed(origin) for name, origin in pedigree.items()}


def lose(rng: np.random.Generator, dosages: np.ndarray, share: float) -> np.ndarray:
    """The same with a share of the genotypes missing (3)."""
    return np.where(rng.random(dosages.shape) < share, ABSENT, dosages).astype(np.uint8)


def drop_alleles(rng: np.random.Generator, dosages: np.ndarray, share: float) -> np.ndarray:
    """The same with one allele unseen at a share of the heterozygous sites, which makes either homozygote of them."""
    dropped = (dosages == 1) & (rng.random(dosages.shape) < share)
    return np.where(dropped, 2 * (rng.random(dosages.shape) < 0.5), dosages).astype(np.uint8)


def misread(rng: np.random.Generator, dosages: np.ndarray, share: float) -> np.ndarray:
    """The same with a share of the genotypes replaced by one of the other two."""
    wrong = (dosages != ABSENT) & (rng.random(dosages.shape) < share)
    return np.where(wrong, (dosages + rng.integers(1, 3, dosages.shape)) % 3, dosages).astype(np.uint8)


def store_of(dosages: np.ndarray, sites: Sites, names: list[str]) -> GenotypeStore:
    """A store of dosages (sites, people; 3 for missing) at sites A>G, with a part a contig."""
    codes, contig = CODES[dosages], np.array(sites.contigs)
    columns = {"contig": sites.contigs, "pos": sites.positions, "ref": "A", "alt": "G", "key": 0, "id": None}
    table = pl.DataFrame({**columns, **code_counts(codes)}).select(*SITE_SCHEMA)
    order = list(dict.fromkeys(sites.contigs))
    return GenotypeStore(list(names), table, [pack(codes[contig == name]) for name in order])
