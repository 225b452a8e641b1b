"""What a person's medicines do to the activity of enzymes, beside what the genotype says.

A phenotype with medicines is only computed where a source gives a factor of the activity score for a strength that a
source states; everywhere else the expected direction is said, or only that the medicine acts on the enzyme.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import polars as pl

from permed.drugs.medicines import Medicine, taken
from permed.drugs.usable import OR, phenotypes_of, scores_of, why_not
from permed.tables import read_table

ACTING = ("inhibitor", "inducer")
UNSPECIFIED = "unspecified"
REGIMEN, BETWEEN = "+", " with "  # between the medicines of a regimen in the table, and their entries in words
STRENGTHS = ("strong", "moderate", "weak")
EXPECTED = {"lower": "lower activity is expected", "higher": "higher activity is expected"}


@dataclass(frozen=True)
class Action:
    """What a taken medicine does to an enzyme: every strength that the sources state, or else infer.

    ``stated`` is false where no source states a strength and it was inferred from the order of a list; ``differs``
    where sources state different ones. ``strengths`` is ``("unspecified",)`` where no source gives any.
    """

    medicine: str
    entry: str
    enzyme: str
    role: str
    strengths: tuple[str, ...]
    stated: bool
    differs: bool
    sources: tuple[str, ...]

    @property
    def words(self) -> str:
        """Such as ``fluoxetine (strong inhibitor)``."""
        if self.strengths == (UNSPECIFIED,):
            kind = f"{self.role}, strength not stated by the sources"
        else:
            kind = f"{' or '.join(self.strengths)} {self.role}"
            kind += "" if self.stated else ", strength inferred from the order of a list"
            kind += "; sources differ" if self.differs else ""
        name = self.medicine if self.entry.casefold() == self.medicine else f"{self.medicine} in {self.entry}"
        return f"{name} ({kind})"


@dataclass(frozen=True)
class Conversion:
    """A gene's result by genotype and with the person's medicines.

    ``effect``: ``changed`` or ``unchanged`` (the phenotype was computed), ``lower_expected``, ``higher_expected``,
    ``opposing`` (both), ``none_expected`` (weak only), ``caution`` (no strength known) or ``not_known`` (the gene was
    not called). The phenotype and score with medicines are None unless they were computed or stay as they are.
    """

    gene: str
    phenotype: str | None
    activity_score: str | None
    phenotype_with_medicines: str | None
    activity_score_with_medicines: str | None
    effect: str
    actions: tuple[Action, ...]
    substrates: tuple[str, ...]
    explanation: str
    sources: tuple[str, ...]

    def as_row(self, sample: str) -> dict:
        """The conversion as a row of :data:`COLUMNS`."""
        return {
            "sample": sample,
            "gene": self.gene,
            "phenotype": self.phenotype,
            "activity_score": self.activity_score,
            "phenotype_with_medicines": self.phenotype_with_medicines,
            "activity_score_with_medicines": self.activity_score_with_medicines,
            "effect": self.effect,
            "medicines": [action.medicine for action in self.actions],
            "roles": [action.role for action in self.actions],
            "strengths": [" or ".join(action.strengths) for action in self.actions],
            "substrates": list(self.substrates),
            "explanation": self.explanation,
            "sources": list(self.sources),
        }


_LISTS = ("medicines", "roles", "strengths", "substrates", "sources")
COLUMNS = {
    name: pl.List(pl.String) if name in _LISTS else pl.String
    for name in (
        "sample gene phenotype activity_score phenotype_with_medicines activity_score_with_medicines effect medicines "
        "roles strengths substrates explanation sources"
    ).split()
}


class Phenoconversion:
    """The tables of interactions, of what each strength means, and of phenotypes by activity score."""

    def __init__(self, interactions: pl.DataFrame, rules: pl.DataFrame, phenotypes: pl.DataFrame) -> None:
        self._claims: dict[tuple[str, str], list[dict]] = {}
        for row in interactions.iter_rows(named=True):
            self._claims.setdefault((row["enzyme"], row["drug"]), []).append(row)
        self._listed = {part for _, drug in self._claims for part in drug.split(REGIMEN)}
        self._of_several = sorted({drug for _, drug in self._claims if REGIMEN in drug})
        self._rules: dict[str, dict[tuple[str, str], dict]] = {}
        for row in rules.iter_rows(named=True):
            self._rules.setdefault(row["gene"], {})[row["role"], row["strength"]] = row
        self._scores: dict[str, list[tuple[float, str]]] = {}
        for row in phenotypes.filter(pl.col("activity_score").is_not_null()).iter_rows(named=True):
            if row["activity_score"][0].isdigit():  # neither "n/a" nor open above, as "≥3.0"
                self._scores.setdefault(row["gene"], []).append((float(row["activity_score"]), row["phenotype"]))

    @classmethod
    def load(cls, drugs: Path, pharmacogenes: Path) -> "Phenoconversion":
        """Read the tables of ``resources/drugs`` and ``resources/pharmacogenes``."""
        drugs = Path(drugs)
        return cls(
            read_table(drugs / "interactions.tsv"),
            read_table(drugs / "phenoconversion.tsv"),
            read_table(Path(pharmacogenes) / "phenotypes.tsv"),
        )

    @property
    def genes(self) -> tuple[str, ...]:
        """Genes of which medicines change the activity."""
        return tuple(self._rules)

    def convert(
        self, calls: Iterable[dict], medicines: Iterable[Medicine], without: str | None = None
    ) -> list[Conversion]:
        """One conversion for each gene on which a taken medicine acts, in the order of the rules.

        ``calls`` are the person's rows of ``calls.parquet``; a gene without one is not known. ``without`` is a medicine
        that is left out: the one that the advice is about.
        """
        called = {call["gene"]: call for call in calls}
        drugs = {name: entry for name, entry in taken(medicines).items() if name != without}
        drugs |= self._regimens(drugs)
        found = (self._convert(gene, called.get(gene), drugs) for gene in self._rules)
        return [conversion for conversion in found if conversion]

    def _convert(self, gene: str, call: dict | None, drugs: dict[str, str]) -> Conversion | None:
        enzyme = next(iter(self._rules[gene].values()))["enzyme"]
        actions = [a for name, entry in drugs.items() for a in self._actions(enzyme, name, entry)]
        if not actions:
            return None
        substrates = tuple(
            name for name in drugs if any(r["role"] == "substrate" for r in self._claims_on(enzyme, name))
        )
        phenotype, score = OR.join(phenotypes_of(call)) or None, OR.join(scores_of(call)) or None
        known = phenotype is not None
        rules = [self._rules[gene][a.role, s] for a in actions for s in a.strengths]
        has_score = {name for _, name in self._scores.get(gene, [])}.issuperset(phenotypes_of(call))
        scored = self._score(gene, score, actions) if known and has_score else None
        directions = {rule["direction"] for rule in rules if rule["effect"] in ("score", "direction")}
        if not known:
            effect, after, score_after = "not_known", None, None
        elif scored and len(directions) < 2:
            score_after, after = scored
            effect = "unchanged" if (after, score_after) == (phenotype, score) else "changed"
        elif len(directions) == 2:
            effect, after, score_after = "opposing", None, None
        elif directions:
            effect, after, score_after = f"{directions.pop()}_expected", None, None
        elif any(rule["effect"] == "caution" for rule in rules):
            effect, after, score_after = "caution", None, None
        else:
            effect, after, score_after = "none_expected", phenotype, score
        explanation = _explain(gene, call, effect, after, score_after, actions, rules)
        sources = tuple(dict.fromkeys([s for a in actions for s in a.sources] + [rule["source"] for rule in rules]))
        return Conversion(
            gene, phenotype, score, after, score_after, effect, tuple(actions), substrates, explanation, sources
        )

    def actions(self, gene: str, name: str, entry: str) -> list[Action]:
        """What a medicine does to the enzyme of a gene."""
        enzyme = next(iter(self._rules[gene].values()))["enzyme"]
        return list(self._actions(enzyme, name, entry))

    def is_weak(self, gene: str, action: Action) -> bool:
        """Whether an action is too weak to change the gene's phenotype."""
        return all(self._rules[gene][action.role, strength]["effect"] == "none" for strength in action.strengths)

    def beside_genes(self, drug: str, medicines: Iterable[Medicine]) -> list[Action]:
        """Strong or moderate actions of other medicines on enzymes without a gene here that break down a drug."""
        covered = {rule["enzyme"] for rules in self._rules.values() for rule in rules.values()}
        enzymes = {enzyme for enzyme, name in self._claims if name == drug and enzyme not in covered}
        of_drug = [e for e in sorted(enzymes) if any(r["role"] == "substrate" for r in self._claims_on(e, drug))]
        others = {name: entry for name, entry in taken(medicines).items() if name != drug}
        actions = [a for e in of_drug for name, entry in others.items() for a in self._actions(e, name, entry)]
        return [action for action in actions if {"strong", "moderate"} & set(action.strengths)]

    def is_listed(self, name: str) -> bool:
        """Whether any list has a medicine, in whatever role and on whatever enzyme."""
        return name in self._listed

    def is_part_of(self, gene: str) -> str:
        """The enzyme that a gene is part of."""
        return next(iter(self._rules[gene].values()))["enzyme"]

    def _regimens(self, drugs: dict[str, str]) -> dict[str, str]:
        """Regimens of which all medicines are taken, each with the entries that say so."""
        return {
            name: BETWEEN.join(dict.fromkeys(drugs[part] for part in name.split(REGIMEN)))
            for name in self._of_several
            if all(part in drugs for part in name.split(REGIMEN))
        }

    def _claims_on(self, enzyme: str, name: str) -> list[dict]:
        return self._claims.get((enzyme, name), [])

    def _actions(self, enzyme: str, name: str, entry: str) -> Iterable[Action]:
        for role in ACTING:
            claims = [row for row in self._claims_on(enzyme, name) if row["role"] == role]
            if claims:
                yield _action(name, entry, enzyme, role, claims)

    def _score(self, gene: str, score: str | None, actions: list[Action]) -> tuple[str, str] | None:
        """Score and phenotype with medicines; None unless every action has a sourced factor or is weak.

        The strongest of several inhibitors counts, as no source gives a factor for two; where sources state different
        strengths each gives a result.
        """
        options = []
        for action in actions:
            rules = [self._rules[gene][action.role, strength] for strength in action.strengths]
            if any(rule["effect"] not in ("score", "none") for rule in rules) or not action.stated:
                if all(rule["effect"] == "none" for rule in rules):
                    continue
                return None
            options.append([float(rule["factor"]) if rule["effect"] == "score" else 1.0 for rule in rules])
        if not any(factor < 1 for factors in options for factor in factors):
            return None
        factors = sorted({min(combination) for combination in product(*options)}, reverse=True)
        results = [_scaled(text, factor) for text in (score or "").split(OR) for factor in factors]
        if None in results:
            return None
        phenotypes = [name for value in results for name in self._phenotypes_at(gene, value)]
        if None in phenotypes:
            return None
        return OR.join(_distinct(str(value) for value in results)), OR.join(_distinct(phenotypes))

    def _phenotypes_at(self, gene: str, value: float) -> list[str | None]:
        """The table's phenotype at a score; between two scores of the table those of both, if they differ."""
        table = sorted(self._scores.get(gene, []))
        exact = [name for score, name in table if score == value]
        below = [name for score, name in table if score < value]
        above = [name for score, name in table if score > value]
        return exact or ([below[-1], above[0]] if below and above else [None])


