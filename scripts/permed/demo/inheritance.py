"""Alleles of founders from their population's frequencies, and of children and duplicates from other people.

Alleles are int8 arrays of shape (sites, people, 2): the index in REF, ALT1, ALT2, … or -1 where there is no copy.
A child's first copy comes from the father, the second from the mother; what exists once stands in the first place.
"""

from collections.abc import Sequence

import numpy as np

from permed.demo.people import Simulated
from permed.demo.sites import Site
from permed.errors import Fault
from permed.genome import pseudoautosomal

NO_COPY = -1
MORGAN = 100_000_000  # bases in which one crossover is expected


def inheritance_of(site: Site) -> str:
    """How a site is passed on: ``autosome`` (pseudoautosomal regions too), ``chrX``, ``chrY`` or ``chrM``."""
    if site.contig not in ("chrX", "chrY", "chrM"):
        return "autosome"
    inside = any(start <= site.pos <= end for start, end in pseudoautosomal("GRCh38", site.contig))
    return "autosome" if inside else site.contig


def draw_founders(sites: Sequence[Site], people: Sequence[Simulated], populations: Sequence[str], rng) -> np.ndarray:
    """Two alleles for everybody, independent draws from each site's frequencies in their population."""
    frequencies = np.zeros((len(sites), len(populations), max(len(site.alts) for site in sites)))
    for row, site in enumerate(sites):
        if site.frequencies is not None:
            frequencies[row, :, : site.frequencies.shape[1]] = site.frequencies
    bounds = np.cumsum(frequencies, axis=2)[:, [populations.index(p.population) for p in people]]
    chance = rng.random((len(sites), len(people), 2))
    alleles = np.zeros(chance.shape, np.int8)
    for alt in reversed(range(bounds.shape[2])):
        alleles[chance < bounds[:, :, None, alt]] = alt + 1
    return alleles


def drop_absent_copies(alleles: np.ndarray, sites: Sequence[Site], people: Sequence[Simulated]) -> None:
    """Take away, in place, the copies of chrX, chrY and chrM that people of each sex do not have."""
    kinds = np.array([inheritance_of(site) for site in sites])
    male = np.array([p.sex == "XY" for p in people])
    alleles[np.ix_(kinds == "chrX", male, [1])] = NO_COPY
    alleles[np.ix_(kinds == "chrY", male, [1])] = NO_COPY
    alleles[np.ix_(kinds == "chrY", ~male, [0, 1])] = NO_COPY
    alleles[kinds == "chrM", :, 1] = NO_COPY


def pass_on(alleles: np.ndarray, sites: Sequence[Site], people: Sequence[Simulated], rng) -> dict:
    """Fill in children from their parents and duplicates from their originals, in place.

    Sites are sorted by contig and position; those that share a ``block`` are passed on together. Gives, for every
    child and block, which copy of the father and of the mother the child received, (person, block) -> (0|1, 0|1).
    """
    index = {p.sample: n for n, p in enumerate(people)}
    kinds = np.array([inheritance_of(site) for site in sites])
    auto, x_chromosome, y_chromosome = kinds == "autosome", kinds == "chrX", kinds == "chrY"
    copies = {}
    for child, person in enumerate(people):
        if person.father is None:
            continue
        father, mother = index[person.father], index[person.mother]
        if not (people[father].is_founder and people[mother].is_founder):
            fault = "a parent is not a founder; the demo has two generations"
            raise Fault(fault, "resources/demo/people.tsv", person.sample, remedy="Name founders as parents")
        from_father, from_mother = _gamete(sites, rng), _gamete(sites, rng)
        paternal = np.take_along_axis(alleles[:, father], from_father[:, None], 1)[:, 0]
        maternal = np.take_along_axis(alleles[:, mother], from_mother[:, None], 1)[:, 0]
        alleles[auto, child] = np.stack([paternal, maternal], 1)[auto]
        alleles[kinds == "chrM", child, 0] = alleles[kinds == "chrM", mother, 0]
        if person.sex == "XY":
            alleles[x_chromosome, child, 0] = maternal[x_chromosome]
            alleles[y_chromosome, child, 0] = alleles[y_chromosome, father, 0]
        else:
            alleles[x_chromosome, child, 0] = alleles[x_chromosome, father, 0]
            alleles[x_chromosome, child, 1] = maternal[x_chromosome]
        for row, site in enumerate(sites):
            if site.block:
                copies[child, site.block] = (int(from_father[row]), int(from_mother[row]))
    for copy, person in enumerate(people):
        if person.duplicate_of is not None:
            alleles[:, copy] = alleles[:, index[person.duplicate_of]]
    return copies


def _gamete(sites: Sequence[Site], rng) -> np.ndarray:
    """For each site which of a parent's two copies is passed on; crossovers fall at random, never inside a block."""
    strand = np.zeros(len(sites), np.int64)
    contigs = np.array([site.contig for site in sites])
    pos = np.array([site.pos for site in sites])
    for contig in dict.fromkeys(contigs.tolist()):
        rows = np.flatnonzero(contigs == contig)
        length = int(pos[rows[-1]])
        crossovers = np.sort(rng.integers(0, length, rng.poisson(length / MORGAN)))
        strand[rows] = (rng.integers(2) + np.searchsorted(crossovers, pos[rows])) % 2
    first: dict[str, int] = {}
    for row, site in enumerate(sites):
        if site.block:
            strand[row] = strand[first.setdefault(site.block, row)]
    return strand
