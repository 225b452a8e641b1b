"""The user's tables: read as they are, or refused with the line that is wrong; a reviewer stands over data."""

import polars as pl
import pytest

from permed.annotation.acmg.given import (
    read_constraint,
    read_dosage,
    read_gene_rules,
    read_hot_spots,
    read_review,
)
from permed.annotation.acmg.sites import choose_sources
from permed.errors import Fault

RULES = "gene\tcriterion\tuse\tthreshold\tstrength\tsource\n"
REVIEW = "contig\tpos\tref\talt\tcriterion\tstate\tstrength\tsource\ttext\n"


@pytest.fixture
def write(tmp_path):
    def make(text):
        path = tmp_path / "table.tsv"
        path.write_text(text)
        return path

    return make


def test_gene_rules_become_columns(write):
    table = read_gene_rules(
        write(f"# ours\n{RULES}G1\tPVS1\tyes\t\t\ta panel\nG1\tBA1\t\t0.001\t\ta panel\nG2\tPVS1\tno\t\t\ta panel\n")
    )
    rows = {row["gene"]: row for row in table.iter_rows(named=True)}
    assert (rows["G1"]["rule_PVS1_use"], rows["G2"]["rule_PVS1_use"]) == ("yes", "no")
    assert (rows["G1"]["rule_BA1_threshold"], rows["G2"]["rule_BA1_threshold"]) == ("0.001", None)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("G1\tPVS9\tyes\t\t\tx", "PVS9"),
        ("G1\tPS3\tyes\t\t\tx", "PS3"),
        ("G1\tPVS1\tmaybe\t\t\tx", "maybe"),
        ("G1\tBA1\t\ttiny\t\tx", "tiny"),
        ("G1\tPVS1\tyes\t\thuge\tx", "huge"),
        ("G1\tPVS1\tyes\t\t\t", "source"),
        ("G0\tPVS1\tyes\t\t\tx", "again"),
        ("\tPVS1\tyes\t\t\tx", "gene"),
        ("G1\tBA1\t\tnan\t\tx", "nan"),
        ("G1\tBA1\t\t-0.1\t\tx", "-0.1"),
    ],
)
def test_faulty_rules_are_refused_with_their_line(write, line, word):
    path = write(f"# ours\n{RULES}G0\tPVS1\tyes\t\t\ta panel\n\n{line}\n")
    with pytest.raises(Fault) as fault:
        read_gene_rules(path)
    assert fault.value.line == (3 if word == "again" else 5) and word in str(fault.value)


def test_a_table_without_its_columns_is_refused(write):
    for read in (read_gene_rules, read_hot_spots, read_review, read_constraint, read_dosage):
        with pytest.raises(Fault):
            read(write("gene\tscore\nG1\t1\n"))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("chr1\t10\tA\tG\tPP5\tmet\t\tme\t", "PP5"),
        ("chr1\t10\tA\tG\tBP6\tmet\t\tme\t", "BP6"),
        ("chr1\t10\tA\tG\tPS3\tyes\t\tme\t", "yes"),
        ("chr1\tten\tA\tG\tPS3\tmet\t\tme\t", "ten"),
        ("chr1\t10\tA\t<DEL>\tPS3\tmet\t\tme\t", "<DEL>"),
        ("chr1\t10\tA\tG\tPS3\tmet\t\t\t", "source"),
        ("foo\t10\tA\tG\tPS3\tmet\t\tme\t", "foo"),
        ("chr1\t10\tA\tA\tPS3\tmet\t\tme\t", "is the reference"),
        ("chr1\t10\tATT\tAT\tPS3\tmet\t\tme\t", "shorter"),
        ("chr1\t10\tAC\tAT\tPS3\tmet\t\tme\t", "shorter"),
    ],
)
def test_faulty_verdicts_are_refused(write, line, word):
    with pytest.raises(Fault) as fault:
        read_review(write(f"{REVIEW}{line}\n"))
    assert fault.value.line == 2 and word in str(fault.value)


def test_a_reviewer_stands_over_data_and_adds_what_data_cannot_say(write, judged):
    lines = [
        "1\t1000\ta\tg\tPS2\tmet\t\tDr A, 2026-11-01\tboth parents tested",
        "1\t1000\tA\tG\tPP1\tmet\tstrong\tDr A\t",
        "1\t1000\tA\tG\tPM2\tnot_met\t\tDr A\tin our own controls",
        "1\t1100\tA\tG\tBS3\tmet\tsupporting\tDr A\t",
        "1\t1000\tA\tT\tBA1\tmet\t\tDr A\tanother allele",
    ]
    made = judged({}, {}, {}, review=read_review(write(REVIEW + "\n".join(lines) + "\n")))
    assert [row["criteria"] for row in made] == ["PS2,PP1_Strong", "PM2,BS3_Supporting", "PM2"]
    assert [row["points"] for row in made] == [8, 0, 1]
    ps2 = made[0]["verdicts"]["PS2"]
    assert ps2["source"] == "reviewer: Dr A, 2026-11-01" and ps2["text"] == "both parents tested"
    assert "PS2" not in made[0]["not_assessed"].split(",") and "PS2" in made[1]["not_assessed"].split(",")
    assert "PS2" not in made[1]["verdicts"]


