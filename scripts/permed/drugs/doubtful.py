"""Actions of medicines that no phenotype tells: asked, in no list, or on an enzyme without a gene here."""

from collections.abc import Iterable

from permed.drugs.medicines import Medicine, in_doubt, taken
from permed.drugs.phenoconversion import Phenoconversion

MAY_ACT = 'It is not settled whether {words} acts on {enzyme} here ("{entry}": {questions}).'
BESIDE = "Beside its genes: {words} acts on {enzyme}, which breaks down {drug}."
NOT_LOOKED_UP = "Not looked up for {enzyme}: {names}."


def doubtful_effects(conversion: Phenoconversion, medicines: Iterable[Medicine], without: str | None) -> dict[str, str]:
    """For each gene a sentence for every medicine that acts on its enzyme if it is taken, and of which that is asked.

    ``without`` is the medicine that the advice is about.
    """
    doubted = {name: medicine for name, medicine in in_doubt(medicines).items() if name != without}
    found: dict[str, list[str]] = {}
    for gene in conversion.genes:
        for name, medicine in doubted.items():
            for action in conversion.actions(gene, name, name):
                if not conversion.is_weak(gene, action):
                    words = {"words": action.words, "enzyme": action.enzyme, "entry": medicine.given}
                    found.setdefault(gene, []).append(MAY_ACT.format(**words, questions=" ".join(medicine.questions)))
    return {gene: " ".join(sentences) for gene, sentences in found.items()}


def effects_beside_genes(conversion: Phenoconversion, medicines: Iterable[Medicine], drug: str) -> list[str]:
    """A sentence for each medicine that acts on an enzyme without a gene here by which a drug is broken down."""
    actions = conversion.beside_genes(drug, medicines)
    return [BESIDE.format(words=action.words, enzyme=action.enzyme, drug=drug) for action in actions]


def not_listed(conversion: Phenoconversion, medicines: Iterable[Medicine]) -> list[str]:
    """Ingredients that are taken and that no list of inhibitors, inducers and substrates has."""
    medicines = list(medicines)
    ingredients = {i for medicine in medicines for i in medicine.ingredients}
    return [name for name in taken(medicines) if name in ingredients and not conversion.is_listed(name)]


def not_looked_up(conversion: Phenoconversion, genes: Iterable[str], unlisted: Iterable[str], drug: str) -> str | None:
    """The sentence for an advice on ``drug`` that depends on ``genes``; None where every medicine was looked up."""
    enzymes = dict.fromkeys(conversion.is_part_of(gene) for gene in genes if gene in conversion.genes)
    others = [name for name in unlisted if name.casefold() != drug.casefold()]
    if not enzymes or not others:
        return None
    return NOT_LOOKED_UP.format(enzyme=" and ".join(enzymes), names=", ".join(others))
