"""Records at the ends of contigs and beyond them, as files are taken and indexed."""

import json

import pysam
import pytest

from permed.errors import Fault
from permed.genome import lengths
from permed.inputs import record_survey
from permed.inputs.record_survey import first_beyond

END37, END38 = (lengths(build)["chr22"] for build in ("GRCh37", "GRCh38"))


@pytest.fixture
def index(tmp_path, run_step):
    (tmp_path / "any.txt").write_text("S1\n")

    def run(path, **options):
        link = tmp_path / "index" / "00000.c.vcf.gz"
        outputs = {"linked_genotypes": [link], "indexes": [f"{link}.csi"], "taken": tmp_path / "taken.json"}
        run_step("index_inputs")([path], tmp_path / "any.txt", ["chr22"], **outputs, **options)
        return json.loads((tmp_path / "taken.json").read_text())["files"][0]

    return run


@pytest.mark.parametrize("name", ["c.vcf.gz", "c.vcf"])
def test_a_record_beyond_both_builds_is_found_by_our_own_index(index, make_vcf, name):
    """In a file of which the first checks saw a part."""
    rows = [("chr22", 20_000_000, "G", "A", "0/1"), ("chr22", END37 + 5, "G", "A", "0/1")]
    path = make_vcf(rows, contigs=[("chr22", END38)], name=name)
    with pytest.raises(Fault) as caught:
        index(path)
    assert f"chr22:{END37 + 5} lies beyond the end of the contig" in caught.value.fault
    assert caught.value.file == str(path) and caught.value.remedy


@pytest.mark.parametrize("pos", [0, 1, END38, END38 + 1, END37 + 1])
def test_the_telomere_and_what_one_build_has_are_taken(index, make_vcf, pos):
    path = make_vcf([("chr22", pos, "N", "A", "0/1")], contigs=[("chr22", END38)])
    assert index(path)["how"] == "linked"


def test_contigs_without_an_end_are_not_judged(index, make_vcf, tmp_path):
    rows = [("HLA-A", 900_000_000 % 2**28, "G", "A", "0/1"), ("chrM", 16571, "G", "A", "0/1")]
    path = make_vcf(rows, contigs=[("HLA-A", 3503), ("chrM", 16571)])
    assert first_beyond(str(path), f"{path}.tbi") is None


def test_only_the_record_that_starts_beyond_counts(tmp_path, make_vcf):
    """A block or deletion may reach over the end, by the END that a program rounded."""
    path = make_vcf([("chr22", END37 - 2, "GAAAAAAAA", "G", "0/1")], contigs=[("chr22", END37)])
    assert first_beyond(str(path), f"{path}.tbi") is None


def test_a_large_file_without_an_index_is_seen_in_one_pass(make_vcf, monkeypatch):
    monkeypatch.setattr(record_survey, "SMALL", 0)
    rows = [("chr22", 20_000_000, "G", "A", "0/1"), ("chr22", END37 + 5, "G", "A", "0/1")]
    path = make_vcf(rows, contigs=[("chr22", END38)], index=False)
    found = record_survey.survey(str(path), whole=True)
    assert found.beyond_build["both"].pos == END37 + 5 and found.beyond_build["both"].line
    assert not record_survey.survey(str(path), whole=False).beyond_build
    pysam.tabix_index(str(path), preset="vcf", force=True)
    assert record_survey.survey(str(path), whole=False).beyond_build["both"].pos == END37 + 5
