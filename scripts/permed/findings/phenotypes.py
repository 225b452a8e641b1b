"""The terms of people's phenotypes and of genes, from HPO's table and, where given, its ontology."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.findings.ontology import Ontology
from permed.tables import read_table

NEEDED = ("gene_symbol", "hpo_id", "hpo_name")
TERM = re.compile(r"\bHP:\d{7}\b", re.IGNORECASE)
_MEANT = re.compile(r"\bHPO?\s*[:_]?\s*\d+", re.IGNORECASE)  # an identifier as it may be mistyped
# HPO has modes of inheritance among its terms: with an ontology those below this one, else those that are called so.
_MODES = "mode of inheritance"
_MODE = r"(?i)\binheritance$"
NO_TERM = "it is no term of HPO's table, neither by identifier nor by name"
NO_GENE = "the table has no gene of this term"
MODE = "it tells how a condition is inherited, and is no phenotype"
REPLACED = "{old} is now {new}"


@dataclass(frozen=True)
class Told:
    """What a sample sheet says of a person (``text``) and its term in use; ``reason`` says why it has none, or that
    another one stands for it."""

    text: str
    term: str | None
    name: str | None = None
    reason: str | None = None


def read_phenotypes(path: Path, ontology: Ontology | None = None) -> pl.DataFrame:
    """HPO's ``genes_to_phenotype.txt``: ``gene term name mode`` without repetition.

    ``mode`` is AD, AR, XL or another mode's name for terms that are modes of inheritance, null for phenotypes. With an
    ``ontology`` terms are those in use now; what it does not know stays as it is.
    """
    table = read_table(path)
    absent = [name for name in NEEDED if name not in table.columns]
    if absent:
        remedy = "Give HPO's genes_to_phenotype.txt, with its header"
        raise Fault(f"there is no column {', '.join(absent)}", path, None, 1, remedy)
    lower = pl.col("name").str.to_lowercase()
    mode = (
        pl.when(lower.str.contains("x-linked"))
        .then(pl.lit("XL"))
        .when(lower == "autosomal dominant inheritance")  # and not with imprinting, or of one sex
        .then(pl.lit("AD"))
        .when(lower == "autosomal recessive inheritance")
        .then(pl.lit("AR"))
        .otherwise("name")
    )
    table = table.select(gene="gene_symbol", term="hpo_id", name="hpo_name").drop_nulls()
    if ontology:
        table = _in_use(table, ontology, path)
    modes = _modes(dict(table.select("term", "name").iter_rows()), ontology)
    return table.unique(maintain_order=True).with_columns(mode=pl.when(pl.col("term").is_in(sorted(modes))).then(mode))


def _modes(names: dict[str, str], ontology: Ontology | None) -> set[str]:
    """Which of some terms are modes of inheritance."""
    roots = {term for term, name in ontology.names.items() if name.lower() == _MODES} if ontology else set()
    named = {term for term, name in names.items() if re.search(_MODE, name)}
    return named | {term for term in names if roots and roots & ontology.ancestors(term)}


def _in_use(table: pl.DataFrame, ontology: Ontology, path: Path) -> pl.DataFrame:
    now = {term: ontology.resolve(term) for term in table["term"].unique().sort()}
    if now and not any(now.values()):
        raise Fault("the ontology has none of its terms", path, remedy="Give table and ontology of one release of HPO")
    now = {old: new or old for old, new in now.items()}
    term = pl.col("term").replace_strict(now, return_dtype=pl.String)
    name = term.replace_strict(ontology.names, default=pl.col("name"), return_dtype=pl.String)
    return table.select("gene", term=term, name=name)


def find_terms(phenotypes: list[str], table: pl.DataFrame, ontology: Ontology | None = None) -> list[Told]:
    """What each text of a sample sheet means: an identifier (``HP:0001250``, alone or beside words) or a term's name.

    Names count in any case, spelt as the table and the ontology have them. A text with several identifiers gives as
    many entries.
    """
    names = dict(table.select("term", "name").iter_rows()) | (ontology.names if ontology else {})
    modes = _modes(names, ontology)
    by_name = {name.lower(): term for term, name in names.items()}
    told = []
    for text in phenotypes:
        found = [term.upper() for term in TERM.findall(text)] or [by_name.get(text.strip().lower(), "")]
        for old in dict.fromkeys(found):
            new = (ontology.resolve(old) if ontology else None) or (old if old in names else None)
            if new is None:
                why = f"{old} {ontology.advice(old)}" if ontology and old else NO_TERM
                told.append(Told(text, None, None, why))
            elif new in modes:
                told.append(Told(text, None, names[new], MODE))
            else:
                why = REPLACED.format(old=old, new=new) if new != old else None
                told.append(Told(text, new, names[new], why))
    return told


def wrong_identifiers(phenotypes: Iterable[str], ontology: Ontology | None) -> list[tuple[str, str]]:
    """Identifiers of a sample sheet that cannot be meant so, with what is wrong: the fault and its remedy."""
    wrong = []
    for text in phenotypes:
        found = [term.upper() for term in TERM.findall(text)]
        if len(found) < len(_MEANT.findall(text)):
            remedy = "Write HP: and seven digits, such as HP:0001250"
            wrong.append((f'phenotype "{text}" has no identifier of HPO', remedy))
        for term in found if ontology else ():
            advice = ontology.advice(term)
            if advice:
                wrong.append((f"phenotype {term} {advice}", "Correct it, or give the ontology of a newer release"))
    return wrong
