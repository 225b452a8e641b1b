"""Use from another directory, as a module, with one's own configuration; reruns after edits and changed consent."""

import json
import shutil

import pytest

HEAD = """##fileformat=VCFv4.2
##contig=<ID=chr1,length=248956422>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA1\tA2
"""


def write_own(folder, write_config):
    """A small cohort of one's own in a folder: two people, no reference, no scores."""
    rows = [f"chr1\t{1000 * n}\t.\tA\tC\t.\tPASS\t.\tGT\t0/1\t1/1\n" for n in range(1, 200)]
    (folder / "cohort.vcf").write_text(HEAD + "".join(rows))
    (folder / "people.tsv").write_text("sample\tconsent\nA1\tpharmacogenes,scores\nA2\tpharmacogenes\n")
    cohort = {"samples": "people.tsv", "genotypes": "cohort.vcf"}
    write_config(folder, cohort=cohort, genome={"contigs": ["chr1"]})
    return folder


@pytest.fixture
def own(tmp_path, write_config):
    """A small cohort of one's own."""
    return write_own(tmp_path, write_config)


@pytest.fixture(scope="module")
def finished(tmp_path_factory, write_config, snakemake):
    """A run on a small cohort of one's own, started in its folder, without saying where to run."""
    folder = write_own(tmp_path_factory.mktemp("own"), write_config)
    run = snakemake(folder, "--configfile", "my.yaml", cwd=folder)
    assert run.status == 0, run.terminal
    return run


def test_an_own_cohort_runs_where_it_lies_and_nothing_of_the_demo_comes_in(finished):
    run = finished
    assert "Reports: results/cohort/index.html" in run.terminal
    assert run.file("manifest.json").exists()
    assert not (run.folder / "data").exists()
    assert not run.file("scores").exists()
    assert not run.file("annotation").exists()
    text = run.file("samples/A1/report.html").read_text()
    assert "PGSDEMO" not in text
    report = json.loads(run.file("samples/A1/report.json").read_text())
    assert report["sample"]["name"] == "A1"
    calls = run.table("pharmacogenes/calls.parquet")
    assert set(calls["state"]) == {"not_assessable"}


def test_as_a_module(own, snakemake, root):
    (own / "Snakefile").write_text(
        'configfile: "my.yaml"\n\n\n'
        "module permed:\n"
        f"    snakefile:\n        {str(root / 'Snakefile')!r}\n"
        "    config:\n        config\n\n\n"
        "use rule * from permed as permed_*\n\n\n"
        "rule mine:\n    default_target: True\n    input:\n        rules.permed_all.input,\n"
    )
    run = snakemake(own, snakefile=own / "Snakefile", cwd=own)
    assert run.status == 0, run.terminal
    assert run.file("manifest.json").exists()


def test_the_results_folder_of_the_demo_may_be_named_on_the_command_line(snakemake, tmp_path):
    run = snakemake(tmp_path, "--config", "outdir=elsewhere", "-n")
    assert run.status == 0, run.terminal
    assert "elsewhere/manifest.json" in run.terminal


def test_an_edited_library_reruns_what_depends_on_it_and_nothing_else(own, snakemake, root, tmp_path):
    copy = tmp_path / "checkout"
    kept = shutil.ignore_patterns(".git", ".venv", ".snakemake", "results", "data", "tests", "__pycache__")
    shutil.copytree(root, copy, ignore=kept)
    options = ("--configfile", own / "my.yaml")
    assert snakemake(own, *options, snakefile=copy / "Snakefile").status == 0
    compiled = copy / "scripts" / "permed" / "quality" / "__pycache__"
    compiled.mkdir(exist_ok=True)
    (compiled / "kernels.nbi").write_text("what numba leaves behind is no edit")
    assert "Nothing to be done" in snakemake(own, *options, snakefile=copy / "Snakefile").terminal
    edited = copy / "scripts" / "permed" / "quality" / "judge.py"
    edited.write_text(edited.read_text() + "\n# edited\n")
    plan = snakemake(own, *options, "-n", snakefile=copy / "Snakefile").terminal
    assert "judge_samples" in plan
    assert "write_reports" in plan
    assert "call_pharmacogenes" in plan, "whoever fails is not called"
    assert "pack_genotypes" not in plan
    assert "normalise_variants" not in plan


