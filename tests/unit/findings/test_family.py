"""Two heterozygous variants of a gene lie on different copies, on one, or nobody knows, by what the parents carry."""

import polars as pl
import pytest

from permed.findings.family import parents
from permed.findings.inheritance import phase_by_parents

REF, HET, HOM, HEMI, GONE = "reference", "heterozygous", "homozygous", "hemizygous", None
TRIO = [("C", "M", "parent-child"), ("C", "F", "parent-child"), ("F", "M", "unrelated")]
BY_FAMILY = "inherited from different parents, by the family's genotypes"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [  # genotypes of mother and father at each of two variants
        ((HET, REF), (REF, HET), ("trans", "family")),
        ((REF, HET), (HET, REF), ("trans", "family")),
        ((HOM, REF), (REF, HET), ("trans", "family")),
        ((HOM, HET), (REF, HET), ("trans", "family")),
        ((REF, HEMI), (HET, REF), ("trans", "family")),
        ((HET, REF), (HET, REF), ("cis", "family")),
        ((HOM, REF), (HOM, REF), ("cis", "family")),
        ((HET, HET), (REF, HET), ("unknown", None)),
        ((HET, HET), (HET, HET), ("unknown", None)),
        ((HET, HET), (HET, REF), ("unknown", None)),
        ((REF, REF), (HET, REF), ("unknown", "conflict")),
        ((HOM, HOM), (HET, REF), ("unknown", "conflict")),
        ((HET, GONE), (REF, GONE), ("trans", "presumed")),
        ((HOM, GONE), (REF, GONE), ("trans", "presumed")),
        ((HET, GONE), (REF, HET), ("trans", "presumed")),
        ((REF, GONE), (HET, REF), ("trans", "presumed")),
        ((HET, GONE), (HET, GONE), ("unknown", None)),
        ((REF, GONE), (REF, GONE), ("unknown", None)),
        ((REF, GONE), (REF, HET), ("unknown", None)),
        ((HET, GONE), (HET, REF), ("unknown", None)),
        ((HOM, GONE), (HOM, GONE), ("cis", "family")),
        ((HET, GONE), (GONE, GONE), ("unknown", None)),
        ((GONE, GONE), (GONE, GONE), ("unknown", None)),
        ((HET,), (REF,), ("trans", "presumed")),
        ((), (), ("unknown", None)),
    ],
)
def test_phase_follows_from_what_each_parent_can_pass_on(first, second, expected):
    assert phase_by_parents(first, second) == expected
    assert phase_by_parents(second, first) == expected
    assert phase_by_parents(first[::-1], second[::-1]) == expected, "whoever of the two is named first"


