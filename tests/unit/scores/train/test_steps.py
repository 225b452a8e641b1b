"""The step from summary statistics to a scoring file that matching reads."""

import json
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

from permed.errors import Fault
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING
from permed.scores.train.settings import Settings
from permed.scoring_files import read_header, read_scores


@pytest.fixture
def trained(tmp_path, run_step):
    """Train a score; gives the path of the scoring file and the log."""

    def run(threads=1, build="GRCh37", name="mine", reference=None, **settings):
        score, about = tmp_path / f"{name}{threads}.txt.gz", tmp_path / f"{name}{threads}.json"
        text = json.dumps(asdict(Settings(**settings)))
        run_step("train_score")(
            text, score=score, about=about, trained=name, build=build, reference=reference, threads=threads
        )
        log = json.loads(about.read_text())
        counted = log["summary"]
        assert counted["read"] == counted["used"] + sum(counted["left_out"].values())
        assert counted["used"] == log["weights"] == len(read_scores(score, build))
        return score, log

    return run


def test_prscs_writes_a_scoring_file_that_predicts(study, write_summary, write_blocks, trained):
    summary, folder = write_summary(study.table()), write_blocks(study)
    score, log = trained(summary=str(summary), method="prscs", ld=str(folder), trait="height")
    rows = read_scores(score, "GRCh37")
    assert rows["not_scorable"].null_count() == len(rows) == len(study.z)
    assert rows["pos"].to_list() == study.pos.tolist()
    assert (rows["effect_allele"].to_list(), rows["other_allele"].to_list()) == (study.a1.tolist(), study.a2.tolist())
    header = read_header(score)
    assert (header["pgs_id"], header["trait_reported"]) == ("TRAINED-mine", "height")
    assert header["pgs_name"] == "mine, trained from study.tsv.gz"
    per_deviation = rows["weight"].to_numpy() * np.sqrt(2 * study.frequency * (1 - study.frequency))
    assert study.accuracy(per_deviation) > study.accuracy(study.z)
    assert log["summary"]["read"] == log["summary"]["used"] == len(rows)
    assert log["sample_size"] == study.n


def test_the_same_bytes_whatever_the_threads_and_other_chromosomes(make_study, write_summary, write_blocks, trained):
    first, second = make_study(seed=1), make_study(seed=2)
    second.rsid = np.array([f"{rsid}00000" for rsid in second.rsid])
    folder = write_blocks(first, 21)
    settings = {"method": "prscs", "ld": str(folder), "iterations": 60, "burn_in": 20}
    alone, _ = trained(summary=str(write_summary(first.table("21"), "one.tsv")), name="alone", **settings)
    write_blocks(second, 22)
    both = write_summary(pl.concat([second.table("22"), first.table("21")]))
    one, log = trained(1, summary=str(both), **settings)
    four, _ = trained(4, summary=str(both), **settings)
    assert one.read_bytes() == four.read_bytes()
    assert [chain["contig"] for chain in log["chains"]] == ["chr21", "chr22"]
    weights = read_scores(one, "GRCh37").filter(pl.col("contig") == "chr21")["weight"]
    assert weights.to_list() == read_scores(alone, "GRCh37")["weight"].to_list()
    other, _ = trained(1, name="other", summary=str(both), seed=2, **settings)
    assert other.read_bytes() != one.read_bytes()