def test_consent_that_was_withdrawn_takes_the_rows_away(finished, snakemake, tmp_path):
    own = tmp_path / "copy"
    shutil.copytree(finished.folder, own, symlinks=True)
    options = ("--configfile", own / "my.yaml")
    assert "Nothing to be done" in snakemake(own, *options).terminal
    assert set(finished.table("pharmacogenes/calls.parquet")["sample"]) == {"A1", "A2"}
    (own / "people.tsv").write_text("sample\tconsent\nA1\tpharmacogenes,scores\nA2\tfindings\n")
    second = snakemake(own, *options)
    assert second.status == 0, second.terminal
    assert set(second.table("pharmacogenes/calls.parquet")["sample"]) == {"A1"}
    report = json.loads(second.file("samples/A2/report.json").read_text())
    assert report["pharmacogenes"] == []
    assert report["sections"]["pharmacogenes"]["agreed"] is False
    (own / "people.tsv").write_text("sample\tconsent\nA1\tpharmacogenes,scores\nA2\tnone\n")
    third = snakemake(own, *options)
    assert third.status == 0, third.terminal
    assert not third.file("samples/A2").exists()


def test_files_of_some_contigs_need_no_list_of_contigs(tmp_path, make_vcf, write_config, snakemake):
    for contig in ("chr2", "chr10"):
        make_vcf([(contig, 1000, "A", "C", "0/1")], ("A1",), ((contig, 10**8),), f"by.{contig}.vcf.gz")
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA1\tscores\n")
    cohort = {"samples": "people.tsv", "genotypes": "by.{contig}.vcf.gz"}
    run = snakemake(tmp_path, "--configfile", write_config(tmp_path, cohort=cohort))
    assert run.status == 0, run.terminal
    assert sorted(path.name for path in run.folder.glob("results/variants/*.bcf")) == ["chr10.bcf", "chr2.bcf"]


def test_a_reference_of_some_contigs_is_enough_where_no_contigs_are_named(tmp_path, make_vcf, write_config, snakemake):
    make_vcf([("chr2", 3, "G", "C", "0/1")], ("A1",), (("chr2", 8), ("chr3", 9)))
    (tmp_path / "r.fa").write_text(">chr2\nACGTACGT\n")
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA1\tscores\n")
    cohort = {"samples": "people.tsv", "genotypes": "cohort.vcf.gz"}
    config = write_config(tmp_path, cohort=cohort, genome={"reference": "r.fa"})
    run = snakemake(tmp_path, "results/variants/chr2.bcf", "--configfile", config)
    assert run.status == 0, run.terminal
    assert not (tmp_path / "r.fa.fai").exists(), "nothing is written beside the user's files"


def test_a_file_for_each_person(tmp_path, make_vcf, write_config, snakemake):
    make_vcf([("chr1", 100, "A", "C", "0/1"), ("chr1", 200, "G", "T", "1/1")], ("A1",), name="A1.vcf.gz")
    make_vcf([("chr1", 100, "A", "C", "1/1")], ("A2",), name="A2.vcf.gz")
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA2\tscores\nA1\tscores\nA3\tnone\n")
    cohort = {"samples": "people.tsv", "genotypes": "{sample}.vcf.gz"}
    config = write_config(tmp_path, cohort=cohort, genome={"contigs": ["chr1"]})
    run = snakemake(tmp_path, "results/genotypes/chr1.sites.parquet", "--configfile", config)
    assert run.status == 0, run.terminal
    counts = run.table("genotypes/chr1.sites.parquet").select("pos", "n_het", "n_alt", "n_missing").rows()
    assert counts == [(100, 1, 1, 0), (200, 0, 1, 1)]
