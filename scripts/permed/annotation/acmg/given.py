"""What the user gives beside the databases: gene rules, constraint, dosage, hot spots, repeats, a reviewer's verdicts.

Every table is tab-separated. Lines that begin with # are passed, except the header of ClinGen's dosage file.
"""

from pathlib import Path

import polars as pl

from permed.annotation.acmg.tables import criteria, named, strengths
from permed.annotation.acmg.verdicts import MET, NOT_ASSESSABLE, NOT_MET
from permed.errors import Fault
from permed.genome import CONTIGS, canonical
from permed.plain_text import read_plain
from permed.tables import lines_of, read_table
from permed.variants import variant_keys

RULE_COLUMNS = ("gene", "criterion", "use", "threshold", "strength", "source")
REVIEW_COLUMNS = ("contig", "pos", "ref", "alt", "criterion", "state", "strength", "source", "text")
SPOT_COLUMNS = ("gene", "first", "last", "source")
SUFFICIENT = 3  # ClinGen's score of genes of which one lost copy is known to cause disease


def read_gene_rules(path: Path) -> pl.DataFrame:
    """A row a gene with ``rule_{criterion}_{use|threshold|strength|source}`` of the user's table.

    ``use`` is yes, no or empty, ``threshold`` a number in the criterion's unit, ``strength`` one of the strengths (the
    highest allowed one for PVS1). Raises a Fault that names the line of a row that is not of this form.
    """
    table = _read(path, RULE_COLUMNS)
    _check_criterion(path, table, [*named("data")])
    _check(path, table, "use", table["use"].is_in(["yes", "no"]) | table["use"].is_null(), "is not yes, no or empty")
    _check_strength(path, table)
    numbers = table["threshold"].cast(pl.Float64, strict=False)
    number = (numbers.is_finite() & (numbers >= 0)).fill_null(False)
    _check(path, table, "threshold", number | table["threshold"].is_null(), "is not a number from 0 on")
    _check(path, table, "gene", table["gene"].is_not_null(), "is empty")
    _check(path, table, "source", table["source"].is_not_null(), "is empty: every rule needs its source")
    _check(path, table, "criterion", ~table.select(pl.struct("gene", "criterion").is_duplicated()).to_series(), "again")
    wide = table.select(pl.col("gene").unique(maintain_order=True))
    for criterion, rows in table.group_by("criterion", maintain_order=True):
        parts = {f"rule_{criterion[0]}_{part}": pl.col(part) for part in RULE_COLUMNS[2:]}
        wide = wide.join(rows.select("gene", **parts), on="gene", how="left", maintain_order="left")
    return wide


def read_constraint(path: Path) -> pl.DataFrame:
    """``gene`` and ``mis_z`` (missense Z) of gnomAD's constraint table, of v2 or v4; the largest where listed again.

    Of v4's rows, one a transcript, those of MANE Select or canonical transcripts are used.
    """
    table = read_table(path)
    gene = next((name for name in ("gene", "gene_symbol") if name in table.columns), None)
    score = next((name for name in ("mis_z", "mis.z_score") if name in table.columns), None)
    if gene is None or score is None:
        remedy = "Give gnomAD's table of constraint, with the columns gene or gene_symbol and mis_z or mis.z_score"
        raise Fault("the table has no gene or no missense Z", path, remedy=remedy)
    main = [pl.col(name).str.to_lowercase() == "true" for name in ("mane_select", "canonical") if name in table.columns]
    kept = table.filter(pl.any_horizontal(main)) if main else table
    rows = kept.select(gene=pl.col(gene), mis_z=pl.col(score).cast(pl.Float64, strict=False)).drop_nulls()
    return rows.group_by("gene", maintain_order=True).agg(pl.col("mis_z").max())


def read_dosage(path: Path) -> pl.DataFrame:
    """``gene`` and ``haploinsufficiency`` (score) of ClinGen's gene list of dosage sensitivity."""
    lines = read_plain(path, what="table").decode().split("\n")
    head = next((n for n, line in enumerate(lines) if line.lstrip("#").startswith("Gene Symbol\t")), None)
    columns = lines[head].lstrip("#").split("\t") if head is not None else []
    if "Haploinsufficiency Score" not in columns:
        raise Fault(
            "it has no column Haploinsufficiency Score", path, remedy="Give ClinGen_gene_curation_list as it is"
        )
    place = columns.index("Haploinsufficiency Score")
    rows = [cells for line in lines[head + 1 :] if len(cells := line.split("\t")) > place]
    schema = {"gene": pl.String, "haploinsufficiency": pl.String}
    frame = pl.DataFrame([(r[0], r[place]) for r in rows], schema=schema, orient="row")
    scores = frame.with_columns(pl.col("haploinsufficiency").cast(pl.Int64, strict=False))
    return scores.unique("gene", keep="first", maintain_order=True)


