"""What the weights of a scoring file are: effects to sum, or ratios whose logarithms are summed.

The catalogue's files say it in ``#weight_type`` (beta, log(OR), OR, HR, NR …), and may give ratios in columns of their
own: "If no other effect_weight is given the weight is calculated using the log(OR) or log(HR)"
(pgscatalog.org/downloads, "Other information").
"""

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.errors import Fault

_RATIO = re.compile(r"(odds|hazards?|risk|rate)[ _-]*ratios?|relative[ _-]*risks?|(or|hr|rr)s?(/(or|hr|rr)s?)?")
_OF_RATIOS = re.compile(r"\b(or|hr|rr)s?\b|odds|hazard|ratio|relative[ _-]*risk|exp")
_LOGARITHM = re.compile(r"log|\bln|beta|coef")
_NAMES = {"OR": "odds ratios", "HR": "hazard ratios"}
_FEW = 3  # weights from which their middle tells something
_LEAST_MIDDLE = 0.5  # of ratios: no published score lies as a whole below
_NEAR = 0.005  # of a ratio or its logarithm, as rounded in a table


@dataclass(frozen=True)
class Weights:
    """The ``column`` with the weights, and whether they are ratios; ``told`` says in words what is summed of these."""

    column: str
    ratios: bool = False
    told: str = ""

    def of(self, number: pl.Expr) -> pl.Expr:
        """The effect that a number stands for; null for a ratio of 0 or less."""
        return pl.when(number > 0).then(number.log()) if self.ratios else number


def find_weights(path: Path, header: dict, table: pl.DataFrame) -> Weights:
    """What the weights of a table are, whose columns have our names.

    Raises a Fault where ratios are declared and the numbers are none, or in words that do not tell what to sum.
    """
    said = header.get("weight_type", "").strip()
    ratios = _RATIO.fullmatch(said.lower()) is not None
    own = next((name for name in _NAMES if name in table.columns), None)
    if "effect_weight" not in table.columns and own:
        weights = Weights(own, True, f"the logarithms of {_NAMES[own]} (column {own})")
    elif _are_logarithms(table, own):
        return Weights("effect_weight")
    elif not ratios:
        if _OF_RATIOS.search(said.lower()) and not _LOGARITHM.search(said.lower()):
            remedy = "Write #weight_type=OR above the table if its weights are ratios, else beta or log(OR)"
            raise Fault(f'weight_type "{said}" does not tell whether the weights are ratios', path, remedy=remedy)
        return Weights("effect_weight")
    else:
        weights = Weights("effect_weight", True, f"the logarithms of ratios (weight_type {said})")
    _refuse_logarithms(path, table, weights, said)
    return weights


def _are_logarithms(table: pl.DataFrame, ratio: str | None) -> bool:
    """Whether a column of ratios beside the weights tells that these are its logarithms already."""
    if ratio is None or "effect_weight" not in table.columns:
        return False
    pair = table.select(
        weight=pl.col("effect_weight").cast(pl.Float64, strict=False),
        ratio=pl.col(ratio).cast(pl.Float64, strict=False),
    ).drop_nulls()
    pair = pair.filter(pl.col("ratio") > 0)
    near = (pair["weight"] - pair["ratio"].log()).abs() <= _NEAR * pair["ratio"].clip(1)
    return len(pair) > 0 and bool(near.all())


def _refuse_logarithms(path: Path, table: pl.DataFrame, weights: Weights, said: str) -> None:
    if weights.column not in table.columns:
        return
    numbers = table[weights.column].cast(pl.Float64, strict=False).drop_nulls()
    middle = numbers.median()
    if len(numbers) >= _FEW and 0 <= middle < _LEAST_MIDDLE:
        where = f"weight_type is {said}" if said else f"the column is named {weights.column}"
        fault = f"{where}, but half of its weights are below {middle:.3g}, as logarithms and no ratios are"
        raise Fault(fault, path, remedy="Write #weight_type=log(OR) above the table if they are logarithms")
