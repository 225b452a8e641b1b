"""Verdicts on sample sheets: exchanged samples, duplicates, twins, mixed samples, and who is left in peace."""

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING
from permed.quality.kinship.pedigree import judge_pedigree

CODES = np.array([HOM_REF, HET, HOM_ALT], np.uint8)
PC, SIB, NONE, DUP = "parent-child", "siblings", "unrelated", "duplicate"


def verdicts(pairs: dict[tuple[str, str], str], sheet: dict[str, str | None], **cells) -> dict[str, str]:
    """Verdicts from relations of pairs and families by name; pairs of a family that are not named are unrelated."""
    names = list(sheet)
    rows = [(*pair, relation) for pair, relation in pairs.items()]
    named = {frozenset(pair) for pair in pairs}
    for n, one in enumerate(names):
        for other in names[n + 1 :]:
            if sheet[one] and sheet[one] == sheet[other] and frozenset({one, other}) not in named:
                rows.append((one, other, NONE))
    schema = {"sample1": pl.String, "sample2": pl.String, "relation": pl.String}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    people = pl.DataFrame(
        {
            "sample": names,
            "sex": ["XX"] * len(names),
            "birth_year": cells.get("years", [None] * len(names)),
            "family": list(sheet.values()),
            "mother": [cells.get("mothers", {}).get(name) for name in names],
            "father": [cells.get("fathers", {}).get(name) for name in names],
        },
        schema_overrides={"family": pl.String, "birth_year": pl.Int64, "mother": pl.String, "father": pl.String},
    )
    judged = judge_pedigree(table, people, cells.get("held_out", {}), cells.get("problem"))
    assert judged.columns == ["sample", "verdict", "reason", "kinds", "declared"]
    assert judged["sample"].to_list() == names
    for table in (reasons, kinds):
        table.clear()
    reasons.update(dict(judged.select("sample", "reason").iter_rows()))
    kinds.update(dict(judged.select("sample", "kinds").iter_rows()))
    return dict(judged.select("sample", "verdict").iter_rows())


reasons: dict[str, str | None] = {}
kinds: dict[str, list[str]] = {}


def test_a_family_as_the_sheet_has_it_passes():
    pairs = {("f", "c"): PC, ("m", "c"): PC}
    assert set(verdicts(pairs, {"f": "1", "m": "1", "c": "1", "x": None}).values()) == {"pass"}


def test_two_samples_exchanged_between_families_are_named_and_nobody_else():
    pairs = {("f1", "c1"): PC, ("m1", "c1"): PC, ("f2", "c2"): PC, ("m2", "c2"): PC}
    found = verdicts(pairs, {"f1": "2", "m1": "1", "c1": "1", "f2": "1", "m2": "2", "c2": "2"})
    assert found == {"f1": "fail", "m1": "pass", "c1": "pass", "f2": "fail", "m2": "pass", "c2": "pass"}
    assert reasons["f1"] == (
        "looks exchanged with f2: f1 fits family 1 (parent-child with c1), f2 fits family 2 (parent-child with c2), "
        "and neither is related to anybody in the family that the sheet gives. Have the laboratory trace these tubes "
        "from sample to file, and one of them typed again"
    )


def test_of_two_trios_with_their_children_exchanged_the_parents_are_left_in_peace():
    pairs = {("f1", "c1"): PC, ("m1", "c1"): PC, ("f2", "c2"): PC, ("m2", "c2"): PC}
    found = verdicts(pairs, {"f1": "1", "m1": "1", "c1": "2", "f2": "2", "m2": "2", "c2": "1"})
    assert found == {"f1": "pass", "m1": "pass", "c1": "fail", "f2": "pass", "m2": "pass", "c2": "fail"}
    assert "exchanged with c2" in reasons["c1"]
    assert kinds == {"f1": [], "m1": [], "c1": ["exchanged"], "f2": [], "m2": [], "c2": ["exchanged"]}


def test_two_pairs_where_either_could_be_exchanged_are_all_named():
    found = verdicts({("a", "b"): PC, ("c", "d"): PC}, {"a": "1", "d": "1", "c": "2", "b": "2"})
    assert set(found.values()) == {"fail"}
    assert "exchanged with c" in reasons["a"] and "exchanged with b" not in reasons["a"]