def test_a_reviewer_can_settle_an_open_frequency(write, judged):
    lines = ["chr1\t1000\tA\tG\tPM2\tmet\t\tme\t", "chr1\t1000\tA\tG\tBA1\tnot_met\t\tme\t"]
    lines += ["chr1\t1000\tA\tG\tPS3\tmet\t\tme\t", "chr1\t1000\tA\tG\tPM3\tmet\t\tme\t"]
    row = {"gnomad_state": "not_covered", "consequence": "intron"}
    made = judged(row, review=read_review(write(REVIEW + "\n".join(lines) + "\n")))
    assert [(m["points"], m["classification"]) for m in made] == [(7, "likely_pathogenic")]


def test_clingens_dosage_and_gnomads_constraint_are_read_as_published(write, shared):
    text = (
        "#ClinGen Gene Curation List\n#01 Nov,2026\n#Gene Symbol\tGene ID\tHaploinsufficiency Score\tx\n"
        "G1\t1\t3\t\nG2\t2\t30\t\nG3\t3\tNot yet evaluated\t\n"
    )
    assert read_dosage(write(text)).to_dicts() == [
        {"gene": "G1", "haploinsufficiency": 3},
        {"gene": "G2", "haploinsufficiency": 30},
        {"gene": "G3", "haploinsufficiency": None},
    ]
    v4 = "gene\ttranscript\tcanonical\tmane_select\tmis.z_score\nG1\tA\ttrue\ttrue\t3.5\nG1\tB\tfalse\tfalse\t9\n"
    assert read_constraint(write(v4)).to_dicts() == [{"gene": "G1", "mis_z": 3.5}]
    real = read_constraint(shared / "real/anno/gnomad/gnomad_constraints.tsv")
    assert dict(real.iter_rows())["ARF5"] == pytest.approx(2.2772)


def test_the_database_of_a_role_must_be_plain():
    one = {"name": "a", "role": "frequency", "title": "A", "release": None}
    two = one | {"name": "b", "title": "B"}
    assert choose_sources([one], {}).names["frequency"] == "a"
    assert choose_sources([one, two], {"frequency": "b"}).shown["frequency"] == "B"
    assert choose_sources([], {}).names["frequency"] is None
    with pytest.raises(Fault, match="2 databases"):
        choose_sources([one, two], {})
    with pytest.raises(Fault, match="no clinvar database"):
        choose_sources([one], {"clinvar": "a"})


def test_the_step_writes_the_table(run_step, annotated, write, tmp_path):
    from permed.tables import write_json, write_table

    about = {"name": "gnomad", "role": "frequency", "title": "gnomAD", "release": "4.1", "predictor": None}
    write_json(about, tmp_path / "gnomad.json")
    first = annotated({"consequence": "stop_gained", "nmd": "triggers"})
    write_table(first, tmp_path / "chr1.parquet")
    write_table(annotated({"contig": "chr2", "gene": "G9"}), tmp_path / "chr2.parquet")
    run_step("classify_variants")(
        [tmp_path / "chr1.parquet", tmp_path / "chr2.parquet"],
        ["chr1", "chr2"],
        "GRCh38",
        {"ba1": 0.05, "bs1": None, "pm2": None, "min_stars": 2},
        classified=tmp_path / "classified.parquet",
        abouts=[tmp_path / "gnomad.json"],
        gene_rules=write(f"{RULES}G1\tPVS1\tyes\t\t\ta panel\n"),
    )
    table = pl.read_parquet(tmp_path / "classified.parquet")
    leading = "contig pos ref alt key gene transcript hgvs_c hgvs_p consequence classification points criteria evidence"
    assert table.columns[:14] == leading.split()
    assert table["classification"].to_list() == ["likely_pathogenic", "uncertain"]


def test_faults_of_tables_and_roles_are_found_before_anything_runs(write, tmp_path):
    from permed.inputs.annotation_files import check_classification

    path = write(f"{RULES}G1\tPVS1\tmaybe\t\t\tx\n")
    two = {"revel": {"path": "a", "kind": "revel"}, "am": {"path": "b", "kind": "alphamissense"}}
    faults = check_classification({"gene_rules": str(path), "repeats": str(tmp_path / "none.bed")}, two, "genes.gff3")
    assert [fault.line for fault in faults] == [2, None, None]
    assert "none.bed" in str(faults[1]) and "2 databases" in str(faults[2])
    assert check_classification({"predictor": "revel"}, two, "genes.gff3") == []
    (repeats,) = check_classification({"repeats": str(write("chr1\t9\n"))}, {}, "genes.gff3")
    assert repeats.line == 1 and "BED" in str(repeats)
    assert len(check_classification({"gene_rules": str(path)}, {}, None)) == 1
    assert check_classification({}, {}, None) == []


def test_a_verdict_on_another_allele_is_counted_as_unused(run_step, annotated, write, tmp_path, caplog):
    from permed.tables import write_table

    write_table(annotated({}), tmp_path / "chr1.parquet")
    lines = ["chr1\t1000\tA\tG\tPS3\tmet\t\tme\t", "chr1\t1000\tA\tC\tPS3\tmet\t\tme\t"]
    settings = {"ba1": 0.05, "bs1": None, "pm2": None, "min_stars": 2}
    review = write(REVIEW + "\n".join(lines) + "\n")
    with caplog.at_level("INFO"):
        run_step("classify_variants")(
            [tmp_path / "chr1.parquet"],
            ["chr1"],
            "GRCh38",
            settings,
            classified=tmp_path / "c.parquet",
            reviewer=review,
        )
    assert "1 of 2 reviewer's verdicts" in caplog.text
    assert pl.read_parquet(tmp_path / "c.parquet")["criteria"].to_list() == ["PS3"]
