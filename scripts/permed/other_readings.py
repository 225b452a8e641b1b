"""The readings of a genotype beside the one that is called, as one cell of ``calls.parquet`` (``other_readings``).

A reading is a diplotype that the genotypes allow in another phase. The stage that calls writes the cell, the stage that
advises reads it.
"""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class OtherReading:
    """A diplotype that fits too, what it would mean, and how common it is among people with these genotypes.

    ``least`` and ``most`` bound that share, from 0 to 1, in ``population`` by ``source``; None where it is not known.
    """

    diplotype: str
    activity_score: str | None
    phenotype: str | None
    least: float | None = None
    most: float | None = None
    population: str | None = None
    source: str | None = None


def written(readings: list[OtherReading]) -> str | None:
    """The readings as JSON, what is not known left out; None for none."""
    rows = [{name: value for name, value in asdict(one).items() if value is not None} for one in readings]
    return json.dumps(rows, ensure_ascii=False) if rows else None


def read(cell: str | None) -> tuple[OtherReading, ...]:
    """The readings of a cell as :func:`written`; empty for an empty cell."""
    return tuple(OtherReading(**{"activity_score": None, "phenotype": None, **row}) for row in json.loads(cell or "[]"))
