"""Rows of a scoring file that name several sites: interactions, haplotypes, diplotypes and alleles such as APOE e4.

An interaction's weight is multiplied by the dosages of all its variants, whose entries are separated by ``_x_``; the
sites of a haplotype are separated by semicolons (the columns' description at pgscatalog.org/downloads). A diplotype is
two haplotypes separated by a slash, as in the catalogue's files.
"""

import csv
import re
from functools import cache
from itertools import repeat
from pathlib import Path

from permed.genome import canonical

NAMED_ALLELES = Path(__file__).resolve().parents[3] / "resources" / "scores" / "named_alleles.tsv"
NOT_ADDITIVE = "several sites with an effect that is not additive"
NEEDS_PHASE = "its alleles on either chromosome differ at several sites, which needs their phase"
_SEPARATORS = {"interaction": "_x_", "haplotype": ";", "diplotype": ";"}
_BASES = re.compile("[ACGT]+")
_NAME = re.compile(r"(?:APOE[\s*_-]*)?(?:E|Ε|EPSILON\s?)([1-4])")  # Latin and Greek


def expand(row: dict, build: str) -> list[dict]:
    """The rows that stand for a row of several sites, each with what differs from it.

    ``row`` has the cells ``kinds`` (the kinds of term that are flagged), ``locus``, ``rsid``, ``effect_allele``,
    ``other_allele`` and ``places``: pairs of the cells with contig and position, the first that fits is used. A term
    has a row a site: ``effect_type`` is its kind, ``term`` its line. A part of a diplotype carries 1 as the dosage
    weight of the copies that it needs. A diplotype of one site is a single variant with weights by dosage. What cannot
    be computed stays one row with the reason in ``not_scorable``.
    """
    named = _named_allele(row["locus"], row["effect_allele"], build)
    kinds = row["kinds"].split(",") if row["kinds"] else []
    if named and row["effect_type"] != "additive":
        return [{"not_scorable": NOT_ADDITIVE}]
    if named and kinds in ([], ["haplotype"]):
        return [{**part, "effect_type": "haplotype", "term": row["line"], "not_scorable": None} for part in named]
    if not kinds:
        return [{}]
    if len(kinds) > 1:
        return [{"not_scorable": f"both {' and '.join(kinds)}"}]
    kind = kinds[0]
    effects = _alleles(row["effect_allele"], kind)
    if effects is None:
        return [{"not_scorable": f"{kind} of alleles that single sites do not tell: {row['effect_allele']}"}]
    others = _split(row["other_allele"], kind) if row["other_allele"] else list(repeat(None, len(effects)))
    place = _place(row["places"], kind, len(effects))
    if place is None or len(others) != len(effects):
        return [{"not_scorable": f"{kind} without a position and alleles for each of its sites"}]
    if any(other is not None and not _BASES.fullmatch(other) for other in others):
        return [{"not_scorable": f"allele is not of ACGT: {row['other_allele']}"}]
    rsids = _split(row["rsid"], kind) if row["rsid"] else []
    rsids = rsids if len(rsids) == len(effects) else list(repeat(None, len(effects)))
    if kind == "diplotype":
        return _diplotype(row, effects, others, place, rsids)
    if len(effects) < 2:
        return [{"not_scorable": f"{kind} of a single site"}]
    common = {"effect_type": kind, "term": row["line"], "not_scorable": None}
    alleles = ((effect[0], other) for effect, other in zip(effects, others, strict=True))
    return [
        {"rsid": rsid, "contig": contig, "pos": pos, "effect_allele": effect, "other_allele": other, **common}
        for rsid, (contig, pos), (effect, other) in zip(rsids, place, alleles, strict=True)
    ]


def _diplotype(row: dict, effects: list[tuple], others: list, place: list[tuple], rsids: list) -> list[dict]:
    if sum(first != second for first, second in effects) > 1:
        return [{"not_scorable": f"diplotype: {NEEDS_PHASE}"}]
    parts = []
    for (first, second), other, (contig, pos), rsid in zip(effects, others, place, rsids, strict=True):
        copies = 2 if first == second else 1
        weights = [float(n == copies) for n in range(3)]
        other = other if first == second else second
        part = {"rsid": rsid, "contig": contig, "pos": pos, "effect_allele": first, "other_allele": other}
        parts.append({**part, "effect_type": "diplotype", "term": row["line"], "dosage_weights": weights})
    if len(parts) == 1:
        weights = None if row["weight"] is None else [row["weight"] * n for n in parts[0]["dosage_weights"]]
        parts[0] |= {"effect_type": "dosage", "term": None, "dosage_weights": weights, "weight": None}
    return [{**part, "not_scorable": None} for part in parts]


def _split(cell: str, kind: str) -> list[str]:
    return [part.strip() for part in re.split(_SEPARATORS[kind], cell, flags=re.IGNORECASE)]


def _alleles(cell: str | None, kind: str) -> list[tuple[str, ...]] | None:
    """The effect alleles by site, two each for a diplotype; None where one is not of ACGT."""
    sides = (cell or "").split("/" if kind == "diplotype" else "\n")
    split = [_split(side, kind) for side in sides]
    if (kind == "diplotype" and len(sides) != 2) or len({len(alleles) for alleles in split}) != 1:
        return None
    by_site = list(zip(*split, strict=True))
    return by_site if all(_BASES.fullmatch(allele) for site in by_site for allele in site) else None


def _place(places: list[tuple[str | None, str | None]], kind: str, size: int) -> list[tuple[str, int]] | None:
    """Contig and position of each site, from the first pair of cells that has them."""
    for contig, pos in places:
        contigs, positions = _split(contig or "", kind), _split(pos or "", kind)
        contigs = contigs * size if len(contigs) == 1 else contigs
        fits = len(contigs) == len(positions) == size and all(contigs)
        if fits and all(text.isascii() and text.isdigit() and int(text) > 0 for text in positions):
            return [(canonical(name), int(text)) for name, text in zip(contigs, positions, strict=True)]
    return None


def _named_allele(locus: str | None, allele: str | None, build: str) -> list[dict] | None:
    """The sites of an allele that the knowledge table defines; None for any other."""
    found = _NAME.fullmatch((allele or "").strip().upper())
    if not found or (locus or "").strip().upper() != "APOE":
        return None
    return [
        {
            "rsid": row["rsid"],
            "contig": row["contig"],
            "pos": int(row["pos" if build == "GRCh38" else "pos37"]),
            "effect_allele": row["effect_allele"],
            "other_allele": row["other_allele"],
        }
        for row in _named_alleles()
        if (row["locus"], row["allele"]) == ("APOE", f"e{found[1]}")
    ] or None


@cache
def _named_alleles() -> list[dict[str, str]]:
    with open(NAMED_ALLELES, encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))
