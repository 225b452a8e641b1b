"""Relations of simulated families, whole and screened, and what is said where they cannot be told."""

import numpy as np
import polars as pl
import pytest

from permed.errors import Fault
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING
from permed.quality.kinship import pairs as module
from permed.quality.kinship.relations import BOUNDS, is_close, is_related
from permed.quality.kinship.sites import kinship_sites

COUSINS = {
    **dict.fromkeys(("gf", "gm", "as", "bs", "x", "y")),
    "a": ("gf", "gm"),
    "b": ("gf", "gm"),
    "c": ("a", "as"),
    "c2": ("a", "as"),
    "d": ("b", "bs"),
    "h": ("b", "x"),
    "twin": "d",
}
FIRST = {("gf", "a"), ("gm", "b"), ("as", "c"), ("x", "h"), ("b", "h"), ("b", "twin")}
SIBLINGS = {("a", "b"), ("c", "c2")}
SECOND = {("gf", "c"), ("gm", "d"), ("a", "d"), ("b", "c2"), ("d", "h"), ("h", "twin")}
THIRD = {("c", "d"), ("c2", "h"), ("c", "twin")}
UNRELATED = {("gf", "gm"), ("a", "x"), ("as", "bs"), ("y", "c"), ("x", "d"), ("y", "gf")}


def told(found) -> dict[tuple[str, str], str]:
    rows = found.pairs.select("sample1", "sample2", "relation").rows()
    return {pair: relation for one, other, relation in rows for pair in ((one, other), (other, one))}


def fits(relation: str, truth: str) -> bool:
    """Whether a relation is the truth or an interval with it."""
    order = ["duplicate", "parent-child", "siblings", "second degree", "third degree", "unrelated"]
    relation = relation.replace("between first degree", "between parent-child")
    if not relation.startswith("undetermined"):
        return relation == truth
    ends = [order.index(word) for word in relation.removeprefix("undetermined between ").split(" and ")]
    return ends[0] <= order.index(truth) <= ends[1]


@pytest.mark.parametrize(("sites", "sure"), [(20_000, 1.0), (1_600, 0.9)])
def test_planted_relations_are_told_and_nobody_else_is_related(family_store, estimate, sites, sure):
    found, chosen = estimate(family_store(COUSINS, sites=sites, missing=0.002), every=True)
    assert chosen.problem is None
    relations = told(found)
    assert relations["d", "twin"] == "duplicate"
    assert {relations[pair] for pair in FIRST} == {"parent-child"}
    assert np.mean([relations[pair] == "siblings" for pair in SIBLINGS]) >= sure - 0.5
    assert all(fits(relations[pair], "siblings") for pair in SIBLINGS)
    assert all(fits(relations[pair], "second degree") for pair in SECOND)
    assert all(is_related(relations[pair]) for pair in SECOND) or sites < 2000
    assert not any(is_close(relations[pair]) for pair in UNRELATED)
    assert all(relations[pair].endswith("unrelated") for pair in UNRELATED)
    assert sum(relations[pair] == "unrelated" for pair in UNRELATED) >= sure * 3


def test_only_related_pairs_and_families_are_listed(family_store, estimate):
    families = {"gf": "F1", "gm": "F1", "y": "F2"}
    found, _ = estimate(family_store(COUSINS, sites=20_000), families)
    listed = told(found)
    assert found.pairs.filter(pl.col("relation") == "unrelated").select("sample1", "sample2").rows() == [("gf", "gm")]
    assert {*FIRST, *SIBLINGS, *SECOND, ("d", "twin")} <= set(listed)
    by = {row[:2]: row[2:] for row in found.pairs.select("sample1", "sample2", "found_by", "expected", "agrees").rows()}
    assert by["gf", "gm"] == ("family", "same family", None)
    assert by["gf", "a"] == ("all pairs", "not stated", False)


