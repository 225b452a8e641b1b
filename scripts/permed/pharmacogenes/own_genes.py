"""A user's own genes: tables in the layout of ``resources/pharmacogenes``, put behind ours once they hold together."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.pharmacogenes.tables_check import Row, faults_of
from permed.tables import lines_of, read_table

NEEDED = {
    "genes": "gene contig reference_allele",
    "positions": "gene pos ref alts",
    "alleles": "gene allele",
    "allele_variants": "gene allele pos base",
    "phenotypes": "gene phenotype",
    "unphased_priorities": "gene priority diplotype pick",
    "position_rules": "gene rule pos base allele",
    "function_ranks": "gene function rank",
}
ALWAYS = ("genes", "positions", "alleles", "allele_variants")  # a gene cannot do without
PROVENANCE = ("source", "version", "licence")
LEFT_OUT = {  # what a cell means that is empty or whose column is not there
    "genes": {
        "method": "diplotype",
        "undocumented_as_reference": "no",
        "activity": "function",
        "research": "no",
        "unphased_candidates": "top",
    },
    "positions": {"required": "no", "role": "definition", "amp_tier1": "no", "never_default": "no"},
    "alleles": {"defined": "yes", "reference": "no"},
}
REMEDY = "docs/calls.md has the columns of each table"


def merged(ours: dict[str, Path], folder: Path) -> dict[str, pl.DataFrame]:
    """Our tables by name with the rows of a user's ``folder`` behind them.

    Raises the faults of the folder together, each with its file and line: nothing of it is used then.
    """
    if not folder.is_dir():
        raise Fault(
            "this folder is not there", file=folder, remedy="Name a folder of tables in pharmacogenes.own_genes"
        )
    faults = list(_file_faults(folder))
    if faults:
        raise ExceptionGroup("own genes", faults)
    tables = {name: read_table(path) for name, path in ours.items()}
    given = {path.stem: path for path in sorted(folder.glob("*.tsv"))}
    own = {name: _completed(name, read_table(path), tables[name].columns) for name, path in given.items()}
    rows = {
        name: [Row(given[name], line, row) for line, row in zip(lines_of(given[name]), frame.to_dicts(), strict=False)]
        for name, frame in own.items()
    }
    known = set(tables["genes"]["gene"])
    faults = [*_taken(rows["genes"], known), *faults_of(rows)]
    if faults:
        raise ExceptionGroup("own genes", faults)
    return {name: pl.concat([frame, own[name]]) if name in own else frame for name, frame in tables.items()}


def _file_faults(folder: Path) -> Iterator[Fault]:
    given = {path.stem: path for path in sorted(folder.glob("*.tsv"))}
    for name in ALWAYS:
        if name not in given:
            yield Fault(f"the table {name}.tsv is not there", file=folder, remedy=REMEDY)
    for name, path in given.items():
        if name not in NEEDED:
            yield Fault("no table of genes has this name", file=path, remedy=f"The tables are {', '.join(NEEDED)}")
            continue
        columns = read_table(path).columns
        for column in (*NEEDED[name].split(), *PROVENANCE):
            if column not in columns:
                yield Fault(f"no column {column}", file=path, remedy=REMEDY)


def _completed(name: str, frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """A user's table in our columns; what is left out means what :data:`LEFT_OUT` says."""
    frame = frame.with_columns(pl.lit(None, pl.String).alias(c) for c in columns if c not in frame.columns)
    filled = [pl.col(column).fill_null(value) for column, value in LEFT_OUT.get(name, {}).items()]
    frame = frame.select(columns).with_columns(filled)
    if name == "alleles":
        frame = frame.with_columns(pl.col("reported_as").fill_null(pl.col("allele")))
    if name == "positions":
        # Of an insertion or deletion the base behind it must have been looked at too.
        last = pl.col("pos").cast(pl.Int64, strict=False) + pl.col("ref").str.len_bytes() - 1
        indel = pl.col("alts").str.split(",").list.eval(pl.element().str.len_bytes()).list.max()
        longer = (indel != 1) | (pl.col("ref").str.len_bytes() != 1)
        frame = frame.with_columns(pl.col("end").fill_null((last + longer.cast(pl.Int64)).cast(pl.String)))
    if name == "phenotypes":
        swap = pl.col("function2").is_not_null() & (pl.col("function1") > pl.col("function2"))
        pair = {"function1": "function2", "function2": "function1"}
        frame = frame.with_columns(pl.when(swap).then(other).otherwise(one).alias(one) for one, other in pair.items())
    return frame


def _taken(genes: list[Row], known: set[str]) -> Iterator[Fault]:
    for row in genes:
        if row.cells["gene"] in known:
            yield row.fault(
                f"{row.cells['gene']} is one of our genes", "Give your gene another name, or take the row out"
            )
