"""What is said of each person: the most similar population of the panel with its probability, or why none."""

import numpy as np
import polars as pl

from permed.quality.ancestry.leaving_out import trusted
from permed.quality.ancestry.outsiders import Inside, look_inside
from permed.quality.ancestry.panel import Panel
from permed.quality.ancestry.projection import Projected
from permed.quality.ancestry.similarity import OUTSIDE, probabilities

OUTSIDE_PANEL = "outside the panel"
UNDONE = (0.0, 0.5, 1.0)  # parts of the correction for shrinkage: a member's child has half of it, a member none
UNSURE = (
    "between {} and {}: a child of people of both and somebody of a population that the panel does not hold look the "
    "same at {} sites. Give genotypes at more of the panel's sites, or a panel with more"
)
HARDLY_LOOKED_AT = (
    "far from every population of the panel, but sites that nobody looked at were taken for reference, which moves "
    "people away. Give gVCF files or the regions that were looked at"
)
ALSO = 0.1  # probability from which a further group is named
SCHEMA = {
    "sample": pl.String,
    "population": pl.String,
    "probability": pl.Float64,
    "probabilities": pl.List(pl.Struct({"population": pl.String, "probability": pl.Float64})),
    "pcs": pl.List(pl.Float64),
    "state": pl.String,
    "reason": pl.String,
    "n_sites": pl.Int64,
}


def ancestry_table(panel: Panel, samples: list[str], projected: Projected) -> pl.DataFrame:
    """A row a person, with the columns of :data:`SCHEMA`.

    ``state`` is ``found`` (the person is similar to ``population``, with ``probability``), ``absent`` (looked at, and
    similar to none: ``population`` says so) or ``not_assessable``. ``probabilities`` are those of the panel's groups;
    what they lack of 1 is that of a population that the panel does not hold. Outside the panel they say nothing and are
    left out, as they are of children of two groups, whose ``population`` names both. Similar is all that is said: a
    panel holds a few groups of people, and who is similar to one need not be of it.
    """
    placed = np.flatnonzero([not reason for reason in projected.reasons])
    place, noise = projected.coordinates[placed, : int(panel.used)], projected.noise[placed]
    densities = panel.populations.distances(place, noise)[1]
    chances = probabilities(panel.populations.log_densities(densities), float(panel.temperature))
    share = projected.n_sites[placed] / len(panel.pos)

    inside = _inside(panel, projected, placed, share)
    sure = trusted(panel.trust, inside.tail)
    rows = [_unplaced(name, projected, n) for n, name in enumerate(samples)]
    for row, n in enumerate(placed.tolist()):
        rows[n]["pcs"] = projected.coordinates[n].tolist()
        one, other = inside.pair[row]
        groups = sorted({panel.groups[panel.of_group[k]] for k in (one, other)}) if one >= 0 else []
        if len(groups) > 1 and inside.unsure[row]:
            rows[n] |= _unsure(panel.names[one], panel.names[other], int(projected.n_sites[n]))
        elif len(groups) > 1:
            rows[n] |= _mixed(panel, groups, panel.names[one], panel.names[other])
        elif inside.tail[row] < OUTSIDE and projected.looked_at[n] < 1:
            rows[n] |= {"pcs": None, "reason": HARDLY_LOOKED_AT}
        elif inside.tail[row] < OUTSIDE:
            rows[n] |= _outside(panel)
        else:
            rows[n] |= _similar(panel, chances[row], float(sure[row]))
        rows[n]["reason"] += _how_much(panel, float(projected.looked_at[n]))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _inside(panel: Panel, projected: Projected, placed: np.ndarray, share: np.ndarray) -> Inside:
    """How far the people ``placed`` are inside the panel, newcomers, its own people's children and its own people."""
    place, noise = projected.coordinates[placed, : int(panel.used)], projected.noise[placed]
    inside = Inside(np.zeros(len(placed)), np.full((len(placed), 2), -1), np.zeros(len(placed), bool))
    for part in UNDONE:
        again = np.flatnonzero(inside.tail < OUTSIDE)
        people = placed[again]

        def hets(number: int, people: np.ndarray = people) -> np.ndarray:
            return projected.hets(int(people[number]))

        there = part * projected.plain[people] + (1 - part) * place[again]
        found = look_inside(panel.members, there, projected.variance[people], hets, share[again], noise[again])
        inside = inside.better(again, found)
    return inside


def _unplaced(sample: str, projected: Projected, n: int) -> dict:
    said = {"state": "not_assessable", "reason": projected.reasons[n]}
    return dict.fromkeys(SCHEMA) | {"sample": sample, "n_sites": int(projected.n_sites[n])} | said


def _outside(panel: Panel) -> dict:
    reason = (
        f"further from every population of the panel than {1 - OUTSIDE:.0%} of that population's people, or of more "
        "varied genotypes than they are; mixed ancestry or a population that the panel does not hold can be the cause. "
        f"{panel.told()}"
    )
    return {"population": OUTSIDE_PANEL, "state": "absent", "reason": reason}


def _mixed(panel: Panel, groups: list[str], one: str, other: str) -> dict:
    reason = (
        f"between {one} and {other} and heterozygous as often as a child of people of both would be: "
        f"no single group of the panel is similar. {panel.told()}"
    )
    return {"population": " and ".join(groups), "state": "found", "reason": reason}


def _unsure(one: str, other: str, sites: int) -> dict:
    return {"pcs": None, "reason": UNSURE.format(one, other, sites)}


def _how_much(panel: Panel, looked_at: float) -> str:
    if looked_at == 1:
        return ""
    return f". About {looked_at:.0%} of the panel's sites seem to have been looked at, which is allowed for"


def _similar(panel: Panel, chance: np.ndarray, sure: float) -> dict:
    groups, chance = panel.groups.tolist(), chance * sure
    order = np.argsort(-chance, kind="stable")
    others = [f"{groups[n]} ({chance[n]:.2f})" for n in order[1:] if chance[n] >= ALSO]
    named = [{"population": groups[n], "probability": float(chance[n])} for n in order]
    reason = f"most similar to {groups[order[0]]}" + (f", also similar to {' and '.join(others)}" if others else "")
    if 1 - sure >= ALSO:
        reason += f", or of a population that the panel does not hold ({1 - sure:.2f})"
    return {**named[0], "probabilities": named, "state": "found", "reason": f"{reason}. {panel.told()}"}
