"""Verdicts on samples against planted truth."""

import numpy as np
import polars as pl
import pytest

from permed.genotypes.read import GenotypeReader, read_chunks
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, GenotypeStore, pack
from permed.quality.judge import judge_samples

LEADING = "sample status reasons call_rate het_rate inbreeding ti_tv sex_reported sex_inferred contamination population"


def test_call_rate_sex_and_reasons(make_store, random_codes, verdicts):
    rng = np.random.default_rng(3)
    autosomal, x = random_codes(rng, 900, 24), random_codes(rng, 600, 24)
    males = np.arange(24) % 2 == 1
    x[:, males] = np.where(x[:, males] == 2, HOM_ALT, x[:, males])
    autosomal[:90, 4] = MISSING
    autosomal[:30, 5] = MISSING
    store = make_store({"chr1": (autosomal, list(range(900))), "X": (x, list(range(3_000_000, 3_000_600)))})
    reported = {f"S{n}": "XY" if male else "XX" for n, male in enumerate(males)} | {"S6": "XY", "S7": "NA"}
    got = verdicts(store, reported).to_dicts()
    assert [row["sex_inferred"] for row in got] == ["X?" if male else "XX" for male in males], "chrY is not there"
    assert [n for n, row in enumerate(got) if row["status"] == "fail"] == [4, 6]
    assert got[4]["reasons"] == "call_rate 0.9000 is below 0.95"
    assert got[4]["call_rate"] == pytest.approx(0.9)
    assert got[5]["status"] == "warn"
    assert "sex_inferred XX is not sex_reported XY" in got[6]["reasons"]
    assert got[7]["status"] == "pass"
    assert all(abs(row["inbreeding"]) < 0.15 for row in got)
    assert got[0]["ti_tv"] == pytest.approx(2.1, abs=0.3)


def test_heterozygous_genotypes_on_one_x_are_flagged(make_store, random_codes, verdicts):
    rng = np.random.default_rng(3)
    x = random_codes(rng, 600, 12)
    x = np.where(x == 2, HOM_ALT, x)
    x[:20, 4] = 2
    x[:3, 5] = 2
    parts = {"chr1": (random_codes(rng, 400, 12), list(range(400)))}
    parts["chrY"] = np.full((20, 12), HOM_ALT, np.uint8), list(range(7_000_000, 7_000_020))
    store = make_store(parts | {"chrX": (x, list(range(3_000_000, 3_000_600)))})
    got = verdicts(store)
    assert set(got["sex_inferred"]) == {"XY"}
    flagged = [n for n, reasons in enumerate(got["reasons"]) if "x_het_share" in reasons]
    assert flagged == [4]
    assert "x_het_share 0.033 is above 0.01 in XY (20 of 600 genotypes" in got["reasons"][4]


def test_one_sample_has_no_cohort_statistics_and_sex_by_the_het_ratio(make_store, random_codes, verdicts):
    rng = np.random.default_rng(4)
    codes, x = random_codes(rng, 400, 1), random_codes(rng, 60, 1)
    store = make_store({"chr1": (codes, list(range(400))), "chrX": (x, list(range(5_000_000, 5_000_060)))})
    (row,) = verdicts(store, {"S0": "XX"}).to_dicts()
    assert row["inbreeding"] is None
    assert "inbreeding: 1 people, 10 are needed" in row["not_assessable"]
    assert row["sex_inferred"] == "XX"
    assert row["status"] == "pass"


def test_pseudoautosomal_sites_say_nothing_of_sex(make_store, random_codes, verdicts):
    rng = np.random.default_rng(4)
    codes = random_codes(rng, 400, 2)
    par = random_codes(rng, 60, 2)
    store = make_store({"chr1": (codes, list(range(400))), "chrX": (par, list(range(20_000, 20_060)))})
    got = verdicts(store)
    assert got["sex_inferred"].to_list() == ["NA", "NA"]
    assert "sex: no sites on chrX outside" in got["not_assessable"][0]


def test_too_few_sites_are_no_pass(make_store, random_codes, verdicts):
    store = make_store({"chr1": (np.full((20, 3), HOM_REF, np.uint8), list(range(20)))})
    got = verdicts(store)
    assert got["status"].to_list() == ["warn"] * 3
    assert got["call_rate"].null_count() == 3