def read_hot_spots(path: Path) -> pl.DataFrame:
    """Regions for PM1: ``gene``, ``first`` and ``last`` residue, ``source``."""
    table = _read(path, SPOT_COLUMNS)
    for name in ("first", "last"):
        number = table[name].cast(pl.Int64, strict=False)
        _check(path, table, name, (number > 0).fill_null(False), "is not the number of a residue")
    table = table.with_columns(pl.col("first", "last").cast(pl.Int64))
    _check(path, table, "last", table["last"] >= table["first"], "lies before the first")
    _check(path, table, "source", table["source"].is_not_null(), "is empty: every region needs its source")
    return table.select(*SPOT_COLUMNS)


def read_review(path: Path) -> pl.DataFrame:
    """A reviewer's verdicts: one row a variant (``key``) and criterion, with state, strength, source and text.

    They may be of any criterion but PP5 and BP6, which ClinGen has withdrawn, and stand over what data say.
    """
    table = _read(path, REVIEW_COLUMNS)
    _check_criterion(path, table, [name for name in criteria() if name not in named("never")])
    states = [MET, NOT_MET, NOT_ASSESSABLE]
    _check(path, table, "state", table["state"].is_in(states), f"is not one of {', '.join(states)}")
    _check_strength(path, table)
    _check(
        path, table, "source", table["source"].is_not_null(), "is empty: every verdict needs who gave it, or a source"
    )
    pos = table["pos"].cast(pl.Int64, strict=False)
    _check(path, table, "pos", (pos > 0).fill_null(False), "is not a position")
    for name in ("ref", "alt"):
        table = table.with_columns(pl.col(name).str.to_uppercase())
        _check(path, table, name, table[name].str.contains("^[ACGTN]+$").fill_null(False), "is not made of bases")
    known = table["contig"].map_elements(canonical, return_dtype=pl.String).is_in(CONTIGS)
    _check(path, table, "contig", known, "is not a contig that permed knows")
    _check(path, table, "alt", table["alt"] != table["ref"], "is the reference")
    _check(
        path, table, "ref", _shortest(table), "can be written shorter with its alt: give the variant as the run does"
    )
    table = table.with_columns(pos=pos)
    table = table.with_columns(key=pl.Series(variant_keys(table)))
    again = table.select(pl.struct("key", "ref", "alt", "criterion").is_duplicated()).to_series()
    _check(path, table, "criterion", ~again, "is given again for the variant")
    return table


def _shortest(table: pl.DataFrame) -> pl.Series:
    """Whether alleles share neither their last base nor, where both are longer than one base, their first."""
    lengths = pl.min_horizontal(pl.col("ref", "alt").str.len_bytes())
    last = (pl.col("ref").str.tail(1) == pl.col("alt").str.tail(1)) & (lengths > 1)
    first = (pl.col("ref").str.head(1) == pl.col("alt").str.head(1)) & (lengths > 1)
    return table.select(~(last | first)).to_series()


def with_genes(
    sites: pl.DataFrame, rules: pl.DataFrame | None, constraint: pl.DataFrame | None, dosage: pl.DataFrame | None
) -> pl.DataFrame:
    """The sites with what is given of their gene, ``rule_…``, ``mis_z``, ``haploinsufficiency``; else null."""
    for table in (rules, constraint, dosage):
        if table is not None:
            sites = sites.join(table, on="gene", how="left", maintain_order="left")
    absent = {"mis_z": pl.Float64, "haploinsufficiency": pl.Int64}
    return sites.with_columns(pl.lit(None, kind).alias(n) for n, kind in absent.items() if n not in sites.columns)


def _read(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    table = read_table(path)
    missing = [name for name in columns if name not in table.columns]
    if missing:
        raise Fault(f"the table has no column {', '.join(missing)}", path, remedy=f"It needs {' '.join(columns)}")
    numbered = table.with_columns(line=pl.Series(lines_of(path)[: len(table)], dtype=pl.Int64))
    return numbered.filter(~pl.all_horizontal(pl.exclude("line").is_null()))


def _check_criterion(path: Path, table: pl.DataFrame, known: list[str]) -> None:
    _check(path, table, "criterion", table["criterion"].is_in(known), f"is not one of {', '.join(known)}")


def _check_strength(path: Path, table: pl.DataFrame) -> None:
    known = list(strengths())
    good = table["strength"].is_in(known) | table["strength"].is_null()
    _check(path, table, "strength", good, f"is not one of {', '.join(known)}, or empty")


def _check(path: Path, table: pl.DataFrame, column: str, good: pl.Series, fault: str) -> None:
    bad = table.filter(~good.fill_null(False))
    if len(bad):
        row = bad.row(0, named=True)
        raise Fault(f"{column} {row[column]!r} {fault}", path, line=row["line"], remedy="See docs/classification.md")
