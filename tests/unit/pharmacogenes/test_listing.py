"""The page of genes says what the tables have, and names every gene that is not called with why."""

import polars as pl
import pytest

from permed.pharmacogenes.releases.listing import gene_reference
from permed.tables import read_table


@pytest.fixture(scope="module")
def page(tables):
    return gene_reference(tables)


def cells(page, gene):
    (line,) = [line for line in page.splitlines() if line.startswith(f"| {gene} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_committed_page_is_that_of_the_tables(page, root):
    assert (root / "docs" / "genes.md").read_text() == page, "make docs writes it"


def test_every_gene_has_a_line_with_its_counts(page, genes):
    for gene in genes.values():
        line = cells(page, gene.name)
        assert [int(cell) for cell in line[2:4]] == [len(gene.alleles), len(gene.positions)]
        assert int(line[4]) == sum(position is not None for position in gene.grch37)
        assert gene.version == line[5]


@pytest.mark.parametrize(
    "gene", "ABCB1 BCHE COMT CYP1A2 CYP2C8 rs12777823 OPRM1 POLG ARG1 ASL ASS1 CPS1 NAGS OTC".split()
)
def test_what_is_not_called_is_named_with_why_and_is_in_no_table(page, tables, genes, gene):
    absent = read_table(tables / "genes_not_called.tsv")
    (row,) = absent.filter(pl.col("gene").str.contains(rf"\b{gene}\b")).iter_rows(named=True)
    assert all(row.values()) and f"| {row['gene']} | {row['found']} | {row['lacking']} |" in page
    assert gene not in genes


def test_genes_of_which_the_text_speaks_are_as_it_says(page, tables, genes):
    updated = set(read_table(tables / "function_updates.tsv")["gene"])
    text = page.split("**Functions and phenotypes**")[1].split("\n- ")[0]
    assert all(gene in text for gene in updated - {"CYP2C9", "CYP3A4", "CYP3A5"})
    for name in ("CYP2C9", "CYP3A4", "CYP3A5"):  # only alleles to which no function is assigned
        rows = read_table(tables / "function_updates.tsv").filter(gene=name)
        assert set(rows["function"]) == {"Unassigned function"}
    unassigned = [a.name for a in genes["RYR1"].alleles if a.function == "Unassigned function"]
    assert "seven alleles" in text and len(unassigned) == 7