def _scaled(score: str, factor: float) -> float | None:
    """A score times a factor; None for one that is no number or open (``≥3.0``), but nothing is left of any by 0."""
    if factor == 0:
        return 0.0
    try:
        return float(score) * factor
    except ValueError:
        return None


def calls_with_medicines(calls: Iterable[dict], conversions: Iterable[Conversion]) -> list[dict]:
    """The calls with the phenotype and score that the medicines leave, where these were computed."""
    changed = {found.gene: found for found in conversions if found.effect == "changed"}
    return [
        call
        | {
            "phenotype": changed[call["gene"]].phenotype_with_medicines,
            "activity_score": changed[call["gene"]].activity_score_with_medicines,
        }
        if call["gene"] in changed
        else call
        for call in calls
    ]


def _action(name: str, entry: str, enzyme: str, role: str, claims: list[dict]) -> Action:
    for basis in ("stated", "inferred"):
        of_basis = [row["strength"].split(" or ") for row in claims if row["basis"] == basis]
        if not of_basis:
            continue
        single = {claim[0] for claim in of_basis if len(claim) == 1}
        either = {strength for claim in of_basis if len(claim) > 1 for strength in claim if not single & set(claim)}
        strengths = tuple(s for s in STRENGTHS if s in single | either)
        break
    else:
        basis, strengths, single = "", (UNSPECIFIED,), set()
    sources = tuple(dict.fromkeys(row["source"] for row in claims))
    return Action(name, entry, enzyme, role, strengths, basis == "stated", len(single) > 1, sources)


