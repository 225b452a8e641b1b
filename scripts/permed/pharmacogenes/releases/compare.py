"""What changed between two releases of the definitions, in the tables that the importer writes, and in the calls."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.pharmacogenes.definitions import TABLES
from permed.pharmacogenes.releases.importer import COLUMNS, PROVENANCE
from permed.tables import read_table

CHANGES = dict.fromkeys(["gene", "change", "item", "before", "after"], pl.String)
CALLS = ("state", "diplotype", "activity_score", "phenotype", "lookup_diplotype")
# Columns that name a row of a table; what is in the others may change.
KEYS = {
    "genes": ["gene"],
    "phenotypes": ["gene", "function1", "function2", "activity_score"],
    "unphased_priorities": ["gene", "priority", "diplotype"],
    "position_rules": ["gene", "rule", "pos", "base"],
    "function_ranks": ["gene", "function"],
}
NOUNS = {
    "genes": "gene",
    "phenotypes": "phenotype",
    "unphased_priorities": "priority",
    "position_rules": "position rule",
    "function_ranks": "function rank",
}

Tables = dict[str, pl.DataFrame]
Change = tuple[str, str, str, str | None, str | None]


def read_release(folder: Path) -> Tables:
    """The tables of a release; a fault where one is not there or lacks a column."""
    found = {}
    for name in TABLES:
        path = folder / f"{name}.tsv"
        if not path.exists():
            raise Fault("the table is not there", file=path, remedy="Give a folder as the importer writes it")
        found[name] = read_table(path)
        absent = [column for column in [*COLUMNS.get(name, ()), *PROVENANCE] if column not in found[name].columns]
        if absent:
            raise Fault(f"no column {', '.join(absent)}", file=path, remedy="Import the release again")
    return found


def compare_tables(before: Tables, after: Tables) -> pl.DataFrame:
    """A row of :data:`CHANGES` for everything that differs, by gene; versions and sources alone are no change.

    A gene that only one release has is one row. A position is the same one if its rsID is, else if its place is;
    an allele is the same one if its name is, else, renamed, if it admits the same bases at the same positions.
    """
    genes = [frames["genes"]["gene"].to_list() for frames in (before, after)]
    rows: list[Change] = [(gene, "gene removed", gene, gene, None) for gene in genes[0] if gene not in genes[1]]
    rows += [(gene, "gene added", gene, None, gene) for gene in genes[1] if gene not in genes[0]]
    for gene in sorted(set(genes[0]) & set(genes[1])):
        one, other = ({n: f.filter(pl.col("gene") == gene) for n, f in tables.items()} for tables in (before, after))
        moved, positions = _positions(gene, one["positions"], other["positions"])
        rows += positions + _alleles(gene, one, other, moved)
        rows += [row for name, keys in KEYS.items() for row in _rows(gene, name, keys, one[name], other[name])]
    return pl.DataFrame(rows, schema=CHANGES, orient="row").sort("gene", maintain_order=True)


def compare_calls(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Calls that differ in any of :data:`CALLS`: ``sample gene`` and each column before and after, in the order given.

    A gene that only one release has stands with nothing on the other side.
    """
    chosen = [frame.select("sample", "gene", *CALLS) for frame in (before, after)]
    both = chosen[0].join(
        chosen[1], on=["sample", "gene"], how="full", coalesce=True, suffix="_after", maintain_order="left_right"
    )
    changed = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_after")) for name in CALLS)
    sides = [pl.col(name).alias(f"{name}_before") for name in CALLS], [pl.col(f"{name}_after") for name in CALLS]
    pairs = [column for pair in zip(*sides, strict=True) for column in pair]
    return both.filter(changed).select("sample", "gene", *pairs)


def summary(changes: pl.DataFrame) -> list[str]:
    """A line a gene: how many changes of each kind there are, and the first few of them."""
    lines = []
    for (gene,), of_gene in changes.group_by("gene", maintain_order=True):
        parts = []
        for (kind,), rows in of_gene.group_by("change", maintain_order=True):
            items = rows["item"].to_list()
            more = f" and {len(items) - 3} more" if len(items) > 3 else ""
            parts.append(f"{kind}: {', '.join(items[:3])}{more}")
        lines.append(f"{gene}: {'; '.join(parts)}")
    return lines


