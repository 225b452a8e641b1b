"""Turn the coded facts of guidance into the tables of ``resources/drugs``: one row a condition, by precedence."""

import re
from collections import defaultdict
from pathlib import Path

import polars as pl

from permed.drugs import declared
from permed.drugs.cells import Domain, cells_of, condition_of
from permed.drugs.coded import coded_rows, covered
from permed.drugs.notes import Notes
from permed.errors import Fault
from permed.tables import read_table

PROVENANCE = ("source", "version", "licence")
GUIDANCE = (
    "drug gene1 condition1 gene2 condition2 population action also dose_factor dose_of dose strength body guideline "
    "year pmid limits note status only_if"
).split()
CONTENT = "action also dose_factor dose_of dose strength limits guideline year pmid note status source version licence"
CODED = "2026"  # folder of guidance coded branch by branch, beside the facts
CONTENT = CONTENT.split()
ORDER = "drug body gene1 gene2 population condition1 condition2 only_if action dose".split()
NUMBER = re.compile(r"(?:[<>]=)?\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?)?")  # a factor that can be computed with
STRENGTHS = ("no_recommendation", "", "optional", "moderate", "strong")


def import_guidance(folder: Path, phenotypes: Path) -> dict[str, pl.DataFrame]:
    """The tables ``guidance`` and ``groups`` from the facts ``guidance.tsv``, ``conflicts.tsv`` and ``names.tsv``.

    Where the folder :data:`CODED` beside them has a body's guidance on a drug, that replaces all other rows of it.
    ``phenotypes`` is the phenotype table of the pharmacogenes: a phenotype of a gene with activity scores becomes the
    scores that have it. Where several source rows are for the same combination the precedence decides; among equals
    that differ the weaker strength stands, and the note says so.
    """
    rows = [_plain(row) for row in _rows(folder / "guidance.tsv")]
    rows = [row for row in rows if row["status"] in declared.PRECEDENCE and not _left_out(row)]
    newer = covered(folder / CODED)
    rows = [row for row in rows if (row["body"], row["drug"]) not in newer]
    _name_alleles(rows)
    domain = Domain.read(phenotypes)
    notes = Notes(_rows(folder / "conflicts.tsv"), domain)
    questions: dict[tuple, list[dict]] = defaultdict(list)
    for row in rows:
        one = _row(row)
        markers = (one["gene1"], one["allele1"], one["gene2"], one["allele2"])
        questions[one["drug"], one["body"], markers, one["population"]].append(one)
    made = [row for key in sorted(questions) for row in _settle(questions[key], domain, notes)]
    made += map(_with_dose, coded_rows(folder / CODED, domain))
    made.sort(key=lambda row: tuple(row.get(name) or "" for name in ORDER))
    drugs = sorted({row["drug"] for row in made})
    schema = dict.fromkeys([*GUIDANCE, *PROVENANCE], pl.String)
    guidance = pl.DataFrame([{name: row.get(name) or None for name in schema} for row in made], schema=schema)
    return {"guidance": guidance, "groups": groups(_rows(folder / "names.tsv"), drugs)}


def _rows(path: Path) -> list[dict[str, str]]:
    return read_table(path).fill_null("").to_dicts()


def _plain(row: dict) -> dict:
    """The row with our terms in its conditions and without a gene that any result of another makes needless."""
    row = row | {f"condition{i}": declared.TERMS.get(row[f"condition{i}"], row[f"condition{i}"]) for i in "12"}
    if row["gene1"] in declared.TEST_FIRST and row["action"] == "monitor" and "test" in row["also"].split("+"):
        further = [code for code in row["also"].split("+") if code != "test"]
        row |= {"action": "test", "also": "+".join(["monitor", *further])}
    genes = [(row[f"gene{i}"], row[f"condition{i}"]) for i in "12" if row[f"gene{i}"] and row[f"condition{i}"]]
    genes += [("", "")] * (2 - len(genes))
    return row | {"gene1": genes[0][0], "condition1": genes[0][1], "gene2": genes[1][0], "condition2": genes[1][1]}


