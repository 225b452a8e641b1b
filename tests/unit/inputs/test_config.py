"""The configuration: defaults, unknown keys, what this version has not."""

import pytest
import yaml

from permed.inputs.config import complete_config, defaults, describe, read_schema
from permed.samples import COLUMNS

MINIMAL = {"cohort": {"samples": "s.tsv", "genotypes": "g.vcf.gz"}}


def database(**given):
    """A configuration with one annotation database."""
    return {"annotation": {"sources": {"db": {"kind": "clinvar", **given}}}}


@pytest.fixture(scope="module")
def schema(root):
    return read_schema(root / "config/schemas/config.schema.yaml")


def test_a_minimal_config_is_completed_and_nothing_of_the_demo_comes_in(schema):
    completed, faults = complete_config(MINIMAL, schema)
    assert faults == []
    assert completed["scores"]["files"] == []
    assert completed["annotation"]["genes"] is None
    assert completed["genome"]["reference"] is None
    assert completed["cohort"]["absent_sites"] == "missing"
    assert completed["genome"]["contigs"][-1] == "chrM"


def test_the_demo_config_is_valid(root, schema):
    _, faults = complete_config(yaml.safe_load((root / "config/config.yaml").read_text()), schema)
    assert faults == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"cohrt": {}}, "not known: cohrt"),
        ({"scores": {"fils": []}}, "not known: scores.fils"),
        ({"scores": {"min_match": 2}}, "scores.min_match"),
        ({"scores": {"catalog": ["PGS18"]}}, "scores.catalog.0: 'PGS18' does not match"),
        ({"scores": {"catalog_address": "ftp.ebi.ac.uk"}}, "scores.catalog_address: 'ftp.ebi.ac.uk'"),
        ({"privacy": {"pseudonym_key": "key"}}, "privacy.pseudonym_key is not available in this version"),
        ({"genome": {"build": "hg38"}}, "genome.build: 'hg38' is not one of GRCh38, GRCh37"),
        ({"reports": {"formats": ["html", "fhir"]}}, "fhir is not available"),
        ({"cohort": {"samples": "s.tsv"}}, "cohort.genotypes is missing"),
        ({"cohort": {"samples": "s.tsv", "genotypes": 5}}, "cohort.genotypes: 5 does not fit"),
        (database(), "annotation.sources.db needs path, address or built, one of them"),
        (
            database(path="a.vcf", address="https://host/a.vcf"),
            "annotation.sources.db needs path, address or built, one of them",
        ),
        (database(path="a.vcf", built="a.parquet"), "annotation.sources.db needs path, address or built, one of them"),
        (database(built="results/annotation/sources"), "annotation.sources.db.built: 'results/annotation/sources'"),
        ({"annotation": {"sources": {"db": {"path": "a.vcf"}}}}, "annotation.sources.db.kind is missing"),
        (database(path="a.vcf", kind=None), "annotation.sources.db.kind: None"),
        (database(address="ftp.ncbi.nlm.nih.gov/a.vcf"), "annotation.sources.db.address: 'ftp.ncbi.nlm.nih.gov/a.vcf'"),
        (database(address="https://me:secret@host/a.vcf"), "annotation.sources.db.address"),
        (database(address="file://a.vcf"), "annotation.sources.db.address"),
        (database(address="https://host/a.vcf", md5="0" * 64), "annotation.sources.db.md5"),
        (database(address="https://host/a.vcf", sha256={"chr1": "x"}), "annotation.sources.db.sha256.chr1: 'x'"),
    ],
)
def test_a_wrong_key_is_one_fault_that_names_it(schema, changes, words, named_by_user):
    named_by_user.append(str(changes))
    _, faults = complete_config({**MINIMAL, **changes}, schema, "my.yaml")
    assert len(faults) == 1
    assert words in str(faults[0])
    assert faults[0].file == "my.yaml"


def test_a_heading_with_nothing_under_it_is_no_fault(schema):
    completed, faults = complete_config({**MINIMAL, "quality": None, "outdir": None}, schema)
    assert faults == []
    assert completed["quality"]["min_sites"] == 100
    assert completed["outdir"] == "results"


def test_a_built_database_needs_no_kind(schema):
    given = {"annotation": {"sources": {"db": {"built": "earlier/db.parquet"}}}}
    completed, faults = complete_config({**MINIMAL, **given}, schema)
    assert faults == [] and completed["annotation"]["sources"]["db"]["kind"] is None


@pytest.mark.parametrize(
    "given",
    [
        {"path": ["a.vcf", "b.vcf"]},
        {"address": "https://host/{contig}.vcf", "sha256": {"chr1": "0" * 64}, "contigs": [1, "X"]},
        {"built": "earlier/db.parquet"},
        {"address": ["ftp://host/a.vcf", "file:///b.vcf"], "md5": "https://host/MD5SUMS"},
    ],
)
def test_a_database_has_a_path_or_an_address_and_each_key_of_it_is_there(schema, given):
    completed, faults = complete_config({**MINIMAL, **database(**given)}, schema)
    assert faults == []
    absent = dict.fromkeys("path address built sha256 md5 contigs fields regions release".split())
    assert completed["annotation"]["sources"]["db"] == {**absent, "kind": "clinvar", **given}


def test_contigs_may_be_numbers(schema):
    completed, faults = complete_config({**MINIMAL, "genome": {"contigs": [1, 2, "X"]}}, schema)
    assert faults == []
    assert completed["genome"]["contigs"] == [1, 2, "X"]


def test_every_key_has_a_description_and_every_default_fits_its_own_rule(schema):
    assert all(meaning for _, _, meaning in describe(schema))
    _, faults = complete_config({**defaults(schema), **MINIMAL}, schema)
    assert faults == []


def test_the_reference_in_config_readme_is_what_the_schema_says(root, schema):
    text = (root / "config/README.md").read_text()
    for key, default, meaning in describe(schema):
        assert f"| `{key}` | {default} | {meaning} |" in text
    assert all(f"`{column}`" in text for column in COLUMNS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Command 'set -euo pipefail; python x.py' died with <Signals.SIGKILL: 9>.", True),
        ("Command 'set -euo pipefail; python x.py' returned non-zero exit status 137.", True),
        ("Command 'set -euo pipefail; python x.py' returned non-zero exit status 1.", False),
    ],
)
def test_a_job_that_the_system_ended_is_told_with_the_remedy(tmp_path, text, said):
    from permed.inputs.files import killed_lines

    (tmp_path / "a.log").write_text(text)
    lines = killed_lines([str(tmp_path / "a.log"), str(tmp_path / "none.log")])
    assert lines == killed_lines(str(tmp_path / "a.log"))
    assert [("memory" in line, "--set-resources" in line) for line in lines] == [(True, True)] * said


def test_a_folder_of_results_that_cannot_be_written_is_a_fault(tmp_path, monkeypatch):
    from permed.errors import Fault
    from permed.inputs.files import check_outdir

    check_outdir(str(tmp_path / "new" / "results"))
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").touch()
    with pytest.raises(Fault, match="is a file and no folder"):
        check_outdir(str(tmp_path / "file" / "results"))
    monkeypatch.setattr("os.access", lambda path, mode: False)  # as on a read-only disk, which root cannot write either
    with pytest.raises(Fault, match="read-only") as stopped:
        check_outdir(str(tmp_path / "new" / "results"))
    assert stopped.value.file == str(tmp_path)
