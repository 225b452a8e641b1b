"""Faults of annotation databases are told before anything is read."""

from permed.inputs.annotation_files import check_sources


def test_a_database_that_is_there_is_no_fault(tmp_path):
    (tmp_path / "clinvar.vcf.gz").write_bytes(b"")
    source = {"path": str(tmp_path / "clinvar.vcf.gz"), "kind": "clinvar"}
    assert check_sources({"clinvar": source}, ["chr1"], "genes.gff3") == []


def test_each_fault_names_the_key(tmp_path):
    source = {"path": str(tmp_path / "{contig}.vcf.gz"), "kind": "clinvar", "regions": "none.bed"}
    faults = check_sources({"a": source, "b": {"path": __file__, "kind": "oracle"}}, ["chr1", "chr2"], None)
    told = [f"{fault}" for fault in faults]
    assert "annotation.sources needs annotation.genes" in told[0]
    assert "chr1.vcf.gz" in told[1] and "annotation.sources.a.path" in told[1]
    assert "none.bed" in told[2] and "annotation.sources.a.regions" in told[2]
    assert "there is no mapping oracle" in told[3]
    assert len(told) == 4


def test_a_pattern_needs_one_of_its_files(tmp_path):
    (tmp_path / "chr2.vcf.gz").write_bytes(b"")
    source = {"path": str(tmp_path / "{contig}.vcf.gz"), "kind": "gnomad"}
    assert check_sources({"a": source}, ["chr1", "chr2"], "genes.gff3") == []
