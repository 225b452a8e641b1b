"""Guidance that was read whole and coded branch by branch: rows without a condition, and branches that have one.

The files (``fda_labels``, ``fda_associations``, ``dpwg``, ``cpic_changed``) have one row for each branch of a body's
text. A result with branches alone gets a row of its own that leads: what holds when a treatment starts, what all
branches share, else :data:`DEPENDS`. A result of which the text says nothing gets a row that says so.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from permed.drugs import declared
from permed.drugs.cells import NUMERIC, Domain, cells_of, condition_of, fill_classes
from permed.drugs.conditions import INDETERMINATE, NO_RESULT, SCORE
from permed.errors import Fault
from permed.tables import read_table

FILES = ("fda_labels", "fda_associations", "dpwg", "cpic_changed")
DEPENDS = "depends"
SILENT = "the source says nothing of this result"
READ_WHOLE = "current"  # status of all rows: the newest that was read
GRAVEST = ("contraindicated", "avoid", "alternative", "reduce", "increase", "calculate", "test", "monitor", "caution")
# Conditions under which every treatment begins, or that hold but for a named exception: what they ask for leads, and
# the note says under what it holds.
LEADING = re.compile(
    r"^(first \d|start and|before start|standard start|up to day|status known|genotype known|carrier known"
    r"|any indication but|none of the other)"
)
CAUTIONS = {"caution", "weigh_risk", "warn", "weigh risk and benefit"}
OF_THE_CODER = re.compile(
    r"^(branch|flags|strength|class|ANDA|NDA|BLA)[=\d ]|^(no citation|classification missing|only the|based on)"
)
# (population of the source, ours, what it asks for as a condition).
POPULATIONS = {
    "general": ("general", ""),
    "not_given": ("general", ""),
    "adult": ("adult", ""),
    "adults": ("adult", ""),
    "child": ("child", ""),
    "pediatrics": ("child", ""),
    "child <12": ("child", "under 12 years"),
    "child 12 or older": ("child", "from 12 years"),
    "child >=15": ("child", "from 15 years"),
    "adult and child >=12": ("general", "from 12 years"),
    "adult and child >=15": ("general", "from 15 years"),
    "adult|child from 40 kg": ("general", "adult, or child from 40 kg"),
    "female": ("general", "woman"),
}
NO_CALL = ("n/a", "xN combinations")


@dataclass(frozen=True)
class Branch:
    """A coded row: the cells of its two conditions are taken apart by :func:`coded_rows`."""

    drug: str
    body: str
    genes: tuple[str, str]
    alleles: tuple[str, str]
    population: str
    only_if: str
    action: str
    also: str
    dose: str
    strength: str
    guideline: str
    year: str
    pmid: str
    note: str
    version: str
    kind: int  # of two that ask for the same the first leads: labels before associations

    @property
    def rank(self) -> int:
        """Place of the action among :data:`GRAVEST`; those that ask for nothing come last."""
        return GRAVEST.index(self.action) if self.action in GRAVEST else len(GRAVEST)


def coded_rows(folder: Path, domain: Domain) -> list[dict]:
    """The rows of ``guidance.tsv`` that the coded files of ``folder`` give, in our columns."""
    questions: dict[tuple, dict[tuple[str, str], list[Branch]]] = defaultdict(lambda: defaultdict(list))
    for file in FILES:
        for row in read_table(folder / f"{file}.tsv").fill_null("").to_dicts():
            if left_out(row):
                continue
            found = branch_of(row, FILES.index(file))
            if found is None:
                continue
            branch, (condition1, condition2) = found
            key = branch.drug, branch.body, branch.genes, branch.alleles, branch.population
            for first in cells_of(branch.genes[0], condition1, domain):
                for second in cells_of(branch.genes[1], condition2, domain) if branch.genes[1] else [""]:
                    questions[key][first, second].append(branch)
    made = []
    for key, cells in _one_population(questions).items():
        settled = {cell: _settled(branches) for cell, branches in cells.items()}
        if not key[2][1]:
            settled = _every_score(key[2][0], settled)
        made += _rows(key, settled, domain)
    return made


def _every_score(gene: str, cells: dict[tuple[str, str], object]) -> dict[tuple[str, str], object]:
    firsts = {first: found for (first, _), found in cells.items()}
    return {(first, ""): found for first, found in fill_classes(gene, firsts).items()}


def covered(folder: Path) -> set[tuple[str, str]]:
    """(body, drug) of which the coded files replace all older rows."""
    tables = [read_table(folder / f"{file}.tsv") for file in FILES]
    return {(row["body"], row["drug"]) for table in tables for row in table.select("body", "drug").to_dicts()}


def left_out(row: dict) -> bool:
    """Whether a coded row is no row of the tables: its key is wider than the text, or no result."""
    uncertain = "Uncertain Susceptibility" in row["condition1"] or row["condition1"] == NO_RESULT
    if row["body"] == "FDA" and row["gene1"] == "RYR1" and uncertain and "Malignant" not in row["condition2"]:
        return True  # the label speaks of susceptible people; the key has everybody without a known variant
    return row["condition1"] in declared.UNREADABLE


def branch_of(row: dict, kind: int) -> tuple[Branch, list[str]] | None:
    """A coded row with its two conditions in our terms, None where it is about no result."""
    conditions = [_terms(row[f"gene{i}"], row[f"condition{i}"], two=bool(row["gene2"])) for i in "12"]
    if not conditions[0] or (row["gene2"] and not conditions[1]):
        return None
    if row["gene2"] and row["gene2"] < row["gene1"]:
        row = row | {"gene1": row["gene2"], "gene2": row["gene1"]}
        conditions.reverse()
    population, asked = POPULATIONS.get(row["population"], ("", ""))
    if not population and row["population"].startswith("product"):
        population = "general"  # only_if names the product too
    if not population:
        raise Fault(f"the population {row['population']!r} has no name of ours", remedy="Add it to permed.drugs.coded")
    action, also = row["action"], [code.strip() for code in row["also"].split("+") if code.strip()]
    if action == "none" and CAUTIONS & set(also):
        action, also = "caution", [code for code in also if code != "caution"]
    if action == "insufficient":
        action = "none"
    strength = "no_recommendation" if "class=No recommendation" in row["note"] else ""
    if stated := re.search(r"strength=(\w+)", row["note"]):
        strength = stated[1].lower() if stated[1].lower() in ("strong", "moderate", "optional") else ""
    notes = [part.strip() for part in row["note"].split(";")]
    alleles = tuple(
        ",".join(sorted({t.split()[0] for t in c.split("|") if t.startswith("*")})) if g.startswith("HLA-") else ""
        for g, c in zip((row["gene1"], row["gene2"]), conditions, strict=True)
    )
    branch = Branch(
        row["drug"],
        row["body"],
        (row["gene1"], row["gene2"]),
        alleles,
        population,
        "; ".join(filter(None, [asked, row["only_if"]])),
        action,
        "+".join(also),
        row["dose"],
        strength,
        row["guideline_id"],
        row["year"],
        row["pmids"].replace("|", ";"),
        "; ".join(part for part in notes if part and not OF_THE_CODER.match(part)),
        f"2026-07, version {row['version']} of the annotation" if row["version"] else "2026-07",
        kind,
    )
    return branch, conditions


def _terms(gene: str, condition: str, two: bool) -> str:
    """A condition in our terms; results that say nothing stay only beside another gene."""
    terms, scored = [], False
    for term in condition.split("|"):
        scored |= term.startswith(SCORE)
        if term in NO_CALL or (term in (NO_RESULT, INDETERMINATE) and not two):
            continue
        if gene == "VKORC1" and "rs9923231" in term:
            term = _vkorc1(term)
        value = term.removeprefix(SCORE).replace("≥", ">=")
        terms.append(f"{SCORE}{value}" if scored and value[:1] in NUMERIC else term)
    return "|".join(dict.fromkeys(terms))


def _vkorc1(term: str) -> str:
    """``rs9923231 reference (C) x1 + rs9923231 variant (T) x1``, ``rs9923231 C/T`` and their like as ``-1639 AG``."""
    written = [base * int(times or 1) for base, times in re.findall(r"\(([CT])\)(?: x(\d))?", term)]
    bases = "".join(written) or "".join(re.findall(r"[CT]", term.rpartition(" ")[2]))
    return "-1639 " + {0: "GG", 1: "AG", 2: "AA"}[bases.count("T")]


def _one_population(questions: dict) -> dict:
    """Rows of adults or children alone become branches of everybody's where other results have rows for everybody."""
    merged: dict[tuple, dict[tuple, list[Branch]]] = defaultdict(lambda: defaultdict(list))
    general = {key[:4] for key in questions if key[4] == "general"}
    for (*key, population), cells in questions.items():
        for cell, branches in cells.items():
            if population != "general" and tuple(key) in general:
                branches = [_limited(branch, population) for branch in branches]
            where = "general" if tuple(key) in general else population
            merged[*key, where][cell] += branches
    return merged


