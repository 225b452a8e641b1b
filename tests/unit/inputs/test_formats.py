"""VCF and BCF in every container end as the same records with an index of our own; damage is a fault, not less data."""

import gzip
import random

import pysam
import pysam.bcftools
import pytest

from permed.errors import Fault
from permed.inputs.files import companions, contigs_with_files, expand_genotypes, place_name, stem
from permed.inputs.formats import format_of
from permed.inputs.genotype_files import look


def as_bcf(cohort, name: str, level: str) -> None:
    plain = cohort.write("for_bcf.vcf", cohort.text())
    pysam.bcftools.view("--no-version", f"-O{level}", "-o", str(cohort.folder / name), str(plain), catch_stdout=False)


def written(cohort, kind: str):
    text, rows = cohort.text(), cohort.rows()
    if kind == "plain":
        return cohort.write("c.vcf", text)
    if kind == "bgzf":
        return cohort.write("c.vcf.gz", text, packed=True)
    if kind == "gzip":
        return cohort.write("c.vcf.gz", gzip.compress(text))
    if kind == "gzip of several members":
        return cohort.write("c.vcf.gz", gzip.compress(text[:900]) + gzip.compress(text[900:]))
    if kind == "crlf":
        return cohort.write("c.vcf", text.replace(b"\n", b"\r\n"))
    if kind in ("bcf", "bcf uncompressed"):
        as_bcf(cohort, "c.bcf", "b")
        raw = gzip.decompress((cohort.folder / "c.bcf").read_bytes())
        return cohort.write("c.bcf", raw) if kind == "bcf uncompressed" else cohort.folder / "c.bcf"
    if kind == "bcf under a name of VCF":
        as_bcf(cohort, "c.vcf.gz", "b")
        return cohort.folder / "c.vcf.gz"
    random.Random(1).shuffle(rows)
    if kind == "unsorted":
        return cohort.write("c.vcf.gz", cohort.text(rows), packed=True)
    assert kind == "interleaved"
    rows = sorted(cohort.rows(), key=lambda row: int(row.split("\t")[1]))
    return cohort.write("c.vcf", cohort.text(rows))


