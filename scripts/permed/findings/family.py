"""Who is whose parent, by the families of the sample sheet and the kinship of the genotypes, and what parents carry."""

from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import polars as pl

from permed.findings.details import Limits, doubts, genotype_details
from permed.findings.genotypes import HETEROZYGOUS, PLACE, REFERENCE, UNREAD

PARENT_CHILD, UNRELATED = "parent-child", "unrelated"
FEWEST_YEARS = 12  # between parent and child; fewer in a sheet are an error of it, by which nobody's age is known


@dataclass(frozen=True)
class Family:
    """``parents`` are those of each person whose genotypes may be looked at, ``read`` the people of whom the run takes
    nothing for reference that it cannot know."""

    parents: dict[str, list[str]]
    read: Collection[str] = field(default_factory=frozenset)


def parents(
    kinship: pl.DataFrame, people: pl.DataFrame, sexes: dict[str, str], usable: Collection[str]
) -> dict[str, list[str]]:
    """The parents of each person, one or two, of those who are in ``usable``; people without one are left out.

    ``kinship`` has ``sample1 sample2 relation``, ``people`` has ``sample family birth_year``. A parent is of the
    person's family in the sheet and of the relation parent-child by the genotypes. Which of the two is the parent is
    told by the years of birth, or by another parent of the same family who is unrelated to the first: only a child has
    two such relatives. Where years and relations contradict each other, or a person would have more than two parents or
    two of one sex, nobody is a parent.
    """
    family = dict(people.select("sample", "family").iter_rows())
    years = dict(people.select("sample", "birth_year").iter_rows())
    relation, close = {}, {}
    for one, other, word in kinship.select("sample1", "sample2", "relation").iter_rows():
        if family.get(one) and family.get(one) == family.get(other):
            relation[frozenset((one, other))] = word
            if word == PARENT_CHILD:
                close.setdefault(one, []).append(other)
                close.setdefault(other, []).append(one)
    shown = {
        child: {
            name for pair in combinations(sorted(own), 2) if relation.get(frozenset(pair)) == UNRELATED for name in pair
        }
        for child, own in close.items()
    }
    found = {}
    for child, relatives in close.items():
        older = {name: _older(years.get(name), years.get(child)) for name in sorted(relatives)}
        own = _parents_of(child, older, shown, relation, sexes)
        kept = [name for name in own if name in usable]
        if kept:
            found[child] = kept
    return found


def _parents_of(child: str, older: dict, shown: dict[str, set[str]], relation: dict, sexes: dict) -> list[str]:
    """Of the relatives in ``older`` the parents; ``shown`` are those that two unrelated ones show, of each person."""
    own = [name for name, older_one in older.items() if older_one or name in shown[child]]
    wrong = any(older[name] is False for name in shown[child]) or any(child in shown[name] for name in own)
    known = {sexes.get(name) for name in own}
    same = len(own) == 2 and len(known) == 1 and known <= {"XX", "XY"}
    kin = len(own) == 2 and relation.get(frozenset(own)) in (PARENT_CHILD, "siblings", "duplicate")
    return [] if wrong or same or kin or len(own) > 2 else own


def _older(year: int | None, of_child: int | None) -> bool | None:
    """Whether somebody is old enough to be the parent; None where a year is not known."""
    return None if year is None or of_child is None else of_child - year >= FEWEST_YEARS


def with_parents(
    rows: list[dict], family: Family, found: pl.DataFrame, variants: dict[str, Path], limits: Limits
) -> list[dict]:
    """Rows of carried variants with ``parents``, the genotypes of the person's parents, where two may make a pair.

    ``found`` has for everybody who may be looked at what is carried or unread (``sample contig pos ref alt zygosity
    ploidy_doubt``); who has no row there is reference. A parent's genotype is not known (None) where it is missing, of
    few reads, of low quality, out of balance or of a doubtful ploidy, and where it is reference by an assumption alone.
    """
    groups: dict[tuple[str, str], list[dict]] = {}
    for row in rows:
        if row["sample"] in family.parents and row["zygosity"] == HETEROZYGOUS and not row["ploidy_doubt"]:
            groups.setdefault((row["sample"], row["gene"]), []).append(row)
    asked = {
        (parent, *(row[name] for name in PLACE))
        for (sample, _), own in groups.items()
        for row in own
        for parent in family.parents[sample]
        if len(own) > 1
    }
    if not asked:
        return rows
    frame = pl.DataFrame(sorted(asked), schema=["sample", *PLACE], orient="row").cast({"pos": pl.Int64})
    known = found.filter(pl.col("sample").is_in(frame["sample"].unique().to_list()))
    frame = frame.join(known, on=["sample", *PLACE], how="left", maintain_order="left")
    frame = genotype_details(frame.with_columns(pl.col("zygosity").fill_null(REFERENCE)), variants)
    genotypes = {tuple(row[name] for name in ("sample", *PLACE)): row for row in frame.iter_rows(named=True)}

    def genotype(parent: str, row: dict) -> str | None:
        own = genotypes.get((parent, *(row[name] for name in PLACE)))
        return None if own is None else _trusted(own, limits, parent not in family.read)

    return [row | {"parents": tuple(genotype(p, row) for p in family.parents.get(row["sample"], ()))} for row in rows]


def _trusted(row: dict, limits: Limits, assumed: bool) -> str | None:
    """The genotype of a parent, or None where it is not to be relied on."""
    measured = row["depth"] is not None or row["genotype_quality"] is not None
    if row["zygosity"] == UNREAD or (measured and doubts(row, limits)) or row["ploidy_doubt"]:
        return None
    return None if row["zygosity"] == REFERENCE and assumed and not measured else row["zygosity"]
