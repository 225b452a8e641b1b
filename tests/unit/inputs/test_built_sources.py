"""A database that an earlier run built is taken where it fits, and refused with one clear fault where it does not."""

import json
import random

import polars as pl
import pysam
import pytest
import yaml

from build_source import build_source
from permed.annotation.sources.joining import join_source
from permed.errors import Fault
from permed.evidence.intervals import Intervals
from permed.inputs.annotation_files import database_of
from permed.inputs.built_sources import check_built_sources, own_faults
from permed.reference import Reference
from permed.tables import read_json
from permed.variants import variant_keys
from take_source import take_source

BASES = {name: "".join(random.Random(name).choice("ACGT") for _ in range(900)) for name in ("chr1", "chr2", "chr3")}
OTHER = {"A": "C", "C": "G", "G": "T", "T": "A"}
LAB = {
    "title": "Our laboratory",
    "role": "other",
    "format": "tsv",
    "licence": "ours",
    "covers": "everywhere",
    "columns": {"contig": "chrom", "pos": "pos", "ref": "ref", "alt": "alt"},
    "fields": {"class": {"from": "class", "required": True}, "seen": {"from": "seen", "type": "integer"}},
}


def write_fasta(path, bases):
    path.write_text("".join(f">{name}\n{text}\n" for name, text in bases.items()))
    pysam.faidx(str(path))
    return path


@pytest.fixture
def earlier(tmp_path):
    """Build a laboratory's database of 400 rows on chr1 as another run would, for these contigs."""
    folder = tmp_path / "earlier"
    folder.mkdir()
    rows = [("chr1", pos, BASES["chr1"][pos - 1], OTHER[BASES["chr1"][pos - 1]]) for pos in range(2, 802, 2)]
    text = "".join(f"{c}\t{p}\t{r}\t{a}\tbenign\t{p}\n" for c, p, r, a in rows)
    (tmp_path / "lab.tsv").write_text(f"chrom\tpos\tref\talt\tclass\tseen\n{text}")
    (tmp_path / "lab.yaml").write_text(yaml.safe_dump(LAB))
    fasta = write_fasta(tmp_path / "reference.fa", BASES)

    def build(contigs=("chr1", "chr2"), fields=None):
        build_source(
            files=[tmp_path / "lab.tsv"],
            reference=[fasta],
            parquet=folder / "lab.parquet",
            about=folder / "lab.json",
            kind=str(tmp_path / "lab.yaml"),
            contigs=list(contigs),
            build_name="GRCh38",
            fields=fields,
        )
        return folder / "lab.parquet"

    return build


@pytest.fixture
def check(tmp_path):
    """Check a built database against a reference of these bases."""

    def call(parquet, contigs=("chr1", "chr2"), build="GRCh38", bases=BASES, **options):
        fasta = write_fasta(tmp_path / "here.fa", bases)
        with Reference(fasta, list(contigs)) as reference:
            return check_built_sources({"ours": {"built": str(parquet), **options}}, list(contigs), build, reference)

    return call


def change(parquet, **values):
    """Write other values into the description of a database."""
    about = parquet.with_suffix(".json")
    about.write_text(json.dumps({**json.loads(about.read_text()), **values}))


def test_what_fits_is_no_fault_whatever_it_is_called_and_however_contigs_are_spelt(earlier, check, tmp_path):
    parquet = earlier()
    assert check(parquet) == ([], [])
    assert check(parquet, kind=str(tmp_path / "lab.yaml"), fields=["class"]) == ([], [])
    assert check(parquet, ("1", "2"), bases={name[3:]: text for name, text in BASES.items()}) == ([], [])
    assert database_of({"ours": {"built": str(parquet)}}, "other") == "ours"


def test_a_reference_that_masks_bases_fits(earlier, check):
    masked = {**BASES, "chr1": BASES["chr1"][:200] + "N" * 200 + BASES["chr1"][400:].lower()}
    assert check(earlier(), bases=masked) == ([], [])


