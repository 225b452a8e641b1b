"""A user's own genes: called beside ours once their tables hold together, and refused by file and line else."""

import polars as pl
import pytest

from permed.errors import Fault
from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.definitions import TABLES, load_genes
from permed.pharmacogenes.own_genes import NEEDED, merged
from permed.pharmacogenes.reading.files import read_genotypes
from permed.pharmacogenes.tables_check import Row, faults_of
from permed.tables import lines_of, read_table, write_table

FROM = "\tour paper\t2026\tCC0"
GENE = {
    "genes": ["gene\tcontig\treference_allele", "CYPX1\tchr5\t*1"],
    "positions": ["gene\tpos\tref\talts\trsid", "CYPX1\t1000\tA\tG,T\trs1", "CYPX1\t2000\tC\tCT\t"],
    "alleles": [
        "gene\tallele\treference\tfunction",
        "CYPX1\t*1\tyes\tNormal function",
        "CYPX1\t*2\t\tNo function",
        "CYPX1\t*3\t\tNo function",
    ],
    "allele_variants": [
        "gene\tallele\tpos\tbase",
        "CYPX1\t*1\t1000\tA",
        "CYPX1\t*1\t2000\tC",
        "CYPX1\t*2\t1000\tG",
        "CYPX1\t*3\t2000\tCT",
    ],
    "phenotypes": [
        "gene\tfunction1\tfunction2\tphenotype",
        "CYPX1\tNormal function\tNormal function\tNormal Metabolizer",
        "CYPX1\tNormal function\tNo function\tIntermediate Metabolizer",
        "CYPX1\tNo function\tNo function\tPoor Metabolizer",
    ],
}


def write(folder, tables):
    folder.mkdir(exist_ok=True)
    for name, lines in tables.items():
        head, *rows = lines
        text = [f"{head}\tsource\tversion\tlicence", *(row + FROM for row in rows)]
        (folder / f"{name}.tsv").write_text("\n".join(text) + "\n")
    return folder


@pytest.fixture
def ours(tables):
    return {name: tables / f"{name}.tsv" for name in TABLES}


@pytest.fixture
def refused(ours, tmp_path):
    """The faults of the gene with some of its tables changed, each as ``file:line fault``."""

    def run(**changed):
        kept = {name: lines for name, lines in (GENE | changed).items() if lines is not None}
        with pytest.raises(ExceptionGroup) as raised:
            merged(ours, write(tmp_path / "mine", kept))
        return [f"{fault.file.rpartition('/')[2]}:{fault.line} {fault.fault}" for fault in raised.value.exceptions]

    return run


def with_line(table, old, new):
    """A table with one line replaced; without it where there is no new one."""
    lines = GENE[table]
    assert old in lines
    return {table: [new if line == old else line for line in lines if line != old or new is not None]}


@pytest.fixture
def genes_of(ours, tmp_path):
    """All genes with the user's among them."""

    def load(tables=GENE):
        made = tmp_path / "made"
        made.mkdir(exist_ok=True)
        for name, frame in merged(ours, write(tmp_path / "mine", tables)).items():
            write_table(frame, made / f"{name}.tsv")
        return {gene.name: gene for gene in load_genes(made)}

    return load


@pytest.mark.parametrize(
    ("first", "second", "diplotype", "phenotype"),
    [
        ("0/0", "0/0", "*1/*1", "Normal Metabolizer"),
        ("0/1", "0/0", "*1/*2", "Intermediate Metabolizer"),
        ("1/1", "0/0", "*2/*2", "Poor Metabolizer"),
        ("0/1", "0/1", "*2/*3", "Poor Metabolizer"),
        ("0/0", "0/1", "*1/*3", "Intermediate Metabolizer"),
    ],
)
def test_an_own_gene_is_called(genes_of, make_vcf, first, second, diplotype, phenotype):
    gene = genes_of()["CYPX1"]
    rows = [("chr5", 1000, "A", "G", first), ("chr5", 2000, "C", "CT", second), ("chr5", 2001, "G", "A", "0/0")]
    vcf = make_vcf(rows, contigs=[("chr5", 181538259)])
    genotypes = read_genotypes([vcf], gene, ["S1"], absent_sites="missing")
    row = call_gene(gene, ["S1"], genotypes).row(0, named=True)
    assert (row["state"], row["diplotype"], row["phenotype"]) == ("called", diplotype, phenotype)
    assert row["table_version"] == "2026"


def test_ours_are_as_they_were(genes_of, genes):
    found = genes_of()
    assert [*found] == [*genes, "CYPX1"]
    for name, gene in genes.items():
        assert (found[name].positions, found[name].alleles) == (gene.positions, gene.alleles)
        assert (found[name].bases == gene.bases).all() and found[name].phenotypes == gene.phenotypes