def test_exchanged_with_somebody_of_no_family():
    pairs = {("x", "c"): PC, ("m", "c"): PC}
    found = verdicts(pairs, {"f": "1", "m": "1", "c": "1", "x": None, "y": None})
    assert found == {"f": "warn", "m": "pass", "c": "pass", "x": "warn", "y": "pass"}
    assert reasons["f"] == (
        "may be exchanged with x: x fits family 1 (parent-child with c), in which f is related to nobody"
    )
    assert reasons["x"] == (
        "may be exchanged with f: x fits family 1 (parent-child with c), in which f is related to nobody"
    )


def test_a_stranger_whom_nobody_fits_and_relatives_outside_are_warned_of():
    found = verdicts({("a", "b"): PC, ("b", "d"): "second degree"}, {"a": "1", "b": "1", "s": "1", "d": "2", "e": None})
    assert found == {"a": "pass", "b": "warn", "s": "warn", "d": "warn", "e": "pass"}
    assert reasons["s"].startswith("related to none of the others of family 1 (a, b): samples may be mixed up")
    assert reasons["b"] == "second degree with d of family 2, which the sheet does not say"
    assert kinds == {"a": [], "b": ["relative_outside"], "s": ["stranger"], "d": ["relative_outside"], "e": []}


def test_a_name_that_is_no_family_is_not_checked_as_one(monkeypatch):
    monkeypatch.setattr("permed.quality.kinship.findings.MAX_FAMILY", 3)
    found = verdicts({}, dict.fromkeys("abcd", "cohort"))
    assert set(found.values()) == {"not_assessable"}
    assert reasons["a"] == "family cohort has 4 people in the sheet, too many for one family"


def test_distant_relatives_outside_the_family_are_no_finding():
    pairs = {("a", "b"): PC, ("a", "d"): "third degree", ("b", "d"): "undetermined between third degree and unrelated"}
    assert set(verdicts(pairs, {"a": "1", "b": "1", "d": None}).values()) == {"pass"}


def test_a_family_that_cannot_be_told_is_not_assessable():
    unclear = "undetermined between third degree and unrelated"
    assert set(verdicts({("a", "b"): unclear}, {"a": "1", "b": "1"}).values()) == {"not_assessable"}
    assert reasons["a"] == "whether the sample belongs to family 1 cannot be told from its genotypes"


@pytest.mark.parametrize(
    ("families", "years", "expected"),
    [(("1", "1"), (1980, 1980), "warn"), (("1", "1"), (1980, 1981), "fail"), ((None, None), (1980, 1980), "fail")]
    + [(("1", "1"), (None, None), "fail")],
)
def test_twins_of_the_sheet_are_warned_of_and_other_duplicates_fail(families, years, expected):
    found = verdicts({("a", "b"): DUP}, dict(zip("ab", families, strict=True)), years=list(years))
    assert set(found.values()) == {expected}
    assert all(reasons[name].startswith("duplicate: the genotypes are those of") for name in "ab")
    assert ("identical twins, as family, sex and birth year" in reasons["a"]) == (expected == "warn")


def test_a_duplicate_hides_no_exchange():
    pairs = {("a", "b"): DUP, ("a", "c"): PC, ("b", "c"): PC}
    found = verdicts(pairs, {"a": "1", "c": "1", "b": None})
    assert found == {"a": "fail", "c": "warn", "b": "fail"}
    assert kinds["b"] == ["same_genotypes", "relative_outside"]


def test_one_person_and_held_out_people_are_not_assessable():
    assert verdicts({}, {"a": "1"}) == {"a": "not_assessable"}
    assert reasons["a"] == "kinship is not assessable: there is nobody to compare with"
    found = verdicts({}, {"a": None, "b": None}, held_out={"a": "call_rate 0.8000 is below 0.95"})
    assert found == {"a": "not_assessable", "b": "pass"}
    assert set(verdicts({}, {"a": None, "b": None}, problem="too few sites").values()) == {"not_assessable"}


TRIO = {"F": None, "M": None, "C": ("F", "M"), "X": None}