def test_what_is_absent_is_told_by_name(earlier, check, tmp_path):
    parquet = earlier()
    (fault,), _ = check(tmp_path / "gone.parquet")
    assert fault.file.endswith("gone.parquet") and "annotation.sources.ours.built" in fault.remedy
    parquet.with_suffix(".json").unlink()
    (fault,), _ = check(parquet)
    assert fault.file.endswith("lab.json") and "lies beside it" in fault.remedy


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"format": 0}, "built by another version of permed"),
        ({"format": None}, "built by another version of permed"),
        ({"read": {"chr1": 900}}, "it does not tell all that is to be known"),
        ({"fields": ["class"]}, "it does not tell all that is to be known"),
        ({"build": "GRCh37"}, "built on GRCh37; genome.build says GRCh38"),
        ({"rows": 399}, "its columns or rows are not those that"),
        ({"fields": {"class": {"type": "integer", "required": True}}}, "its columns or rows are not those that"),
        ({"fields": {"shade": {"type": "string", "required": True}}}, "its columns or rows are not those that"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(earlier, check, values, words):
    parquet = earlier()
    change(parquet, **values)
    (fault,), _ = check(parquet)
    assert words in fault.fault and fault.remedy and fault.file.endswith(("lab.parquet", "lab.json"))


@pytest.mark.parametrize("text", ["", "[]", "{", "{}"])
def test_a_description_that_is_none_is_refused(earlier, check, text):
    parquet = earlier()
    parquet.with_suffix(".json").write_text(text)
    (fault,), _ = check(parquet)
    assert fault.file.endswith("lab.json") and "instead of built" in fault.remedy


def test_a_cut_file_is_refused(earlier, check):
    parquet = earlier()
    parquet.write_bytes(parquet.read_bytes()[:-100])
    (fault,), _ = check(parquet)
    assert "no Parquet file that can be read" in fault.fault


def test_another_reference_is_refused_by_its_lengths_and_by_its_bases(earlier, check):
    parquet = earlier()
    (fault,), _ = check(parquet, bases={**BASES, "chr2": BASES["chr2"] + "A"})
    assert "its chr2 has 900 bases, this one's 901" in fault.fault and "genome.reference" in fault.remedy
    turned = "".join(OTHER[base] for base in BASES["chr1"][700:800])
    (fault,), _ = check(parquet, bases={**BASES, "chr1": BASES["chr1"][:700] + turned + BASES["chr1"][800:]})
    assert "built on another reference: REF is not what this one has in 40 of 200 rows looked at" in fault.fault


def test_fields_that_it_lacks_and_another_kind_are_refused(earlier, check, tmp_path):
    parquet = earlier(fields=["class"])
    (fault,), _ = check(parquet, fields=["seen"])
    assert "built without seen" in fault.fault and "It has class" in fault.remedy
    (fault,), _ = check(parquet, kind="gnomad")
    assert "built with the kind lab, but that of annotation.sources.ours.kind is gnomad" in fault.fault
    (tmp_path / "lab.yaml").write_text(yaml.safe_dump({**LAB, "role": "frequency"}))
    (fault,), _ = check(parquet, kind=str(tmp_path / "lab.yaml"))
    assert "built with the role other" in fault.fault
    (fault,), _ = check(parquet, kind="oracle")
    assert "there is no mapping oracle" in fault.fault


def test_contigs_that_the_earlier_run_did_not_read_are_noted_and_none_at_all_is_refused(earlier, check):
    parquet = earlier(("chr1", "chr2"))
    faults, (note,) = check(parquet, ("chr1", "chr2", "chr3"))
    assert not faults and "did not read chr3: not_covered there" in note
    (fault,), _ = check(parquet, ("chr3",))
    assert "read none of this run's contigs, but chr1, chr2" in fault.fault


def test_what_was_not_read_is_not_covered_and_never_absent(earlier, tmp_path):
    parquet = earlier(("chr1", "chr2"))
    frame = pl.DataFrame(
        [("1", 2, BASES["chr1"][1], OTHER[BASES["chr1"][1]]), *((c, 3, "A", "C") for c in ("1", "chr2", "chr3"))],
        schema=["contig", "pos", "ref", "alt"],
        orient="row",
    )
    asked = frame.with_columns(key=variant_keys(frame))
    about = read_json(parquet.with_suffix(".json"))
    alone = join_source(asked, "x", parquet, about, None)["x_state"].to_list()
    assert alone == ["found", "absent", "not_covered", "not_covered"]
    beds = Intervals.of([1], [900])
    regional = join_source(asked, "x", parquet, about, beds)["x_state"].to_list()
    assert regional == ["found", "absent", "not_covered", "not_covered"]


def test_it_is_linked_and_described_under_its_new_name_with_fewer_fields_and_again_from_there(earlier, check, tmp_path):
    parquet = earlier()
    here = tmp_path / "here" / "ours.parquet"
    options = {"parquet": here, "about": here.with_suffix(".json")}
    take_source(built=parquet, **options, fields=["class"], release="2026-11")
    told, before = read_json(here.with_suffix(".json")), read_json(parquet.with_suffix(".json"))
    assert here.samefile(parquet) and here.is_symlink()
    assert (told["name"], [*told["fields"]], told["release"]) == ("ours", ["class"], "2026-11")
    same = "files licence title rows sha256 read contigs build".split()
    assert {key: told[key] for key in same} == {key: before[key] for key in same}
    assert check(here) == ([], [])
    take_source(built=here, parquet=tmp_path / "third.parquet", about=tmp_path / "third.json", release="other")
    assert (tmp_path / "third.parquet").samefile(parquet)
    assert read_json(tmp_path / "third.json")["release"] == "2026-11"


def test_fields_that_a_database_needs_are_kept(earlier, tmp_path):
    parquet = earlier()
    take_source(built=parquet, parquet=tmp_path / "x.parquet", about=tmp_path / "x.json", fields=["seen"])
    assert [*read_json(tmp_path / "x.json")["fields"]] == ["class", "seen"]


def test_a_file_that_changed_since_it_was_built_is_not_taken(earlier, check, tmp_path):
    parquet = earlier()
    frame = pl.read_parquet(parquet)
    frame.with_columns(seen=pl.col("seen") + 1).write_parquet(parquet)
    assert check(parquet) == ([], []), "only its digest tells"
    with pytest.raises(Fault, match="its SHA-256 has changed"):
        take_source(built=parquet, parquet=tmp_path / "x.parquet", about=tmp_path / "x.json")
    assert not (tmp_path / "x.json").exists()


def test_what_the_run_itself_writes_is_not_taken(tmp_path, named_by_user):
    own = tmp_path / "results/annotation/sources"
    named_by_user += [f"{own}/lab.parquet", f"{own}/gone.parquet"]
    own.mkdir(parents=True)
    (own / "lab.parquet").touch()
    (tmp_path / "link.parquet").symlink_to(own / "lab.parquet")
    for built in (own / "lab.parquet", own / "gone.parquet", tmp_path / "link.parquet"):
        (fault,) = own_faults({"ours": {"built": str(built)}}, str(own))
        assert "annotation.sources.ours.built" in fault.fault and "another folder" in fault.remedy
    others = {"a": {"built": str(tmp_path / "kept/lab.parquet")}, "b": {"path": str(own / "x.vcf"), "built": None}}
    assert own_faults(others, str(own)) == []