def _left_out(row: dict) -> bool:
    return any(
        (row["body"], row["drug"], row["gene1"]) == (body, drug, gene)
        and condition in ("", row["condition1"])
        and population in ("", row["population"])
        for body, drug, gene, condition, population, _ in declared.LEFT_OUT
    )


def _name_alleles(rows: list[dict]) -> None:
    """Say which HLA allele a condition is about, also where it only says that there is no result."""
    named = defaultdict(set)
    for row in rows:
        for i in "12":
            alleles = {term.split()[0] for term in row[f"condition{i}"].split("|") if term.startswith("*")}
            row[f"allele{i}"] = ",".join(sorted(alleles)) if row[f"gene{i}"].startswith("HLA-") else ""
            if row[f"allele{i}"] and "," not in row[f"allele{i}"]:
                named[row["drug"], row["body"], row[f"gene{i}"]].add(row[f"allele{i}"])
    for row in rows:
        for i in "12":
            if row[f"gene{i}"].startswith("HLA-") and not row[f"allele{i}"]:
                (row[f"allele{i}"],) = named[row["drug"], row["body"], row[f"gene{i}"]]
    for row in [row for row in rows if "," in row["allele1"]]:
        # A row for either of two alleles is a row for each.
        rows.remove(row)
        for term in row["condition1"].split("|"):
            rows.append(row | {"condition1": term, "allele1": term.split()[0]})


def _row(row: dict) -> dict:
    """Our columns of one source row, with the conditions as they were."""
    population, limits = row["population"], declared.LIMITS.get(row["population"], "")
    if row["body"] == "FDA" or limits:
        limits = limits or ("children: reduce" if "children=reduce" in row["dose"] else "")
        population = ""
    if population not in declared.POPULATIONS:
        raise Fault(f"the population {population!r} has no name of ours", remedy="Add it to permed.drugs.declared")
    row = row | {"also": _also(row)}
    action, dose, more = _dose(row)
    source, version, licence = next(s[1:] for s in declared.SOURCES if row["source"].startswith(s[0]))
    factor = _factor(action, row["also"], dose)
    return row | {
        "population": declared.POPULATIONS[population],
        "action": action,
        "dose": ";".join(dose) or (declared.NONE_GIVEN if action in declared.WITH_FACTOR else ""),
        "dose_factor": factor[0],
        "dose_of": factor[1],
        "limits": "; ".join(filter(None, [limits, *more])),
        "guideline": row["guideline_id"],
        "rank": (declared.PRECEDENCE.index(row["status"]), _kind(row["source"]), row["source"]),
        "source": source.format(body=row["body"]),
        "version": version,
        "licence": licence,
    }


def _with_dose(row: dict) -> dict:
    """A coded row with its dose in our terms."""
    terms = (term.strip() for term in row["coded_dose"].split(";"))
    row = row | {"dose": ";".join(term if "=" in term else f"{term}=yes" for term in terms if term)}
    row = row | {"also": _also(row)}
    action, dose, more = _dose(row)
    factor = _factor(action, row["also"], dose)
    none = declared.NONE_GIVEN if action in declared.WITH_FACTOR else ""
    return row | {
        "action": action,
        "dose": ";".join(dose) or none,
        "dose_factor": factor[0],
        "dose_of": factor[1],
        "limits": "; ".join(more),
    }


def _also(row: dict) -> str:
    """Further advice without what was read from words about something else; see :data:`declared.NEVER_FURTHER`."""
    faster = any(term in row[f"condition{i}"] for i in "12" for term in declared.FASTER)
    higher = any(term in row["dose"] for term in declared.HIGHER_TERMS) or row["drug"] in declared.HIGHER_DRUGS
    dropped = set(declared.NEVER_FURTHER)
    if row["action"] in declared.SHUNNING and not (faster or higher):
        dropped.add("increase")
    return "+".join(code for code in row["also"].split("+") if code not in dropped)


def _kind(source: str) -> int:
    kinds = [i for i, kind in enumerate(declared.PRIORITY_OF_KIND) if kind and kind in source]
    return kinds[0] if kinds else declared.PRIORITY_OF_KIND.index("")