def _people(years=None, family="F1"):
    years = years or {}
    rows = [(name, family, years.get(name)) for name in ("C", "M", "F", "G")]
    schema = {"sample": pl.String, "family": pl.String, "birth_year": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _kin(rows):
    return pl.DataFrame(rows, schema=["sample1", "sample2", "relation"], orient="row")


@pytest.mark.parametrize(
    ("rows", "years", "sexes", "expected"),
    [
        (TRIO, {}, {}, {"C": ["F", "M"]}),
        (TRIO, {}, {"F": "XY", "M": "XX"}, {"C": ["F", "M"]}),
        (TRIO, {}, {"F": "XX", "M": "XX"}, {}),
        (TRIO, {"C": 1950, "M": 1980, "F": 1978}, {}, {}),
        (TRIO[:1], {}, {}, {}),
        (TRIO[:1], {"C": 1990, "M": 1960}, {}, {"C": ["M"]}),
        (TRIO[:1], {"C": 1960, "M": 1990}, {}, {"M": ["C"]}),
        (TRIO[:1], {"C": 1990, "M": 1985}, {}, {}),
        (TRIO[:1], {"M": 1960}, {}, {}),
        ([("C", "M", "siblings")], {"C": 1990, "M": 1960}, {}, {}),
        ([("C", "M", "undetermined between parent-child and siblings")], {"C": 1990, "M": 1960}, {}, {}),
        ([*TRIO[:2], ("F", "M", "second degree")], {}, {}, {}),
        ([*TRIO, ("G", "M", "parent-child")], {"G": 1930, "M": 1955}, {}, {"C": ["F", "M"], "M": ["G"]}),
        ([*TRIO, ("C", "G", "parent-child"), ("F", "G", "unrelated")], {}, {}, {}),
    ],
)
def test_who_is_whose_parent(rows, years, sexes, expected):
    everybody = {"C", "M", "F", "G"}
    assert parents(_kin(rows), _people(years), sexes, everybody) == expected
    assert parents(_kin(rows), _people(years, family=None), sexes, everybody) == {}, "the sheet has to say so too"


def test_only_parents_who_may_be_looked_at_are_given():
    assert parents(_kin(TRIO), _people(), {}, {"C", "M"}) == {"C": ["M"]}
    assert parents(_kin(TRIO), _people(), {}, {"C"}) == {}


@pytest.fixture
def trio(run, tmp_path):
    """Run on genotypes of a child, its mother and its father at two variants of a recessive gene."""

    def make(first, second, rows=TRIO, absent_sites="missing", **more):
        people = [{"sample": name, "family": "F1", "sex": "XY" if name == "F" else "XX"} for name in ("C", "M", "F")]
        variants = [run.variant(310, "REC"), run.variant(320, "REC")]
        made = run.planted([list(first), list(second)], variants, people=people, **more)
        _kin(rows).write_parquet(tmp_path / "kinship.parquet")
        return made.find(absent_sites=absent_sites, kinship=tmp_path / "kinship.parquet")

    return make


def test_variants_of_different_parents_are_reported_without_a_name(trio):
    made = trio(("0/1", "0/1", "0/0"), ("0/1", "0/0", "0/1"))
    assert made.answers() == {("C", "REC"): "yes"}
    assert made.states()["C", "REC"] == "found"
    assert set(made.findings["copies"]) == {"trans"}
    (reason,) = set(made.findings["reason"])
    assert BY_FAMILY in reason and " M" not in reason and " F" not in reason


def test_variants_of_one_parent_are_not_two_copies(trio):
    made = trio(("0/1", "0/1", "0/0"), ("0/1", "0/1", "0/0"), absent_sites="reference", rows=TRIO)
    assert ("C", "REC") not in made.answers()
    assert made.answers() == {("M", "REC"): "possible"}, "of the mother's own phase nothing is known"


@pytest.mark.parametrize(
    ("father", "more", "expected"),
    [
        (("0/0", "./."), {}, "yes"),
        (("./.", "./."), {}, "yes"),
        (("0/0", "0/0"), {}, "possible"),
        (("0/0", "0/1"), {"consent": {"findings": ["C"], "carriers": ["C", "M", "F"]}}, "possible"),
        (("0/0", "0/1"), {"withheld": {"M": "failed", "F": "failed"}}, "possible"),
        (("0/0", "0/1"), {"failed": ["M", "F"]}, "possible"),
        (("0/0", "0/1"), {"rows": [*TRIO[:2], ("F", "M", "not_assessable")]}, "possible"),
    ],
)
def test_what_is_not_known_is_not_decided(trio, father, more, expected):
    made = trio(("0/1", "0/1", father[0]), ("0/1", "0/0", father[1]), **more)
    assert made.answers()["C", "REC"] == expected
    told = made.findings.filter(sample="C")["reason"][0]
    assert BY_FAMILY not in told
    assert ("presumably" in told) == (expected == "yes")


@pytest.mark.parametrize("cell", ["0/0:99:4:4,0:.", "0/0:9:30:30,0:.", "0/0:99:30:20,10:."])
def test_a_parents_poor_genotype_is_not_reference(trio, cell):
    """Without the mother's genotype at the second variant nothing tells whence the father's is."""
    made = trio(("0/1", "0/1", "0/1"), ("0/1", cell, "0/1"))
    assert made.answers()["C", "REC"] == "possible"
    made = trio(("0/1", "0/0", "0/1"), ("0/1", "0/1", cell))
    assert "presumably" in made.findings.filter(sample="C")["reason"][0]


def test_a_parent_who_is_reference_by_assumption_alone_is_not(trio):
    bare = "0/0:.:.:.:."
    first, second = ("0/1", "0/1", bare), ("0/1", bare, "0/1")
    assert BY_FAMILY in trio(first, second).findings.filter(sample="C")["reason"][0]


def test_reference_by_assumption_tells_nothing_of_a_parent(trio):
    bare = "0/0:.:.:.:."
    made = trio(("0/1", "0/1", bare), ("0/1", bare, "0/1"), absent_sites="reference")
    assert made.answers()["C", "REC"] == "possible"


def test_phase_of_the_file_and_of_the_family_have_to_agree(trio, run):
    inherited = ("0/1", "0/0"), ("0/0", "0/1")
    made = trio((run.cell("0|1"), *inherited[0]), (run.cell("1|0"), *inherited[1]))
    assert BY_FAMILY in made.findings.filter(sample="C")["reason"][0]


def test_phase_that_disagrees_with_the_family_is_not_decided(trio, run):
    made = trio((run.cell("0|1"), "0/1", "0/0"), (run.cell("0|1"), "0/0", "0/1"))
    assert made.answers() == {("C", "REC"): "possible"}
    assert "disagree" in made.findings["reason"][0]


def test_carriers_learn_of_different_copies_too(trio, run):
    consent = {"findings": ["M", "F"], "carriers": ["C"]}
    run.list("carriers", "gene condition inheritance\nREC recessive_condition AR")
    made = trio(("0/1", "0/1", "0/0"), ("0/1", "0/0", "0/1"), consent=consent)
    (reason,) = set(made.findings.filter(sample="C")["reason"])
    assert reason.startswith("more than carrier status") and BY_FAMILY in reason


def test_a_fathers_only_chrx_is_passed_on(run, tmp_path):
    """The daughter has one variant of the father's hemizygous genotype, the other of the mother."""
    people = [{"sample": name, "family": "F1", "sex": "XY" if name == "F" else "XX"} for name in ("C", "M", "F")]
    variants = [run.variant(50_000_110, "DOM"), run.variant(50_000_120, "DOM")]
    cells = [("0/1", "0/0", "1"), ("0/1", "0/1", "0")]
    rows = [(v["pos"], "C", "T", *map(run.cell, line)) for v, line in zip(variants, cells, strict=True)]
    text = "gene condition inheritance reportable_when\nDOM a_condition XL hemizygous_or_biallelic"
    run.write(rows, variants, [("DOM", 50_000_101, 50_000_200)], people=people, contig="chrX", length=156040895)
    _kin(TRIO).write_parquet(tmp_path / "kinship.parquet")
    made = run.list("secondary", text).find(kinship=tmp_path / "kinship.parquet", absent_sites="missing")
    assert made.answers() == {("C", "DOM"): "yes", ("F", "DOM"): "yes"}
    assert BY_FAMILY in made.findings.filter(sample="C")["reason"][0]
