"""The page that says which genes are called, by which release of which tables, and which are not and why."""

from pathlib import Path

import polars as pl

from permed.tables import read_table

INTRODUCTION = """# Genes

Generated from `resources/pharmacogenes` by `make docs`: change it there.

A gene is called if a source defines its alleles by variants and gives them functions or phenotypes. `genes` of the
config chooses among these; HLA-A and HLA-B come from [calls made elsewhere](outside_calls.md).

| method | what it means |
|---|---|
| `diplotype` | the pair of named alleles that explains the genotypes best |
| `lowest_function` | the two variants that weigh most where the phase is not known |
| `mitochondrial` | one sequence, from mitochondrial DNA |

The columns `alleles` and `positions` count those that the definition has, `on GRCh37` the positions with a proven place
there. The versions are those of each row of the tables: a release of ClinPGx by its date, a version of PyPGx (0.26), or
the year of a guideline. Where several stand, alleles or answers are from several releases.

"""

RELEASES = """
## What stands on which release

The published files in whole are those of ClinPGx 2025-11-05, as released with PharmCAT 3.1. What later ones changed,
up to 2026-07-13, is laid over them from three tables kept by hand: `definition_updates.tsv`, `function_updates.tsv`
and `phenotype_updates.tsv`. Every row says where it was read.

- **Definitions with changes**, of the release in the table: {changed}. With the
  changes laid over the former file, the text of each has exactly the length of the later file.
- **Definitions without** stand on 2025-11-05: of all of them the file of 2026-07-13 has the same length.
- **Functions and phenotypes** of CYP2D6, F2, F5, G6PD, NUDT15 and TPMT are of July 2026, and so are six alleles of
  NAT2; those of RYR1 are of 2026-02-05, the last that could be read: seven alleles that its definition has since are
  without function. Files rebuilt from the rows have the length of the published ones, each diplotype counted. Of the
  other genes the files of 2026-07-13 have the length of those of 2025-11-05; those of VKORC1 and IFNL3 were read in
  the release of 2026-02-05 and are the same.
- An allele that is newer than the functions is `Unassigned function`: its phenotype is not known, never usual.

NUDT15\\*3 has three or four GAGTCG since: with four it was \\*2, which is no more. A file that lacks the positions that
are new in 2026 cannot tell CYP2C9\\*2 from \\*92 or TPMT\\*8 and \\*33 from \\*46, and the call says so.

GRCh37 has the base of factor V Leiden (rs6025). There a person without a genotype is never taken for reference, which
would be two copies of it.

## Genes that are not called

A gene is left out where no source was seen that gives both a definition and a phenotype. Guidance with a key is the
guidance of CPIC, DPWG and the FDA as ClinPGx codes it, July 2026.

"""


def gene_reference(tables: Path) -> str:
    """The page, from the folder of the tables."""
    frames = {name: read_table(tables / f"{name}.tsv") for name in ("genes", "positions", "alleles", "phenotypes")}
    rows = [_row(gene, frames) for gene in frames["genes"].iter_rows(named=True)]
    head = "gene method alleles positions".split() + ["on GRCh37", "definition", "functions", "phenotypes"]
    absent = read_table(tables / "genes_not_called.tsv")
    changed = ", ".join(read_table(tables / "definition_updates.tsv")["gene"].unique().sort())
    others = [
        (row["gene"], row["found"], row["lacking"], f"{row['source']} ({row['version']})")
        for row in absent.iter_rows(named=True)
    ]
    return (
        INTRODUCTION
        + _table(head, rows)
        + RELEASES.format(changed=changed)
        + _table(["gene", "what there is", "what is lacking", "seen in"], others)
    )


def _row(gene: dict, frames: dict[str, pl.DataFrame]) -> tuple:
    own = {name: frame.filter(gene=gene["gene"]) for name, frame in frames.items()}
    places = own["positions"].filter(role="definition")
    functions = own["alleles"].filter(pl.col("function").is_not_null())
    answers = own["phenotypes"].filter(pl.col("phenotype") != "n/a")
    research = ", for research: its copies are not seen" if gene["research"] == "yes" else ""
    return (
        gene["gene"],
        f"`{gene['method']}`{research}",
        own["alleles"].filter(defined="yes").height,
        places.height,
        places["pos37"].count(),
        gene["version"],
        _versions(functions),
        _versions(answers),
    )


def _versions(frame: pl.DataFrame) -> str:
    return ", ".join(sorted(frame["version"].unique())) or "none"


def _table(head: list[str], rows: list[tuple]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"