KINDS = {
    "bgzf": "linked",
    "bcf": "linked",
    "bcf under a name of VCF": "linked",
    "plain": "compressed anew",
    "crlf": "compressed anew",
    "gzip": "compressed anew",
    "gzip of several members": "compressed anew",
    "bcf uncompressed": "compressed anew",
    "unsorted": "sorted",
    "interleaved": "sorted",
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_container_gives_the_same_records(cohort, take, truth, kind):
    path = written(cohort, kind)
    looked = look(str(path), reference=cohort.reference)
    assert (looked.faults, looked.samples) == ([], cohort.people)
    assert take(path).records() == truth
    assert take.samples == cohort.people
    assert take.done["how"] == KINDS[kind]
    assert take.place.is_symlink() == (KINDS[kind] == "linked")


@pytest.mark.parametrize("kind", ["plain", "gzip", "unsorted"])
def test_a_file_written_anew_holds_only_the_people_who_were_admitted(cohort, take, kind):
    path = written(cohort, kind)
    assert take(path, ["007", "nobody"]).records()
    assert take.samples == ["007"]
    assert take(path, ["nobody"]).place.exists()
    take.records()
    assert take.samples == []


def damaged(cohort, kind: str):
    text = cohort.text([row for row in cohort.rows() for _ in range(60)])
    if kind.startswith("gzip"):
        data = bytearray(gzip.compress(text))
        if kind == "gzip flipped":
            data[-7] ^= 1
        return cohort.write("d.vcf.gz", data if kind == "gzip flipped" else data[: len(data) // 2])
    if kind == "text without an end":
        return cohort.write("d.vcf", text[:-20])
    path = cohort.write("d.vcf.gz", text, packed=True)
    data = bytearray(path.read_bytes())
    first = int.from_bytes(data[16:18], "little") + 1
    if kind == "no end-of-file block":
        data = data[:-28]
    elif kind == "cut within a block":
        data = data[: first + 50]
    elif kind == "cut at a boundary":
        data = data[:first]
    else:
        data[first - 8] ^= 1  # the first block's CRC
    return cohort.write("d.vcf.gz", bytes(data))


CUTS = ["gzip cut", "gzip flipped", "text without an end"]
CUTS += ["no end-of-file block", "cut within a block", "cut at a boundary"]


@pytest.mark.parametrize("kind", CUTS)
def test_a_cut_file_is_refused_before_anything_is_read(cohort, kind):
    path = damaged(cohort, kind)
    (fault,) = look(str(path)).faults
    assert fault.file == str(path)
    assert "cut short" in fault.fault
    assert fault.remedy


@pytest.mark.parametrize("kind", ["gzip cut", "gzip flipped", "cut within a block", "flipped"])
def test_damage_found_while_taking_a_file_leaves_nothing(cohort, take, kind):
    path = damaged(cohort, kind)
    with pytest.raises(Fault) as stopped:
        take(path)
    assert stopped.value.file == str(path)
    assert list((cohort.folder / "ours").iterdir()) == []


def test_a_cut_uncompressed_bcf_is_a_fault(cohort, take):
    path = written(cohort, "bcf uncompressed")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(Fault) as stopped:
        take(path)
    assert stopped.value.file == str(path)


@pytest.mark.parametrize("index", [b"", b"rubbish", None])
def test_an_index_of_the_user_that_is_stale_or_corrupt_has_no_effect(cohort, take, truth, index):
    path = written(cohort, "bgzf")
    if index is None:  # of another file: it would find no records
        other = cohort.write("other.vcf.gz", cohort.text(cohort.rows()[:3]), packed=True)
        pysam.tabix_index(str(other), preset="vcf", csi=True)
        index = other.with_name("other.vcf.gz.csi").read_bytes()
    for ending in ("csi", "tbi"):
        path.with_name(f"{path.name}.{ending}").write_bytes(index)
    before = sorted(path.parent.glob("c.vcf.gz*"))
    assert take(path).records() == truth
    assert sorted(path.parent.glob("c.vcf.gz*")) == before


def test_a_header_without_records_is_a_note_and_an_empty_file(cohort, take):
    path = cohort.write("c.vcf.gz", cohort.text([]), packed=True)
    looked = look(str(path))
    assert looked.faults == []
    assert any("holds no record" in note for note in looked.notes)
    assert take(path).records() == []


def test_fields_of_depth_and_quality_that_a_file_lacks_are_named(cohort):
    text = cohort.text().replace(
        b"##FORMAT=<ID=GT", b'##FORMAT=<ID=DP,Number=1,Type=Integer,Description="D">\n##FORMAT=<ID=GT'
    )
    assert look(str(cohort.write("c.vcf", text))).lacks == ["AD", "GQ"]


def test_names_that_are_numbers_or_not_ascii_stay_as_they_are(cohort, tmp_path, run_step):
    import json

    path = cohort.write("c.vcf.gz", cohort.text(), packed=True)
    sheet = tmp_path / "samples.tsv"
    sheet.write_text("sample\tconsent\n" + "".join(f"{name}\tscores\n" for name in cohort.people), encoding="utf-8")
    run_step("check_inputs")(str(sheet), [str(path)], ["chr1"], report=tmp_path / "inputs.json")
    assert json.loads((tmp_path / "inputs.json").read_text())["faults"] == []
    outputs = {name: tmp_path / name for name in ("samples", "fam")} | {"consents": [tmp_path / "any.txt"]}
    outputs["samples"] = tmp_path / "samples.parquet"
    run_step("admit_samples")(tmp_path / "inputs.json", sheet, **outputs)
    assert (tmp_path / "any.txt").read_text(encoding="utf-8").split() == cohort.people


def test_sample_names_in_latin_1_are_refused(cohort):
    path = cohort.write("c.vcf", cohort.text().replace("Zoë".encode(), "Zoë".encode("latin-1")))
    assert "not UTF-8" in look(str(path)).faults[0].fault


@pytest.mark.parametrize("name", ["../S1", "a/b", "a b", "..", "$(x)"])
def test_names_that_cannot_be_part_of_a_path_are_refused(tmp_path, name):
    from permed.samples import read_samples

    (tmp_path / "s.tsv").write_text(f"sample\tconsent\n{name}\tscores\n")
    _, (fault,) = read_samples(tmp_path / "s.tsv")
    assert "cannot be part of a path" in fault.fault


def test_one_person_is_enough(cohort, take):
    path = cohort.write("c.vcf.gz", cohort.text(people=["S1"]), packed=True)
    assert look(str(path)).faults == []
    assert len(take(path).records()) == len(cohort.sites)


def test_names_are_known_before_a_file_is_opened():
    assert place_name(3, "x/a.vcf") == "00003.a.vcf.gz"
    assert place_name(0, "a.VCF.bgz") == "00000.a.vcf.gz"
    assert place_name(0, "a.b.pgen") == "00000.a.b.bcf"
    assert place_name(0, "genome.txt.gz") == "00000.genome.bcf"
    assert place_name(0, "strange") == "00000.strange"
    assert stem("x/genome_Anna.txt.gz") == "genome_Anna"
    assert companions("x/a.bed") == ["x/a.bim", "x/a.fam"]
    assert companions("x/a.pgen") == ["x/a.pvar", "x/a.psam"]
    assert companions("x/a.vcf") == []


def test_a_bare_prefix_means_the_fileset_that_is_there(tmp_path):
    def expand(pattern, contigs=("chr1", "chr2")):
        return [file.path for file in expand_genotypes(pattern, list(contigs), [])]

    prefix = f"{tmp_path}/cohort"
    assert expand(prefix) == [prefix], "nothing is there: the checks name what was given"
    for ending in (".bim", ".fam", ".bed"):
        (tmp_path / f"cohort{ending}").write_text("x")
    assert expand(prefix) == [f"{prefix}.bed"]
    (tmp_path / "cohort.pgen").write_text("x")
    assert expand(prefix) == [f"{prefix}.pgen"]
    (tmp_path / "cohort").write_text("x")
    assert expand(prefix) == [prefix], "a file of that very name counts"
    (tmp_path / "by.chr2.bed").write_text("x")
    pattern = f"{tmp_path}/by.{{contig}}"
    assert contigs_with_files(pattern, ["chr1", "chr2"]) == ["chr2"]
    assert expand(pattern, ["chr2"]) == [f"{tmp_path}/by.chr2.bed"]


def test_a_format_is_told_by_content(tmp_path):
    for content, kind in [(b"##fileformat=VCFv4.3\n", "vcf"), (b"BCF\x02\x02", "bcf"), (b"\x6c\x1b\x01", "bed")]:
        (tmp_path / "file.txt").write_bytes(content)
        assert format_of(tmp_path / "file.txt") == kind
    (tmp_path / "file.txt").write_bytes(b"1\tA\tB\n")
    assert format_of(tmp_path / "file.txt") is None


@pytest.mark.parametrize("kind", ["bgzf", "plain"])
def test_records_of_contigs_that_the_run_does_not_use_are_counted(cohort, take, kind):
    take(written(cohort, kind), contigs=["1"])
    other = sum(contig != "chr1" for contig, *_ in cohort.sites)
    assert take.done["counts"] == {"records of contigs that the run does not use": other}
    take(written(cohort, kind))
    assert take.done["counts"] == {}
