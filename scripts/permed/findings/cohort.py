"""Findings of a cohort: what each person who agreed carries in the genes asked for."""

from pathlib import Path

import polars as pl

from permed.findings.asked import Asked
from permed.findings.carriers import carrier_rows
from permed.findings.details import Limits, doubts, genotype_details
from permed.findings.elsewhere import SCHEMA as ELSEWHERE
from permed.findings.family import Family, with_parents
from permed.findings.genotypes import PLACE, UNREAD, carried
from permed.findings.lists import CARRIERS, SECONDARY
from permed.findings.rules import is_candidate
from permed.findings.table import diagnostic_rows, findings_table, secondary_rows
from permed.findings.together import SCHEMA as TOGETHER
from permed.findings.together import joint_genes, joint_notes
from permed.genotypes.store import GenotypeStore

OPEN_SCHEMA = {"sample": pl.String, "gene": pl.String}
OPEN_SCHEMA |= dict.fromkeys(("unread", "unclassed", "elsewhere"), pl.Int64)


def find(
    asked: Asked,
    classified: pl.DataFrame,
    store: GenotypeStore,
    variants: dict[str, Path],
    withheld: dict[str, str],
    sexes: dict[str, str],
    build: str,
    limits: Limits,
    compounds: pl.DataFrame | None = None,
    family: Family | None = None,
    elsewhere: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, list[dict], pl.DataFrame]:
    """The table of findings, the rows of carriers, and what is open of each person's genes (:data:`OPEN_SCHEMA`).

    Nothing is computed of people whose results are withheld. ``classified`` has the class of each variant, ``variants``
    the normalised BCF of each contig, ``compounds`` what variants do together in a person, ``family`` whose parents'
    genotypes may be looked at, ``elsewhere`` pathogenic variants that change a gene and were classified for another.
    """
    people = [name for name in asked.people if name not in withheld]
    listed = classified.filter(pl.col("gene").is_in(asked.genes))
    rules = _by_gene(asked.secondary)
    counts = [is_candidate(row, rules.get(row["gene"], [])) for row in listed.iter_rows(named=True)]
    wanted = pl.Series(counts, dtype=pl.Boolean)
    candidates, unclassed = listed.filter(wanted), listed.filter(pl.col("classification") == "not_assessable")
    others = elsewhere if elsewhere is not None else pl.DataFrame(schema=ELSEWHERE)
    asked_for = pl.concat([table.select(PLACE) for table in (candidates, unclassed, others)])
    found = carried(store, asked_for, people, sexes, build)
    read = found.filter(pl.col("zygosity") != UNREAD)
    of_candidates = candidates.join(read, on=PLACE, how="inner", maintain_order="left")
    notes = joint_notes(compounds) if compounds is not None else {}
    rows = _told(genotype_details(of_candidates, variants), limits, notes)
    rows = with_parents(rows, family, found, variants, limits) if family else rows
    by_list = {
        SECONDARY: _of(rows, asked.findings, rules),
        CARRIERS: _of(rows, asked.carriers, recessive := _by_gene(asked.recessive)),
    }
    pathogenic = [row for row in by_list[CARRIERS] if is_candidate(row, [])]
    carriers = carrier_rows(pathogenic, recessive)
    patients = [row for row in rows if row["sample"] in set(asked.findings) and is_candidate(row, [])]
    told = [*secondary_rows(by_list[SECONDARY], rules), *carriers, *diagnostic_rows(patients, asked.ranks)]
    still_open = _open(candidates, unclassed, others, found)
    together = joint_genes(compounds) if compounds is not None else pl.DataFrame(schema=TOGETHER)
    still_open = still_open.join(together, on=["sample", "gene"], how="full", coalesce=True).sort("sample", "gene")
    return findings_table(told), carriers, still_open


def _by_gene(table: pl.DataFrame | None) -> dict[str, list[dict]]:
    groups: dict[str, list[dict]] = {}
    for row in table.iter_rows(named=True) if table is not None else ():
        groups.setdefault(row["gene"], []).append(row)
    return groups


def _of(rows: list[dict], people: list[str], rules: dict[str, list[dict]]) -> list[dict]:
    agreed = set(people)
    return [row for row in rows if row["sample"] in agreed and row["gene"] in rules]


def _told(carriers: pl.DataFrame, limits: Limits, notes: dict) -> list[dict]:
    rows = []
    for row in carriers.iter_rows(named=True):
        why = doubts(row, limits)
        note = notes.get((row["sample"], row["contig"], f"{row['pos']}{row['ref']}>{row['alt']}"))
        why += [note] if note else []
        rows.append(row | {"confirm": bool(why), "confirm_reason": "; ".join(why) or None})
    return rows


def _open(candidates: pl.DataFrame, unclassed: pl.DataFrame, others: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """How many candidates of a gene were not read in a person, and how many carried variants have no class for it."""
    unread = found["zygosity"] == UNREAD
    joined = pl.DataFrame(schema={"sample": pl.String, "gene": pl.String})
    for name, table, rows in (
        ("unread", candidates, found.filter(unread)),
        ("unclassed", unclassed, found.filter(~unread)),
        ("elsewhere", others, found.filter(~unread)),
    ):
        part = table.select(*PLACE, "gene").join(rows, on=PLACE, how="inner")
        counts = part.group_by("sample", "gene").agg(pl.len().cast(pl.Int64).alias(name))
        joined = joined.join(counts, on=["sample", "gene"], how="full", coalesce=True)
    return joined.select(pl.col(name).cast(kind) for name, kind in OPEN_SCHEMA.items()).sort("sample", "gene")
