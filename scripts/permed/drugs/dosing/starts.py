"""Starting doses that guidelines give by phenotype or activity score, as fractions of a start and in mg where known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import polars as pl

from permed.drugs.dosing.conditions import NONE, Result, genes_of, holds, results_of
from permed.drugs.dosing.models import body_surface
from permed.tables import read_table

STATED, SEVERAL, NOT_KNOWN, NO_ROW = "stated", "several", "not_known", "no_advice"
STANDARD = "standard"
OR = " OR "
STATEMENT = "Starting dose for confirmation by the treating physician; monitor the effect."
_ADVICE = "action also factor_low factor_high start_low start_unit most frequency other".split()


@dataclass(frozen=True)
class Start:
    """What one body says of the start of a drug, for one indication or population and one set of genes.

    ``status``: ``stated``; ``several`` where equally good results get different advice; ``not_known`` where a gene was
    not called and the body says nothing for that; ``no_advice`` where the body has none for the result. Factors are of
    the standard start (lowest and highest), doses in ``dose_unit``; None where the sources or the person give no
    figure. ``most`` is the highest start in mg a day.
    """

    drug: str
    body: str
    population: str | None
    results: Mapping[str, str]
    status: str
    actions: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    factor_low: float | None = None
    factor_high: float | None = None
    dose_low: float | None = None
    dose_high: float | None = None
    dose_unit: str | None = None
    most: float | None = None
    other: tuple[str, ...] = ()
    strength: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    literature: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def as_row(self, sample: str) -> dict:
        """The start as a row of :data:`COLUMNS`; doses rounded to 0.1."""
        row = {name: getattr(self, name) for name in COLUMNS if name not in ("sample", "results", "statement")}
        row = {name: list(value) if isinstance(value, tuple) else value for name, value in row.items()}
        row |= {name: _round(row[name]) for name in ("dose_low", "dose_high", "most")}
        row |= {"sample": sample, "statement": None if self.factor_low is None and self.dose_low is None else STATEMENT}
        row["results"] = [f"{gene}: {text}" for gene, text in self.results.items()]
        return {name: row[name] for name in COLUMNS}


_TEXT, _LIST = pl.String, pl.List(pl.String)
COLUMNS = (
    dict.fromkeys(["sample", "drug", "body", "population"], _TEXT)
    | {"results": _LIST, "status": _TEXT, "actions": _LIST, "also": _LIST}
    | dict.fromkeys(["factor_low", "factor_high", "dose_low", "dose_high"], pl.Float64)
    | {"dose_unit": _TEXT, "most": pl.Float64}
    | dict.fromkeys(["other", "strength", "reasons"], _LIST)
    | {"statement": _TEXT}
    | dict.fromkeys(["literature", "sources"], _LIST)
)


class Starts:
    """The table ``dosing_starts.tsv``, by drug, body, population and genes."""

    def __init__(self, rows: Iterable[dict]) -> None:
        self.groups: dict[str, dict[tuple, list[dict]]] = {}
        for row in rows:
            key = (row["body"], row["population"], genes_of([row]))
            self.groups.setdefault(row["drug"], {}).setdefault(key, []).append(row)

    @classmethod
    def load(cls, folder: Path) -> "Starts":
        """Read the table of ``resources/drugs``."""
        return cls(read_table(Path(folder) / "dosing_starts.tsv").iter_rows(named=True))

    @property
    def drugs(self) -> tuple[str, ...]:
        """Drugs of which the table knows a start."""
        return tuple(self.groups)

    def of(
        self,
        drug: str,
        calls: Mapping[str, dict],
        *,
        height_cm: float | None = None,
        weight_kg: float | None = None,
    ) -> list[Start]:
        """What each body says of the start of a drug for a person with these calls."""
        size = {"height_cm": height_cm, "weight_kg": weight_kg}
        return [self._start(drug, key, rows, calls, size) for key, rows in self.groups.get(drug, {}).items()]

    def _start(self, drug: str, key: tuple, rows: list[dict], calls: Mapping[str, dict], size: Mapping) -> Start:
        body, _, genes = key
        results = {gene: results_of(calls.get(gene)) for gene in genes}
        said = {gene: OR.join(result.text for result in found) for gene, found in results.items()}
        matched, unmatched = [], []
        for combination in product(*results.values()):
            pairs = dict(zip(genes, combination, strict=True))
            found = [row for row in rows if _matches(row, pairs)]
            matched += found
            unmatched += [] if found else [pairs]
        if unmatched:
            return self._without(drug, key, rows, said, unmatched)
        advice = list({tuple(row[name] for name in _ADVICE): row for row in matched}.values())
        bases = [row for key_, of in self.groups[drug].items() if key_[0] == body for row in of]
        base = next((row for row in bases if row["action"] == STANDARD and row["start_low"]), None)
        return _advised(drug, key, said, advice, base, size)

    def _without(self, drug: str, key: tuple, rows: list[dict], said: dict, unmatched: list[dict]) -> Start:
        """No advice for a result: none for this one, or the gene is not known and the range of what it may be."""
        body, population, _ = key
        if all(NONE not in pairs.values() for pairs in unmatched):
            reasons = (f"{body} has no row for this result in the table",)
            return Start(drug, body, population, said, NO_ROW, reasons=reasons)
        open_ = [gene for gene in key[2] if any(pairs[gene] == NONE for pairs in unmatched)]
        candidates = [row for row in rows if any(_matches(row, pairs, skip=open_) for pairs in unmatched)]
        low, high = _factors(candidates)
        actions = tuple(dict.fromkeys(row["action"] for row in candidates))
        reason = f"{' and '.join(open_)} not known: depending on it {' or '.join(actions)}"
        if low is not None:
            reason += f"; factors of the start from {low:g} to {high:g}"
        return Start(drug, body, population, said, NOT_KNOWN, reasons=(reason,))


def _matches(row: dict, pairs: Mapping[str, Result], skip: Iterable[str] = ()) -> bool:
    """Whether both conditions of a row hold; those of genes in ``skip`` are left out."""
    conditions = [(row["gene1"], row["condition1"]), (row["gene2"], row["condition2"])]
    return all(holds(condition, pairs[gene]) for gene, condition in conditions if gene and gene not in skip)


def _factor(row: dict) -> tuple[float, float] | None:
    if row["factor_low"]:
        return float(row["factor_low"]), float(row["factor_high"])
    return (1.0, 1.0) if row["action"] == STANDARD else None


def _factors(rows: list[dict]) -> tuple[float | None, float | None]:
    found = [factor for factor in map(_factor, rows) if factor]
    return (min(low for low, _ in found), max(high for _, high in found)) if found else (None, None)


def _advised(drug: str, key: tuple, said: dict, advice: list[dict], base: dict | None, size: Mapping) -> Start:
    body, population, genes = key
    reasons = [
        f"{gene} is not known: the advice is for that case and may change with it"
        for gene in genes
        if said[gene] == NONE.text
    ]
    low, high = _factors(advice)
    if any(_factor(row) is None for row in advice):
        low = high = None
        if len(advice) > 1:
            reasons.append("the advice depends on which of the equally good results holds")
    doses = [_dose(row, base, size) for row in advice]
    reasons += dict.fromkeys(reason for _, _, reason in doses if reason)
    units = {unit for _, unit, _ in doses}
    amounts = [amount for found, _, _ in doses if found for amount in found]
    complete = all(found for found, _, _ in doses) and len(units) == 1
    return Start(
        drug,
        body,
        population,
        said,
        STATED if len(advice) == 1 else SEVERAL,
        tuple(dict.fromkeys(row["action"] for row in advice)),
        tuple(dict.fromkeys(word for row in advice for word in (row["also"] or "").split("|") if word)),
        low,
        high,
        min(amounts) if complete else None,
        max(amounts) if complete else None,
        units.pop() if complete else None,
        _most(advice, size),
        tuple(dict.fromkeys(row["other"] for row in advice if row["other"])),
        tuple(dict.fromkeys(row["strength"] for row in advice if row["strength"])),
        tuple(reasons),
        tuple(dict.fromkeys(row["literature"] for row in advice)),
        tuple(dict.fromkeys(row["source"] for row in advice)),
    )


def _dose(row: dict, base: dict | None, size: Mapping) -> tuple[tuple[float, float] | None, str | None, str | None]:
    """Lowest and highest dose of a row in mg, its unit, and why there is none."""
    factor = (1.0, 1.0) if row["start_low"] else _factor(row)
    figures = row if row["start_low"] else base
    if factor is None:
        return None, None, None
    if figures is None:
        return None, None, f"the sources of {row['body']} do not state the standard start: a fraction of it is given"
    per, reason = _size(figures["start_unit"], size)
    unit = f"mg per dose, {row['frequency']}" if row["frequency"] else "mg/day"
    if per is None:
        return None, unit, reason
    low, high = float(figures["start_low"]) * factor[0] * per, float(figures["start_high"]) * factor[1] * per
    return (low, high), unit, None


def _size(unit: str, size: Mapping) -> tuple[float | None, str | None]:
    """By what a figure in ``unit`` is multiplied, and what is missing."""
    needed = {"mg/kg": ["weight_kg"], "mg/m2": ["height_cm", "weight_kg"]}.get(unit.rsplit("/", 1)[0], [])
    missing = [name for name in needed if size[name] is None]
    if missing:
        return None, f"{' and '.join(missing)} not given: no dose in mg for a start in {unit}"
    if len(needed) == 2:
        return body_surface(size["height_cm"], size["weight_kg"]), None
    return (size["weight_kg"] if needed else 1.0), None


def _most(advice: list[dict], size: Mapping) -> float | None:
    limits = [(row["most"], row["most_unit"]) for row in advice if row["most"]]
    scaled = [float(most) * per for most, unit in limits if (per := _size(unit, size)[0]) is not None]
    return min(scaled) if scaled else None


def _round(dose: float | None) -> float | None:
    return None if dose is None else round(dose, 1)