@pytest.fixture
def panel(make_store, draw_counts):
    """A reference panel's folder of 60 variants on chr1 in two populations, and a study of all of them."""
    counts = draw_counts(np.random.default_rng(2), 60, 80, rho=0.5)
    codes = np.full(counts.shape, MISSING, np.uint8)
    for count, code in ((0, HOM_REF), (1, HET), (2, HOM_ALT)):
        codes[counts == count] = code
    pos = [10_000 * k for k in range(1, 61)]
    people = [f"P{k}" for k in range(80)]
    paths = make_store({"chr1": ([(at, "A", "C") for at in pos], codes)}, people)
    folder = paths["samples"].parent
    lines = ["sample\tpopulation\tsuperpopulation\tunrelated"]
    lines += [f"{name}\tGBR\tEUR\t{'true' if k < 70 else 'false'}" for k, name in enumerate(people)]
    (folder / "labels.tsv").write_text("\n".join(lines) + "\n")
    z = np.where(np.arange(60) % 20 == 5, 8.0, 1.0) * np.where(np.arange(60) % 2, 1, -1)
    study = pl.DataFrame({"chromosome": 1, "base_pair_location": pos, "effect_allele": "A", "other_allele": "C"})
    study = study.with_columns(beta=pl.Series(0.01 * z), standard_error=pl.lit(0.01), n=pl.lit(10_000))
    return folder, paths, study


def test_clumping_over_a_panel_s_folder_and_matching_it(panel, write_summary, trained, run_step, tmp_path):
    folder, paths, study = panel
    score, log = trained(
        build="GRCh38", summary=str(write_summary(study)), method="clump", ld=str(folder), population="EUR"
    )
    rows = read_scores(score, "GRCh38")
    assert rows["pos"].to_list() == [60_000, 260_000, 460_000]
    assert rows["effect_allele"].unique().to_list() == ["C"]  # the panel's ALT
    assert rows["weight"].to_list() == pytest.approx([-0.08] * 3)  # of A it is 0.08
    assert log["ld"]["people"] == 70
    assert log["summary"]["left_out"] == {"p-value above 5e-08": 57}
    assert any("70 people only" in warning for warning in log["warnings"])
    matches, variants = tmp_path / "matches.parquet", tmp_path / "variants.parquet"
    tables = {"matches": matches, "variants": variants}
    run_step("match_scores")(
        paths["sites"], [score], paths["set_aside"], **tables, build="GRCh38", min_match=0.75, absent_sites="missing"
    )
    assert pl.read_parquet(matches).select("score", "variants", "matched").row(0) == ("TRAINED-mine", 3, 3)


def test_what_keeps_a_score_from_being_trained(panel, write_summary, trained):
    folder, _, study = panel
    settings = {"summary": str(write_summary(study)), "method": "clump", "ld": str(folder), "build": "GRCh38"}
    settings.pop("build")
    with pytest.raises(Fault, match="none of the panel's people is of the population AFR"):
        trained(build="GRCh38", population="AFR", **settings)
    with pytest.raises(Fault, match="no variant is left to score"):
        trained(build="GRCh38", p=1e-80, **settings)
    metadata = folder.parent / "study.tsv.gz-meta.yaml"
    metadata.write_text("genome_assembly: GRCh37\n")
    with pytest.raises(Fault, match="the positions are of GRCh37, the run's build is GRCh38"):
        trained(build="GRCh38", **settings)


def test_positions_of_another_build_are_seen_by_the_reference_s_bases(panel, write_summary, trained, tmp_path):
    import pysam

    folder, _, study = panel
    study = pl.concat([study, *(study.with_columns(pl.col("base_pair_location") + k) for k in (1, 2, 3))])
    fasta = tmp_path / "reference.fa"
    settings = {"summary": str(write_summary(study)), "method": "clump", "ld": str(folder)}
    for bases, fits in (("A" * 700_000, True), ("AG" * 350_000, False)):
        fasta.write_text(f">chr1\n{bases}\n")
        pysam.faidx(str(fasta))
        call = dict(settings, build="GRCh38", reference=fasta)
        if fits:
            trained(**call)
            continue
        with pytest.raises(Fault, match="have the reference's base among their alleles"):
            trained(**call)