def _dose(row: dict) -> tuple[str, list[str], list[str]]:
    """Action, terms of the dose and words that are no number."""
    action, terms, words = row["action"], [], []
    for term in filter(None, map(str.strip, row["dose"].split(";"))):
        key, _, value = term.partition("=")
        if term in declared.DOSE_WORDS:
            words.append(declared.DOSE_WORDS[term])
        elif value in declared.ALGORITHMS:
            action = declared.ALGORITHMS[value]
        elif key != "children":
            terms.append(term)
    lowest = [t for t in terms if t.startswith("caution_above_mg=")]
    for extra in sorted(lowest, key=lambda t: float(t.split("=")[1]))[1:]:
        terms.remove(extra)
    return action, terms, words


def _factor(action: str, also: str, dose: list[str]) -> tuple[str, str]:
    """The factor of the dose and what it is of; 1 for the standard dose where nothing else is advised."""
    values = {key: value for key, _, value in (term.partition("=") for term in dose) if NUMBER.fullmatch(value)}
    if action in declared.WITH_FACTOR:
        return next(((values[key], of) for key, of in declared.FACTORS if key in values), ("", ""))
    plain = action == "standard" and not {"reduce", "increase"} & set(also.split("+"))
    return ("1", "start") if plain else ("", "")


def _settle(rows: list[dict], domain: Domain, notes: Notes) -> list[dict]:
    """One row for each set of combinations with the same advice, after precedence."""
    best: dict[tuple[str, str], dict] = {}
    for row in sorted(rows, key=lambda row: row["rank"]):
        for first in cells_of(row["gene1"], row["condition1"], domain):
            for second in cells_of(row["gene2"], row["condition2"], domain):
                now = best.get((first, second))
                best[first, second] = row if now is None else _weaker(now, row)
    alike: dict[tuple, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (first, second), row in best.items():
        noted = row | {"note": "; ".join(filter(None, [row.get("note"), notes.of(row, first, second)]))}
        alike[tuple(noted[name] for name in CONTENT)][first].add(second)
    made = []
    for content, table in alike.items():
        by_second: dict[frozenset, set] = defaultdict(set)
        for first, seconds in table.items():
            by_second[frozenset(seconds)].add(first)
        for seconds, firsts in by_second.items():
            made.append(
                {name: rows[0][name] for name in ("drug", "gene1", "gene2", "population", "body")}
                | dict(zip(CONTENT, content, strict=True))
                | {
                    "condition1": condition_of(rows[0]["gene1"], firsts),
                    "condition2": condition_of(rows[0]["gene2"], set(seconds)),
                }
            )
    return sorted(made, key=lambda row: (row["condition1"], row["condition2"]))


def _weaker(now: dict, other: dict) -> dict:
    """Of rows for the same combination: the first by precedence; among equals that differ in strength, the weaker."""
    if now["rank"][:2] != other["rank"][:2] or all(now[n] == other[n] for n in ("action", "also", "dose", "strength")):
        return now
    if any(now[n] != other[n] for n in ("action", "also", "dose")):
        raise Fault(f"{now['drug']} {now['condition1']} {now['condition2']}: the sources of one version contradict")
    weak, strong = sorted((now, other), key=lambda row: STRENGTHS.index(row["strength"]))
    return weak | {"note": f"the source also has the strength {strong['strength']}"}


def groups(names: list[dict], drugs: list[str]) -> pl.DataFrame:
    """Therapeutic groups of the drugs with guidance, by the ATC codes that the source gives them."""
    rows = []
    titles = {group: title for _, group, title in declared.GROUPS}
    for name in names:
        if name["generic"] not in drugs:
            continue
        codes = [code for code in name["atc"].split("|") if code not in ("", "NA")]
        found = {group: code for start, group, _ in declared.GROUPS for code in codes if code.startswith(start)}
        if name["therapeutic_class"] in declared.CLASS_GROUPS:
            found.setdefault(declared.CLASS_GROUPS[name["therapeutic_class"]], codes[0] if codes else "")
        for group, code in found.items():
            rows.append((group, titles[group], name["generic"], code or None))
    schema = dict.fromkeys("group title drug atc source version licence".split(), pl.String)
    origin = ("ATC codes in the CPIC table of PyPGx", "0.26", declared.PYPGX_LICENCE)
    return pl.DataFrame([(*row, *origin) for row in sorted(rows)], schema=schema, orient="row")
