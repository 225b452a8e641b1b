"""The demo from simulation to reports, against the truth that was planted."""

import hashlib
import html
import json
import shutil
import subprocess

import numpy as np
import polars as pl
import pytest

QUALITY = "sample status reasons call_rate het_rate inbreeding ti_tv sex_reported sex_inferred contamination population"
MATCHES = "score variants matched match_rate ambiguous flipped absent not_scorable status"
SCORES = "sample score sum denominator average z percentile population absolute_risk population_risk status"
CALLS = "sample gene state diplotype activity_score phenotype alternatives missing_positions reason"
KINSHIP = "sample1 sample2 n_sites ibs0 kinship relation"
FINDINGS = "sample gene hgvs_c hgvs_p zygosity classification points criteria condition inheritance reportable reason"
REPORTS = ("report.html", "report.json")
LEADING = {
    "findings/findings.parquet": FINDINGS,
    "cohort/findings.tsv": FINDINGS,
    "quality/samples.parquet": QUALITY,
    "cohort/quality.tsv": QUALITY,
    "quality/kinship.parquet": KINSHIP,
    "cohort/kinship.tsv": KINSHIP,
    "quality/pedigree.parquet": "sample verdict reason",
    "quality/ancestry.parquet": "sample population probability probabilities pcs state reason n_sites",
    "annotation/chr1.parquet": "contig pos ref alt key gene transcript consequence hgvs_c hgvs_p",
    "genotypes/chr1.sites.parquet": "contig pos ref alt key id n_ref n_het n_alt n_missing",
    "scores/matches.parquet": MATCHES,
    "cohort/score_matches.tsv": MATCHES,
    "scores/scores.parquet": SCORES,
    "cohort/scores.tsv": SCORES,
    "pharmacogenes/calls.parquet": CALLS,
    "cohort/pharmacogenes.tsv": CALLS,
}


def truth(demo, name: str) -> pl.DataFrame:
    return pl.read_csv(demo.folder / "data" / "demo" / "truth" / f"{name}.tsv", separator="\t")


def sheet(root) -> pl.DataFrame:
    return pl.read_csv(root / "config" / "samples.tsv", separator="\t", infer_schema=False)


def agreed(root, purpose: str) -> set[str]:
    return set(sheet(root).filter(pl.col("consent").str.split(",").list.contains(purpose))["sample"])


def test_people_are_similar_to_the_population_they_were_drawn_from(demo):
    people = truth(demo, "people").select("sample", drawn="population")
    found = demo.table("quality/ancestry.parquet").join(people, on="sample")
    placed = found.filter(pl.col("state") == "found")
    assert len(placed) > 0.9 * len(found)
    assert placed["population"].to_list() == placed["drawn"].to_list()
    assert set(found["state"]) <= {"found", "absent"}
    samples = demo.table("panel/labels.tsv")["sample"].to_list()
    assert len(samples) == 120
    assert not set(samples) & set(people["sample"])


@pytest.mark.parametrize("path", LEADING)
def test_tables_have_the_contracts_leading_columns(demo, path):
    expected = LEADING[path].split()
    assert demo.table(path).columns[: len(expected)] == expected


def test_the_checks_passed_and_people_without_a_line_were_left_out(demo):
    report = json.loads(demo.file("checks/inputs.json").read_text())
    assert (report["status"], report["faults"]) == ("pass", [])
    assert report["people"]["not_in_sheet"] == 2


