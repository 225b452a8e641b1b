"""The layouts of array text: which column holds what, by the names above the table or by their order."""

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[4] / "resources" / "inputs"
ROLES = ("marker", "chromosome", "position", "genotype", "allele1", "allele2", "quality", "sample")
NEEDED = ("marker", "chromosome", "position")


@dataclass(frozen=True)
class Layout:
    """Names of columns by role, each a tuple of alternatives in the form of :func:`bare`; empty where there is none.

    ``strand`` is what the alleles are given on: ``plus``, or one of Illumina's designations, which say nothing of the
    genome's strand. Genotypes of a quality below ``least_quality`` are not believed.
    """

    name: str
    columns: dict[str, tuple[str, ...]]
    strand: str
    least_quality: float | None


@dataclass(frozen=True)
class Columns:
    """Places (from 0) of the columns of a table by role, of which an absent one is -1, and its ``width``.

    ``alleles`` are the places of one column of genotypes or of two of alleles. A ``width`` of 0 is not known.
    """

    layout: Layout
    marker: int
    chromosome: int
    position: int
    alleles: tuple[int, ...]
    quality: int = -1
    sample: int = -1
    width: int = 0

    @cached_property
    def last(self) -> int:
        """The last place that a line must have."""
        return max(self.marker, self.chromosome, self.position, *self.alleles, self.quality, self.sample)


def bare(name: str) -> str:
    """A column's name by its letters and digits alone: reports write ``Allele1 - Plus``, R ``Allele1...Plus``."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


@cache
def layouts() -> tuple[Layout, ...]:
    """The layouts that are known, those to be preferred first."""
    with open(RESOURCES / "array_layouts.tsv", encoding="utf-8", newline="") as table:
        return tuple(
            Layout(
                row["layout"],
                {role: tuple(map(bare, row[role].split("|"))) if row[role] else () for role in ROLES},
                row["strand"],
                float(row["least_quality"]) if row["least_quality"] else None,
            )
            for row in csv.DictReader(table, delimiter="\t")
        )


def columns_of(names: list[str]) -> Columns | None:
    """The columns of a table with these names above it; None where they are of no layout."""
    places = {bare(name): n for n, name in reversed(list(enumerate(names)))}
    for layout in layouts():
        if _by_order(layout):
            continue
        found = {role: _place(layout, role, places) for role in ROLES}
        alleles = (found["genotype"],) if layout.columns["genotype"] else (found["allele1"], found["allele2"])
        if min(*(found[role] for role in NEEDED), *alleles) >= 0:
            own = {role: found[role] for role in (*NEEDED, "quality", "sample")}
            return Columns(layout, alleles=alleles, width=len(names), **own)
    return None


def columns_by_order(two_alleles: bool) -> Columns:
    """The columns of a table without names: marker, chromosome, position and then one or two columns of alleles."""
    layout = next(x for x in layouts() if _by_order(x) and bool(x.columns["allele1"]) == two_alleles)
    roles = [*NEEDED, *(("allele1", "allele2") if two_alleles else ("genotype",))]
    places = [int(layout.columns[role][0]) - 1 for role in roles]
    return Columns(layout, *places[:3], alleles=tuple(places[3:]))


def lacking(names: list[str]) -> list[str]:
    """What a report with these columns lacks, in the words of the report; empty where it has all that is needed."""
    have = {bare(name) for name in names}
    wanted = ["SNP Name", "Chr", "Position", "Allele1 - Plus", "Allele2 - Plus"]
    return [name for name in wanted if bare(name) not in have]


def _by_order(layout: Layout) -> bool:
    return layout.columns["marker"][0].isdigit()


def _place(layout: Layout, role: str, places: dict[str, int]) -> int:
    return next((places[name] for name in layout.columns[role] if name in places), -1)