def _positions(gene: str, before: pl.DataFrame, after: pl.DataFrame) -> tuple[dict[str, str], list[Change]]:
    """Where each former position lies now (former place to present place), and what changed."""
    old, new = ({row["pos"]: row for row in frame.iter_rows(named=True)} for frame in (before, after))
    named = {row["rsid"]: pos for pos, row in new.items() if row["rsid"]}
    stays = {pos for pos, row in old.items() if pos in new and new[pos]["rsid"] == row["rsid"]}
    moved = {pos: pos if pos in stays else named.get(row["rsid"], pos) for pos, row in old.items()}
    moved = {pos: to for pos, to in moved.items() if to in new}
    rows: list[Change] = []
    for pos, row in old.items():
        if pos not in moved:
            rows.append((gene, "position removed", _place(row), _alleles_of(row), None))
            continue
        now = new[moved[pos]]
        if moved[pos] != pos or row["contig"] != now["contig"]:
            was, is_ = (f"{r['contig']}:{r['pos']}" for r in (row, now))
            rows.append((gene, "position moved", _place(now), was, is_))
        if _alleles_of(row) != _alleles_of(now):
            rows.append((gene, "position's bases changed", _place(now), _alleles_of(row), _alleles_of(now)))
        for column in ("rsid", "role", "required"):
            if row[column] != now[column]:
                rows.append((gene, f"position's {column} changed", _place(now), row[column], now[column]))
    reached = set(moved.values())
    rows += [
        (gene, "position added", _place(row), None, _alleles_of(row)) for pos, row in new.items() if pos not in reached
    ]
    return moved, rows


def _place(row: dict) -> str:
    return row["rsid"] or f"{row['contig']}:{row['pos']}"


def _alleles_of(row: dict) -> str:
    return f"{row['ref']}>{row['alts']}"


def _alleles(gene: str, before: Tables, after: Tables, moved: dict[str, str]) -> list[Change]:
    old, new = ({row["allele"]: row for row in frames["alleles"].iter_rows(named=True)} for frames in (before, after))
    old_cells, new_cells = _cells(before, moved), _cells(after, {})
    gone, come = [n for n in old if n not in new], [n for n in new if n not in old]
    by_cells = {frozenset(new_cells[name].items()): name for name in come if new_cells.get(name)}
    renamed = {name: by_cells.get(frozenset(old_cells.get(name, {}).items())) for name in gone}
    renamed = {name: to for name, to in renamed.items() if to}
    rows: list[Change] = [(gene, "allele renamed", to, name, to) for name, to in renamed.items()]
    rows += [(gene, "allele removed", name, name, None) for name in gone if name not in renamed]
    rows += [(gene, "allele added", name, None, name) for name in come if name not in renamed.values()]
    for name, row in old.items():
        to = renamed.get(name, name)
        if to not in new:
            continue
        was, is_ = old_cells.get(name, {}), new_cells.get(to, {})
        if was != is_:
            at = sorted((pos for pos in {*was, *is_} if was.get(pos) != is_.get(pos)), key=int)
            written = [" ".join(f"{pos}{cells.get(pos, ' open')}" for pos in at) for cells in (was, is_)]
            rows.append((gene, "allele redefined", to, *written))
        for column in ("function", "activity_value", "reported_as", "reference", "defined"):
            if row[column] != new[to][column] and not (column == "reported_as" and name in renamed):
                rows.append((gene, f"allele's {column} changed", to, row[column], new[to][column]))
    return rows


def _cells(tables: Tables, moved: dict[str, str]) -> dict[str, dict[str, str]]:
    """Bases of each allele by position, at the places that the positions have now."""
    found: dict[str, dict[str, str]] = {}
    for row in tables["allele_variants"].iter_rows(named=True):
        found.setdefault(row["allele"], {})[moved.get(row["pos"], row["pos"])] = row["base"]
    return found


def _rows(gene: str, name: str, keys: list[str], before: pl.DataFrame, after: pl.DataFrame) -> list[Change]:
    """Rows of a table that came, went or changed; of ``genes`` itself only the changes."""
    values = [column for column in COLUMNS[name] if column not in keys]
    old, new = (
        {tuple(row[k] for k in keys): {v: row[v] for v in values} for row in frame.iter_rows(named=True)}
        for frame in (before, after)
    )
    rows: list[Change] = []
    for key in dict.fromkeys([*old, *new]):
        was, is_ = old.get(key), new.get(key)
        item = " + ".join(part for part in key[1:] if part) or gene
        noun = NOUNS[name]
        if was is None or is_ is None:
            sides = [", ".join(v for v in side.values() if v) if side else None for side in (was, is_)]
            rows.append((gene, f"{noun} {'added' if was is None else 'removed'}", item, *sides))
            continue
        for column in values:
            if was[column] != is_[column]:
                kind = f"{noun} changed" if column == noun else f"{noun}'s {column} changed"
                rows.append((gene, kind, item, was[column], is_[column]))
    return rows
