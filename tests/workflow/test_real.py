"""Real genomes and reference data, where they are beside the checkout."""

import re

import polars as pl
import pysam

COPY_NUMBER = {"CYP2D6"}  # its truth counts gene copies, which genotypes alone do not show
# GeT-RM names of before the present nomenclature, as the definitions name them now: CYP3A4 *1B is no allele of its own
# any more, DPYD *9 is named by its change.
LEGACY = {("CYP3A4", "1B"): "1", ("DPYD", "9"): "c.85T>C (*9A)", ("DPYD", "1"): "Reference"}
# CYP4F2 *19 was named after the truth was made (the reference implementation finds it too). The genotype of rs71581941
# is ./. in the file, and with it *45 could not be excluded: one diplotype fits, and it may not be relied on.
EXPLAINED = {("NA18861", "CYP4F2"): ("called", "*1/*19"), ("NA18861", "SLCO1B1"): ("not_assessable", "*1/*43")}


def run_getrm(in_process, write_config, shared, folder, absent_sites: str):
    real = shared / "real" / "pgx"
    names = ("NA18526", "NA18565", "NA18861")
    (folder / "samples.tsv").write_text("sample\tconsent\n" + "".join(f"{n}\tpharmacogenes\n" for n in names))
    contigs = [f"chr{n}" for n in (1, 2, 4, 6, 7, 10, 12, 13, 16, 19, 22)]
    cohort = {"samples": "samples.tsv", "genotypes": f"{real}/getrm3_1kg30x_grch38/getrm3.{{contig}}.vcf.gz"}
    config = write_config(
        folder,
        cohort={**cohort, "absent_sites": absent_sites},
        genome={"reference": str(real / "grch38_pgx_sparse.fa.gz"), "contigs": contigs},
    )
    done = in_process(folder, "--configfile", config)
    assert done.status == 0, done.terminal
    return done


def truth(shared) -> dict[tuple[str, str], set[str]]:
    """Diplotypes by sample and gene: sorted pairs in the definitions' names, several where the truth is unsure."""
    rows = pl.read_csv(shared / "real" / "pgx" / "getrm_truth.tsv", separator="\t", infer_schema=False)
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows.filter(pl.col("source").str.contains("aldy")).iter_rows(named=True):
        text = row["updated_diplotype"] or row["truth_diplotype"]
        for pair in text.split(";"):
            sides = [re.sub(r"[()]", "", side).split(",") for side in pair.split("/")]
            if len(sides) == 2:
                for one in sides[0]:
                    for two in sides[1]:
                        names = [_named(row["gene"], name.strip()) for name in (one, two)]
                        found.setdefault((row["sample"], row["gene"]), set()).add("/".join(sorted(names)))
    return found


def _named(gene: str, name: str) -> str:
    name = LEGACY.get((gene, name), name)
    return f"*{name}" if name[0].isdigit() else name


def test_absent_sites_as_reference_give_the_getrm_truth(in_process, write_config, shared, tmp_path):
    done = run_getrm(in_process, write_config, shared, tmp_path, "reference")
    calls = {
        (row["sample"], row["gene"]): row for row in done.table("pharmacogenes/calls.parquet").iter_rows(named=True)
    }
    checked, wrong = 0, []
    for key, expected in truth(shared).items():
        if key not in calls or key[1] in COPY_NUMBER:
            continue
        checked += 1
        said = {"/".join(sorted(pair.split("/"))) for pair in (calls[key]["diplotype"] or "").split(" OR ")}
        found = calls[key]["state"], calls[key]["diplotype"]
        if found != EXPLAINED.get(key, found):
            wrong.append((key, found))
        if key not in EXPLAINED and not (said & expected and found[0] in ("called", "multiple")):
            wrong.append((key, found, expected))
    assert checked == 27
    assert wrong == []
    assert calls["NA18526", "G6PD"]["state"] == "not_assessable", "chrX was not looked at"
    deletion = calls["NA18861", "CYP2D6"]  # truth *5/*29: one copy is deleted, which small variants do not show
    assert (deletion["state"], deletion["diplotype"]) == ("not_assessable", "*29/*29")


def test_absent_sites_as_missing_never_give_a_silent_reference_call(in_process, write_config, shared, tmp_path):
    done = run_getrm(in_process, write_config, shared, tmp_path, "missing")
    for row in done.table("pharmacogenes/calls.parquet").iter_rows(named=True):
        if row["missing_positions"]:
            assert row["state"] in ("not_assessable", "no_call"), row
            assert row["reason"]


def carried(path, names, weights, allele):
    """Weighted copies of an allele at positions, by person, as the file has them."""
    sums = [0.0] * len(names)
    with pysam.VariantFile(str(path)) as file:
        for record in file:
            if record.pos in weights and record.alts == (allele,):
                for n, name in enumerate(names):
                    sums[n] += weights[record.pos] * sum(record.samples[name]["GT"])
    return sums


def test_sums_of_1000_genomes_are_plink2s(in_process, write_config, shared, tmp_path):
    real = shared / "real" / "prs" / "pygscatalog"
    expected = pl.read_csv(real / "expected" / "tiny1000G_PGS001229.plink2.first_half.sscore.gz", separator="\t")
    names = expected["#IID"].to_list()
    (tmp_path / "samples.tsv").write_text("sample\tconsent\n" + "".join(f"{n}\tscores\n" for n in names))
    config = write_config(
        tmp_path,
        cohort={"samples": "samples.tsv", "genotypes": str(real / "tiny1000G.vcf.gz")},
        genome={"reference": None},
        # plink2 was run with its default, by which a man's one chrX counts as two
        scores={
            "files": [str(real / "structured" / "PGS001229_hmPOS_GRCh38.txt.gz")],
            "min_match": 0,
            "x_dosage": "twice",
        },
    )
    done = in_process(tmp_path, "--configfile", config)
    assert done.status == 0, done.terminal
    got = expected.join(done.table("scores/scores.parquet"), left_on="#IID", right_on="sample", how="left")
    # plink2 was not given two T/C variants at sites with C>G beside C>T (see unit/scores/test_steps.py)
    more = carried(real / "tiny1000G.vcf.gz", names, {17610759: -0.0226306, 48485441: -0.003721358}, "T")
    assert (got["sum"] - pl.Series(more) - got["PGS001229_SUM"]).abs().max() < 1e-4
    assert (got["denominator"] - 4).to_list() == got["DENOM"].to_list()
    report = done.file(f"samples/{names[0]}/report.html").read_text()
    assert "REF" in report
    assert "unchecked" in report or "not checked" in report
