"""How each entry of the sheet was read, and of which of four kinds it is."""

import polars as pl

from permed.drugs.doubtful import not_listed
from permed.drugs.medicines import MedicineNames
from permed.drugs.phenoconversion import Phenoconversion
from permed.drugs.taking import MEDICINES, medicine_rows, medicines_of

BETWEEN = "; "


def read_medicines(
    advice: pl.DataFrame, people: pl.DataFrame, names: MedicineNames, conversion: Phenoconversion
) -> pl.DataFrame:
    """A row of :data:`permed.drugs.taking.MEDICINES` for each reading of each person in ``people``.

    A medicine is not looked up for the enzymes on which the ``advice`` of another drug that is taken depends, where no
    list has it.
    """
    drugs = advice["drug"].unique().to_list()
    needed = _enzymes(advice, conversion)
    rows: list[dict] = []
    for person in people.iter_rows(named=True):
        medicines = medicines_of(person, names)
        acting = {name: _acts_on(name, conversion) for medicine in medicines for name in medicine.names}
        own = needed.get(person["sample"], {})
        unlisted = {
            name: list(dict.fromkeys(enzyme for drug, enzymes in own.items() if drug != name for enzyme in enzymes))
            for name in not_listed(conversion, medicines)
        }
        rows += medicine_rows(person["sample"], medicines, drugs, acting, unlisted)
    return pl.DataFrame(rows, MEDICINES)


def _enzymes(advice: pl.DataFrame, conversion: Phenoconversion) -> dict[str, dict[str, list[str]]]:
    """For each person the drugs that are taken, with the enzymes on which their advice depends."""
    found: dict[str, dict[str, list[str]]] = {}
    for sample, drug, genes in advice.filter("taken").select("sample", "drug", "genes").iter_rows():
        enzymes = [conversion.is_part_of(gene) for gene in genes.split(BETWEEN) if gene in conversion.genes]
        found.setdefault(sample, {}).setdefault(drug, []).extend(enzymes)
    return found


def _acts_on(name: str, conversion: Phenoconversion) -> list[str]:
    """Enzymes with the role of a medicine, such as ``CYP2D6 (strong inhibitor)``."""
    actions = {a.enzyme: a for gene in conversion.genes for a in conversion.actions(gene, name, name)}
    return [f"{enzyme} ({' or '.join(a.strengths)} {a.role})" for enzyme, a in actions.items()]
