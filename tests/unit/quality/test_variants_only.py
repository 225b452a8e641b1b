"""People whose files list only what they carry: judged by what such files can show, and told what would show more."""

import numpy as np
import polars as pl
import pytest

from permed.carried import lists_carried_only
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING
from permed.reports.quality import quality_result
from permed.withholding import with_withheld

SITES = 3000


@pytest.fixture
def cohort(make_store, random_codes):
    """Genotypes of some people; at what ``merged`` of them do not carry they have none, as after merging."""

    def build(people: int = 6, merged=None, missing: float = 0.0, seed: int = 2, sites: int = SITES):
        rng = np.random.default_rng(seed)
        codes = random_codes(rng, sites, people, 0.05, 0.6)
        own = np.arange(people) if merged is None else np.array(merged, int)
        codes[:, own] = np.where(codes[:, own] == HOM_REF, MISSING, codes[:, own])
        codes[rng.random(codes.shape) < missing] = MISSING
        codes = codes[((codes == HET) | (codes == HOM_ALT)).any(axis=1)]
        return make_store({"chr1": (codes, list(range(1, len(codes) + 1)))})

    return build


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((600, 400, 200, 1000), True),
        ((600, 390, 195, 1000), True),  # 15 of other ALT of the same sites
        ((600, 300, 150, 1000), False),  # a quarter is reference, as of a child called with a parent
        ((600, 356, 178, 1000), False),
        ((990, 660, 330, 1000), False),  # nothing to excuse
        ((99, 60, 39, 1000), False),
        ((0, 0, 0, 1000), False),
    ],
)
def test_who_lists_only_what_is_carried(counts, expected):
    assert lists_carried_only(*counts, fewest=100, least_call_rate=0.98) is expected


def test_what_is_missing_at_other_people_s_sites_fails_nobody(cohort, verdicts):
    got = verdicts(cohort())
    assert got["status"].to_list() == ["warn"] * 6
    assert got["call_rate"].null_count() == got["het_rate"].null_count() == 6
    for reason in got["reasons"]:
        assert "call_rate is not assessable" in reason
        assert all(remedy in reason for remedy in ("cohort.callable", "gVCFs", "absent_sites", "preset: variants"))
    assert all("call rate: the genotypes list only what" in text for text in got["not_assessable"])
    assert with_withheld(got, "withhold")["withheld"].null_count() == 6


def test_the_preset_takes_it_for_granted(cohort, verdicts, quality_of):
    got = verdicts(cohort(), quality=quality_of(preset="variants"))
    assert got["status"].to_list() == ["pass"] * 6
    assert got["call_rate"].null_count() == 6
    assert all("call rate: the files list only what the person carries" in text for text in got["not_assessable"])


def test_a_group_of_such_files_beside_people_called_together(cohort, verdicts):
    """The one who fails is the one with missing genotypes among those who were looked at everywhere."""
    store = cohort(6, merged=[0, 1, 2])
    groups = dict.fromkeys(store.samples[:3], "variants")
    got = verdicts(store, groups=groups)
    assert got["status"].to_list() == ["pass"] * 6
    assert got["call_rate"].is_null().to_list() == [True] * 3 + [False] * 3
    lossy = verdicts(cohort(6, merged=[0, 1, 2], missing=0.08), groups=groups)
    assert lossy["status"].to_list() == ["pass"] * 3 + ["fail"] * 3


@pytest.mark.parametrize("people", [2, 3, 8])
def test_people_called_together_whose_genotypes_are_missing_still_fail(cohort, verdicts, people):
    got = verdicts(cohort(people, merged=[], missing=0.2))
    assert got["status"].to_list() == ["fail"] * people
    assert all(reason.startswith("call_rate 0.7") or reason.startswith("call_rate 0.8") for reason in got["reasons"])


def test_files_that_are_known_to_be_of_variants_need_no_sign_in_the_genotypes(cohort, verdicts):
    """Records that failed a filter, such as DeepVariant's RefCall, are reference genotypes beside what is carried."""
    store = cohort(4, merged=[], missing=0.4)
    got = verdicts(store, variants_only={"S0", "S1"})
    assert got["status"].to_list() == ["warn", "warn", "fail", "fail"]


def test_two_people_s_dna_is_seen_by_the_heterozygous_genotypes(cohort, verdicts, quality_of, make_store):
    rng = np.random.default_rng(1)
    codes = np.where(rng.random((3000, 3)) < [0.6, 0.74, 0.85], HET, HOM_ALT).astype(np.uint8)
    store = make_store({"chr1": (codes, list(range(1, 3001)))})
    got = verdicts(store, quality=quality_of(preset="variants", min_substitutions=1000))
    assert got["status"].to_list() == ["pass", "pass", "warn"]
    assert got["reasons"][2].startswith("het_hom_alt 5.") and got["reasons"][2].endswith("is above 3.3")
    few = verdicts(store, quality=quality_of(preset="variants"))
    assert set(few["status"]) == {"pass"}
    assert "Heterozygous/homozygous: 3000 genotypes carried, 10000 are needed" in few["not_assessable"][2]
    assert set(verdicts(store)["status"]) == {"pass"}