def test_a_heterozygosity_outlier_is_named(make_store, random_codes, verdicts):
    rng = np.random.default_rng(6)
    codes = random_codes(rng, 2000, 30)
    codes[:, 9] = np.where(rng.random(2000) < 0.5, np.uint8(2), codes[:, 9])
    got = verdicts(make_store({"chr1": (codes, list(range(2000)))}))
    assert "het_rate" in got["reasons"][9]
    assert "inbreeding" in got["reasons"][9]
    assert [n for n, reasons in enumerate(got["reasons"]) if "het_rate" in reasons] == [9]


def called(rng, random_codes, people: int = 40) -> dict:
    return {"chr1": (random_codes(rng, 1500, people), list(range(1, 1501)))}


def test_metrics_are_counted_from_the_genotypes(make_store, metrics_of):
    rng = np.random.default_rng(12)
    codes = rng.choice(4, (600, 20), p=[0.2, 0.05, 0.25, 0.5]).astype(np.uint8)
    codes[:40] = HOM_REF
    codes[np.arange(40), np.arange(40) % 7] = HET
    alts = [["G", "C", "AT", "T", "<DEL>", "G"][n % 6] for n in range(600)]
    got = metrics_of(make_store({"chr2": (codes, list(range(1, 601)))}, alts=alts))
    carried, kind = np.isin(codes, [HET, HOM_ALT]), np.array(alts)
    np.testing.assert_array_equal(got["n_transition"], carried[kind == "G"].sum(axis=0))
    np.testing.assert_array_equal(got["n_transversion"], carried[np.isin(kind, ["C", "T"])].sum(axis=0))
    np.testing.assert_array_equal(got["n_insertion"], carried[kind == "AT"].sum(axis=0))
    np.testing.assert_allclose(got["het_hom_alt"], (codes == HET).sum(axis=0) / (codes == HOM_ALT).sum(axis=0))
    alone = ((codes == HET).sum(axis=1) == 1) & ((codes == HOM_ALT).sum(axis=1) == 0)
    assert alone.sum() >= 40
    np.testing.assert_array_equal(got["n_singleton"], (codes[alone] == HET).sum(axis=0))


def test_ti_tv_is_compared_with_a_range_only_where_one_is_known(make_store, random_codes, verdicts, quality_of):
    store = make_store(called(np.random.default_rng(1), random_codes), transitions=0.9)
    plain = verdicts(store)
    assert set(plain["status"]) == {"pass"}
    assert (
        "Ti/Tv: its expected range depends on the assay, which quality.preset does not name"
        in plain["not_assessable"][0]
    )
    few = verdicts(store, quality=quality_of(preset="genome"))
    assert set(few["status"]) == {"pass"}
    assert "substitutions carried, 10000 are needed to compare it" in few["not_assessable"][0]
    chosen = verdicts(store, quality=quality_of(preset="array", min_substitutions=100))
    assert set(chosen["status"]) == {"pass"}
    assert "Ti/Tv: the sites of an array are chosen" in chosen["not_assessable"][0]
    judged = verdicts(store, quality=quality_of(preset="genome", min_substitutions=100))
    assert set(judged["status"]) == {"warn"}
    assert "is outside 2.0 to 2.1" in judged["reasons"][0]


def test_each_group_has_its_own_thresholds(make_store, random_codes, verdicts, quality_of):
    store = make_store(called(np.random.default_rng(1), random_codes), transitions=0.742)
    kit = {"preset": "exome", "min_ti_tv": 2.2, "max_ti_tv": 3.8}
    quality = quality_of(preset="genome", min_substitutions=100, groups={"kit": kit})
    got = verdicts(store, quality=quality, groups={"S3": "kit", "S4": "array"})
    assert [n for n, status in enumerate(got["status"]) if status == "pass"] == [3, 4]
    assert got["group"].to_list()[2:5] == [None, "kit", "array"]


def test_ratios_far_from_the_cohort_are_named(make_store, random_codes, verdicts):
    rng = np.random.default_rng(14)
    codes = random_codes(rng, 3000, 60, 0.1, 0.4)
    alts = [["G", "G", "C", "AT", "AC"][n % 5] for n in range(3000)]
    wrong = np.array(alts) == "C"
    codes[wrong, 8] = np.where(rng.random(wrong.sum()) < 0.7, HET, codes[wrong, 8])
    store = make_store({"chr1": (codes, list(range(1, 3001)))}, alts=alts)
    got = verdicts(store)
    assert [n for n, reasons in enumerate(got["reasons"]) if "ti_tv" in reasons] == [8]
    assert "deviations from the cohort's median" in got["reasons"][8]


