"""How many X and Y the depth of reads shows, relative to that of autosomes.

Depth on chrY is over the sites that were looked at, those without a genotype too: reads of other places that a caller
puts on chrY give a woman some calls of 4 to 12 reads, whose mean is no depth of chrY.
"""

from dataclasses import dataclass, field

import numpy as np

from permed.quality.sexes.conventions import COMPARED
from permed.quality.sexes.genotypes import Genotypes, lists_y

# Half of gnomAD v3.1's cut-offs, which count two for autosomes (gnomAD help, "How is sex determined for gnomAD
# samples?"); three X and two Y, which gnomAD does not give, lie as far around 1.5 and 1 of autosomes.
ONE_X, TWO_X, THREE_X = (0.25, 0.645), (0.725, 1.2), (1.3, 1.7)
NO_Y, ONE_Y, TWO_Y = 0.05, (0.25, 0.58), (0.7, 1.3)
AT_CALLS = 0.375  # three quarters of what one Y has; fewer reads at the calls that a file lists are of other places
BETWEEN = -1  # a depth that fits no number
OFF = 0.15  # of the middle of people with as many X: five times the error of a mean of 100 sites at 12 reads
UNEVEN = 0.05  # of a depth that is usual in a file, from which on it is taken for that of two X
FEWEST = 100  # genotypes on chrX from which a depth is compared with that of others


@dataclass
class Depths:
    """Copies by depth: a number, :data:`BETWEEN`, or None where nothing is known; ``texts`` say what was seen."""

    x: int | None = None
    y: int | None = None
    x_share: float = float("nan")
    y_share: float = float("nan")
    x_text: str = ""
    y_text: str = ""
    texts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    at_calls: bool = False
    few: bool = False

    def count_x(self, usual: float) -> None:
        """Tell the number of X, where two usually have a share of ``usual``; few sites tell none between numbers."""
        self.x = _copies(self.x_share / usual, {1: ONE_X, 2: TWO_X, 3: THREE_X})
        if self.few and self.x == BETWEEN:
            self.x = None


def depths_of(row: dict | None, counts: dict) -> Depths:
    """Copies of X and Y of one person, from a row of depths and one of the counts of genotypes (metrics)."""
    found = Depths()
    if row is None or not row.get("autosome_depth"):
        return found
    if row.get("x_depth") is not None:
        share = found.x_share = row["x_depth"] / row["autosome_depth"]
        found.few = row.get("n_x_depth") is not None and row["n_x_depth"] < FEWEST
        found.count_x(1.0)
        found.x_text = f"x_depth {share:.2f} of that of autosomes"
        found.texts.append(f"{found.x_text}; up to {ONE_X[1]} is one X, from {TWO_X[0]} two, from {THREE_X[0]} three")
    if row.get("y_depth") is not None:
        listed = lists_y(counts) and not counts["lists_carried"]
        found.at_calls = row.get("depth_source") == "genotypes" and not listed
        looked = row["y_depth"] if found.at_calls else _over_sites_looked_at(row, counts)
        share = found.y_share = looked / row["autosome_depth"]
        found.y = 0 if share < NO_Y else _copies(share, {1: ONE_Y, 2: TWO_Y})
        found.y_text = f"y_depth {share:.2f} of that of autosomes"
        if found.at_calls:
            found.y_text += f" at the {counts['y_sites']} genotypes that the file lists"
        found.texts.append(f"{found.y_text}; below {NO_Y} is no Y, from {ONE_Y[0]} one, from {TWO_Y[0]} two")
    return found


def _copies(share: float, ranges: dict[int, tuple[float, float]]) -> int:
    return next((number for number, (low, high) in ranges.items() if low <= share < high), BETWEEN)


def _over_sites_looked_at(row: dict, counts: dict) -> float:
    """Mean depth on chrY over called sites with a depth and those without a genotype, which had no or few reads."""
    number, empty = row.get("n_y_depth"), row.get("n_y_no_call")
    if row.get("depth_source") != "genotypes":
        return row["y_depth"]
    if number is None or empty is None:
        number, empty = counts["y_sites"], 0
    looked = number - empty + max(counts["y_total"] - counts["y_sites"], empty)
    return row["y_depth"] * number / max(looked, 1)


def _at_calls(own: Depths, genotypes: Genotypes) -> None:
    """Of a depth at listed calls: sites that the file does not list have less, and misplaced reads are calls too."""
    two = genotypes.x == 2 or genotypes.in_part
    if own.y_share < AT_CALLS:
        own.y = 0 if two else None
        genotypes.no_y = f"{own.y_text}, less than one Y has and more than none"
    elif two and genotypes.y is False:
        own.y = None
    elif two and genotypes.y is None:
        own.y = None
        genotypes.doubt = f"XX or XXY: {own.y_text}, as a Y has it and misplaced reads may"


def settle_depths(rows: list[dict], seen: list[Genotypes], deep: list[Depths]) -> None:
    """Judge a depth of chrY that is of listed calls alone, and compare depths of chrX with those of the same batch."""
    for own, genotypes in zip(deep, seen, strict=True):
        if own.at_calls and own.y not in (0, None):
            _at_calls(own, genotypes)
    usual = _usual(seen, deep)
    for own in deep:
        if own.x is not None and abs(usual - 1) > UNEVEN:
            own.count_x(usual)
            own.texts.append(f"two X have {usual:.2f} in this file, by those whose genotypes tell")
    for copies in (1, 2):
        alike = [own for own in deep if own.x == copies and not own.few]
        for own in alike if len(alike) > COMPARED else []:
            others = float(np.median([other.x_share for other in alike if other is not own]))
            if abs(own.x_share / others - 1) > OFF:
                than = f"{'less' if own.x_share < others else 'more'} than the {others:.2f} of others with {copies} X"
                own.notes.append(f"{own.x_text}, {than}: perhaps a mosaic, in which a part of the cells differs")


def _usual(seen: list[Genotypes], deep: list[Depths]) -> float:
    """The depth of two X in a batch by people whose genotypes tell one or two: exome kits catch chrX unevenly."""
    for copies in (2, 1):
        known = zip(seen, deep, strict=True)
        shares = [own.x_share for one, own in known if one.x == copies and own.x is not None and not own.few]
        if len(shares) >= COMPARED:
            return float(np.median(shares)) * 2 / copies
    return 1.0
