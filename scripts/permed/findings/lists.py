"""Lists of genes with conditions: which genotypes of a gene are to be reported, and by which source."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.tables import lines_of, read_table

SECONDARY, CARRIERS, DIAGNOSTIC = LISTS = ("secondary", "carriers", "diagnostic")
SHIPPED = "acmg_sf"  # what the configuration calls the list of resources/findings
PURPOSES = {SECONDARY: "findings", CARRIERS: "carriers", DIAGNOSTIC: "findings"}
# What of a gene is reported: any pathogenic variant; two copies affected; the same or one copy where there is one;
# variants that end the protein early; a named change on both copies.
RULES = ("any", "biallelic", "hemizygous_or_biallelic", "truncating", "homozygous")
COLUMNS = ("gene", "condition", "inheritance", "reportable_when", "only_hgvs_p", "source", "version")
SCHEMA = dict.fromkeys(COLUMNS, pl.String)
_RULE_OF_CARRIERS = "carrier"


def read_secondary(path: Path) -> pl.DataFrame:
    """A list of genes to report whoever the person is (columns of :data:`SCHEMA`), a row a gene and condition.

    The TSV needs ``gene condition inheritance reportable_when``. Raises a Fault that names the line which does not fit.
    """
    table = _read(path, ("gene", "condition", "inheritance", "reportable_when"))
    columns = ("gene", "reportable_when", "only_hgvs_p")
    for line, (gene, rule, only) in zip(lines_of(path), table.select(columns).iter_rows(), strict=False):
        if rule not in RULES:
            raise Fault(f'reportable_when "{rule}" of {gene} is not known', path, None, line, f"Use {', '.join(RULES)}")
        if only is None and rule == "homozygous":
            raise Fault(f"{gene} has no only_hgvs_p", path, None, line, "Name the change, such as p.Cys282Tyr")
    return table


def read_carriers(path: Path) -> pl.DataFrame:
    """A list of genes of which carriers are told (columns of :data:`SCHEMA`): recessive (AR) and X-linked (XL) ones."""
    table = _read(path, ("gene", "condition", "inheritance"))
    for line, (gene, inheritance) in zip(lines_of(path), table.select("gene", "inheritance").iter_rows(), strict=False):
        if inheritance not in ("AR", "XL"):
            fault = f'inheritance "{inheritance}" of {gene} is not one of which there are carriers'
            raise Fault(fault, path, None, line, "Use AR or XL, or leave the gene out")
    return table.with_columns(reportable_when=pl.lit(_RULE_OF_CARRIERS))


def listed_genes(tables: Iterable[pl.DataFrame | None]) -> list[str]:
    """The genes of some lists, sorted."""
    return sorted({gene for table in tables if table is not None for gene in table["gene"]})


def _read(path: Path, needed: tuple[str, ...]) -> pl.DataFrame:
    table = read_table(path)
    absent = [name for name in needed if name not in table.columns]
    if absent:
        remedy = f"The list needs the columns {' '.join(needed)}, separated by tabs"
        raise Fault(f"there is no column {', '.join(absent)}", path, None, 1, remedy)
    for line, row in zip(lines_of(path), table.select(needed).iter_rows(), strict=False):
        if any(cell is None for cell in row):
            raise Fault("a cell is empty", path, None, line, f"Fill {', '.join(needed)}")
    own = [name for name in COLUMNS if name in table.columns]
    filled = table.select(own).with_columns(pl.lit(None, pl.String).alias(n) for n in COLUMNS if n not in own)
    return filled.select(COLUMNS).with_columns(source=pl.col("source").fill_null(path.name))
