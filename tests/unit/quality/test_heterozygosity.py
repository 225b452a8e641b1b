"""Heterozygosity against planted populations and families: who is told of, and who is not accused."""

import numpy as np
import polars as pl
import pytest

from permed.quality.judge import judge_samples
from planted.families import Child, Founder, descend, dosages_of, drop_alleles, misread, prefixed, store_of
from planted.populations import ancestral_frequencies, drift, outbred, spread_sites

SITES = spread_sites(12_000)
COUSINS = {
    **dict.fromkeys(("gf", "gm", "as", "bs"), Founder()),
    **{"a": Child("gf", "gm"), "b": Child("gf", "gm"), "c": Child("a", "as"), "d": Child("b", "bs")},
    "kid": Child("c", "d"),
}
SIBLINGS = {**dict.fromkeys(("f", "m"), Founder()), "b": Child("f", "m"), "s": Child("f", "m"), "kid": Child("b", "s")}
TRUTH = {"unrelated": 0.0, "cousins": 1 / 16, "siblings": 1 / 4}


@pytest.fixture(scope="module")
def cohort():
    """Dosages by name: 24 unrelated people U, six children C of cousins, two children S of siblings, twelve people M
    of another population."""
    rng = np.random.default_rng(11)
    frequency = ancestral_frequencies(rng, len(SITES))
    other = drift(rng, frequency, 0.15)
    people = {f"U{n}": outbred(rng, frequency) for n in range(24)}
    for letter, pedigree, count in (("C", COUSINS, 6), ("S", SIBLINGS, 2)):
        for n in range(count):
            family = descend(rng, SITES, prefixed(f"{letter}{n}", pedigree), lambda draw, _: outbred(draw, frequency))
            people[f"{letter}{n}"] = family[f"{letter}{n}kid"]
    people |= {f"M{n}": outbred(rng, other) for n in range(12)}
    return people


@pytest.fixture
def judged(cohort, metrics_of, thresholds):
    """Verdicts and metrics by name of some people; ``change`` gives the dosages of one person anew."""

    def judge(letters: str, labelled: bool, change=None, ancestry=None) -> dict[str, dict]:
        names = [name for name in cohort if name[0] in letters]
        dosages = dosages_of(cohort, names)
        for n, name in enumerate(names):
            if change and name in change:
                dosages[:, n] = change[name](dosages[:, n])
        metrics = metrics_of(store_of(dosages, SITES, names))
        label = [("other" if name[0] == "M" else "one") if labelled else None for name in names]
        people = pl.DataFrame({"sample": names, "sex": "NA", "population": pl.Series(label, dtype=pl.String)})
        rows = judge_samples(metrics, people, thresholds, ancestry=ancestry).to_dicts()
        return {row["sample"]: row | more for row, more in zip(rows, metrics.to_dicts(), strict=True)}

    return judge


def test_runs_tell_how_related_parents_were(judged):
    found = judged("UCS", True)
    froh = {letter: [row["froh"] for name, row in found.items() if name[0] == letter] for letter in "UCS"}
    assert max(froh["U"]) < 0.005
    assert np.mean(froh["C"]) == pytest.approx(TRUTH["cousins"], abs=0.025)
    assert np.mean(froh["S"]) == pytest.approx(TRUTH["siblings"], abs=0.08)


@pytest.mark.parametrize("error", [0.0, 0.003])
def test_children_of_relatives_are_told_and_not_accused(judged, error):
    rng = np.random.default_rng(1)
    change = {f"{letter}{n}": lambda own: misread(rng, own, error) for letter in "UCS" for n in range(24)}
    found = judged("UCS", True, change)
    assert {row["status"] for row in found.values()} == {"pass"}, [row["reasons"] for row in found.values()]
    told = {name for name, row in found.items() if "consanguinity: froh" in row["reasons"]}
    assert {f"S{n}" for n in range(2)} <= told
    assert len([name for name in told if name[0] == "C"]) >= 5
    assert not [name for name in told if name[0] == "U"]


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("letters", ["UM", "UCM"])
def test_a_minority_is_not_warned_for_being_one(judged, labelled, letters):
    found = judged(letters, labelled)
    assert {row["status"] for row in found.values()} == {"pass"}
    said = [row["reasons"] for name, row in found.items() if name[0] == "M"]
    assert not any(said) if labelled else all("perhaps by ancestry" in reason for reason in said)


def test_few_of_a_population_are_not_compared_and_that_is_said(judged, cohort):
    few = {name: own for name, own in cohort.items() if name[0] == "U" or name in ("M0", "M1")}
    removed = [name for name in cohort if name not in few]
    kept = {name: cohort.pop(name) for name in removed}
    try:
        found = judged("UM", True)
    finally:
        cohort.update(kept)
    assert {row["status"] for row in found.values()} == {"pass"}
    assert "heterozygosity: 2 people for the median of population other, 10 are needed" in found["M0"]["not_assessable"]


@pytest.mark.parametrize("labelled", [True, False])
def test_mixed_dna_and_lost_alleles_are_warned_of_within_a_population(judged, cohort, labelled):
    rng = np.random.default_rng(2)
    foreign = cohort["U9"].sum(axis=0)
    mixed = lambda own: np.where((own != 1) & (foreign != own) & (rng.random(len(own)) < 0.6), 1, own)  # noqa: E731
    lost = lambda own: drop_alleles(rng, own, 0.25)  # noqa: E731
    found = judged("UM", labelled, {"U0": mixed, "M1": mixed, "U2": lost})
    assert found["U0"]["status"] == found["U2"]["status"] == "warn"
    assert "mixed DNA" in found["U0"]["reasons"]
    assert "alleles that are not seen" in found["U2"]["reasons"]
    assert not labelled or found["M1"]["status"] == "warn"
    others = {row["status"] for name, row in found.items() if name not in ("U0", "M1", "U2")}
    assert others == {"pass"}


def test_without_enough_of_the_genome_a_lack_is_told_as_what_it_may_be(verdicts, make_store, random_codes):
    rng = np.random.default_rng(6)
    codes = random_codes(rng, 6000, 30, 0.4, 0.6)
    lacking = (codes[:, 9] == 2) & (rng.random(6000) < 0.12)
    codes[lacking, 9] = 3
    row = verdicts(make_store({"chr1": (codes, list(range(6000)))})).row(9, named=True)
    assert row["status"] == "pass"
    assert "as children of relatives (of first cousins 0.0625) have it" in row["reasons"]
