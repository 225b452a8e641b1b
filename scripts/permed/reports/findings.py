"""Findings and carrier status as a reader needs them, with what was looked at gene by gene."""

from collections import Counter
from collections.abc import Collection, Iterable

import polars as pl

from permed.reports import finding_wording as fw
from permed.reports.suppression import protect

COPIED = (
    *("gene", "hgvs_c", "hgvs_p", "transcript", "consequence", "zygosity", "classification", "points", "criteria"),
    *("condition", "inheritance", "reportable", "reason", "copies", "list", "rule", "list_source", "list_version"),
    *("rank", "similarity", "matched_terms", "classified_by", "classification_reason", "clinvar_significance"),
    *("clinvar_stars", "clinvar_variation_id", "clinvar_conflicting", "confirm", "confirm_reason"),
)
PURPOSE = {"secondary": "findings", "diagnostic": "findings", "carriers": "carriers"}
STATES = tuple(fw.STATES)
AFFECTED = ("homozygous", "hemizygous", "homoplasmic", "trans")  # of the column copies: every copy is


def finding_section(rows: Iterable[dict], genes: Iterable[dict], purpose: str) -> dict:
    """What a report shows of one purpose (``findings`` or ``carriers``): ``items``, ``genes`` and ``counts``.

    ``rows`` and ``genes`` are the person's rows of the tables of findings and of genes.
    """
    items = [_item(row) for row in rows if PURPOSE[row["list"]] == purpose]
    known = [
        {name: row[name] for name in ("gene", "list", "state", "share", "reason", "basis")}
        for row in genes
        if PURPOSE[row["list"]] == purpose
    ]
    counts = Counter(_states_by_gene(known).values())
    return {"items": items, "genes": known, "counts": {state: counts[state] for state in STATES}}


def phenotype_section(rows: Iterable[dict]) -> dict:
    """What was made of a person's phenotypes: ``terms`` (``phenotype term name reason``), ``matching``, how many
    ``genes`` have such terms and how many were ``looked_at``. ``rows`` are the person's rows of the phenotypes' table.
    """
    rows = list(rows)
    first = rows[0] if rows else {"matching": None, "genes": 0, "looked_at": 0}
    terms = [{name: row[name] for name in ("phenotype", "term", "name", "reason")} for row in rows]
    return {"terms": terms} | {name: first[name] for name in ("matching", "genes", "looked_at")}


def phenotype_sentences(section: dict) -> list[str]:
    """What is said of the person's phenotypes, and by what genes were ranked."""
    terms = section["terms"]
    used = [f"{t['name']} ({'; '.join(filter(None, [t['term'], t['reason']]))})" for t in terms if t["term"]]
    lost = [f"“{t['phenotype']}” ({t['reason']})" for t in terms if not t["term"]]
    told = [fw.TERMS_NOT_USED.format(terms="; ".join(lost))] if lost else []
    if not used:
        return told
    genes, looked_at = section["genes"], section["looked_at"]
    text = fw.EVERY_GENE_OF_TERMS if genes == looked_at else fw.GENES_OF_TERMS
    text = text if genes else fw.NO_GENE_OF_TERMS
    counted = text.format(genes=fw.count(genes, "gene"), looked_at=f"{looked_at:,}")
    return [fw.TERMS_USED.format(terms="; ".join(used)), *told, fw.MATCHING[section["matching"]], counted]


def _states_by_gene(genes: list[dict]) -> dict[str, str]:
    """One state a gene, which may be on several lists: found on any, else not assessable for any, else absent."""
    states: dict[str, str] = {}
    for state in ("absent", "not_assessable", "found"):
        states |= {row["gene"]: state for row in genes if row["state"] == state}
    return states


def couple_rows(sample: str, couples: Iterable[dict]) -> list[dict]:
    """The couples of which a person is one, with the other as ``partner``."""
    found = []
    for row in couples:
        pair = [row["sample1"], row["sample2"]]
        if sample in pair:
            partner = pair[1 - pair.index(sample)]
            found.append({"partner": partner} | {n: row[n] for n in ("family", "gene", "condition", "reason")})
    return found


def summary_items(findings: dict, carriers: dict) -> list[tuple[str, str, str | None, str | None]]:
    """What stands out of both sections: kind, title, text and detail."""
    told = []
    for item in findings["items"]:
        text = item["condition"] if item["reportable"] == "yes" else fw.SUMMARY_POSSIBLE.format(**item)
        told.append(("found", item["gene"], text, _detail(item)))
    told += [("found", i["gene"], _carrier(i).format(**i), _detail(i)) for i in carriers["items"]]
    return list(dict.fromkeys(told))


def _carrier(item: dict) -> str:
    """What a carrier's variant is called where no more is told."""
    if item["reportable"] != "yes":
        return fw.SUMMARY_POSSIBLE
    return fw.SUMMARY_AFFECTED if item["copies"] in AFFECTED else fw.SUMMARY_CARRIER


def of_state(section: dict, state: str) -> list[dict]:
    """Genes of a section in one state, a gene once, by name."""
    by_name = {row["gene"]: row for row in section["genes"] if row["state"] == state}
    return [by_name[name] for name in sorted(by_name)]


def bases(section: dict) -> list[str]:
    """What the shares of a section rest on, in sentences."""
    kinds = {row["basis"] for row in section["genes"] if row["share"] is not None}
    return [text for kind, text in fw.BASES.items() if kind in kinds]


def evidence_of(item: dict) -> str:
    """Points, criteria, ClinVar and who decided the class, in one line."""
    parts = []
    if item["points"] is not None:
        parts.append(
            fw.POINTS.format(points=fw.count(item["points"], "point"), criteria=item["criteria"] or "no criterion met")
        )
    if item["clinvar_significance"]:
        stars = "no" if item["clinvar_stars"] is None else item["clinvar_stars"]
        parts.append(fw.CLINVAR.format(significance=item["clinvar_significance"], stars=stars))
    parts.append(fw.BY.get(item["classified_by"]))
    return "; ".join(filter(None, parts))


def agreed_rows(frame: pl.DataFrame, consents: dict[str, frozenset[str]]) -> pl.DataFrame:
    """Rows of findings or genes of people who agree to the purpose of the row's list."""
    kept = [
        (pl.col("list") == name) & pl.col("sample").is_in(list(consents.get(purpose, ())))
        for name, purpose in PURPOSE.items()
    ]
    return frame.filter(pl.any_horizontal(kept))


def state_counts(genes: pl.DataFrame, minimum: int, held: Collection[str] = ()) -> list[dict]:
    """How many people are in which state, by gene of the lists for everybody, with small counts suppressed.

    People whose results are withheld (``held``) are not counted.
    """
    listed = genes.filter((pl.col("list") != "diagnostic") & ~pl.col("sample").is_in(list(held)))
    rows = []
    for (name, gene), own in listed.sort("list", "gene").group_by("list", "gene", maintain_order=True):
        counts = dict(own.group_by("state").len().sort("state").iter_rows())
        texts = protect(counts, minimum)
        rows.append({"gene": gene, "list": name, "cells": None if texts is None else {s: texts.get(s) for s in STATES}})
    return rows


def _item(row: dict) -> dict:
    item = {name: row.get(name) for name in COPIED}
    item["variant"] = f"{row['contig']}:{row['pos']} {row['ref']}>{row['alt']}"
    return item


def _detail(item: dict) -> str:
    name = item["hgvs_c"] or item["variant"]
    return f"{name}, {item['zygosity']}, {fw.CLASSES[item['classification']].lower()}"
