"""Rates of diseases by age, and effects of scores on them, from tables and from the headers of scoring files."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.scores.risk.hazards import Rates
from permed.scoring_files import read_header
from permed.tables import lines_of, read_table

RATES = "disease country group sex age_from age_to incidence_per_100k competing_per_100k year default source".split()
PER = 100_000
OLDEST = 130
NOT_TOLD = "not told by the source"
HEADER = "effect_disease effect_hazard_ratio effect_lower effect_upper effect_population effect_ancestry effect_source"


@dataclass(frozen=True)
class RateTable:
    """Rates of one disease in people of one sex (``XX``, ``XY``), with what they are of."""

    disease: str
    sex: str
    country: str
    group: str
    year: str
    source: str
    default: bool
    rates: Rates

    @property
    def label(self) -> str:
        """``United States, White, average, 1992-1996``."""
        return ", ".join(part for part in (self.country, self.group, self.year) if part)


@dataclass(frozen=True)
class Effect:
    """A hazard ratio for each standard deviation of a score, with its 95 % interval and the people it was seen in.

    ``populations`` are the labels of reference populations that it holds for. ``hazard_ratio`` is None where only an
    odds ratio, or no interval, was published.
    """

    score: str
    disease: str
    hazard_ratio: float | None
    lower: float | None
    upper: float | None
    ancestry: str
    populations: frozenset[str]
    source: str

    @property
    def log_deviation(self) -> float:
        """Standard error of the log hazard ratio."""
        return (math.log(self.upper) - math.log(self.lower)) / (2 * 1.959964)


def word(text: str | None) -> str:
    """A disease's name as the tables write it: ``Breast cancer`` is ``breast_cancer``."""
    return "_".join((text or "").strip().lower().replace("-", " ").replace("_", " ").split())


def read_diagnoses(path: Path) -> dict[str, list[str]]:
    """The terms and names that stand for a disease, or may mean it, beside its own, each as :func:`word` has it."""
    found: dict[str, list[str]] = {}
    for disease, term, name in read_table(path).select("disease", "term", "name").iter_rows():
        found.setdefault(disease, []).extend((word(term), word(name)))
    return found


def read_rates(path: Path) -> list[RateTable]:
    """Tables of rates (TSV, columns :data:`RATES`), in the file's order.

    ``rate`` columns are by 100,000 person-years of those alive and free of the disease; ages are half-open. Ages of a
    table have to follow one another without gap.
    """
    table = read_table(path)
    table = table.with_columns(_line=pl.Series(lines_of(path)[: len(table)], dtype=pl.Int64))
    missing = [name for name in RATES if name not in table.columns]
    if missing:
        raise Fault(f"it has no column {missing[0]}", path, remedy=f"Give {', '.join(RATES)}, separated by tabs")
    key = ["disease", "sex", "country", "group", "year"]
    table = table.with_columns(pl.col(*key, "default", "source").fill_null(""))
    tables = []
    for (disease, sex, country, group, year), rows in table.group_by(key, maintain_order=True):
        if sex not in ("XX", "XY"):
            raise Fault(f'sex "{sex}" is not XX or XY', path, None, rows["_line"][0], "Write XX or XY")
        default = rows["default"][0] == "yes"
        of = (word(disease), sex, country, group, year, rows["source"][0], default)
        tables.append(RateTable(*of, _by_year(rows.to_dicts(), path)))
    return tables


def gather_rates(paths: list[Path]) -> list[RateTable]:
    """The tables of several files; of a disease those of the first file that has it, whatever their sex."""
    found: dict[str, list[RateTable]] = {}
    for path in paths:
        of_file = read_rates(path)
        for disease in {table.disease for table in of_file} - set(found):
            found[disease] = [table for table in of_file if table.disease == disease]
    return [table for disease in sorted(found) for table in found[disease]]


def choose_rates(tables: list[RateTable], disease: str, sex: str, group: str | None) -> tuple[RateTable | None, str]:
    """The table for a disease and sex, or why there is none.

    ``group`` names a group or a country. Of several that fit the one marked as default is taken; where no table is of
    that group, it is as if none was named.
    """
    of_disease = [table for table in tables if table.disease == disease]
    here = [table for table in of_disease if table.sex == sex]
    if not of_disease:
        return None, f"no rates by age are there for {shown(disease)}"
    if not here:
        return None, f"no rates of {shown(disease)} are there for people with {sex}"
    fitting = [table for table in here if group is not None and group in (table.group, table.country)] or here
    chosen = [table for table in fitting if table.default] if len(fitting) > 1 else fitting
    if len(chosen) != 1:
        return None, f"there are several tables of rates of {shown(disease)}: choose one by scores.incidence_group"
    return chosen[0], ""