def sheet(names, family="1", year=None) -> dict:
    return dict.fromkeys(names, ("XX", year, family))


def test_a_trio_with_a_mixed_child_is_told_as_mixed(make_store, spread, drop, judge):
    contigs, positions = spread(12_000)
    dosages = drop(TRIO, contigs, positions, 3)
    rng = np.random.default_rng(1)
    share = 0.35 * dosages[:, 3] / 2 + 0.65 * dosages[:, 2] / 2
    reads = rng.binomial(30, np.clip(share, 0.002, 0.998)) / 30
    mixed = np.where(reads < 0.1, 0, np.where(reads > 0.9, 2, 1))
    codes = CODES[np.stack([dosages[:, 0], dosages[:, 1], mixed, dosages[:, 3]], axis=1)]
    found = judge(make_store(codes, contigs, positions, list("FMCX")), sheet("FMC") | sheet("X", None))
    assert found["C"][0] == "not_assessable"
    assert "the DNA of two people may be mixed" in found["C"][1]
    assert found["X"] == ("pass", None), "the stranger whose DNA is in it does not become a relative"
    assert found["F"][0] == found["M"][0] == "not_assessable"


def test_low_quality_samples_are_related_to_nobody(family_store, make_store, judge, estimate):
    store = family_store({f"P{n}": None for n in range(60)}, sites=12_000, missing=0.001)
    codes = store.codes(np.arange(12_000))
    rng = np.random.default_rng(4)
    for bad in (3, 30):
        lost = rng.random(12_000) < np.where(codes[:, bad] == HOM_REF, 0.02, 0.5)  # alternates fail more often
        codes[lost, bad] = MISSING
    store = make_store(codes, store.sites["contig"].to_list(), store.sites["pos"].to_list(), store.samples)
    rates = {name: float((codes[:, n] != MISSING).mean()) for n, name in enumerate(store.samples)}
    assert rates["P3"] < 0.9 < 0.99 < rates["P4"]
    found, _ = estimate(store, call_rates=rates)
    assert found.pairs.is_empty()
    judged = judge(store, sheet(store.samples, None), call_rates=rates)
    assert {name for name, (verdict, _) in judged.items() if verdict != "pass"} == {"P3", "P30"}
    assert judged["P3"][1].startswith("kinship is not assessable: call_rate 0.")


@pytest.mark.parametrize("people", [2, 3, 8])
def test_a_cohort_of_siblings_only(family_store, judge, estimate, people):
    names = [f"S{n}" for n in range(people)]
    store = family_store({"F": None, "M": None} | dict.fromkeys(names, ("F", "M")), keep=names)
    found, _ = estimate(store, dict.fromkeys(names, "1"))
    assert set(found.pairs["relation"]) == {"siblings"}
    assert len(found.pairs) == people * (people - 1) // 2
    assert set(judge(store, sheet(names)).values()) == {("pass", None)}
    outside = judge(store, sheet(names, None))
    assert {verdict for verdict, _ in outside.values()} == {"warn"}
    assert outside["S0"][1].startswith("siblings with S1 of no family, which the sheet does not say")


def test_twins_declared_in_the_sheet(family_store, judge):
    pedigree = {**TRIO, "T": "C", "S": ("F", "M")}
    store = family_store(pedigree, keep=["C", "T", "S"])
    found = judge(store, sheet("CT", year=1990) | sheet("S", year=1992))
    assert {name: verdict for name, (verdict, _) in found.items()} == {"C": "warn", "T": "warn", "S": "pass"}
    alone = judge(family_store(pedigree, keep=["C", "T"]), sheet("CT", year=1990))
    assert {verdict for verdict, _ in alone.values()} == {"warn"}
    assert "identical twins" in alone["C"][1]


def test_a_single_person_and_three_strangers(family_store, judge):
    store = family_store({"A": None}, sites=3000)
    assert judge(store, sheet("A"))["A"] == (
        "not_assessable",
        "kinship is not assessable: there is nobody to compare with",
    )
    three = family_store(dict.fromkeys("ABC"), sites=12_000)
    assert set(judge(three, sheet("ABC", None)).values()) == {("pass", None)}
    family = judge(three, sheet("ABC"))
    assert {verdict for verdict, _ in family.values()} == {"warn"}
    assert family["A"][1].startswith("related to none of the others of family 1 (B, C)")


