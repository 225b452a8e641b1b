"""Rows of people who get no call, because their sample failed quality control."""

import polars as pl

from permed.pharmacogenes.calling.gene import COLUMNS
from permed.pharmacogenes.definitions import Gene


def withheld_rows(held: dict[str, str], gene: Gene | str, version: str | None = None) -> pl.DataFrame:
    """A row without a result for each person of ``held``, with the reason why.

    ``gene`` is a definition, or the name of a gene that only calls made elsewhere answer, with the ``version`` of its
    table.
    """
    blank = dict.fromkeys(COLUMNS) | {
        "gene": gene,
        "state": "not_assessable",
        "phenotype_certain": False,
        "research": False,
        "contradicted": False,
        "table_version": version,
    }
    if isinstance(gene, Gene):
        blank |= {
            "gene": gene.name,
            "research": gene.research,
            "table_version": gene.version,
            "definition_version": gene.version,
            "function_version": gene.function_version,
            "phenotype_version": gene.phenotype_version,
        }
    rows = [blank | {"sample": sample, "reason": reason} for sample, reason in held.items()]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")