def test_a_screen_loses_few_distant_relatives_and_no_closer_ones(family_store, estimate):
    pedigree = {
        f"{n}{name}": parents if parents is None else tuple(f"{n}{parent}" for parent in parents)
        for n in range(15)
        for name, parents in COUSINS.items()
        if name != "twin"
    }
    store = family_store(pedigree, sites=20_000)
    whole, _ = estimate(store)
    part, sites = estimate(store, screen_above=10)
    assert part.screened and not whole.screened
    assert set(part.pairs["found_by"]) == {"screen"}
    columns = ["sample1", "sample2", "n_sites", "kinship", "relation"]
    missed = whole.pairs.select(columns).join(part.pairs.select(columns), on=columns, how="anti")
    added = part.pairs.select(columns).join(whole.pairs.select(columns), on=columns, how="anti")
    assert added.is_empty()
    assert missed.filter(pl.col("kinship") > BOUNDS[2]).is_empty()
    assert len(missed) < 0.02 * len(whole.pairs)
    assert len(whole.pairs) > 250
    candidates = module.screen_related(store, sites, np.ones(len(store.samples), bool))
    strangers = [pair for pair in candidates.tolist() if pair[0] // 12 != pair[1] // 12]
    assert len(strangers) < 0.005 * len(store.samples) ** 2 / 2, "or the screen would spare little"


def test_few_sites_and_one_part_of_the_genome_say_nothing(family_store, estimate, make_store):
    store = family_store(COUSINS, sites=900, missing=0)
    found, sites = estimate(store, {"gf": "F", "a": "F", "y": "F"})
    assert sites.problem.startswith("too few sites: ")
    assert found.pairs["relation"].to_list() == ["not_assessable"] * 3
    assert found.pairs["kinship"].null_count() == 0
    many = family_store(COUSINS, sites=20_000)
    near = many.sites.with_row_index().filter(pl.col("contig").is_in(["chr1", "chr2"]))
    codes = many.codes(near["index"].to_numpy())
    found, sites = estimate(make_store(codes, near["contig"].to_list(), near["pos"].to_list(), many.samples))
    assert (
        sites.problem == "the sites lie on 2 autosomes, 5 are needed: a part of the genome does not speak for the whole"
    )
    assert found.pairs.is_empty()


def test_a_pair_with_too_few_common_sites_is_not_assessable(family_store, estimate, make_store):
    store = family_store(COUSINS, sites=3000, missing=0)
    codes = store.codes(np.arange(3000))
    codes[:1400, 0], codes[1400:2400, 1] = MISSING, MISSING
    codes = np.concatenate([codes] + [codes[:, 2:]] * 5, axis=1)
    names = [f"P{n}" for n in range(codes.shape[1])]
    thin = make_store(codes, store.sites["contig"].to_list(), store.sites["pos"].to_list(), names)
    found, _ = estimate(thin, {"P0": "F", "P1": "F"})
    row = found.pairs.row(by_predicate=(pl.col("sample1") == "P0") & (pl.col("sample2") == "P1"), named=True)
    assert row["relation"] == "not_assessable"
    assert row["reason"] == f"too few sites: {row['n_sites']} called in both, 1000 are needed"


def test_part_of_the_genome_widens_the_interval(family_store, estimate, make_store):
    store = family_store(COUSINS, sites=20_000, missing=0)
    half = store.sites.with_row_index().filter(pl.col("contig").is_in([f"chr{n}" for n in range(1, 9)]))
    codes = store.codes(half["index"].to_numpy())
    some = make_store(codes, half["contig"].to_list(), half["pos"].to_list(), store.samples)
    widths = []
    for given in (store, some):
        found, sites = estimate(given, every=True)
        row = found.pairs.row(by_predicate=(pl.col("sample1") == "a") & (pl.col("sample2") == "b"), named=True)
        widths.append(row["kinship_high"] - row["kinship_low"])
        assert row["kinship_low"] < 0.25 < row["kinship_high"] or given is store
    assert sites.covered == pytest.approx(0.5, abs=0.05)
    assert widths[1] > 1.6 * widths[0], "more than fewer sites alone would do"


def test_files_that_list_only_what_is_carried_make_no_relatives(make_store, spread, drop, estimate):
    contigs, positions = spread(20_000)
    dosages = drop(dict.fromkeys("ABC"), contigs, positions, 3)
    codes = np.array([MISSING, HET, HOM_ALT], np.uint8)[dosages]
    carried = (codes != MISSING).any(axis=1)
    contigs, positions = (np.array(values)[carried].tolist() for values in (contigs, positions))
    found, sites = estimate(make_store(codes[carried], contigs, positions, list("ABC")), dict.fromkeys("ABC", "F"))
    assert sites.biased
    assert "list only what a person carries" in sites.problem
    assert found.pairs["kinship"].null_count() == len(found.pairs) == 3


def test_sites_are_common_autosomal_snvs_called_in_most(make_store):
    rng = np.random.default_rng(2)
    codes = rng.choice([HOM_REF, HET, HOM_ALT], (9, 60)).astype(np.uint8)
    contigs = ["1", "1", "1", "2", "2", "2", "2", "X", "22"]
    positions = [5, 9, 9, 5, 6, 7, 8, 5, 5]
    codes[3, :4] = MISSING
    codes[4] = HOM_REF
    store = make_store(codes, contigs, positions)
    alternates = pl.Series("alt", ["G"] * 5 + ["GA", "G", "G", "G"])
    table = store.sites.with_columns(alternates)
    assert kinship_sites(table, "GRCh38", 100, 1).rows.tolist() == [0, 6, 8]
    left_out = pl.Series("left_out", [None] * 6 + ["HWE"] + [None] * 2, dtype=pl.String)
    assert kinship_sites(table.with_columns(left_out), "GRCh38", 100, 1).rows.tolist() == [0, 8]
    assert kinship_sites(table, "GRCh38", 2, 1).rows.tolist() == [0, 8]


def test_all_pairs_of_many_people_are_refused(family_store, estimate, monkeypatch):
    from permed.quality.kinship import table

    monkeypatch.setattr(table, "ALL_UP_TO", 5)
    with pytest.raises(Fault, match="at most 5 can have all pairs"):
        estimate(family_store(COUSINS, sites=2000), every=True)