def test_a_gene_without_functions_has_diplotypes_alone(genes_of):
    bare = [line.rpartition("\t")[0] for line in GENE["alleles"]]
    gene = genes_of({name: lines for name, lines in GENE.items() if name != "phenotypes"} | {"alleles": bare})["CYPX1"]
    assert not gene.phenotypes


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"alleles": None}, "mine:None the table alleles.tsv is not there"),
        ({"allelles": GENE["alleles"]}, "allelles.tsv:None no table of genes has this name"),
        ({"positions": ["gene\tpos\tref", "CYPX1\t1000\tA"]}, "positions.tsv:None no column alts"),
        (with_line("genes", "CYPX1\tchr5\t*1", "CYP2C19\tchr5\t*1"), "genes.tsv:2 CYP2C19 is one of our genes"),
        (with_line("genes", "CYPX1\tchr5\t*1", "CYPX1\t5\t*1"), "genes.tsv:2 the contig is '5'"),
        (with_line("genes", "CYPX1\tchr5\t*1", "CYPX1\tchr5\t*2"), "genes.tsv:2 the reference allele is *2"),
        (
            with_line("positions", "CYPX1\t2000\tC\tCT\t", "CYPX1\t2e3\tC\tCT\t"),
            "positions.tsv:3 the position is '2e3'",
        ),
        (with_line("positions", "CYPX1\t2000\tC\tCT\t", "CYPX1\t1000\tC\tCT\t"), "positions.tsv:3 line 2 has the same"),
        (with_line("positions", "CYPX1\t2000\tC\tCT\t", "CYPX1\t2000\tC\t-\t"), "positions.tsv:3 REF or an alternate"),
        (with_line("positions", "CYPX1\t2000\tC\tCT\t", "CYPX1\t2000\tC\tC\t"), "positions.tsv:3 an alternate is REF"),
        (
            with_line("allele_variants", "CYPX1\t*2\t1000\tG", "CYPX1\t*2\t1000\tC"),
            "allele_variants.tsv:4 C is neither",
        ),
        (
            with_line("allele_variants", "CYPX1\t*2\t1000\tG", "CYPX1\t*9\t1000\tG"),
            "allele_variants.tsv:4 no allele *9",
        ),
        (with_line("allele_variants", "CYPX1\t*2\t1000\tG", None), "alleles.tsv:3 *2 has no base at any position"),
        (with_line("allele_variants", "CYPX1\t*1\t2000\tC", None), "positions.tsv:3 *1 has no base here"),
        (
            with_line("allele_variants", "CYPX1\t*3\t2000\tCT", "CYPX1\t*3\t1000\tG"),
            "alleles.tsv:4 *3 has the same bases as *2",
        ),
        (
            with_line("phenotypes", "CYPX1\tNo function\tNo function\tPoor Metabolizer", None),
            "genes.tsv:2 no phenotype for No function with No function",
        ),
        (with_line("alleles", "CYPX1\t*2\t\tNo function", "CYPX1\t*2\t\t"), "alleles.tsv:3 no function while other"),
        (
            with_line("alleles", "CYPX1\t*2\t\tNo function", "CYPX1\t*2\tmaybe\tNo function"),
            "alleles.tsv:3 reference is",
        ),
        (
            with_line("alleles", "CYPX1\t*2\t\tNo function", "CYPY\t*2\t\tNo function"),
            "alleles.tsv:3 genes.tsv has no CYPY",
        ),
    ],
)
def test_what_does_not_hold_together_is_refused_by_its_line(refused, changed, told):
    faults = refused(**changed)
    assert any(fault.startswith(told) for fault in faults), faults


def test_every_row_says_where_it_is_from(ours, tmp_path):
    folder = write(tmp_path / "mine", GENE)
    (folder / "genes.tsv").write_text(
        "gene\tcontig\treference_allele\tsource\tversion\tlicence\nCYPX1\tchr5\t*1\t\t1\tCC0\n"
    )
    with pytest.raises(ExceptionGroup) as raised:
        merged(ours, folder)
    assert [str(fault.fault) for fault in raised.value.exceptions] == ["source is empty"]


def test_a_folder_that_is_not_there_is_said(ours, tmp_path):
    with pytest.raises(Fault, match="this folder is not there"):
        merged(ours, tmp_path / "none")


def test_our_tables_hold_together_by_the_same_measure(tables):
    rows = {}
    for name in NEEDED:
        path = tables / f"{name}.tsv"
        frame: pl.DataFrame = read_table(path)
        rows[name] = [Row(path, line, row) for line, row in zip(lines_of(path), frame.to_dicts(), strict=False)]
    assert list(map(str, faults_of(rows))) == []
