"""Which files a database's addresses name, with which checksums; what is faulty is told by its key."""

import pytest

from permed.annotation.sources.addresses import Download, source_downloads

A, B = "a" * 64, "b" * 64
CONTIGS = ["chr1", "chr2", "chrM"]


def files(run=CONTIGS, **source):
    downloads, faults = source_downloads("db", source, run)
    assert faults == []
    return downloads


def test_without_an_address_nothing_is_downloaded():
    assert files(path="clinvar.vcf.gz", address=None, sha256=None) == {}


def test_a_file_is_named_as_in_its_address():
    address = "https://host/files/AlphaMissense%20hg38.tsv.gz?download=1"
    assert files(address=address, sha256=A) == {"AlphaMissense_hg38.tsv.gz": Download(address, A)}


def test_a_pattern_is_a_file_a_contig_of_the_run_that_has_one():
    pattern = "https://host/gnomad.{contig}.vcf.bgz"
    found = files(address=pattern, contigs=["chr1", "chr2"], md5="https://host/{contig}.md5")
    assert found == {
        f"gnomad.{c}.vcf.bgz": Download(f"https://host/gnomad.{c}.vcf.bgz", None, f"https://host/{c}.md5")
        for c in ("chr1", "chr2")
    }
    assert list(files(["chr2"], address=pattern)) == ["gnomad.chr2.vcf.bgz"]
    assert list(files(["22"], address="ftp://host/chr{contig}.vcf", contigs=[21, 22])) == ["chr22.vcf"]


def test_a_contig_that_only_a_folder_names_is_put_before_the_file():
    assert list(files(["1", "2"], address="file:///db/{contig}/sites.vcf.gz")) == ["1.sites.vcf.gz", "2.sites.vcf.gz"]


def test_checksums_are_a_table_by_contig_or_file_name():
    found = files(address="https://host/{contig}.vcf", contigs=["chr1", "chr2"], sha256={"chr1": A, "chr2.vcf": B})
    assert [download.sha256 for download in found.values()] == [A, B]
    both = files(
        address=["https://host/snv.tsv.gz", "https://host/indel.tsv.gz"], md5={"snv.tsv.gz": A, "indel.tsv.gz": B}
    )
    assert [download.md5 for download in both.values()] == [A, B]
    assert files(["1"], address="https://host/{contig}.vcf", sha256={1: A})["1.vcf"].sha256 == A


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"path": "x", "sha256": A}, "annotation.sources.db.sha256 is of an address, and there is none"),
        ({"path": "x", "contigs": ["chr1"]}, "annotation.sources.db.contigs is of an address"),
        ({"address": "https://h/a.vcf", "sha256": A, "md5": "c" * 32}, "annotation.sources.db has both sha256 and md5"),
        ({"address": "https://h/{contig}.vcf", "sha256": {"chr1": A, "chr2": B}}, "db.sha256 has none of chrM"),
        ({"address": "https://h/a.vcf", "md5": {"b.vcf": "c" * 32}}, "db.md5 has none of a.vcf"),
        ({"address": "https://h/{contig}.vcf", "sha256": A}, "db.sha256 is one for 3 files"),
        ({"address": "https://h/{contig}.vcf", "contigs": ["1"]}, "db.contigs has no contig of the run"),
        ({"address": ["https://h/1/a.vcf", "https://h/2/a.vcf"]}, "https://h/2/a.vcf names the same file as another"),
        ({"address": "https://h/a/"}, "https://h/a/ names no VCF, BCF or table"),
        ({"address": "https://h/a.json"}, "https://h/a.json names no VCF, BCF or table"),
    ],
)
def test_what_is_faulty_is_one_fault_with_a_remedy(source, message):
    _, (fault,) = source_downloads("db", source, CONTIGS)
    assert message in str(fault) and fault.remedy