def _limited(branch: Branch, who: str) -> Branch:
    return replace(branch, population="general", only_if="; ".join(filter(None, [who, branch.only_if])))


def _settled(branches: list[Branch]) -> tuple[Branch, list[Branch]]:
    """The branch that leads for a result, the gravest of those that may, and those that stand beside it."""
    first = min(branch.kind for branch in branches)
    branches = [branch for branch in branches if branch.kind == first or branch.rank < len(GRAVEST)]
    plain = [branch for branch in branches if not branch.only_if]
    asking = list(dict.fromkeys(branch for branch in branches if branch.only_if))
    own = [branch for branch in plain if branch.kind == first]
    begins = [] if own else [branch for branch in asking if LEADING.match(branch.only_if)]
    if plain or begins:
        lead = min([*plain, *begins], key=lambda branch: (branch.rank, branch.kind))
        note = "; ".join(filter(None, [f"holds: {lead.only_if}" if lead.only_if else "", lead.note]))
        return replace(lead, only_if="", note=note), [branch for branch in asking if branch != lead]
    shared = {branch.action for branch in asking}
    action = shared.pop() if len(shared) == 1 and len(asking) > 1 else DEPENDS
    agreed = action != DEPENDS
    lead = replace(
        asking[0],
        only_if="",
        action=action,
        also=_shared([branch.also for branch in asking], "+") if agreed else "",
        dose=_shared([branch.dose for branch in asking], ";") if agreed else "",
        note="",
    )
    return lead, asking