def test_singletons_of_a_sample_are_noticed(make_store, random_codes, verdicts):
    rng = np.random.default_rng(15)
    codes = random_codes(rng, 1500, 60, 0.1, 0.4)
    rare = np.full((400, 60), HOM_REF, np.uint8)
    rare[np.arange(400), np.where(np.arange(400) < 100, 33, rng.integers(0, 60, 400))] = HET
    store = make_store({"chr1": (np.concatenate([codes, rare]), list(range(1, 1901)))})
    got = verdicts(store)
    assert [n for n, reasons in enumerate(got["reasons"]) if "n_singleton" in reasons] == [33]


def test_what_reads_say_is_judged(make_store, random_codes, verdicts, quality_of):
    store = make_store(called(np.random.default_rng(2), random_codes))
    depths = pl.DataFrame(
        {
            "sample": ["S0", "S1", "S2", "S3"],
            "mean_depth": [30.0, 30.0, 8.0, None],
            "mean_gq": [90.0, 90.0, 90.0, None],
            "het_balance": [0.5, 0.47, 0.48, None],
            "contamination": [0.001, 0.03, 0.08, None],
            "contamination_method": ["CHARR", "CHARR", "CHARR", None],
            "contamination_reason": [None, None, None, "12 homozygous sites, 100 are needed"],
        }
    )
    got = verdicts(store, quality=quality_of(min_mean_depth=15), depths=depths).to_dicts()
    assert [row["status"] for row in got[:5]] == ["pass", "warn", "fail", "pass", "pass"]
    assert got[1]["reasons"].startswith("contamination 0.030 is above 0.02. Ask the laboratory")
    assert got[2]["reasons"].startswith("contamination 0.080 is above 0.05. Ask")
    assert got[2]["reasons"].endswith("; mean_depth 8 is below 15")
    assert "contamination: 12 homozygous sites, 100 are needed" in got[3]["not_assessable"]
    assert "mean_depth: not in the input" in got[3]["not_assessable"]
    assert "contamination: not in the input" in got[4]["not_assessable"]
    assert got[0]["contamination_method"] == "CHARR"
    assert "contamination: not measured in this run" in verdicts(store)["not_assessable"][0]


def test_contamination_that_is_not_excluded_is_no_pass(make_store, random_codes, verdicts):
    """Too large beyond doubt fails; what a relative's reads may hide, and what few reads leave open, is told."""
    store = make_store(called(np.random.default_rng(2), random_codes))
    told = [(0.002, 0.0, 0.02), (0.03, 0.02, 0.08), (0.08, 0.06, 0.16), (0.015, 0.002, 0.06), (0.07, 0.0, 0.3)]
    names = ["contamination", "contamination_low", "contamination_most"]
    depths = pl.DataFrame(told, schema=names, orient="row").with_columns(sample=pl.Series(store.samples[:5]))
    got = verdicts(store, depths=depths).to_dicts()
    assert [row["status"] for row in got[:5]] == ["pass", "warn", "fail", "warn", "warn"]
    assert "above 0.02 (at least 0.020, up to 0.080 if a relative's)" in got[1]["reasons"]
    assert "above 0.05 (at least 0.060, up to 0.160 if a relative's)" in got[2]["reasons"]
    assert "0.015 is not known well enough: 0.002 at least and up to 0.060 are not excluded" in got[3]["reasons"]
    assert "Give the sample's alignments" in got[3]["reasons"]


def test_ancestry_names_the_population_and_explains_heterozygosity(make_store, random_codes, verdicts):
    rng = np.random.default_rng(16)
    codes = random_codes(rng, 3000, 80)
    codes[:, :8] = np.where(rng.random((3000, 8)) < 0.5, HET, codes[:, :8])
    store = make_store({"chr1": (codes, list(range(1, 3001)))})
    plain = verdicts(store)
    assert all("het_rate" in reasons for reasons in plain["reasons"][:8])
    ancestry = pl.DataFrame(
        {
            "sample": store.samples,
            "population": [None, *["A"] * 7, *["B"] * 72],
            "pcs": [[1.0 if n < 8 else 0.0, rng.normal()] for n in range(80)],
            "state": ["not_assessable", *["called"] * 79],
            "reason": ["40 sites, 500 are needed", *[None] * 79],
        }
    )
    got = verdicts(store, ancestry=ancestry)
    assert "deviations from the cohort's median" in got["reasons"][0]
    assert not any("het_rate" in reasons or "inbreeding" in reasons for reasons in got["reasons"][1:])
    assert got["population"].to_list()[:9] == [None, *["A"] * 7, "B"]
    assert "population: 40 sites, 500 are needed" in got["not_assessable"][0]


