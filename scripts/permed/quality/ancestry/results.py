"""What is said of each person: the most similar population of the panel with its probability, or why none."""

import numpy as np
import polars as pl

from permed.quality.ancestry.panel import Panel
from permed.quality.ancestry.projection import Projected
from permed.quality.ancestry.similarity import OUTSIDE, chi_square_tail, probabilities

OUTSIDE_PANEL = "outside the panel"
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
    similar to none: ``population`` says so) or ``not_assessable``. ``probabilities`` compare the groups of the panel
    with one another; outside the panel they say nothing and are left out. Similar is all that is said: a panel holds a
    few groups of people, and who is similar to one need not be of it.
    """
    placed = np.array([not reason for reason in projected.reasons], bool)
    used = int(panel.used)
    squared, densities = panel.populations.distances(projected.coordinates[placed, :used], projected.noise[placed])
    chances = probabilities(panel.populations.log_densities(densities), float(panel.temperature))
    tails = [chi_square_tail(value, used) for value in squared.min(axis=1)]
    groups = panel.groups.tolist()
    found = iter(zip(chances, tails, strict=True))
    rows = []
    for n, (sample, reason) in enumerate(zip(samples, projected.reasons, strict=True)):
        row = dict.fromkeys(SCHEMA) | {"sample": sample, "n_sites": int(projected.n_sites[n])}
        if reason:
            rows.append(row | {"state": "not_assessable", "reason": reason})
            continue
        chance, tail = next(found)
        row["pcs"] = projected.coordinates[n].tolist()
        rows.append(row | (_outside() if tail < OUTSIDE else _similar(groups, chance)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _outside() -> dict:
    reason = (
        f"further from every population of the panel than {1 - OUTSIDE:.0%} of that population's people; mixed "
        "ancestry or a population that the panel does not hold can be the cause"
    )
    return {"population": OUTSIDE_PANEL, "state": "absent", "reason": reason}


def _similar(groups: list[str], chance: np.ndarray) -> dict:
    order = np.argsort(-chance, kind="stable")
    others = [f"{groups[n]} ({chance[n]:.2f})" for n in order[1:] if chance[n] >= ALSO]
    named = [{"population": groups[n], "probability": float(chance[n])} for n in order]
    reason = f"most similar to {groups[order[0]]}" + (f", also similar to {' and '.join(others)}" if others else "")
    best = named[0]
    return {**best, "probabilities": named, "state": "found", "reason": reason}
