"""A release that is not built as the importer understands is refused, naming file, place and remedy."""

import copy
import gzip
import json

import pytest

from permed.errors import Fault
from permed.pharmacogenes.releases.structure import EXEMPTIONS, PHENOTYPES, read_definitions, read_file, read_folder

SITE = {
    "chromosome": "chr1",
    "position": 100,
    "rsid": "rs1",
    "ref": "A",
    "alts": ["G"],
    "chromosomeHgvsName": "g.100A>G",
}
DEFINITION = {
    "formatVersion": "2",
    "gene": "ABC1",
    "version": "2030-01-01",
    "chromosome": "chr1",
    "genomeBuild": "GRCh38.p14",
    "variants": [SITE],
    "namedAlleles": [
        {"name": "*1", "alleles": ["A"], "reference": True, "structuralVariant": False},
        {"name": "*2", "alleles": ["G"], "reference": False, "structuralVariant": False},
        {"name": "*5", "alleles": [None], "reference": False, "structuralVariant": True},
    ],
    "suballelesMap": {},
    "somethingNew": 7,
}


def write(folder, content, name="ABC1_translation.json"):
    (folder / name).write_text(json.dumps(content))
    return folder / name


def test_a_definition_is_read_without_its_structural_alleles(tmp_path):
    write(tmp_path, DEFINITION)
    (definition,) = read_definitions(tmp_path).values()
    assert [allele["name"] for allele in definition["namedAlleles"]] == ["*1", "*2"]


def test_a_compressed_definition_is_read(tmp_path):
    (tmp_path / "ABC1_translation.json.gz").write_bytes(gzip.compress(json.dumps(DEFINITION).encode()))
    assert list(read_definitions(tmp_path)) == ["ABC1"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(formatVersion="3"), r"\$.formatVersion"),
        (lambda d: d.update(genomeBuild="GRCh37"), r"\$.genomeBuild"),
        (lambda d: d.pop("suballelesMap"), "suballelesMap"),
        (lambda d: d["variants"][0].update(position="100"), r"\$.variants\[0\].position"),
        (lambda d: d["variants"][0].update(alts=["<DEL>"]), r"\$.variants\[0\].alts\[0\]"),
        (lambda d: d["namedAlleles"][1].pop("alleles"), "alleles"),
        (lambda d: d["namedAlleles"][1].update(alleles=["G", "C"]), "2 cells for 1 positions"),
        (lambda d: d["namedAlleles"][1].update(reference=True), "not one reference allele"),
        (lambda d: d["namedAlleles"][0].update(reference=False), "not one reference allele"),
    ],
)
def test_another_structure_is_refused(tmp_path, change, said):
    changed = copy.deepcopy(DEFINITION)
    change(changed)
    write(tmp_path, changed)
    with pytest.raises(Fault, match=said) as raised:
        read_definitions(tmp_path)
    assert raised.value.file.startswith(str(tmp_path)) and "another format" in raised.value.remedy


def test_what_is_no_json_is_refused(tmp_path):
    for name, raw in (("a.json", b"{"), ("b.json.gz", b"{}"), ("c.json.gz", gzip.compress(b"{}")[:-9])):
        (tmp_path / name).write_bytes(raw)
        with pytest.raises(Fault, match="not JSON"):
            read_file(tmp_path / name, PHENOTYPES)
    with pytest.raises(Fault, match="not there"):
        read_file(tmp_path / "d.json", PHENOTYPES)
    with pytest.raises(Fault, match=r"no \*\.json"):
        read_folder(tmp_path / "empty", "*.json", PHENOTYPES)


def test_an_unknown_kind_of_exemption_is_refused_rather_than_passed_over(tmp_path):
    path = write(tmp_path, {"ABC1": {"gene": "ABC1", "requiredPositions": [100]}}, "exemptions.json")
    assert read_file(path, EXEMPTIONS)["ABC1"]["requiredPositions"] == [100]
    write(tmp_path, {"ABC1": {"gene": "ABC1", "callOnSundaysOnly": True}}, "exemptions.json")
    with pytest.raises(Fault, match="callOnSundaysOnly"):
        read_file(path, EXEMPTIONS)