FAMILY = {"m": "1", "f": "1", "c": "1"}
BOTH = {"mothers": {"c": "m"}, "fathers": {"c": "f"}}
DECLARED = "whether a declared parent or child is one"


def test_declared_parents_who_are_parents_pass():
    assert set(verdicts({("m", "c"): PC, ("f", "c"): PC}, FAMILY, **BOTH).values()) == {"pass"}


@pytest.mark.parametrize(
    "relation", [NONE, SIB, "second degree", "third degree", "undetermined between second degree and third degree"]
)
def test_a_declared_parent_who_is_none_is_told_of_both(relation):
    found = verdicts({("m", "c"): PC, ("f", "c"): relation}, FAMILY, **BOTH)
    assert found == {"m": "pass", "f": "warn", "c": "warn"}
    for name in "fc":
        said = "f is the father of c, as the pedigree declares, and the genotypes say "
        assert said + relation in reasons[name] and "no_parent" in kinds[name]


@pytest.mark.parametrize(
    "relation",
    [
        "undetermined between parent-child and siblings",
        "undetermined between first degree and second degree",
        "undetermined between duplicate and parent-child",
        "undetermined between first degree and unrelated",
    ],
)
def test_what_may_still_be_a_parent_is_no_finding(relation):
    found = verdicts({("m", "c"): PC, ("f", "c"): relation}, FAMILY, **BOTH)
    assert found == {"m": "pass", "f": "not_assessable", "c": "not_assessable"}
    assert reasons["c"] == f"{DECLARED} is not certain ({relation})"
    assert kinds["c"] == []


def test_what_cannot_be_told_names_nobody():
    found = verdicts({("m", "c"): PC, ("f", "c"): "not_assessable"}, FAMILY, held_out={"f": "call rate"}, **BOTH)
    assert found == {"m": "pass", "f": "not_assessable", "c": "not_assessable"}
    assert reasons["c"] == f"{DECLARED} cannot be told from the genotypes"


def test_a_mother_is_no_twin_and_a_declared_parent_in_another_family_is_no_stranger():
    cells = {"mothers": {"c": "m"}}
    assert set(verdicts({("m", "c"): DUP}, {"m": "1", "c": "1"}, **cells).values()) == {"fail"}
    assert set(verdicts({("m", "c"): PC}, {"m": "Old", "c": "New"}, **cells).values()) == {"pass"}
    assert set(verdicts({("m", "c"): NONE}, {"m": "Old", "c": "New"}, **cells).values()) == {"warn"}


def test_children_exchanged_between_trios_are_told_as_such_and_not_as_no_children():
    pairs = {("f1", "c1"): PC, ("m1", "c1"): PC, ("f2", "c2"): PC, ("m2", "c2"): PC}
    cells = {"mothers": {"c1": "m2", "c2": "m1"}, "fathers": {"c1": "f2", "c2": "f1"}}
    found = verdicts(pairs, {"f1": "1", "m1": "1", "c1": "2", "f2": "2", "m2": "2", "c2": "1"}, **cells)
    assert found == {"f1": "pass", "m1": "pass", "c1": "fail", "f2": "pass", "m2": "pass", "c2": "fail"}
    assert kinds["c1"] == ["exchanged"]


def test_pairs_of_declared_parents_are_listed_and_compared_with_the_sheet(family_store, estimate):
    """A simulated trio and a stranger who is declared the mother of the child, all of no family."""
    store = family_store(TRIO)
    declared = [("C", "F"), ("C", "X")]
    found, _ = estimate(store, declared=declared)
    rows = {frozenset((r["sample1"], r["sample2"])): r for r in found.pairs.iter_rows(named=True)}
    father, stranger, mother = (rows[frozenset(("C", name))] for name in "FXM")
    assert (father["expected"], father["agrees"], father["found_by"]) == ("parent-child", True, "family")
    assert (stranger["expected"], stranger["agrees"], stranger["relation"]) == ("parent-child", False, "unrelated")
    assert (mother["expected"], mother["agrees"]) == ("not stated", False)
