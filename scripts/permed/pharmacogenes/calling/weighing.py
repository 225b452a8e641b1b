"""The diplotypes that were weighed against each other for one pattern of genotypes."""

from collections.abc import Iterable
from dataclasses import dataclass

from permed.pharmacogenes import names
from permed.pharmacogenes.calling.assessment import MOST_LISTED, Doubt
from permed.pharmacogenes.calling.lowest import Lowest
from permed.pharmacogenes.calling.matching import Match
from permed.pharmacogenes.calling.near import nearly
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.phenotypes import phenotype_of
from permed.pharmacogenes.reading.patterns import Pattern

BEST, FITS, POSSIBLE, NEARLY = "diplotype", "alternative", "possible", "nearly"


@dataclass(frozen=True)
class Weighed:
    """A diplotype, what it would mean, and how it fared.

    ``kind``: :data:`BEST` explains the genotypes best, :data:`FITS` explains them with a lower score or against the
    published order, :data:`POSSIBLE` needs bases that were not read, :data:`NEARLY` explains every position but the
    one of index ``at``. ``score`` counts the cells of the definition that
    its alleles explain, and it lost by ``behind`` points; both None where points do not decide.
    """

    kind: str
    diplotype: str
    activity_score: str | None
    phenotype: str | None
    score: int | None = None
    behind: int | None = None
    at: int | None = None


def weigh_pairs(gene: Gene, best: list[Match], matches: list[Match], doubt: Doubt) -> list[Weighed]:
    """Every best pair, then those that fit too, then what the missing positions could give; the last two are cut.

    ``behind`` is 0 or less where a published order, not the points, decided. A pair that the missing positions could
    settle on has not lost; where these are too many to be told from the rest, no pair is listed as having lost.
    """
    found: dict[str, Weighed] = {}
    for match in best:
        _add(found, gene, BEST, match.alleles, match.score, 0)
    possible = [one for one in weigh_possible(gene, doubt) if one.diplotype not in found]
    few, open_ = len(found) + MOST_LISTED, {one.diplotype for one in possible}
    for match in matches if not doubt.more else ():
        if len(found) < few and names.diplotype(gene, match.alleles) not in open_:
            _add(found, gene, FITS, match.alleles, match.score, best[0].score - match.score)
    return [*found.values(), *possible]


def weigh_lowest(gene: Gene, found: Lowest, doubt: Doubt) -> list[Weighed]:
    """The same for genes called from single variants, where no points are given."""
    weighed = [_weighed(gene, BEST, *both) for both in zip(found.labels, found.lookups, strict=True)]
    weighed += [_weighed(gene, FITS, *found.together)] if found.together else []
    return [*weighed, *weigh_possible(gene, doubt)]


def weigh_near(gene: Gene, pattern: Pattern, doubt: Doubt) -> list[Weighed]:
    """What fits all but one position where no pair fits, or what half a genotype leaves possible."""
    if gene.method != "diplotype":
        return []
    found: dict[str, Weighed] = {}
    for alleles, at, score in nearly(gene, pattern):
        label = names.diplotype(gene, alleles)
        found.setdefault(label, Weighed(NEARLY, label, *phenotype_of(gene, alleles), score, None, at))
    return [*found.values(), *weigh_possible(gene, doubt)]


def by_phenotype(weighed: Iterable[Weighed]) -> dict[str | None, list[str]]:
    """The best diplotypes by the phenotype that they would give."""
    found: dict[str | None, list[str]] = {}
    for one in weighed:
        if one.kind == BEST:
            found.setdefault(one.phenotype, []).append(one.diplotype)
    return found


def weigh_possible(gene: Gene, doubt: Doubt) -> list[Weighed]:
    """What the missing positions could give."""
    return [_weighed(gene, POSSIBLE, *both) for both in doubt.others.items()]


def _add(found: dict, gene: Gene, kind: str, alleles: tuple[int, ...], score: int, behind: int) -> None:
    label = names.diplotype(gene, alleles)
    found.setdefault(label, _weighed(gene, kind, label, alleles, score, behind))


def _weighed(gene: Gene, kind: str, label: str, alleles: tuple[int, ...], *points: int) -> Weighed:
    return Weighed(kind, label, *phenotype_of(gene, alleles), *points)
