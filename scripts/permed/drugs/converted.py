"""What the guidance says once the person's other medicines have changed the activity of an enzyme."""

from dataclasses import dataclass, replace

import polars as pl

from permed.drugs.advice import COLUMNS, advise
from permed.drugs.cells import Domain
from permed.drugs.doubtful import doubtful_effects, effects_beside_genes, not_listed, not_looked_up
from permed.drugs.guidance import Guidance, Question
from permed.drugs.medicines import Medicine, MedicineNames, in_doubt
from permed.drugs.phenoconversion import Conversion, Phenoconversion, calls_with_medicines
from permed.drugs.taking import medicines_of

KEY = ["sample", "drug", "body", "population", "genes"]
CONVERTED = {
    "medicines_effect": pl.String,
    "medicines_open": pl.Boolean,
    "phenotypes_with_medicines": pl.String,
    "action_with_medicines": pl.String,
    "dose_factor_with_medicines": pl.String,
    "label_with_medicines": pl.String,
    "advice_with_medicines": pl.String,
    "priority_with_medicines": pl.Int32,
}
TOLD = {name: name.removesuffix("_with_medicines") for name in list(CONVERTED)[2:]}
BETWEEN = "; "
# Effects of medicines on a gene after which its genotype no longer says the phenotype, and nothing else does.
WITHOUT_PHENOTYPE = ("lower_expected", "higher_expected", "opposing", "caution")
READINGS = ("diplotype", "other_readings", "proxied_reading")
NOT_GIVEN = dict.fromkeys((*READINGS, "activity_score", "phenotype")) | {
    "state": "not_assessable",
    "phenotype_certain": False,
}


def advise_with_medicines(
    calls: pl.DataFrame,
    people: pl.DataFrame,
    guidance: Guidance,
    domain: Domain,
    names: MedicineNames,
    conversion: Phenoconversion,
) -> pl.DataFrame:
    """The table of :func:`permed.drugs.advice.advise`, which goes by genotype alone, and beside it :data:`CONVERTED`.

    ``medicines_effect`` says what other medicines do to a row's genes, and ``medicines_open`` whether they leave one of
    them with a phenotype that nobody can give; where a phenotype with medicines was computed,
    the rest says what the guidance has for it. A drug is not counted among the medicines that change its own advice.
    """
    plain = advise(calls, people, guidance, domain, names)
    takers = people.filter(_says_something(people))
    calls_of = calls.partition_by("sample", as_dict=True)
    advice_of = plain.filter(pl.col("sample").is_in(takers["sample"].implode())).partition_by("sample", as_dict=True)
    rows = []
    for person in takers.partition_by("sample", maintain_order=True):
        sample = person["sample"][0]
        own = calls_of[(sample,)].to_dicts() if (sample,) in calls_of else []
        medicines = medicines_of(person.row(0, named=True), names)
        advice = advice_of[(sample,)]
        unlisted = not_listed(conversion, medicines)
        acting = {action.medicine for one in conversion.convert(own, medicines) for action in one.actions}
        acting |= set(in_doubt(medicines))
        acting_drugs = sorted(acting.intersection(guidance.drugs))
        for drug in (None, *acting_drugs):
            left = conversion.convert(own, medicines, without=drug)
            concerned = advice.filter(pl.col("drug") == drug if drug else ~pl.col("drug").is_in(acting_drugs))
            asked = replace(guidance, questions=_about(guidance, set(concerned["drug"])))
            again = _again(own, left, person, asked, domain, names)
            doubted = doubtful_effects(conversion, medicines, drug)
            said = _Said(left, doubted, unlisted, medicines, conversion)
            rows += _rows(said, concerned, again)
    schema = {name: COLUMNS[name] for name in KEY} | CONVERTED
    return plain.join(pl.DataFrame(rows, schema), on=KEY, how="left", maintain_order="left", nulls_equal=True)


def _about(guidance: Guidance, drugs: set[str]) -> tuple[Question, ...]:
    return tuple(question for question in guidance.questions if question.drug in drugs)


def _says_something(people: pl.DataFrame) -> pl.Expr:
    said = pl.col("medications").cast(pl.String).fill_null("") != ""
    return said | (pl.col("smoking") == "yes") if "smoking" in people.columns else said


@dataclass(frozen=True)
class _Said:
    """What is known of a person's medicines beside the advice."""

    conversions: list[Conversion]
    doubted: dict[str, str]
    unlisted: list[str]
    medicines: tuple[Medicine, ...]
    conversion: Phenoconversion

    def beside(self, row: dict, genes: list[str]) -> list[str]:
        """What is said of a drug that is taken and is no effect on its genes."""
        if not row["taken"]:
            return []
        blank = not_looked_up(self.conversion, genes, self.unlisted, row["drug"])
        return [*effects_beside_genes(self.conversion, self.medicines, row["drug"]), *([blank] if blank else [])]


def _rows(said: _Said, advice: pl.DataFrame, again: dict[tuple, dict]) -> list[dict]:
    """One row for each of the person's rows of advice with a gene on which one of the conversions' medicines acts.

    Also where a medicine may act on it or, of a drug that is taken, is in no list or acts beside its genes.
    """
    effects = {one.gene: one for one in said.conversions}
    made = []
    for row in advice.iter_rows(named=True):
        genes = row["genes"].split(BETWEEN)
        own = [effects[gene] for gene in genes if gene in effects]
        open_ = [said.doubted[gene] for gene in genes if gene in said.doubted]
        beside = said.beside(row, genes)
        if not own and not open_ and not beside:
            continue
        changed = any(one.effect == "changed" for one in own)
        new = again.get(tuple(row[name] for name in KEY)) if changed else None
        told = {to: new[name] for to, name in TOLD.items()} if new else dict.fromkeys(TOLD)
        words = " ".join(dict.fromkeys([*(one.explanation for one in own), *open_, *beside]))
        unsettled = bool(open_) or any(one.effect in WITHOUT_PHENOTYPE for one in own)
        effect = {"medicines_effect": words, "medicines_open": unsettled}
        made.append({name: row[name] for name in KEY} | effect | told)
    return made


def _again(calls, conversions, person, guidance: Guidance, domain, names) -> dict[tuple, dict]:
    """The advice by the calls that the medicines leave, by :data:`KEY`; a diplotype does not speak for those.

    A gene on which medicines act without a phenotype that could be computed is not known there.
    """
    changed = {one.gene for one in conversions if one.effect == "changed"}
    if not changed:
        return {}
    instead = {gene: dict.fromkeys(READINGS) for gene in changed} | {
        one.gene: NOT_GIVEN for one in conversions if one.effect in WITHOUT_PHENOTYPE
    }
    left = [call | instead.get(call["gene"], {}) for call in calls_with_medicines(calls, conversions)]
    asked = tuple(question for question in guidance.questions if changed.intersection(question.genes))
    frame = pl.DataFrame(left, infer_schema_length=None)
    table = advise(frame, person, replace(guidance, questions=asked), domain, names)
    return {tuple(row[name] for name in KEY): row for row in table.iter_rows(named=True)}
