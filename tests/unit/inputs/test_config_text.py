"""What a configuration's text and paths tell that its values do not: keys twice, and what only a shell fills in."""

import pytest

from permed.inputs.config import complete_config, read_schema
from permed.inputs.config_text import duplicate_keys


@pytest.mark.parametrize(
    ("text", "key", "first", "line"),
    [
        ("cohort:\n  samples: a.tsv\noutdir: x\ncohort:\n  samples: b.tsv\n", "cohort", 1, 4),
        ("cohort:\n  samples: a.tsv\n  genotypes: a.vcf\n  samples: b.tsv\n", "cohort.samples", 2, 4),
        ("scores: {files: [a], files: [b]}\n", "scores.files", 1, 1),
        ("annotation:\n  sources:\n    db: {path: a}\n    db: {path: b}\n", "annotation.sources.db", 3, 4),
        ('{"outdir": "a",\n "outdir": "b"}\n', "outdir", 1, 2),
        ("\ufeffoutdir: a\n# a note\n'outdir': b\n", "outdir", 1, 3),
        ("cohort:\n  genotypes:\n    - {a: 1,\n       a: 2}\n", "cohort.genotypes.0.a", 3, 4),
    ],
)
def test_a_key_twice_is_a_fault_with_both_lines(tmp_path, text, key, first, line):
    path = tmp_path / "my.yaml"
    path.write_text(text)
    (fault,) = duplicate_keys(path)
    assert f"the key {key} is also on line {first}" in fault.fault
    assert (fault.file, fault.line) == (str(path), line) and fault.remedy


@pytest.mark.parametrize(
    "text",
    [
        "a: {b: 1}\nc: {b: 2}\n",
        "base: &base {b: 1, c: 2}\nother: {<<: *base, b: 3}\nthird: {<<: *base}\n",
        "1: a\n'1': b\n",
        "a: [1, 1]\n",
        "",
        "a: [unclosed\n",
    ],
)
def test_what_is_no_repetition_is_no_fault(tmp_path, text):
    path = tmp_path / "my.yaml"
    path.write_text(text)
    assert duplicate_keys(path) == []
    assert duplicate_keys(tmp_path / "none.yaml") == []


def with_cohort(**given):
    return {"cohort": {"samples": "s.tsv", "genotypes": "g.vcf.gz", **given}}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (
            with_cohort(genotypes="~/data/g.vcf.gz"),
            ("cohort.genotypes: the ~ of ~/data/g.vcf.gz", "Write the path in full"),
        ),
        (with_cohort(samples="~someone/s.tsv"), ("cohort.samples: the ~", "in full")),
        (with_cohort(genotypes="data/*.vcf.gz"), ("cohort.genotypes: data/*.vcf.gz", "{contig}")),
        (with_cohort(genotypes=["a.vcf.gz", "chr[12].vcf.gz"]), ("cohort.genotypes: chr[12].vcf.gz", "{sample}")),
        (with_cohort(alignments="bams/*.cram"), ("cohort.alignments: bams/*.cram", "Write {sample}")),
        (with_cohort() | {"genome": {"reference": "$HOME/ref.fa"}}, ("genome.reference: the $HOME", "in full")),
        (with_cohort() | {"scores": {"files": ["PGS00000?.txt.gz"]}}, ("scores.files: PGS00000?.txt.gz", "in a list")),
        (with_cohort() | {"outdir": "~/results"}, ("outdir: the ~", "in full")),
        (
            with_cohort(genotypes="{smaple}.vcf"),
            ("cohort.genotypes: {smaple}", "{contig} for the chromosome or {sample}"),
        ),
        (with_cohort(genotypes=["a.vcf", "b{}.vcf"]), ("cohort.genotypes: {} in b{}.vcf", "{sample}")),
        (with_cohort(callable="{contig}.bed"), ("cohort.callable: {contig}", "Write {sample} for the person's name")),
        (with_cohort(samples="{sample}.tsv"), ("cohort.samples: {sample}", "the path of one file")),
        (with_cohort() | {"genome": {"reference": "chr{contig}.fa"}}, ("genome.reference: {contig}", "one file")),
        (with_cohort() | {"panel": {"genotypes": "{chr}.vcf.gz"}}, ("panel.genotypes: {chr}", "{contig}")),
        (
            with_cohort() | {"annotation": {"sources": {"db": {"path": "db/*.vcf.gz", "kind": "clinvar"}}}},
            ("annotation.sources.db.path: db/*.vcf.gz", "in a list"),
        ),
    ],
)
def test_what_a_shell_fills_in_is_one_fault_with_its_remedy(root, config, words):
    schema = read_schema(root / "config/schemas/config.schema.yaml")
    completed, (fault, *others) = complete_config(config, schema, "my.yaml")
    assert not others and fault.file == "my.yaml"
    assert words[0] in fault.fault and words[1] in fault.remedy
    assert "~" not in str(completed["cohort"]) and "*" not in str(completed["cohort"])


def test_a_null_and_a_name_that_exists_are_none(root, tmp_path, monkeypatch):
    schema = read_schema(root / "config/schemas/config.schema.yaml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a*b.vcf").touch()
    config = with_cohort(genotypes="a*b.vcf") | {"genome": {"reference": None}}
    completed, faults = complete_config(config, schema)
    assert faults == [] and completed["cohort"]["genotypes"] == "a*b.vcf"