def test_prs_cs_takes_positions_of_the_run_s_build_from_the_study(study, write_summary, write_blocks, trained):
    """The LD reference is of GRCh37: variants are found by rsID, and on GRCh38 the study must place them."""
    folder, table = write_blocks(study), study.table().with_columns(pl.col("base_pair_location") + 777)
    settings = {"method": "prscs", "ld": str(folder), "iterations": 30, "burn_in": 10}
    score, log = trained(build="GRCh38", summary=str(write_summary(table)), **settings)
    assert read_scores(score, "GRCh38")["pos"].to_list() == (study.pos + 777).tolist()
    assert log["chains"][0]["draws"] == 4
    assert any("more iterations" in warning for warning in log["warnings"])
    with pytest.raises(Fault, match="are not where the LD reference has them"):
        trained(build="GRCh37", summary=str(write_summary(table)), **settings)
    without = table.drop("chromosome", "base_pair_location")
    with pytest.raises(Fault, match="no positions on GRCh38"):
        trained(build="GRCh38", summary=str(write_summary(without)), **settings)
    score, _ = trained(build="GRCh37", summary=str(write_summary(without)), **settings)
    assert read_scores(score, "GRCh37")["pos"].to_list() == study.pos.tolist()


def test_blocks_that_hold_no_correlations_are_refused(study, write_summary, write_blocks, trained):
    settings = {"summary": str(write_summary(study.table())), "method": "prscs"}
    study.ld[1] = study.ld[1] * 1.2
    with pytest.raises(Fault, match="block blk_2 is not symmetric with a diagonal of ones"):
        trained(ld=str(write_blocks(study)), **settings)
    signs = np.where(np.add.outer(np.arange(50), np.arange(50)) % 3, -0.9, 0.9)
    study.ld[1] = np.where(np.eye(50) > 0, 1, signs)
    with pytest.raises(Fault, match="block blk_2 is not positive semidefinite"):
        trained(ld=str(write_blocks(study)), **settings)


def test_every_row_of_an_untidy_study_is_accounted_for(study, write_summary, write_blocks, trained):
    """Alleles written the other way round, strands, repeats, strangers and a chromosome without blocks."""
    table = study.table()
    clean, log = trained(summary=str(write_summary(table)), method="prscs", ld=str(write_blocks(study)))
    turned = pl.col("effect_allele").replace_strict(list("ACGT"), list("TGCA"))
    exchanged = table[:60].with_columns(
        beta=-pl.col("beta"),
        effect_allele="other_allele",
        other_allele="effect_allele",
        effect_allele_frequency=1 - pl.col("effect_allele_frequency"),
    )
    other_strand = table[60:120].with_columns(
        effect_allele=turned, other_allele=pl.col("other_allele").replace_strict(list("ACGT"), list("TGCA"))
    )
    strangers = table[:5].with_columns(rsid=pl.lit("rs999999"), effect_allele=pl.lit("A"), other_allele=pl.lit("C"))
    blockless = table[:1].with_columns(rsid=pl.lit("rs888888"), effect_allele=pl.lit("A"), other_allele=pl.lit("C"))
    wrong = table[195:].with_columns(effect_allele=pl.lit("AG"), other_allele=pl.lit("A"))
    untidy = pl.concat([exchanged, other_strand, table[120:], strangers, blockless, table[190:192], wrong])
    folder = study_with_foreign_variants(study, write_blocks)
    path, log = trained(summary=str(write_summary(untidy, "untidy.tsv")), method="prscs", ld=str(folder), name="untidy")
    assert log["summary"]["left_out"] == {
        "not in the LD reference": 5,
        "other alleles than the LD reference has": 5,
        "the same variant more than once": 4,
        "in no block of the LD reference": 1,
    }
    ours = read_scores(path, "GRCh37").select("rsid", "effect_allele", "weight")
    both = read_scores(clean, "GRCh37").join(ours, on=["rsid", "effect_allele"], suffix="_untidy")
    assert len(both) == 198
    assert np.corrcoef(both["weight"], both["weight_untidy"])[0, 1] > 0.98


def study_with_foreign_variants(study, write_blocks):
    """The LD reference with a line for a variant on a chromosome that has no blocks."""
    folder = write_blocks(study, name="wide_ldblk_1kg")
    with open(folder / "snpinfo_1kg_hm3", "a") as table:
        table.write("21\trs888888\t5\tA\tC\t0.3\n")
    return folder