def read_effects(table: Path, files: list[Path]) -> dict[str, list[Effect]]:
    """Effects by score: those that a scoring file's own header gives, else those of the table (by accession)."""
    found: dict[str, list[Effect]] = {}
    for row in read_table(table).iter_rows(named=True):
        hazard = row["measure"] == "HR_per_SD" and row["lower"] and row["upper"]
        numbers = [float(row[name]) if hazard else None for name in ("value", "lower", "upper")]
        populations = frozenset(filter(None, (row["population"] or "").split(",")))
        ancestry = row["ancestry"] if row["ancestry"] and row["ancestry"] != "not shown" else NOT_TOLD
        populations |= {ancestry} if populations else set()  # a panel may use the published words for its labels
        source = ", ".join(filter(None, (row["publication"], row["source"])))
        of = (row["pgs_id"], row["disease"], *numbers, ancestry, populations, source)
        found.setdefault(row["pgs_id"], []).append(Effect(*of))
    own = [effect for path in files if (effect := header_effect(path, read_header(path)))]
    return found | {effect.score: [effect] for effect in own}


def header_effect(path: Path, header: dict[str, str]) -> Effect | None:
    """The effect in a scoring file's header (keys :data:`HEADER`); None without one, a Fault for half of one."""
    given = {name: header.get(name, "").strip() for name in HEADER.split()}
    if not any(given.values()):
        return None
    needed = [name for name in HEADER.split()[:4] + ["effect_population", "effect_source"] if not given[name]]
    if needed:
        raise Fault(f"its header gives an effect, but no {needed[0]}", path, remedy=f"Give {HEADER.replace(' ', ', ')}")
    try:
        ratio, lower, upper = (float(given[name]) for name in HEADER.split()[1:4])
    except ValueError:
        ratio = lower = upper = math.nan
    if not 0 < lower <= ratio <= upper < math.inf:
        fault = "effect_lower, effect_hazard_ratio and effect_upper are no rising positive numbers"
        raise Fault(fault, path, remedy="Give the hazard ratio for each standard deviation and its 95 % interval")
    populations = frozenset(name.strip() for name in given["effect_population"].split(","))
    score = header.get("pgs_id") or _stem(path)
    of = (score, word(given["effect_disease"]), ratio, lower, upper)
    return Effect(*of, given["effect_ancestry"] or given["effect_population"], populations, given["effect_source"])


def choose_effect(effects: list[Effect], population: str, across: bool) -> tuple[Effect | None, str | None, bool]:
    """The effect for a person of ``population``, or None and why; and whether it is of other people than the person's.

    ``across`` allows an effect of other people; of several the weakest, since effects of scores are weaker the further
    people are from those in whom they were found.
    """
    ratios = [effect for effect in effects if effect.hazard_ratio is not None]
    if not effects:
        return None, "no published effect of this score on a disease is in the tables", False
    if not ratios:
        return None, "only odds ratios of this score are published, and these do not tell the risk by year", False
    fitting = [effect for effect in ratios if population in effect.populations]
    if fitting:
        return fitting[0], None, False
    if across:
        return min(ratios, key=lambda effect: abs(math.log(effect.hazard_ratio))), None, True
    told = [effect.ancestry for effect in ratios if effect.ancestry != NOT_TOLD]
    measured = f"people of this ancestry: {'; '.join(told)}" if told else "people whose ancestry is not told"
    return None, f"the score's effect was measured in {measured}; this person is most similar to {population}", False


def shown(disease: str) -> str:
    """A disease's name for readers."""
    return disease.replace("_", " ")


def _stem(path: Path) -> str:
    return Path(path).name.split(".")[0]


def _by_year(rows: list[dict], path: Path) -> Rates:
    """Rates by whole year of age from rows of age groups."""
    incidence, competing = [], []
    for row in rows:
        line = row["_line"]
        try:
            start, end = int(row["age_from"]), int(row["age_to"])
            new, other = float(row["incidence_per_100k"]), float(row["competing_per_100k"])
        except (TypeError, ValueError):
            raise Fault("ages are no whole numbers, or rates no numbers", path, None, line, "Correct the row") from None
        if not incidence:
            first = start
        if start != first + len(incidence) or not start < end <= OLDEST:
            raise Fault(
                f"ages {start} to {end} do not follow those before", path, None, line, "Order the ages, no gaps"
            )
        if not (0 <= new < PER and 0 <= other < 10 * PER):
            raise Fault("a rate is negative or too high", path, None, line, "Give rates by 100,000 person-years")
        incidence += [new / PER] * (end - start)
        competing += [other / PER] * (end - start)
    return Rates(first, np.array(incidence), np.array(competing))