def test_pedigree_findings_are_reasons(make_store, random_codes, verdicts):
    store = make_store(called(np.random.default_rng(2), random_codes))
    found = [("S1", "fail", "kinship 0.49 with S2 is above 0.354: the same person"), ("S3", "warn", "kinship 0.1 …")]
    pedigree = pl.DataFrame([*found, ("absent", "fail", "x")], schema=["sample", "verdict", "reason"], orient="row")
    got = verdicts(store, pedigree=pedigree)
    assert got["status"].to_list()[:5] == ["pass", "fail", "pass", "warn", "pass"]
    assert got["reasons"][1] == found[0][2]


def test_the_tables_leading_columns_are_fixed(make_store, random_codes, verdicts):
    columns = verdicts(make_store(called(np.random.default_rng(2), random_codes))).columns
    leading = (
        "sample status reasons call_rate het_rate inbreeding ti_tv sex_reported sex_inferred contamination population"
    )
    assert columns[:11] == leading.split()


def test_nobody_of_tiny_1000_genomes_is_accused(shared, metrics_of, thresholds):
    """1,004 sites of scores, 3,202 people of every ancestry, whose recorded sex is that of the panel."""
    chunks = list(read_chunks(shared / "real/prs/pygscatalog/tiny1000G.vcf.gz"))
    sites, codes = pl.concat([part for part, _ in chunks]), np.concatenate([part for _, part in chunks])
    names = GenotypeReader(shared / "real/prs/pygscatalog/tiny1000G.vcf.gz").samples
    contigs = sites["contig"].unique(maintain_order=True).to_list()
    parts = [pack(codes[(sites["contig"] == contig).to_numpy()]) for contig in contigs]
    panel = pl.read_csv(shared / "real/prs/pygscatalog/ancestry/ref.psam", separator="\t", infer_schema=False)
    sexes = panel.select(sample="#IID", sex=pl.col("SEX").replace_strict({"1": "XY", "2": "XX"}))
    got = judge_samples(metrics_of(GenotypeStore(names, sites, parts)), sexes, thresholds)
    assert len(got) == 3202
    assert set(got["status"]) == {"pass"}
    women, men = (got.filter(pl.col("sex_reported") == sex) for sex in ("XX", "XY"))
    assert (women["sex_inferred"] == "XX").sum() > 0.95 * len(women)
    assert set(men["sex_inferred"]) <= {"NA", "X?"}, "there is no chrY"


@pytest.mark.parametrize(
    ("role", "reported", "status"),
    [("mother", "NA", "fail"), ("father", "NA", "pass"), ("mother", "XX", "fail"), ("mother", "XY", "pass")],
)
def test_a_mother_has_no_y(role, reported, status, make_store, random_codes, metrics_of, thresholds):
    """S0 is XY; a sex in the sheet is judged by itself, and that no sheet contradicts its parents is checked before."""
    rng = np.random.default_rng(8)
    x = random_codes(rng, 600, 2)
    x[:, 0] = np.where(x[:, 0] == HET, HOM_ALT, x[:, 0])
    parts = {"chr1": (random_codes(rng, 400, 2), list(range(400))), "chrX": (x, list(range(3_000_000, 3_000_600)))}
    y = np.tile(np.array([[HOM_ALT, MISSING]], np.uint8), (20, 1))
    people = pl.DataFrame({"sample": ["S0", "S1"], "sex": [reported, "NA"], role: [None, "S0"]})
    alone = judge_samples(metrics_of(make_store(parts)), people, thresholds)
    assert alone["sex_inferred"].to_list() == ["X?", "XX"]
    assert alone["status"][0] == {"fail": "warn"}.get(status, status), "it may be X0"
    store = make_store(parts | {"chrY": (y, list(range(7_000_000, 7_000_020)))})
    judged = judge_samples(metrics_of(store), people, thresholds)
    assert judged["sex_inferred"].to_list() == ["XY", "XX"]
    assert judged["status"].to_list() == [status, "pass"]
    if status == "fail" and reported == "NA":
        assert judged["reasons"][0].startswith("sex_inferred XY does not fit a mother, as whom the pedigree names")
        assert "S1" not in judged["reasons"][0], "it stands in a person's report"