def _explain(gene, call, effect, after, score_after, actions, rules) -> str:
    who = ", ".join(action.words for action in actions)
    enzyme = actions[0].enzyme
    on = gene if enzyme == gene else f"{enzyme} ({gene} is part of it)"
    text = f"Acts on {on}: {who}."
    expected = sorted({EXPECTED[r["direction"]] for r in rules if r["effect"] in ("score", "direction")})
    if effect == "not_known":
        tail = f" With the medicine {' and '.join(expected)}." if expected else ""
        why = why_not(gene, call)
        return f"{text} {why[0].upper()}{why[1:]}, so no phenotype with medicines can be given.{tail}"
    if effect in ("changed", "unchanged", "none_expected"):
        score = f" (activity score {score_after})" if score_after else ""
        tail = f" With medicines: {after}{score}."
        if effect == "none_expected":
            tail = " Weak inhibitors and inducers do not change the phenotype here."
    elif effect == "opposing":
        tail = " The medicines act in opposite directions; which prevails cannot be said from the sources."
    elif effect == "caution":
        tail = " No source gives the strength, so no new phenotype is given; caution."
    else:
        tail = f" {' and '.join(expected).capitalize()}; no source gives a factor, so no new phenotype is given."
    return text + tail


def _distinct(labels: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(labels))