def _shared(texts: list[str], between: str) -> str:
    """The parts that all texts have."""
    first, *others = (list(filter(None, map(str.strip, text.split(between)))) for text in texts)
    return between.join(part for part in first if all(part in other for other in others))


def _rows(key: tuple, cells: dict[tuple[str, str], tuple[Branch, list[Branch]]], domain: Domain) -> list[dict]:
    """Rows of one question: for each leading branch, and each beside it, the results that it is for."""
    drug, body, genes, _, population = key
    some = next(iter(cells.values()))[0]
    rows: dict[Branch, list[tuple[str, str]]] = defaultdict(list)
    for cell, (lead, asking) in cells.items():
        for branch in dict.fromkeys((lead, *asking)):
            rows[branch].append(cell)
    silent = _silent(genes, cells, domain)
    if silent:
        quiet = replace(some, only_if="", action="none", also="", dose="", strength="", note=SILENT)
        rows[quiet] += silent
    made = []
    for branch, own in rows.items():
        for first, second in _rectangles(genes, own):
            made.append(
                {
                    "drug": drug,
                    "body": body,
                    "population": population,
                    "gene1": genes[0],
                    "condition1": first,
                    "gene2": genes[1],
                    "condition2": second,
                    "action": branch.action,
                    "also": branch.also,
                    "coded_dose": branch.dose,
                    "strength": branch.strength,
                    "guideline": branch.guideline,
                    "year": branch.year,
                    "pmid": branch.pmid,
                    "note": branch.note,
                    "only_if": branch.only_if,
                    "status": READ_WHOLE,
                    "source": f"Guidance of {body} by ClinPGx, as released with PharmCAT 3.4.0",
                    "version": branch.version,
                    "licence": declared.CLINPGX_LICENCE,
                }
            )
    return made


def _silent(genes: tuple[str, str], cells: dict, domain: Domain) -> list[tuple[str, str]]:
    """Results of a single gene of which no row speaks; none where a row names diplotypes, which say no phenotype."""
    named = {first for first, _ in cells}
    if genes[1] or any("/" in cell for cell in named):
        return []
    if genes[0].startswith("HLA-"):
        negative = {f"{cell.split()[0]} negative" for cell in named}
        return [(cell, "") for cell in sorted(negative - named)]
    known = (cell for name in domain.phenotypes.get(genes[0], ()) for cell in cells_of(genes[0], name, domain))
    return [(cell, "") for cell in fill_classes(genes[0], dict.fromkeys(known)) if cell not in named]


def _rectangles(genes: tuple[str, str], cells: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs of conditions that together are met by exactly these results."""
    by_first: dict[str, set[str]] = defaultdict(set)
    for first, second in cells:
        by_first[first].add(second)
    alike: dict[frozenset, set[str]] = defaultdict(set)
    for first, seconds in by_first.items():
        alike[frozenset(seconds)].add(first)
    return [
        (condition_of(genes[0], firsts), condition_of(genes[1], set(seconds)) if genes[1] else "")
        for seconds, firsts in alike.items()
    ]
