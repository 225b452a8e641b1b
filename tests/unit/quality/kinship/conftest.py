"""Families simulated over 22 autosomes, with crossovers, as genotype stores."""

import numpy as np
import polars as pl
import pytest

from permed.genome import AUTOSOMES, lengths
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, SITE_SCHEMA, GenotypeStore, code_counts, pack
from permed.kernel import set_threads

CODES = np.array([HOM_REF, HET, HOM_ALT], np.uint8)
MORGAN = 100_000_000


@pytest.fixture(autouse=True, scope="session")
def two_threads():
    set_threads(2)


@pytest.fixture(scope="session")
def make_store():
    """A store of one part a contig from codes (sites x people), contigs and positions of the sites, and names."""

    def make(codes, contigs, positions, names=None) -> GenotypeStore:
        columns = {"contig": contigs, "pos": positions, "ref": "A", "alt": "G", "key": 0, "id": None}
        sites = pl.DataFrame({**columns, **code_counts(codes)}).select(*SITE_SCHEMA)
        order = list(dict.fromkeys(contigs))
        where = np.array(contigs)
        names = names or [f"S{n}" for n in range(codes.shape[1])]
        return GenotypeStore(list(names), sites, [pack(codes[where == contig]) for contig in order])

    return make


@pytest.fixture(scope="session")
def spread():
    """Contigs and positions of some sites spread evenly over the autosomes."""

    def make(sites: int) -> tuple[list[str], list[int]]:
        sizes = [lengths("GRCh38")[name] for name in AUTOSOMES]
        ends = np.cumsum(sizes)
        places = np.linspace(1, ends[-1] - 1, sites).astype(np.int64)
        number = np.searchsorted(ends, places, side="right")
        return [AUTOSOMES[n] for n in number], (places - (ends - sizes)[number] + 1).tolist()

    return make


@pytest.fixture(scope="session")
def drop():
    """Dosages (sites x people) of a pedigree: name -> None (a founder), (father, mother), or the name of a twin."""

    def make(pedigree: dict, contigs, positions, seed: int, frequency=None) -> np.ndarray:
        rng = np.random.default_rng(seed)
        contig, pos = np.array(contigs), np.array(positions)
        if frequency is None:
            frequency = rng.uniform(0.05, 0.95, len(pos))
        gap = np.where(contig[1:] == contig[:-1], (1 - np.exp(-2 * np.diff(pos) / MORGAN)) / 2, 0.5)
        haplotypes = {}

        def gamete(parent):
            turns = rng.random(len(pos)) < np.concatenate([[0.5], gap])
            strand = np.cumsum(turns) % 2
            return np.where(strand == 1, haplotypes[parent][1], haplotypes[parent][0])

        for name, parents in pedigree.items():
            if parents is None:
                haplotypes[name] = rng.random((2, len(pos))) < frequency
            elif isinstance(parents, str):
                haplotypes[name] = haplotypes[parents]
            else:
                haplotypes[name] = np.stack([gamete(parent) for parent in parents])
        return np.stack([haplotypes[name].sum(axis=0) for name in pedigree], axis=1)

    return make


@pytest.fixture(scope="session")
def family_store(make_store, spread, drop):
    """A store of the people of a pedigree; ``keep`` are those with genotypes, ``missing`` a share of the genotypes."""

    def make(pedigree: dict, sites=12_000, seed=1, keep=None, missing=0.01) -> GenotypeStore:
        contigs, positions = spread(sites)
        dosages = drop(pedigree, contigs, positions, seed)
        names = list(pedigree)
        kept = [names.index(name) for name in keep or names]
        codes = CODES[dosages[:, kept]]
        codes[np.random.default_rng(seed).random(codes.shape) < missing] = MISSING
        return make_store(codes, contigs, positions, [names[n] for n in kept])

    return make


@pytest.fixture(scope="session")
def estimate():
    """The kinship of a store as the step has it, with the sheet's families by name."""
    from permed.quality.kinship.sites import kinship_sites
    from permed.quality.kinship.table import estimate_pairs, hold_out

    def make(store, families=None, *, every=False, call_rates=None, most=200_000, **options):
        fewest = options.get("fewest", 1000)
        sites = kinship_sites(store.sites, "GRCh38", most, fewest)
        held = hold_out(store, sites.rows, call_rates or {}, 0.95)
        given = {"screen_above": 20_000, "fewest": fewest} | options
        found = estimate_pairs(store, sites, families or {}, held, every=every, **given)
        return found, sites

    return make


@pytest.fixture(scope="session")
def judge(estimate):
    """Verdicts by name for a store and its sheet: name -> (sex, birth year, family)."""
    from permed.quality.kinship.pedigree import judge_pedigree

    def make(store, sheet: dict, **options) -> dict[str, tuple[str, str | None]]:
        found, sites = estimate(store, {name: row[2] for name, row in sheet.items()}, **options)
        rows = [(name, *row) for name, row in sheet.items()]
        people = pl.DataFrame(rows, schema=["sample", "sex", "birth_year", "family"], orient="row")
        judged = judge_pedigree(found.pairs, people, found.held_out, sites.problem)
        rows = judged.select("sample", "verdict", "reason").iter_rows()
        return {sample: (verdict, reason) for sample, verdict, reason in rows}

    return make
