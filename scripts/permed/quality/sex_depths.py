"""How many X and Y the depth of reads shows, relative to that of autosomes.

Depth on chrY is over the sites that were looked at, those without a genotype too: reads of other places that a caller
puts on chrY give a woman some calls of 4 to 12 reads, whose mean is no depth of chrY.
"""

from dataclasses import dataclass, field

import numpy as np

from permed.quality.sex_conventions import COMPARED
from permed.quality.sex_genotypes import Genotypes, lists_y

# Half of gnomAD v3.1's cut-offs, which count two for autosomes (gnomAD help, "How is sex determined for gnomAD
# samples?"); three X and two Y, which gnomAD does not give, lie as far around 1.5 and 1 of autosomes.
ONE_X, TWO_X, THREE_X = (0.25, 0.645), (0.725, 1.2), (1.3, 1.7)
NO_Y, ONE_Y, TWO_Y = 0.05, (0.25, 0.58), (0.7, 1.3)
BETWEEN = -1  # a depth that fits no number
OFF = 0.15  # of the middle of people with as many X: five times the error of a mean of 100 sites at 12 reads
FEWEST = 100  # genotypes on chrX from which a depth is compared with that of others


@dataclass
class Depths:
    """Copies by depth: a number, :data:`BETWEEN`, or None where nothing is known; ``texts`` say what was seen."""

    x: int | None = None
    y: int | None = None
    x_share: float = float("nan")
    x_text: str = ""
    y_text: str = ""
    texts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    at_calls: bool = False


def depths_of(row: dict | None, counts: dict) -> Depths:
    """Copies of X and Y of one person, from a row of depths and one of the counts of genotypes (metrics)."""
    found = Depths()
    if row is None or not row.get("autosome_depth"):
        return found
    if row.get("x_depth") is not None:
        share = found.x_share = row["x_depth"] / row["autosome_depth"]
        found.x = _copies(share, {1: ONE_X, 2: TWO_X, 3: THREE_X})
        found.x_text = f"x_depth {share:.2f} of that of autosomes"
        found.texts.append(f"{found.x_text}; up to {ONE_X[1]} is one X, from {TWO_X[0]} two, from {THREE_X[0]} three")
        if row.get("n_x_depth") is not None and row["n_x_depth"] < FEWEST:
            found.x_share = float("nan")
    if row.get("y_depth") is not None:
        found.at_calls = row.get("depth_source") == "genotypes" and not lists_y(counts)
        looked = _over_sites_looked_at(row, counts)
        share = looked / row["autosome_depth"]
        found.y = 0 if share < NO_Y else _copies(share, {1: ONE_Y, 2: TWO_Y})
        found.y_text = f"y_depth {share:.2f} of that of autosomes"
        if found.at_calls:  # the sites that the file does not list have less
            found.y = 0 if share < ONE_Y[0] else found.y
            found.y_text += f" at the {counts['y_sites']} genotypes that the file lists"
        found.texts.append(f"{found.y_text}; below {NO_Y} is no Y, from {ONE_Y[0]} one, from {TWO_Y[0]} two")
    return found


def _copies(share: float, ranges: dict[int, tuple[float, float]]) -> int:
    return next((number for number, (low, high) in ranges.items() if low <= share < high), BETWEEN)


def _over_sites_looked_at(row: dict, counts: dict) -> float:
    """Mean depth on chrY over called sites with a depth and those without a genotype, which had no or few reads."""
    number, empty = row.get("n_y_depth"), row.get("n_y_no_call")
    if row.get("depth_source") != "genotypes" or number is None or empty is None:
        return row["y_depth"]
    looked = number - empty + max(counts["y_total"] - counts["y_sites"], empty)
    return row["y_depth"] * number / looked


def settle_depths(rows: list[dict], seen: list[Genotypes], deep: list[Depths]) -> None:
    """Judge a depth of chrY that is of listed calls alone, and compare depths of chrX with those of the same batch."""
    two = [n for n, own in enumerate(seen) if own.x == 2 and deep[n].y is not None]
    usual = len(two) >= COMPARED and np.median([deep[n].y != 0 for n in two]) == 1
    for n, own in enumerate(deep):
        misplaced = seen[n].x == 2 and (seen[n].y is not True or usual)
        if own.at_calls and own.y not in (0, None) and misplaced:
            own.y = None
            seen[n].no_y = f"{own.y_text}, as misplaced reads have it too"
    for copies in (1, 2):
        alike = [n for n, own in enumerate(deep) if own.x == copies and not np.isnan(own.x_share)]
        for n in alike if len(alike) > COMPARED else []:
            others = float(np.median([deep[m].x_share for m in alike if m != n]))
            if abs(deep[n].x_share / others - 1) > OFF:
                few = (
                    f"{'less' if deep[n].x_share < others else 'more'} than the {others:.2f} of others with {copies} X"
                )
                deep[n].notes.append(f"{deep[n].x_text}, {few}: perhaps a mosaic, in which a part of the cells differs")
