"""UGT1A1 where the repeat was not read: the published proxy stands beside a call that stays not assessable."""

import itertools

import polars as pl
import pytest

from call_pharmacogenes import call_pharmacogenes
from permed.errors import Fault
from permed.other_readings import read
from permed.pharmacogenes.proxies import load_proxies
from permed.tables import read_table, write_table

RS = {"rs887829": (233759924, "C", "T"), "rs4148323": (233760498, "G", "A"), "rs35350960": (233760973, "C", "A")}
REPEAT = ("chr2", 233760233, "CAT", "CATAT")
PEOPLE = {"E1": "CEU", "A1": "YRI", "J1": "JPT", "N1": None, "S1": "GIH"}


@pytest.fixture
def called(make_vcf, tables, tmp_path):
    """The rows of UGT1A1 by person of genotypes by rsID, the same for all, with or without the repeat."""

    def run(given, repeat=None, people=PEOPLE):
        rows = [("chr2", *RS[name], *[genotype] * len(people)) for name, genotype in given.items()]
        rows += [(*REPEAT, *[repeat] * len(people))] if repeat else []
        vcf = make_vcf(sorted(rows, key=lambda row: row[1]), samples=tuple(people), contigs=[("chr2", 242193529)])
        agreed, calls = tmp_path / "agreed.txt", tmp_path / "calls.parquet"
        agreed.write_text("".join(f"{name}\n" for name in people))
        sheet = {"sample": list(people), "population": list(people.values()), "mother": None, "father": None}
        write_table(pl.DataFrame(sheet), tmp_path / "people.parquet")
        given = {"absent_sites": "missing", "contigs": ["chr2"], "genes": ["UGT1A1"]}
        call_pharmacogenes(
            [vcf],
            agreed,
            sorted(tables.glob("*.tsv")),
            calls=calls,
            people=tmp_path / "people.parquet",
            frequencies=[tables / "frequencies.tsv", tables / "populations.tsv"],
            proxies=tables / "proxies.tsv",
            **given,
        )
        return {row["sample"]: row for row in read_table(calls).to_dicts()}

    return run


def all_read(own: str) -> dict[str, str]:
    return {"rs887829": own, "rs4148323": "0/0", "rs35350960": "0/0"}


@pytest.mark.parametrize(
    ("genotype", "diplotype", "phenotype"),
    [
        ("0/0", "*1/*1", "Normal Metabolizer"),
        ("0/1", "*1/*80+*28", "Intermediate Metabolizer"),
        ("1/1", "*80+*28/*80+*28", "Poor Metabolizer"),
    ],
)
def test_the_proxy_is_read_and_is_no_result(called, genotype, diplotype, phenotype):
    rows = called(all_read(genotype))
    for name in ("E1", "A1", "N1", "S1"):
        row = rows[name]
        assert (row["state"], row["basis"], row["phenotype_certain"]) == ("not_assessable", "proxy", False)
        (reading,) = read(row["proxied_reading"])
        assert (reading.diplotype, reading.phenotype) == (diplotype, phenotype)
        assert "rs3064744 was not read" in row["reason"]
        assert "It is no result: have rs3064744 tested." in row["reason"]
    assert "In European people" in rows["E1"]["reason"]
    assert "In Sub-Saharan African people" in rows["A1"]["reason"]
    assert "not known for this person's population." in rows["N1"]["reason"]
    assert "not known for this person's population (GIH)." in rows["S1"]["reason"]


def test_it_does_not_stand_where_another_allele_decides(called):
    row = called(all_read("1/1"))["J1"]
    assert (row["state"], row["basis"], row["proxied_reading"]) == ("not_assessable", None, None)
    assert "does not stand for rs3064744 in East Asian people" in row["reason"]


@pytest.mark.parametrize("repeat", ["0/0", "0/1", "1/1"])
def test_the_repeat_itself_needs_no_proxy(called, repeat):
    for row in called(all_read("0/1"), repeat).values():
        assert (row["basis"], row["proxied_reading"]) == (None, None)
        assert "stands for" not in row["reason"]


@pytest.mark.parametrize(
    "given",
    [
        {"rs887829": "./.", "rs4148323": "0/0", "rs35350960": "0/0"},
        {"rs887829": "./1", "rs4148323": "0/0", "rs35350960": "0/0"},
        {"rs887829": "0/1", "rs35350960": "0/0"},
        {"rs4148323": "0/1", "rs35350960": "0/0"},
    ],
)
def test_no_reading_where_more_was_not_read(called, given):
    assert {row["basis"] for row in called(given).values()} == {None}


def test_what_else_was_read_counts(called):
    rows = called({"rs887829": "0/1", "rs4148323": "0/1", "rs35350960": "0/0"})
    (reading,) = read(rows["E1"]["proxied_reading"])
    assert (reading.diplotype, reading.phenotype) == ("*6/*80+*28", "Poor Metabolizer")


def test_alone_as_in_a_cohort(called):
    together = called(all_read("0/1"))
    for name, label in PEOPLE.items():
        assert called(all_read("0/1"), people={name: label})[name] == together[name]


def test_every_proxy_of_the_tables_is_one_of_the_definitions(genes, tables, tmp_path):
    labels = set(read_table(tables / "populations.tsv")["population"])
    table = read_table(tables / "proxies.tsv")
    assert set(table["population"]) <= labels
    assert table["source"].null_count() == 0
    found = load_proxies(tables / "proxies.tsv", [genes["UGT1A1"], genes["TPMT"]])
    assert found["UGT1A1"] and found["TPMT"] == []
    for column, wrong in itertools.product(("read", "unread", "base", "stands_for"), ("rs1", "N")):
        changed = tmp_path / "proxies.tsv"
        changed.write_text((tables / "proxies.tsv").read_text())
        write_table(table.with_columns(pl.lit(wrong).alias(column)), changed)
        with pytest.raises(Fault, match="UGT1A1 has no"):
            load_proxies(changed, [genes["UGT1A1"]])