def test_planted_quality_is_found_and_nobody_else_is_accused(demo, root):
    found = demo.table("quality/samples.parquet")
    people = truth(demo, "people").join(sheet(root).select("sample", "sex"), on="sample")
    swapped = set(people.filter(pl.col("sex").is_in(["XX", "XY"]) & (pl.col("sex") != pl.col("sex_true")))["sample"])
    planted = truth(demo, "quality").filter(pl.col("call_rate") < 0.95)
    low = set(planted["sample"]) & set(found["sample"])
    assert swapped
    assert low
    mixed = set(truth(demo, "quality").filter(pl.col("contamination_planted") > 0.05)["sample"])
    assert mixed
    copied = {name for row in people.select("sample", "duplicate_of").drop_nulls().iter_rows() for name in row}
    exchanged = set(people.filter(pl.col("family") != pl.col("reported_family"))["sample"])
    assert copied
    assert exchanged
    assert set(found.filter(pl.col("status") == "fail")["sample"]) == swapped | low | mixed | copied | exchanged
    known = found.join(people, on="sample").filter(pl.col("sex_inferred") != "NA")
    assert len(known) == len(found)
    assert (known["sex_inferred"] == known["sex_true"]).all()


def test_planted_kinship_is_found_and_nobody_else_is_accused(demo):
    relations = {"duplicate": "duplicate", "parent-offspring": "parent-child", "full-siblings": "siblings"}
    pairs = [(row[0], row[1], relations[row[2]]) for row in truth(demo, "kinship").iter_rows()]
    found = demo.table("quality/kinship.parquet").filter(pl.col("relation") != "unrelated")
    open_ = pl.col("relation").str.starts_with("undetermined")
    assert sorted(found.filter(~open_).select("sample1", "sample2", "relation").rows()) == pairs
    people = truth(demo, "people")
    # Whether people of two populations are distant relatives 9,000 sites do not tell; of one population they do.
    of = dict(people.select("sample", "population").iter_rows())
    left_open = found.filter(open_).select("sample1", "sample2", "relation")
    assert all(of[one] != of[two] and said.endswith("unrelated") for one, two, said in left_open.iter_rows())
    exchanged = people.filter(pl.col("family") != pl.col("reported_family"))["sample"].to_list()
    copied = people.filter(pl.col("duplicate_of").is_not_null()).select("sample", "duplicate_of").row(0)
    low = truth(demo, "quality").filter(pl.col("call_rate") < 0.95)["sample"].to_list()
    mixed = truth(demo, "quality").filter(pl.col("contamination_planted") > 0.05)["sample"].to_list()
    low += [name for name in mixed if name not in low]  # nobody's relatives either
    verdicts = {row["sample"]: row for row in demo.table("quality/pedigree.parquet").iter_rows(named=True)}
    assert {n for n, row in verdicts.items() if row["verdict"] != "pass"} == {*exchanged, *copied, *low}
    assert f"looks exchanged with {exchanged[1]}" in verdicts[exchanged[0]]["reason"]
    assert f"looks exchanged with {exchanged[0]}" in verdicts[exchanged[1]]["reason"]
    assert all(verdicts[name]["reason"].startswith("duplicate: ") for name in copied)
    assert [verdicts[name]["verdict"] for name in low] == ["not_assessable"] * len(low)
    assert {verdicts[name]["verdict"] for name in (*exchanged, *copied)} == {"fail"}


