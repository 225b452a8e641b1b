"""Of which build a file is by the positions that the pharmacogene definitions place on both builds.

At the other build's coordinate of such a position the reference has just any base. A REF there agrees with the
definition by chance in a quarter of the cases, somewhat more often in genes rich in two of the bases; where the build
is right it agrees but for the odd strand, merged or hand-made record. The logarithms of these two probabilities are
added up, so that agreement, disagreement and the number of positions are weighed by one measure:

- a REF that agrees is 3.2 times as likely on the right build (0.95 against 0.3), so six positions without
  disagreement decide (3.2^6 = 1,012);
- a REF that disagrees is 14 times as likely elsewhere (0.7 against 0.05): one takes back what two or three that agree
  gave, and three alone say that the file is not of the build;
- a REF that is an alternate of the definition says nothing: PLINK writes the common allele as REF;
- an rsID at its place is not there by chance: one decides, if nothing speaks against it;
- an rsID far from its places on both builds counts as a REF that disagrees on both.

Positions of the mitochondrion are the same on both builds and are left out. Positions are 1-based.
"""

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from permed.genome import BUILDS, canonical
from permed.variants import complement

DEFINITIONS = Path(__file__).resolve().parents[3] / "resources" / "pharmacogenes" / "positions.tsv"
RIGHT, CHANCE = 0.95, 0.3
CHANCE_OF_TWO = 0.55  # that one of two alleles in unknown order is any given base
DECISIVE = math.log(1000)
NEAR = 50  # bases within which an insertion or deletion may be written elsewhere than its rsID's place


def agreement(agree: int, disagree: int, chance: float) -> float:
    """The logarithm of how much likelier it is on the right build than elsewhere that so many REF agree, and not."""
    return agree * math.log(RIGHT / chance) + disagree * math.log((1 - RIGHT) / (1 - chance))


@dataclass(frozen=True)
class Definition:
    """What a position has on a build: REF, the alternates of the definitions, the rsID (or nothing)."""

    ref: str
    alts: frozenset[str]
    rsid: str | None


@dataclass
class Fit:
    """How the records of a file fit the definitions on one build.

    ``agree`` and ``disagree`` count REF, ``rsids`` those at their place, ``first`` tells the first REF to disagree.
    """

    agree: int = 0
    disagree: int = 0
    rsids: int = 0
    first: str | None = None

    @property
    def seen(self) -> int:
        """Positions that said something."""
        return self.agree + self.disagree + self.rsids

    def as_row(self) -> dict[str, int]:
        """The counts, for checks/inputs.json."""
        return {"agree": self.agree, "disagree": self.disagree, "rsids": self.rsids}


@dataclass
class Fits:
    """The fit of a file to each build.

    ``misplaced`` counts rsIDs far from their places on both, ``first_misplaced`` tells one; ``chance`` is the
    probability that a record at any place agrees with a given base.
    """

    by_build: dict[str, Fit] = field(default_factory=lambda: {build: Fit() for build in BUILDS})
    misplaced: int = 0
    first_misplaced: str | None = None
    chance: float = CHANCE
    _counted: set[tuple[str, int]] = field(default_factory=set)

    def weight(self, build: str) -> float:
        """The logarithm of how much likelier the records are if the file is of the build than if it is of another."""
        fit = self.by_build[build]
        return agreement(fit.agree, fit.disagree + self.misplaced, self.chance) + DECISIVE * fit.rsids

    def add(self, contig: str, pos: int, name: str, alleles: Iterable[str]) -> None:
        """Count a record: ``name`` is its ID, ``alleles`` REF alone, or all alleles where none is known to be REF.

        Only the first record of a position counts: the rows of a split site are one observation.
        """
        contig = canonical(contig)
        ids = frozenset(name.replace(",", ";").split(";")) if name.startswith("rs") else frozenset()
        placed = False
        for build in BUILDS:
            there = places(build).get(contig, {}).get(pos)
            if there is None or (contig, pos) in self._counted:
                continue
            self._counted.add((contig, pos))
            fit = self.by_build[build]
            if there.rsid in ids:
                fit.rsids += 1
                placed = True
            agrees = _agrees(there, [allele.upper() for allele in alleles])
            if agrees is False and len(alleles) > 1 and there.ref in {complement(allele) for allele in alleles}:
                agrees = None  # alleles without an order may be of the other strand too
            fit.agree += agrees is True
            fit.disagree += agrees is False
            if agrees is False and fit.first is None:
                fit.first = f"{contig}:{pos} has {'/'.join(alleles)}, {build} {there.ref}"
        for rsid in () if placed else ids & rsid_places().keys():
            own = rsid_places()[rsid]
            if contig == own[0] and all(abs(pos - at) > NEAR for at in own[1:]):
                self.misplaced += 1
                self.first_misplaced = self.first_misplaced or f"{rsid} at {contig}:{pos}"

    def verdict(self) -> str | None:
        """The build that the positions tell, None where they do not."""
        weights = {build: self.weight(build) for build in BUILDS}
        best, other = sorted(BUILDS, key=lambda build: -weights[build])
        if weights[best] >= DECISIVE and weights[best] - weights[other] >= DECISIVE:
            return best
        return None

    def speaks_against(self, build: str) -> bool:
        """Whether the file is not of the build, whatever else it is of."""
        return self.weight(build) <= -DECISIVE


@cache
def places(build: str) -> dict[str, dict[int, Definition]]:
    """Definitions by canonical contig and position on a build."""
    end = "37" if build == "GRCh37" else ""
    found: dict[str, dict[int, Definition]] = {}
    for row in _rows():
        contig, pos, ref = row[f"contig{end}"], row[f"pos{end}"], row[f"ref{end}"]
        if pos and canonical(contig) != "chrM":
            definition = Definition(ref, frozenset(row[f"alts{end}"].split(",")), row["rsid"] or None)
            found.setdefault(canonical(contig), {})[int(pos)] = definition
    return found


@cache
def rsid_places() -> dict[str, tuple]:
    """For each rsID of the definitions its contig and its positions on the builds."""
    found: dict[str, tuple] = {}
    for row in _rows():
        if row["rsid"] and row["pos37"] and canonical(row["contig"]) != "chrM":
            found[row["rsid"]] = canonical(row["contig"]), int(row["pos"]), int(row["pos37"])
    return found


def _rows() -> list[dict[str, str]]:
    with open(DEFINITIONS, encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


def _agrees(there: Definition, alleles: list[str]) -> bool | None:
    """Whether an allele has the definition's reference bases as far as both go; None where nothing can be said.

    Of insertions and deletions the bases that both spell are compared.
    """
    known = [allele for allele in alleles if allele and set(allele) <= set("ACGT")]
    if not known:
        return None
    sizes = [(allele, min(len(allele), len(there.ref))) for allele in known]
    if any(allele[:size] == there.ref[:size] for allele, size in sizes):
        return True
    return None if there.alts & set(known) else False