def test_the_report_names_the_remedy(cohort, verdicts, thresholds):
    row = verdicts(cohort()).to_dicts()[0]
    section = quality_result(row, thresholds)
    (metric,) = [metric for metric in section["metrics"] if metric["metric"] == "call_rate"]
    assert metric["result"] == "not_assessable" and "other people's sites" in metric["reason"]
    assert any("callable" in reason for reason in section["reasons"])


def sexes(make_store, random_codes, metrics_of, thresholds, karyotypes, y_sites, y_depth=None, carried=True):
    """Sex of people of files of variants; ``y_sites`` are the numbers of sites on chrY that each has called."""
    from permed.quality.sexes.inferring import infer_sexes

    rng, count = np.random.default_rng(3), len(karyotypes)
    x = random_codes(rng, 600, count, 0.05, 0.6)
    single = np.array([name.count("X") == 1 for name in karyotypes])
    x[:, single] = np.where(x[:, single] == HET, HOM_ALT, x[:, single])
    x = np.where(x == HOM_REF, MISSING, x) if carried else x
    y = np.full((100, count), MISSING, np.uint8)
    for person, (first, last) in enumerate(y_sites):
        y[first:last, person] = HOM_ALT
    autosomal = random_codes(rng, 600, count, 0.05, 0.6)
    positions = {"chr1": range(600), "chrX": range(3_000_000, 3_000_600), "chrY": range(3_000_000, 3_000_100)}
    parts = {"chr1": autosomal, "chrX": x, "chrY": y}
    store = make_store({name: (codes, list(positions[name])) for name, codes in parts.items()})
    depths = None
    if y_depth:
        columns = {"sample": store.samples, "autosome_depth": 30.0, "depth_source": "genotypes"}
        shares = [0.5 if one else 1.0 for one in single]
        depths = pl.DataFrame(columns).with_columns(
            x_depth=30 * pl.Series(shares), y_depth=30 * pl.Series(y_depth, dtype=pl.Float64)
        )
    found = infer_sexes(metrics_of(store), [thresholds] * count, depths)
    return found["sex_inferred"].to_list()


@pytest.mark.parametrize("y_depth", [None, [0.5] * 5])
def test_a_man_of_another_haplogroup_keeps_his_y(y_depth, make_store, random_codes, metrics_of, thresholds):
    """Files of variants: chrY has most sites from one man, and the others few of these."""
    y_sites = [(0, 70), (60, 85), (60, 88), (62, 90), (90, 100)]
    found = sexes(make_store, random_codes, metrics_of, thresholds, ["XY"] * 5, y_sites, y_depth)
    assert found == ["XY"] * 5


@pytest.mark.parametrize("carried", [True, False])
@pytest.mark.parametrize("share", [0.13, 0.2, 0.3])
def test_misplaced_reads_on_y_make_no_y_of_a_woman(share, carried, make_store, random_codes, metrics_of, thresholds):
    kinds = ["XX", "XY", "XX", "XY", "XX"]
    y_sites = [(0, 8), (0, 60), (0, 8), (40, 100), (0, 8)]
    y_depth = [share, 0.5, share, 0.5, share]
    found = sexes(make_store, random_codes, metrics_of, thresholds, kinds, y_sites, y_depth, carried)
    assert found == kinds


@pytest.mark.parametrize("share", [0.08, 0.13, 0.24])
def test_alone_with_misplaced_reads_nothing_is_claimed(share, make_store, random_codes, metrics_of, thresholds):
    (found,) = sexes(make_store, random_codes, metrics_of, thresholds, ["XX"], [(0, 100)], [share], False)
    assert found == "NA"


@pytest.mark.parametrize("carried", [True, False])
def test_a_real_second_x_beside_a_y_is_seen(carried, make_store, random_codes, metrics_of, thresholds):
    kinds = ["XXY", "XY", "XX", "XY", "XX", "XX", "XY"]
    y_sites = [(0, 90), (0, 80), (0, 0), (20, 100), (0, 0), (0, 0), (0, 90)]
    y_depth = [0.5, 0.5, None, 0.5, None, None, 0.5]
    found = sexes(make_store, random_codes, metrics_of, thresholds, kinds, y_sites, y_depth, carried)
    assert found == kinds