def test_reports_of_exchanged_and_doubled_samples_say_so_first_and_name_nobody_else(demo, root):
    people = truth(demo, "people")
    moved = people.filter(pl.col("family").is_not_null() & (pl.col("family") != pl.col("reported_family")))["sample"]
    doubled = people.filter(pl.col("duplicate_of").is_not_null())
    of_another_sex = people.join(sheet(root).select("sample", "sex"), on="sample")
    of_another_sex = of_another_sex.filter(pl.col("sex").is_in(["XX", "XY"]) & (pl.col("sex") != pl.col("sex_true")))
    doubted = {*moved, *doubled["sample"], *doubled["duplicate_of"], *of_another_sex["sample"]}
    # a couple who both carry variants of one recessive gene see each other's name: both agreed to it
    couples = [set(row) for row in demo.table("findings/couples.parquet").select("sample1", "sample2").iter_rows()]
    found = set()
    for path in demo.folder.glob("results/samples/*/report.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        found |= {path.parent.name} if content["identity_in_doubt"] else set()
        partners = set().union(*(couple for couple in couples if path.parent.name in couple))
        others = set(people["sample"]) - {path.parent.name} - partners
        assert not any(name in path.with_name(name_of).read_text() for name in others for name_of in REPORTS)
    assert found == doubted & set(demo.table("genotypes/samples.parquet")["sample"])


def test_every_planted_consequence_is_found(demo):
    planted = truth(demo, "consequences")
    parts = [demo.table(f"annotation/{contig}.parquet") for contig in planted["contig"].unique()]
    found = planted.join(pl.concat(parts), on=["contig", "pos", "ref", "alt"], how="left", suffix="_found")
    assert found.filter(pl.col("consequence").ne_missing(pl.col("consequence_found"))).is_empty()


def test_planted_variants_are_described_as_a_search_of_all_spellings_describes_them(demo, spelled):
    files = demo.folder / "data" / "demo"
    for (transcript,), rows in truth(demo, "consequences").group_by("transcript"):
        model = spelled(files / "genes.gff3.gz", files / "reference.fa.gz", transcript)
        for row in rows.iter_rows(named=True):
            place = {name: row[name] for name in ("pos", "ref", "alt")}
            found = demo.table(f"annotation/{row['contig']}.parquet").row(by_predicate=_at(place), named=True)
            coding, protein = model.describe(**place)
            assert found["hgvs_c"] == f"{transcript}.1:{coding}", row
            assert found["hgvs_p"] == protein, row


def _at(place: dict) -> pl.Expr:
    return pl.all_horizontal(pl.col(name) == value for name, value in place.items())


def told_of(demo, root, purpose: str) -> set[str]:
    """People who agreed to a purpose and whose results are not withheld."""
    withheld = demo.table("quality/samples.parquet").filter(pl.col("withheld").is_not_null())["sample"]
    return agreed(root, purpose) - set(withheld)


def test_every_planted_class_is_the_one_that_stands(demo):
    planted = truth(demo, "consequences").filter(pl.col("clinvar").is_not_null())
    found = planted.join(demo.table("annotation/classified.parquet"), on=["contig", "pos", "ref", "alt"], how="left")
    said = found["clinvar"].str.to_lowercase().str.replace("_significance", "")
    assert said.n_unique() == 4
    assert (said == found["classification"]).all()


def test_planted_findings_and_carriers_come_out_and_nothing_else(demo, root):
    purposes = {"secondary": "findings", "carriers": "carriers"}
    people = {name: told_of(demo, root, purpose) for name, purpose in purposes.items()}
    columns = ["sample", "gene", "list", "reportable"]
    planted = {row for row in truth(demo, "findings").select(columns).rows() if row[0] in people[row[2]]}
    table = demo.table("findings/findings.parquet").filter(pl.col("list") != "diagnostic")
    assert set(table.select(columns).rows()) == planted
    assert {row[3] for row in planted} == {"yes", "possible"}
    copies = set(table.filter(list="secondary")["copies"])
    assert copies == {"single", "homozygous", "hemizygous", "trans", "unknown"}
    on_one_chromosome = table.filter(list="secondary", gene="DEMO2", copies="unknown")
    assert on_one_chromosome["reason"].str.contains("the file has them on the same copy, but does not say how").any()


def test_genes_are_absent_only_where_they_were_looked_at(demo, root):
    covered = dict(truth(demo, "genes").select("gene", "covered").iter_rows())
    genes = demo.table("findings/genes.parquet").filter(list="secondary")
    assert set(genes["sample"]) == agreed(root, "findings")
    own = genes.filter(pl.col("sample").is_in(list(told_of(demo, root, "findings"))))
    assert set(own.filter(state="absent")["gene"]) == {gene for gene, answer in covered.items() if answer == "yes"}
    assert set(own.filter(gene="DEMO5")["state"]) == {"found", "not_assessable"}
    assert (own.filter(pl.col("gene") != "DEMO5")["share"] == 1).all()
    held = genes.filter(~pl.col("sample").is_in(own["sample"].implode()))
    assert set(held["state"]) == {"not_assessable"}


def test_a_couple_is_seen_together_and_only_with_consent(demo, root):
    pairs = demo.table("findings/couples.parquet")
    assert pairs.select("sample1", "sample2", "gene").rows() == [("PERM017", "PERM018", "DEMO2")]
    report = json.loads(demo.file("samples/PERM018/report.json").read_text())
    assert [row["partner"] for row in report["carriers"]["couples"]] == ["PERM017"]
    without = sorted(agreed(root, "findings") - agreed(root, "carriers"))
    assert "carrier:" not in demo.file(f"samples/{without[0]}/report.html").read_text()


def test_scores_are_the_planted_sums_and_the_gate_holds(demo, root):
    matches = {row["score"]: row for row in demo.table("scores/matches.parquet").iter_rows(named=True)}
    assert matches["PGSDEMO1"]["status"] == "found"
    assert matches["PGSDEMO2"]["status"] == "not_assessable"
    found = demo.table("scores/scores.parquet")
    assert set(found["sample"]) == agreed(root, "scores")
    joined = found.filter(score="PGSDEMO1").join(truth(demo, "scores"), on=["sample", "score"], suffix="_planted")
    assert len(joined) == len(agreed(root, "scores"))
    assert (joined["sum"] - joined["sum_planted"]).abs().max() < 1e-9
    assert found.filter(score="PGSDEMO2")["sum"].null_count() == len(agreed(root, "scores"))


def test_people_stand_among_their_population_and_neither_the_withheld_nor_those_outside_do(demo):
    found = demo.table("scores/scores.parquet").filter(score="PGSDEMO1")
    drawn = found.join(truth(demo, "people").select("sample", drawn="population"), on="sample").drop_nulls("z")
    assert (drawn["population"] == drawn["drawn"]).all() and (drawn["reference_people"] == 40).all()
    for _, people in drawn.group_by("drawn"):
        # Both are drawn from one population, so that the mean is 0 within two standard errors.
        assert len(people) >= 8 and abs(people["z"].mean()) < 2 * (1 / len(people) + 1 / 40) ** 0.5
    assert 0.6 < drawn["z"].std() < 1.4
    assert drawn["percentile"].is_between(0, 100).all() and 35 < drawn["percentile"].mean() < 65
    outside = found.filter(pl.col("population") == "outside the panel")
    assert outside["sum"].null_count() == outside["z"].count() == outside["percentile"].count() == 0
    assert len(outside) < 2  # everybody is drawn from a population of the panel
    for name, why in outside.select("sample", "risk_reason").iter_rows():
        assert f"No absolute risk: {why}" in html.unescape(demo.file(f"samples/{name}/report.html").read_text())
    failed = demo.table("quality/samples.parquet").filter(status="fail")["sample"]
    held = found.filter(pl.col("sample").is_in(failed.implode()))
    told = {"sample", "score", "status", "reason", "percentile_reason", "risk_reason"}
    assert len(held) > 0 and held["reason"].str.starts_with("Withheld").all()
    assert {name for name in held.columns if held[name].count()} == told


def test_everybody_with_a_sum_has_a_percentile_and_a_risk_or_the_reason(demo):
    found = demo.table("scores/scores.parquet").filter(score="PGSDEMO1")
    summed = found.filter(pl.col("sum").is_not_null())
    planted = truth(demo, "scores").filter(score="PGSDEMO1")
    joined = summed.join(planted, on="sample", suffix="_planted").drop_nulls("z")
    assert len(joined) > len(summed) / 2 and joined.select(pl.corr("z", "sum_planted")).item() > 0.6
    without = summed.filter(pl.col("percentile").is_null())
    assert without["percentile_reason"].null_count() == 0 and without["lifetime_risk"].count() == 0
    told = summed.filter(pl.col("lifetime_risk").is_not_null())
    assert told.filter(
        ~pl.col("lifetime_risk").is_between(pl.col("lifetime_lower"), pl.col("lifetime_upper"))
    ).is_empty()
    higher = told.filter(pl.col("z") > 0.6)
    assert (higher["lifetime_risk"] > higher["lifetime_population_risk"]).all()
    others = found.filter(pl.col("lifetime_risk").is_null())
    assert 0 < len(others) < len(found) / 2 and others["risk_reason"].null_count() == 0
    report = demo.file(f"samples/{told['sample'][0]}/report.html").read_text()
    assert "Absolute risk of simulated disease 1" in report and "chart-bell" in report


def test_findings_bear_on_the_risks_of_those_alone_who_agreed_to_both(demo, root):
    genes: dict[str, set[str]] = {}
    told = demo.table("findings/findings.parquet").filter(pl.col("list") != "carriers")
    for sample, gene in told.select("sample", "gene").iter_rows():
        genes.setdefault(sample, set()).add(gene)
    told = demo.table("scores/scores.parquet").filter(pl.col("lifetime_risk").is_not_null())
    carried = {row["sample"]: set(row["carried"].split(", ")) for row in told.drop_nulls("carried").to_dicts()}
    both = agreed(root, "findings") & set(told["sample"])
    assert carried and carried == {name: genes[name] for name in both if name in genes}
    name = min(carried)
    assert f"findings in single genes ({told.row(by_predicate=pl.col('sample') == name, named=True)['carried']})" in (
        demo.file(f"samples/{name}/report.html").read_text()
    )


def test_every_planted_diplotype_is_called(demo, root):
    calls = demo.table("pharmacogenes/calls.parquet")
    assert set(calls["sample"]) == agreed(root, "pharmacogenes")
    held = calls.filter(pl.col("reason").str.starts_with("Withheld"))
    failed = demo.table("quality/samples.parquet").filter(status="fail")["sample"]
    assert set(held["sample"]) == set(failed) & agreed(root, "pharmacogenes")
    assert (
        held["diplotype"].null_count() == held["phenotype"].null_count() == len(held) == 25 * held["sample"].n_unique()
    )
    planted = truth(demo, "pharmacogenes").join(calls, on=["sample", "gene"], how="inner")
    assert len(planted) == 21 * len(agreed(root, "pharmacogenes"))
    planted = planted.filter(~pl.col("sample").is_in(failed.implode()))
    elsewhere = calls.filter(pl.col("gene").is_in(["F2", "HLA-A", "HLA-B", "MT-RNR1"]))
    assert 21 * calls["sample"].n_unique() + len(elsewhere) == len(calls) == 25 * len(agreed(root, "pharmacogenes"))
    assert set(elsewhere["state"]) == {"not_assessable"}, (
        "the demo has neither typing nor chromosome 11 nor mitochondrial DNA"
    )
    wrong = []
    for row in planted.iter_rows(named=True):
        pair = [name for name in (row["allele1"], row["allele2"]) if name]
        wanted = {"/".join(pair), "/".join(pair[::-1])}
        said = set((row["diplotype"] or "").split(" OR "))
        listed = said | set((row["alternatives"] or "").replace("; ", ";").split(";"))
        if not wanted & listed and not (row.get("ambiguous") or ""):
            wrong.append((row["sample"], row["gene"], wanted, row["state"], row["diplotype"], row["alternatives"]))
    assert len(wrong) / len(planted) < 0.02, wrong[:20]


def test_consent_none_leaves_no_trace_and_withheld_purposes_no_rows(demo, root):
    nobody = set(sheet(root).filter(consent="none")["sample"])
    assert nobody
    for name in nobody:
        assert not demo.file(f"samples/{name}").exists()
        for path in demo.folder.glob("results/**/*"):
            if path.suffix in (".tsv", ".json", ".html", ".fam") and path.name != "inputs.json":
                assert name not in path.read_text(), path
    without = sorted(agreed(root, "pharmacogenes") - agreed(root, "scores"))
    report = json.loads(demo.file(f"samples/{without[0]}/report.json").read_text())
    assert "PGSDEMO1" not in json.dumps(report)


def test_every_person_has_a_report_and_the_manifest_names_every_file(demo, root):
    manifest = json.loads(demo.file("manifest.json").read_text())
    listed = {row["path"]: row["sha256"] for row in manifest["files"]}
    for name in demo.table("genotypes/samples.parquet")["sample"]:
        for file in ("report.html", "report.json"):
            assert f"samples/{name}/{file}" in listed
    for path, digest in listed.items():
        assert hashlib.sha256(demo.file(path).read_bytes()).hexdigest() == digest, path
    on_disk = {str(p.relative_to(demo.folder / "results")) for p in demo.folder.glob("results/**/*") if p.is_file()}
    unlisted = {p for p in on_disk - set(listed) if not p.startswith(("logs/", "benchmarks/", "variants/index/"))}
    assert unlisted == {"manifest.json"}


def test_a_second_run_has_nothing_to_do(demo, snakemake):
    again = snakemake(demo.folder)
    assert again.status == 0
    assert "Nothing to be done" in again.terminal


@pytest.mark.slow
def test_one_core_gives_the_same_bytes_as_two(demo, snakemake, tmp_path):
    other = snakemake(tmp_path, "--cores", "1")
    assert other.status == 0
    assert other.file("manifest.json").read_text() == demo.file("manifest.json").read_text()


@pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not installed")
def test_sites_and_samples_of_the_demo_are_those_of_plink2(demo, root, tmp_path):
    sites, metrics = demo.table("quality/sites.parquet"), demo.table("quality/metrics.parquet")
    contigs = [name for name in sites["contig"].unique(maintain_order=True) if name[3:].isdigit()]
    beds = [demo.file(f"genotypes/{name}.bed").read_bytes() for name in contigs]
    (tmp_path / "all.bed").write_bytes(beds[0][:3] + b"".join(bed[3:] for bed in beds))
    rows = sites.filter(pl.col("contig").is_in(contigs))
    lines = [f"{at[0][3:]}\tv{n}\t0\t{at[1]}\t{at[2]}\t{at[3]}\n" for n, at in enumerate(rows.iter_rows())]
    (tmp_path / "all.bim").write_text("".join(lines))
    shutil.copy(demo.file("genotypes/samples.fam"), tmp_path / "all.fam")
    alone = sheet(root).filter(pl.col("consent") != "none")
    alone = alone.filter(pl.col("family").is_null() | pl.col("family").is_first_distinct())["sample"]
    (tmp_path / "alone").write_text("".join(f"0\t{name}\n" for name in alone))

    def plink2(*words) -> None:
        options = ["--bfile", tmp_path / "all", "--allow-extra-chr", "--bad-freqs", "--out", tmp_path / "all"]
        subprocess.run([str(word) for word in ("plink2", *words, *options)], check=True, capture_output=True)

    def table(suffix: str) -> pl.DataFrame:
        return pl.read_csv(tmp_path / f"all.{suffix}", separator="\t", null_values=["nan"], infer_schema_length=None)

    plink2("--freq", "--missing", "--het")
    plink2("--hardy", "midp", "--keep", tmp_path / "alone")
    assert set(rows["hwe_people"]) <= set(range(len(alone) + 1))
    np.testing.assert_allclose(rows["hwe_p"], table("hardy")["MIDP"], rtol=1e-5)
    np.testing.assert_allclose(rows["af"], table("afreq")["ALT_FREQS"], rtol=1e-5)
    np.testing.assert_allclose(1 - rows["call_rate"], table("vmiss")["F_MISS"], rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(1 - metrics["call_rate"], table("smiss")["F_MISS"], rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(metrics["inbreeding"], table("het")["F"], atol=1e-5)
