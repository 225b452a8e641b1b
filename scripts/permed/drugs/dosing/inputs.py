"""What is known of a person for a dose: for each input the values that it can have, and where they come from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement
from pathlib import Path

from permed.drugs.medicines import Medicine, in_doubt, taken, unread
from permed.drugs.usable import OR, diplotypes_of, why_not
from permed.tables import read_table

NUMBERS = ("age_years", "height_cm", "weight_kg", "target_inr")
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Patient:
    """What the sheet and the calls say of a person; None where they say nothing.

    ``age_years`` is a number, or the two that a birth year leaves. ``medicines`` is empty for a person who takes none
    and None where that is not known. ``calls`` are rows of ``calls.parquet`` by gene.
    """

    age_years: float | tuple[float, ...] | None = None
    height_cm: float | None = None
    weight_kg: float | None = None
    population: str | None = None
    phenotypes: tuple[str, ...] = ()
    medicines: tuple[Medicine, ...] | None = None
    target_inr: float | None = None
    calls: Mapping[str, dict] = field(default_factory=dict)


@dataclass(frozen=True)
class Possible:
    """The values that an input can have: one if it is known. ``given`` says whether the person's data name them.

    ``text`` says what was used; ``problem`` why there is no value for the model.
    """

    values: tuple
    given: bool
    text: str
    problem: str | None = None


class Levels:
    """How what is said of a person is called in the models: alleles, categories, medicines."""

    def __init__(self, rows: Iterable[dict]) -> None:
        self.field: dict[str, str] = {}
        self.of: dict[str, dict[str, str]] = {}
        for row in rows:
            self.field[row["input"]] = row["field"]
            self.of.setdefault(row["input"], {})[row["given"]] = row["level"]

    @classmethod
    def load(cls, folder: Path) -> "Levels":
        """Read ``dosing_levels.tsv`` of ``resources/drugs``."""
        return cls(read_table(Path(folder) / "dosing_levels.tsv").iter_rows(named=True))

    def possible(self, name: str, patient: Patient) -> Possible:
        """What an input can be for a person."""
        if name in NUMBERS:
            return _number(getattr(patient, name))
        readers = {
            "diplotype": self._genotype,
            "medicines": self._medicine,
            "population": self._category,
            "phenotypes": self._condition,
        }
        return readers[self.field[name]](name, patient)

    def genotypes(self, name: str) -> tuple[tuple[str, str], ...]:
        """Every pair of the alleles that a model knows, each pair sorted."""
        return tuple(combinations_with_replacement(sorted(set(self.of[name].values())), 2))

    def _genotype(self, gene: str, patient: Patient) -> Possible:
        call = patient.calls.get(gene)
        diplotypes = diplotypes_of(call)
        if not diplotypes:
            return Possible(self.genotypes(gene), False, f"not known: {why_not(gene, call)}")
        found, said = [], OR.join(diplotypes)
        for diplotype in diplotypes:
            alleles = diplotype.split("/")
            strange = [allele for allele in alleles if allele not in self.of[gene]]
            if strange or len(alleles) != 2:
                return Possible((), True, said, _strange(gene, diplotype, strange, self.of[gene]))
            found.append(tuple(sorted(self.of[gene][allele] for allele in alleles)))
        values = tuple(dict.fromkeys(found))
        names = OR.join("/".join(pair) for pair in values)
        text = said if names == said else f"{said}, as {names}"
        return Possible(values, True, text)

    def _medicine(self, name: str, patient: Patient) -> Possible:
        if patient.medicines is None:
            return Possible((NO, YES), False, "not known: the person's medicines are not given")
        drugs = taken(patient.medicines)
        if found := [drug for drug in self.of[name] if drug in drugs]:
            return Possible((YES,), True, f"yes ({', '.join(found)})")
        doubted = in_doubt(patient.medicines)
        if asked := [doubted[drug] for drug in self.of[name] if drug in doubted]:
            told = "; ".join(f"{one.given}: {' '.join(one.questions)}" for one in asked)
            return Possible((NO, YES), False, f"not known: {told}")
        if strange := unread(patient.medicines):
            return Possible((NO, YES), False, f"not known: {', '.join(strange)} could not be read")
        return Possible((NO,), True, NO)

    def _category(self, name: str, patient: Patient) -> Possible:
        given = (patient.population or "").strip().casefold()
        if given in self.of[name]:
            return Possible((self.of[name][given],), True, f"{patient.population}, as {self.of[name][given]}")
        text = f'not known: "{patient.population}" is not a category of the model' if given else "not given"
        return Possible(tuple(sorted(set(self.of[name].values()))), False, text)

    def _condition(self, name: str, patient: Patient) -> Possible:
        said = {
            self.of[name][text] for text in (p.strip().casefold() for p in patient.phenotypes) if text in self.of[name]
        }
        if len(said) == 1:
            return Possible(tuple(said), True, next(iter(said)))
        return Possible((NO, YES), False, "given as both" if said else "not given")


def _number(value: float | Sequence[float] | None) -> Possible:
    if value is None:
        return Possible((), False, "not given", "is not given, and no source gives a range to compute over")
    values = tuple(sorted(set(value))) if isinstance(value, Sequence) else (value,)
    text = " or ".join(f"{number:g}" for number in values)
    return Possible(values, True, text if len(values) == 1 else f"{text}; the estimate is for {values[-1]:g}")


def _strange(gene: str, diplotype: str, strange: list[str], known: Iterable[str]) -> str:
    if strange:
        return f"has {gene} {', '.join(strange)}; the model was made for {', '.join(known)} alone"
    return f"is {diplotype}, which is not a pair of alleles"
