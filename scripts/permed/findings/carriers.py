"""Carrier status: one affected copy of a recessive gene, and couples who both have one."""

from itertools import combinations

import polars as pl

from permed.findings.inheritance import CIS, UNKNOWN
from permed.findings.lists import CARRIERS
from permed.findings.pairs import DOUBTFUL, SINGLE, copies_affected
from permed.findings.rules import POSSIBLE, YES
from permed.findings.table import by_gene, finding

CARRIER = "carrier: {meaning}"
MORE_THAN_CARRIER = "more than carrier status: {meaning}; the person may be affected, and a physician should be told"
MAYBE_MORE = "carrier of at least one variant; {meaning}"
NOT_CLEAR = "whether the person is affected, a carrier or neither is not clear: {meaning}"
COUPLE_SCHEMA = dict.fromkeys(("family", "sample1", "sample2", "gene", "condition", "inheritance", "reason"), pl.String)
BOTH = "both carry a pathogenic or likely pathogenic variant of the gene"
ONE_IN_FOUR = f"{BOTH}; each child of the two is affected with a chance of 1 in 4"
# Why is left to counselling: that one of the two may be affected is that person's to know first.
NOT_ONE_IN_FOUR = f"{BOTH}; the chance that a child is affected has to be told from both results by genetic counselling"
# By these relations two people are no couple.
RELATED = ("duplicate", "parent-child", "siblings", "undetermined between parent-child and siblings")


def carrier_rows(carriers: list[dict], rules: dict[str, list[dict]]) -> list[dict]:
    """The rows of carriers of pathogenic variants; ``rules`` are the rows of the list of recessive genes by gene."""
    rows = []
    for (_, gene), variants in by_gene(carriers).items():
        copies = copies_affected(variants)
        text = MORE_THAN_CARRIER if copies.all else MAYBE_MORE if copies.kind == UNKNOWN else CARRIER
        text, answer = (NOT_CLEAR, POSSIBLE) if copies.kind == DOUBTFUL else (text, YES)
        for variant in variants:
            reason = text.format(meaning=copies.of(variant))
            rows.append(finding(variant, CARRIERS, answer, reason, copies, rules[gene]))
    return rows


def couples(rows: list[dict], families: dict[str, str | None], kinship: pl.DataFrame | None = None) -> pl.DataFrame:
    """Members of one family who both carry a variant of one recessive (AR) gene: columns of :data:`COUPLE_SCHEMA`.

    ``rows`` are carrier rows of people who agreed to carrier status, ``families`` tells each one's family. Pairs whom
    ``kinship`` (``sample1 sample2 relation``) calls parent and child, siblings or one person are left out; without it
    any two members may be meant.
    """
    related = set()
    if kinship is not None:
        close = kinship.filter(pl.col("relation").is_in(RELATED))
        related = {frozenset(pair) for pair in close.select("sample1", "sample2").iter_rows()}
    of_gene: dict[tuple[str, str], dict[str, dict]] = {}
    for row in rows:
        family = families.get(row["sample"])
        if family and "AR" in (row["inheritance"] or ""):
            of_gene.setdefault((family, row["gene"]), {}).setdefault(row["sample"], row)
    found = [
        (family, one, other, gene, members[one]["condition"], members[one]["inheritance"], _chance(members, one, other))
        for (family, gene), members in sorted(of_gene.items(), key=lambda item: item[0])
        for one, other in combinations(sorted(members), 2)
        if frozenset((one, other)) not in related
    ]
    return pl.DataFrame(found, schema=COUPLE_SCHEMA, orient="row")


def _chance(members: dict[str, dict], one: str, other: str) -> str:
    """What two carriers of one gene mean for a child, by how many copies of each are affected."""
    simple = all(members[name]["copies"] in (SINGLE, CIS) for name in (one, other))
    return ONE_IN_FOUR if simple else NOT_ONE_IN_FOUR
