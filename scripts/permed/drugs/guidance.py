"""The guidance tables in memory: rows, the questions they answer together, and words for their codes."""

from dataclasses import dataclass
from pathlib import Path

from permed.drugs.conditions import Condition, allele_of, parse
from permed.errors import Fault
from permed.tables import read_table

BODIES = ("CPIC", "DPWG", "FDA")  # the first that speaks of a drug leads
NOT_KNOWN = "not known"
TABLES = "guidance actions populations dose_terms implications warnings groups".split()


@dataclass(frozen=True)
class Row:
    """A row of ``guidance.tsv``: what a body advises under one or two conditions, in the order of the genes.

    ``only_if`` is what must hold besides, for the results of the row: None for the row that leads.
    """

    drug: str
    body: str
    population: str
    genes: tuple[str, ...]
    texts: tuple[str, ...]
    conditions: tuple[Condition, ...]
    action: str
    also: tuple[str, ...]
    dose_factor: str | None
    dose_of: str | None
    dose: tuple[tuple[str, str], ...]
    strength: str | None
    guideline: str | None
    year: str | None
    pmid: str | None
    limits: str | None
    note: str | None
    source: str
    version: str
    licence: str
    only_if: str | None = None

    @property
    def advice(self) -> tuple:
        """What rows must share to give the same advice."""
        return self.action, frozenset(self.also), self.dose, self.limits


@dataclass(frozen=True)
class Question:
    """Rows of one body for one drug, population and set of genes; an HLA allele is a question of its own.

    ``rows`` lead, one for each result; ``branches`` hold for some of them under a further condition.
    """

    drug: str
    body: str
    population: str
    genes: tuple[str, ...]
    alleles: tuple[str | None, ...]
    rows: tuple[Row, ...]
    leading: bool
    branches: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Warned:
    """A side effect to warn of: the drug, the gene, the condition, the harm and who is harmed above all.

    ``open`` is the phenotype (lower case) that neither calls for the warning nor clears the person of it.
    """

    drug: str
    gene: str
    condition: Condition
    allele: str | None
    open: str | None
    harm: str
    audience: str | None


@dataclass(frozen=True)
class Guidance:
    """All tables; ``actions``, ``populations`` and ``dose_terms`` by their code."""

    questions: tuple[Question, ...]
    actions: dict[str, dict]
    populations: dict[str, dict]
    dose_terms: dict[str, str]
    implications: dict[tuple[str, str], str]
    warnings: dict[str, tuple[Warned, ...]]
    groups: dict[str, tuple[str, ...]]
    titles: dict[str, str]

    @property
    def drugs(self) -> list[str]:
        """Every drug with a row, sorted."""
        return sorted({question.drug for question in self.questions})

    @property
    def newest(self) -> int | None:
        """Year of the newest guideline: whenever this is read, it is that year or later."""
        years = [int(row.year) for question in self.questions for row in question.rows if row.year]
        return max(years, default=None)

    def also(self, code: str) -> str:
        """Further advice in words: those of the tables, else the source's own word."""
        return self.actions[code]["also"] if code in self.actions else _words(code)

    def dose_words(self, term: str, value: str) -> str:
        """A term of a dose in words: those of the tables, else the source's own word."""
        if term in self.dose_terms:
            return self.dose_terms[term].format(value=value)
        return _words(term) if value == "yes" else f"{_words(term)}: {_words(value)}"


def load_guidance(tables: list[Path]) -> Guidance:
    """Read the tables of ``resources/drugs``, found by their names among ``tables``."""
    paths = {Path(path).stem: Path(path) for path in tables}
    missing = [name for name in TABLES if name not in paths]
    if missing:
        raise Fault(f"the table {missing[0]}.tsv is not there", remedy="Restore resources/drugs")
    read = {name: read_table(paths[name]).to_dicts() for name in TABLES}
    warned: dict[str, list[Warned]] = {}
    for row in read["warnings"]:
        one = parse(row["condition"])
        warned.setdefault(row["drug"], []).append(
            Warned(
                row["drug"],
                row["gene"],
                one,
                allele_of(row["condition"]),
                (row["open"] or "").lower() or None,
                row["harm"],
                row["audience"],
            )
        )
    groups: dict[str, list[str]] = {}
    for row in read["groups"]:
        groups.setdefault(row["drug"], []).append(row["group"])
    return Guidance(
        _questions([_row(row) for row in read["guidance"]]),
        {row["action"]: row for row in read["actions"]},
        {row["population"]: row for row in read["populations"]},
        {row["term"]: row["words"] for row in read["dose_terms"]},
        {(row["gene"] or "", row["phenotype"].lower()): row["words"] for row in read["implications"]},
        {drug: tuple(rows) for drug, rows in warned.items()},
        {drug: tuple(names) for drug, names in groups.items()},
        {row["group"]: row["title"] for row in read["groups"]},
    )


def _words(code: str) -> str:
    return code.replace("_", " ")


def _row(row: dict) -> Row:
    sides = [i for i in "12" if row[f"gene{i}"]]
    texts = tuple(row[f"condition{i}"] for i in sides)
    terms = (term.partition("=") for term in (row["dose"] or "").split(";") if term)
    kept = "dose_factor dose_of strength guideline year pmid limits note source version licence only_if".split()
    return Row(
        row["drug"],
        row["body"],
        row["population"],
        tuple(row[f"gene{i}"] for i in sides),
        texts,
        tuple(parse(text) for text in texts),
        row["action"],
        tuple((row["also"] or "").split("+")) if row["also"] else (),
        dose=tuple((key, value) for key, _, value in terms),
        **{name: row[name] for name in kept},
    )


def _questions(rows: list[Row]) -> tuple[Question, ...]:
    """Rows that answer together, in the order of the table; the leading body of each drug is the first it has."""
    leading = {}
    for row in rows:
        leading[row.drug] = min(leading.get(row.drug, row.body), row.body, key=BODIES.index)
    named: dict[tuple[str, str, str, str], dict[str, None]] = {}
    for row in rows:
        for gene, text in zip(row.genes, row.texts, strict=True):
            if gene.startswith("HLA-") and allele_of(text):
                named.setdefault((row.drug, row.body, row.population, gene), {})[allele_of(text)] = None
    together: dict[tuple, list[Row]] = {}
    for row in rows:
        alleles = []
        for gene, text in zip(row.genes, row.texts, strict=True):
            known = list(named.get((row.drug, row.body, row.population, gene), {}))
            alleles.append(allele_of(text) or (known[0] if len(known) == 1 else None))
        together.setdefault((row.drug, row.body, row.population, row.genes, tuple(alleles)), []).append(row)
    return tuple(
        Question(
            *key,
            tuple(row for row in own if row.only_if is None),
            key[1] == leading[key[0]],
            tuple(row for row in own if row.only_if is not None),
        )
        for key, own in together.items()
    )
