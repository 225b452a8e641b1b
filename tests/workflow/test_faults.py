"""Faulty input stops before any computing, with exit status 1, the list of faults on the terminal and in a file."""

import json
import os
import shutil

import pytest


@pytest.fixture
def faulty(tmp_path, make_vcf, write_config, check):
    """Check a small cohort after changing something; give the run and the report of faults."""

    def run(sheet: str = "sample\tconsent\nA1\tscores\n", start=check, **sections):
        make_vcf([("chr1", 1000, "A", "C", "0/1")], samples=("A1",))
        (tmp_path / "people.tsv").write_text(sheet)
        cohort = {"samples": "people.tsv", "genotypes": "cohort.vcf.gz"} | sections.pop("cohort", {})
        config = write_config(tmp_path, cohort=cohort, **{"genome": {"contigs": ["chr1"]}, **sections})
        done = start(tmp_path, config)
        assert done.status == 1
        assert "Traceback" not in done.terminal
        assert not done.file("variants").exists(), "nothing was computed"
        report = json.loads(done.file("checks/inputs.json").read_text())
        assert report["status"] == "fail"
        for fault in report["faults"]:
            assert fault["fault"] in done.terminal
        return done, report["faults"]

    return run


def test_an_unknown_key(faulty):
    _, (fault,) = faulty(scors={"files": []})
    assert "scors" in fault["fault"]
    assert fault["file"].endswith("my.yaml")


def test_an_absent_genotype_file(faulty):
    _, (fault,) = faulty(cohort={"genotypes": "gone.vcf.gz"})
    assert fault["file"] == "gone.vcf.gz"


def test_an_empty_consent_names_the_line(faulty):
    _, (fault,) = faulty("sample\tconsent\nA1\t\n")
    assert (fault["sample"], fault["line"]) == ("A1", 2)


SEVERAL = {
    "sheet": "sample\tsex\tconsent\nA1\tm\tscores\nB7\tXX\tscores\n",
    "cohort": {"genotypes": ["cohort.vcf.gz", "gone.vcf.gz"]},
    "scores": {"files": ["none.txt"]},
    "colour": "red",
}


def test_faults_of_configuration_sheet_and_files_come_together(faulty):
    _, faults = faulty(**SEVERAL)
    text = " ".join(fault["fault"] for fault in faults)
    assert len(faults) == 5
    assert all(word in text for word in ("colour", 'sex "m"', "not in the genotype file"))
    assert {fault["file"] for fault in faults} >= {"gone.vcf.gz", "none.txt"}


def test_a_whole_run_says_what_the_checks_alone_say_and_goes_on_once_it_is_mended(faulty, tmp_path, in_process):
    _, alone = faulty(**SEVERAL)
    shutil.rmtree(tmp_path / "results")
    done, faults = faulty(**SEVERAL, start=lambda folder, config: in_process(folder, "--configfile", config))
    assert faults == alone and f"The input has {len(faults)} faults, listed in results" in done.terminal
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA1\tscores\n")
    cohort = {"samples": "people.tsv", "genotypes": "cohort.vcf.gz"}
    (tmp_path / "my.yaml").write_text(json.dumps({"cohort": cohort, "genome": {"contigs": ["chr1"]}}))
    again = in_process(tmp_path, "--configfile", tmp_path / "my.yaml")
    assert again.status == 0, again.terminal


def test_rates_that_cannot_be_used(faulty, tmp_path):
    _, (fault,) = faulty(scores={"incidence": "gone.tsv"})
    assert fault["file"] == "gone.tsv"
    (tmp_path / "rates.tsv").write_text("disease\tsex\nd\tXX\n")
    _, (fault,) = faulty(scores={"incidence": "rates.tsv", "incidence_group": "White"})
    assert fault["file"] == "rates.tsv" and "no column country" in fault["fault"]


def test_a_damaged_block_inside_a_file_stops_the_run_and_names_the_file(tmp_path, make_vcf, write_config, in_process):
    rows = [("chr1", 100 * n, "A", "C", *["0/1", "1/1", "0/0"][n % 3 :][:1]) for n in range(1, 20000)]
    vcf = make_vcf(rows, samples=("A1",))
    data = bytearray(vcf.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 8] = bytes(8)
    vcf.write_bytes(data)
    (tmp_path / "people.tsv").write_text("sample\tconsent\nA1\tscores\n")
    cohort = {"samples": "people.tsv", "genotypes": "cohort.vcf.gz"}
    config = write_config(tmp_path, cohort=cohort, genome={"contigs": ["chr1"]})
    done = in_process(tmp_path, "--configfile", config)
    assert done.status == 1
    assert "cohort.vcf.gz" in done.terminal
    assert not list(done.folder.glob("results/variants/*.bcf"))


def test_results_that_cannot_be_written_stop_the_run_in_one_line(tmp_path, in_process):
    (tmp_path / "file").touch()
    done = in_process(tmp_path, "--config", "outdir=file/results")
    assert done.status == 1
    assert f"{tmp_path}/file: results cannot be written" in done.terminal
    assert "Traceback" not in done.terminal
    if os.geteuid() == 0:
        pytest.skip("root writes to a folder whatever its mode, so that only a file in its place stops it")
    (tmp_path / "closed").mkdir(mode=0o555)
    done = in_process(tmp_path, "--config", "outdir=closed/results")
    assert f"{tmp_path}/closed: results cannot be written: the folder is read-only" in done.terminal


def test_nothing_is_written_beside_the_users_files(tmp_path, make_vcf, write_config, in_process):
    given, run = tmp_path / "given", tmp_path / "run"
    given.mkdir()
    run.mkdir()
    small = (("chr1", 1000),)
    one = make_vcf(
        [("chr1", 10 * n, "A", "C", "0/1") for n in range(1, 40)], samples=("A1",), contigs=small, index=False
    )
    two = make_vcf(
        [("chr1", 10 * n, "A", "C", "1/1") for n in range(39, 0, -1)], samples=("A2",), contigs=small, name="two.vcf"
    )
    two.write_text(two.read_text().replace("##FORMAT=<ID=GT", "##note=<ID=GT"))  # unsorted, and its header incomplete
    (given / "reference.fa").write_text(f">chr1\n{'A' * 1000}\n")
    (given / "people.tsv").write_text("sample\tconsent\nA1\tscores,pharmacogenes\nA2\tscores,pharmacogenes\n")
    for path in (one, two):
        path.rename(given / path.name)
    cohort = {"samples": f"{given}/people.tsv", "genotypes": [f"{given}/cohort.vcf.gz", f"{given}/two.vcf"]}
    genome = {"contigs": ["chr1"], "reference": f"{given}/reference.fa"}
    config = write_config(run, cohort=cohort, genome=genome)
    before = {path.name: path.stat().st_mtime_ns for path in given.iterdir()}
    given.chmod(0o555)
    done = in_process(run, "--configfile", config)
    given.chmod(0o755)
    assert done.status == 0, done.terminal
    assert {path.name: path.stat().st_mtime_ns for path in given.iterdir()} == before
