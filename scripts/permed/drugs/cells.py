"""Conditions taken apart into single results of a gene, and put together again."""

from dataclasses import dataclass
from math import inf
from pathlib import Path

from permed.drugs.conditions import (
    ANY_RESULT,
    BETWEEN,
    INDETERMINATE,
    NO_RESULT,
    PHENOTYPING,
    SCORE,
    Possibility,
    read_score,
)
from permed.drugs.declared import SCORED
from permed.tables import read_table

STEPS = {"CYP2D6": 0.25}  # activity values of the other genes are multiples of a half
STEP, TOP = 0.5, 6.0  # the sources count up to six, and mean everything above with it
BEYOND = inf
# Where the classes of activity scores end, and whether the bound is of the class below it. CPIC, genotype to phenotype
# of CYP2D6 (doi:10.1111/cts.12692): poor 0, intermediate above 0 and under 1.25, normal to 2.25, ultrarapid above.
BOUNDS = {"CYP2D6": ((0.0, True), (1.25, False), (2.25, True))}
NUMERIC = ">0123456789"  # how a score begins; further scores of a condition leave out the word
UNSETTLED = ("indeterminate", "n/a", "no result")
# Of scores that the source gives twice, one of them to be measured first: DPWG knows no plain 0.5 in DPYD.
ALWAYS_MEASURED = {("DPYD", "0.5")}


@dataclass(frozen=True)
class Domain:
    """What genes can be, from the phenotype table.

    ``scores`` has the activity scores by gene and phenotype (lower case), ``phenotypes`` the phenotypes by gene, but
    for those that settle nothing.
    """

    scores: dict[tuple[str, str], tuple[str, ...]]
    phenotypes: dict[str, tuple[str, ...]]

    @classmethod
    def read(cls, phenotypes: Path) -> "Domain":
        """Read ``pharmacogenes/phenotypes.tsv``."""
        scores: dict[tuple[str, str], dict[str, None]] = {}
        named: dict[str, dict[str, None]] = {}
        for row in read_table(phenotypes).to_dicts():
            if row["phenotype"].lower() in UNSETTLED:
                continue
            named.setdefault(row["gene"], {})[row["phenotype"]] = None
            if row["activity_score"] is not None:
                scores.setdefault((row["gene"], row["phenotype"].lower()), {})[row["activity_score"]] = None
        return cls(
            {key: tuple(found) for key, found in scores.items()},
            {gene: tuple(found) for gene, found in named.items()},
        )

    def scores_of(self, gene: str, phenotype: str) -> tuple[str, ...]:
        """The scores of a gene that have a phenotype, as the table writes them; empty where there are none."""
        return self.scores.get((gene, phenotype.lower()), ())

    def everything(self, gene: str) -> list[Possibility]:
        """Every settled result that the phenotype table knows of a gene; its diplotype stays open."""
        named = self.phenotypes.get(gene, ())
        if gene not in SCORED:
            return [Possibility(phenotype) for phenotype in named]
        scores = [read_score(score) for name in named for score in self.scores_of(gene, name)]
        values = dict.fromkeys(value for between in scores for value in scores_within(gene, *between))
        return [Possibility(None, (value, value)) for value in values]


def cells_of(gene: str, condition: str, domain: Domain) -> list[str]:
    """The single results that a condition of the source is for; ``[""]`` for no condition."""
    cells, scored = [], False
    for term in condition.split(BETWEEN):
        scored |= term.startswith(SCORE)
        if gene in SCORED and scored and term.removeprefix(SCORE)[:1] in NUMERIC:
            cells += _scores(gene, term.removeprefix(SCORE))
        elif gene in SCORED and domain.scores_of(gene, term):
            cells += [_score(float(score)) for score in domain.scores_of(gene, term) if score[0].isdigit()]
        else:
            cells.append(term)
    return list(dict.fromkeys(cells))


def _scores(gene: str, term: str) -> list[str]:
    if term.endswith(PHENOTYPING):
        score = term.removesuffix(PHENOTYPING)
        return [_score(float(score)) + ("" if (gene, score) in ALWAYS_MEASURED else PHENOTYPING)]
    if term.startswith(">="):
        low = float(term.removeprefix(">="))
        return [_score(score) for score in _grid(gene) if score >= low]
    low, _, high = term.partition("-")
    last = BEYOND if float(high or low) == TOP else float(high or low)
    return [_score(score) for score in _grid(gene) if float(low) <= score <= last]


def scores_within(gene: str, low: float, high: float) -> list[float]:
    """The scores that guidance tells apart from ``low`` to ``high``: those of its tables.

    A score between two of them is of the class of one: the next of the same class by :data:`BOUNDS`.
    """
    if low == high:
        return [_in_class(gene, low)]
    return [score for score in _grid(gene) if low <= score <= high] or [_in_class(gene, low)]


def fill_classes(gene: str, cells: dict[str, object]) -> dict[str, object]:
    """Cells of a scored gene with those that a source leaves out between its own: as the next of the same class.

    Sources list the scores of the alleles that they know; a class has all scores between its bounds.
    """
    if gene not in BOUNDS:
        return cells
    known = {float(cell.removeprefix(SCORE)): cell for cell in cells if _is_score(cell)}
    filled = dict(cells)
    for score in _grid(gene):
        alike = [other for other in known if _class(gene, other) == _class(gene, score)]
        if score not in known and alike:
            nearest = max(alike) if score == BEYOND else min(alike, key=lambda other: abs(other - score))
            filled[_score(score)] = cells[known[nearest]]
    return filled


def _in_class(gene: str, score: float) -> float:
    grid = _grid(gene)
    if score in grid or score > TOP:
        return score if score in grid else BEYOND
    own = _class(gene, score)
    near = sorted(grid, key=lambda other: abs(other - score))
    return next(other for other in near if _class(gene, other) == own)


def _class(gene: str, score: float) -> int:
    return sum(score > bound if above else score >= bound for bound, above in BOUNDS.get(gene, ()))


def _grid(gene: str) -> list[float]:
    step = STEPS.get(gene, STEP)
    return [*(n * step for n in range(int(TOP / step) + 1)), BEYOND]


def _score(score: float) -> str:
    return f"{SCORE}{score}"


def condition_of(gene: str, cells: set[str]) -> str:
    """The condition that is met by exactly these results, its terms in a fixed order."""
    scores = sorted(float(cell.removeprefix(SCORE)) for cell in cells if _is_score(cell))
    runs: list[list[float]] = []
    step = STEPS.get(gene, STEP)
    for score in scores:
        if runs and (score - runs[-1][-1] <= step or (score == BEYOND and runs[-1][-1] == TOP)):
            runs[-1].append(score)
        else:
            runs.append([score])
    ranges = [_range(run) for run in runs]
    others = sorted((cell for cell in cells if not _is_score(cell)), key=lambda cell: (_unknown(cell), cell))
    return BETWEEN.join([*ranges, *others])


def _is_score(cell: str) -> bool:
    return cell.startswith(SCORE) and not cell.endswith(PHENOTYPING)


def _unknown(cell: str) -> int:
    return [ANY_RESULT, INDETERMINATE, NO_RESULT].index(cell) + 1 if cell in (INDETERMINATE, NO_RESULT) else 0


def _range(run: list[float]) -> str:
    low, high = run[0], run[-1]
    if high == BEYOND:
        return f"{SCORE}>={low}"
    return f"{SCORE}{low}" if low == high else f"{SCORE}{low}-{high}"
