"""Advice that goes by age or breast feeding, whatever the genotype: it leads before what the genes say."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.drugs.guidance import Guidance
from permed.drugs.taking import TAKING
from permed.tables import read_table

ANY_GENOTYPE = "whatever the genotype"
WHO = {
    (False, False): "anybody",
    (True, False): "from {0} years",
    (False, True): "under {1} years",
    (True, True): "from {0} to {1} years",
}


@dataclass(frozen=True)
class AgeRule:
    """What a body advises of a drug by age in years, ``low`` included and ``high`` not; ``only_if`` beside it."""

    drug: str
    body: str
    low: int | None
    high: int | None
    only_if: str | None
    action: str
    source: str
    version: str
    licence: str

    def concerns(self, youngest: int | None, oldest: int | None) -> bool | None:
        """Whether a person of these ages is meant: surely, surely not, or None for it may be."""
        if self.low is None and self.high is None:
            return True
        if youngest is None or oldest is None:
            return None
        inside = [(self.low or 0) <= age and (self.high is None or age < self.high) for age in (youngest, oldest)]
        return inside[0] if inside[0] == inside[1] else None

    @property
    def whom(self) -> str:
        """The rule's people in words."""
        text = WHO[self.low is not None, self.high is not None].format(self.low, self.high)
        return ", ".join(filter(None, [text if text != "anybody" else "", self.only_if]))


def load_ages(path: Path) -> list[AgeRule]:
    """The rules of ``ages.tsv``."""
    kept = "drug body only_if action source version licence".split()
    return [
        AgeRule(
            low=int(row["from_age"]) if row["from_age"] else None,
            high=int(row["under_age"]) if row["under_age"] else None,
            **{name: row[name] for name in kept},
        )
        for row in read_table(path).to_dicts()
    ]


def with_ages(
    advice: pl.DataFrame, people: pl.DataFrame, rules: list[AgeRule], guidance: Guidance, year: int | None
) -> pl.DataFrame:
    """Advice with a leading row where age alone decides, and the other rules beside every row of the drug.

    A rule that surely concerns a person and has no further condition leads, under its own body's name; what else of the
    rules may concern them stands in ``branches``. ``year`` is the one for which ages are counted.
    """
    born = dict(people.select("sample", pl.col("birth_year").cast(pl.Int64, strict=False)).iter_rows())
    drugs = {rule.drug for rule in rules}
    concerned = advice.filter(pl.col("drug").is_in(sorted(drugs)))
    if concerned.is_empty():
        return advice
    rows, led = [], set()
    for row in concerned.iter_rows(named=True):
        own = [rule for rule in rules if rule.drug == row["drug"]]
        ages = _ages(born.get(row["sample"]), year)
        leads = next((rule for rule in own if not rule.only_if and rule.concerns(*ages)), None)
        told = [rule for rule in own if rule is not leads and rule.concerns(*ages) is not False]
        if leads is not None and row["leading"] and (row["sample"], row["drug"]) not in led:
            led.add((row["sample"], row["drug"]))
            rows.append(_leading(row, leads, guidance))
        lines = [_line(rule, guidance) for rule in told] if row["leading"] else []
        beside = "\n".join(filter(None, [row["branches"], *lines])) or None
        rows.append(row | {"branches": beside, "leading": row["leading"] and leads is None})
    made = pl.DataFrame(rows, schema=advice.schema)
    place = {sample: n for n, sample in enumerate(people["sample"])}
    others = advice.filter(~pl.col("drug").is_in(sorted(drugs)))
    order = pl.col("sample").replace_strict(place, return_dtype=pl.Int64)
    return pl.concat([others, made]).sort(order, "drug", maintain_order=True)


def _ages(birth_year: int | None, year: int | None) -> tuple[int | None, int | None]:
    """The least and the greatest age that somebody born in a year can have in the other."""
    if birth_year is None or year is None:
        return None, None
    return max(year - birth_year - 1, 0), year - birth_year


def _line(rule: AgeRule, guidance: Guidance) -> str:
    return f"{rule.body}, {ANY_GENOTYPE}, {rule.whom}: {guidance.actions[rule.action]['advice']}"


def _leading(row: dict, rule: AgeRule, guidance: Guidance) -> dict:
    """The row of a rule, with what of a row of the drug is of the person and the drug."""
    kept = ("sample", "drug", "genes", "phenotypes", "taken", "groups", *TAKING)
    action = guidance.actions[rule.action]
    return (
        dict.fromkeys(row)
        | {name: row[name] for name in kept}
        | {
            "action": rule.action,
            "source": f"{rule.source}, {rule.version}",
            "body": rule.body,
            "population": "general",
            "leading": True,
            "status": "found",
            "reason": ANY_GENOTYPE,
            "advice": f"{action['advice']} Holds {ANY_GENOTYPE}: {rule.whom}.",
            "priority": int(action["rank"]),
            "label": action["label"],
            "audience": rule.whom,
            "licence": rule.licence,
            "medicines_open": False if "medicines_open" in row else None,
        }
    )
