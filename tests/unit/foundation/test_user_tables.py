"""The same table of a user means the same whatever program wrote it, for every table that a user names."""

import pytest

from permed.annotation.acmg.given import read_gene_rules
from permed.errors import Fault
from permed.findings.lists import read_carriers, read_secondary
from permed.frequencies import check_frequencies, read_frequencies
from permed.quality.ancestry.labels import read_labels, read_sexes
from permed.scores.risk.tables import read_rates

TABLES = {
    read_labels: ["sample\tpopulation\tsuperpopulation\tsex", "A\tGBR\tEUR\tmale", "B\tYRI\tAFR\tfemale"],
    read_sexes: ["sample\tpopulation\tsex", "A\tGBR\tmale", "B\tYRI\tfemale"],
    read_secondary: [
        "gene\tcondition\tinheritance\treportable_when\tsource",
        "BRCA1\tBreast, and ovarian; cancer\tAD\tany\tmine",
        "MUTYH\tPolyposis\tAR\tbiallelic\tmine",
    ],
    read_carriers: ["gene\tcondition\tinheritance\tsource", "CFTR\tCystic fibrosis, mild\tAR\tmine"],
    read_frequencies: ["contig\tpos\tref\talt\taf", "chr1\t10\tA\tC\t0.25", "chr1\t20\tG\tT\t0.5"],
    read_rates: [
        "disease\tcountry\tgroup\tsex\tage_from\tage_to\tincidence_per_100k\tcompeting_per_100k\tyear\tdefault\tsource",
        "asthma\tX\t\tXX\t40\t50\t10\t100\t2020\tyes\ta, b",
    ],
}


def cells(line, separator):
    return separator.join(f'"{cell}"' if separator in cell or "," in cell else cell for cell in line.split("\t"))


WRITTEN = {
    "commas": lambda lines: "\n".join(cells(line, ",") for line in lines).encode(),
    "semicolons": lambda lines: "\r\n".join(cells(line, ";") for line in lines).encode("utf-8-sig"),
    "Excel's quotes": lambda lines: "\r\n".join(cells(line, "\t") for line in lines).encode("utf-16"),
    "CR and trailing tabs": lambda lines: ("\t\t\r".join(lines) + "\t\t\r\t\t\t\r\t\r").encode(),
    "a comment above": lambda lines: ("# mine\n" + "\n".join(lines) + "\n\n").encode(),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("read", TABLES, ids=lambda read: read.__name__)
def test_the_same_table_whoever_wrote_it(tmp_path, read, written):
    plain, other = tmp_path / "table.tsv", tmp_path / "other" / "table.tsv"
    other.parent.mkdir()
    plain.write_text("\n".join(TABLES[read]) + "\n")
    other.write_bytes(WRITTEN[written](TABLES[read]))
    expected, found = read(plain), read(other)
    assert found.equals(expected) if hasattr(expected, "equals") else str(found) == str(expected)
    assert read is not read_frequencies or check_frequencies(other) == []


def test_a_fault_names_the_line_of_the_file_with_comments_above(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("# mine\n# yours\nsample,population\nA,GBR\n# more\nA,GBR\n")
    with pytest.raises(Fault, match="listed twice") as fault:
        read_labels(path)
    assert fault.value.line == 6


@pytest.mark.parametrize("read", [*TABLES, read_gene_rules], ids=lambda read: read.__name__)
def test_a_workbook_is_refused_by_its_name(tmp_path, read):
    path = tmp_path / "table.tsv"
    path.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 100)
    with pytest.raises(Fault, match="Excel workbook"):
        read(path)
