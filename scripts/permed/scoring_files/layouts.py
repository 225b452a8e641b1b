"""Column names of scoring files that other programs write, and of a user's own, put into the PGS Catalog's.

``resources/scores/layouts.tsv`` says what a program's columns mean. ``taken`` ones are used; ``proposed`` ones may mean
something else in another file of the program, so that the user confirms them under ``scores.columns``.
"""

import csv
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from permed.errors import Fault
from permed.scoring_files.positions import DOSAGE_WEIGHTS
from permed.scoring_files.text import Text

LAYOUTS = Path(__file__).resolve().parents[3] / "resources" / "scores" / "layouts.tsv"
RATIOS = ("OR", "HR")
WEIGHTS = ("effect_weight", *RATIOS)
_TAKEN = "taken"
_FEWEST = 3  # columns that a layout must share with a file
_WEIGHING = re.compile(r"weight|beta|effect|^(or|hr)$", re.IGNORECASE)
_RATIO = re.compile(r"or|hr|odds[ _.]?ratio|hazard[ _.]?ratio", re.IGNORECASE)
_NO_WEIGHT = re.compile(r"allele|type|freq|^se$|_se$|dosage", re.IGNORECASE)
# Of a study's summary statistics, which list far more variants than a score, and correlated ones.
_STATISTICS = re.compile(r"p|pval|p_?value|p\.value|p_bolt_lmm|se|beta_se|standard_error|n_eff", re.IGNORECASE)
_ROW = re.compile(r"(chr)?[0-9XYM]{1,2}\t\S+\t[0-9]+\t[ACGTacgt]+\t[ACGTacgt]+\t[-+.0-9eE]+")


def name_columns(path: Path, text: Text, known: list[str], chosen: dict[str, str] | None) -> Text:
    """The text with our names for its columns; ``known`` are ours, ``chosen`` the user's choice, theirs by ours.

    Raises a Fault where a chosen column is not there, and where no or several columns may be the weight.
    """
    text = _with_header(text)
    names = {theirs: _in_our_case(theirs, text.columns, known) for theirs in text.columns}
    for ours, theirs in (chosen or {}).items():
        if theirs not in text.columns:
            remedy = f"Correct scores.columns; the file has {', '.join(filter(None, text.columns))}"
            raise Fault(f"there is no column {theirs}, which scores.columns names as {ours}", path, remedy=remedy)
        if ours == "effect_weight" and (ratio := _RATIO.fullmatch(theirs)):
            remedy = f"Name it as {'HR' if ratio[0][0] in 'hH' else 'OR'} under scores.columns: its logarithm is summed"
            raise Fault(
                f"scores.columns names {theirs} as effect_weight, and its name is that of ratios", path, remedy=remedy
            )
        names = {name: None if named == ours else named for name, named in names.items()} | {theirs: ours}
    if chosen and set(chosen) & set(WEIGHTS):  # the weight that the user names is the only one
        names = {name: None if ours in WEIGHTS and ours not in chosen else ours for name, ours in names.items()}
    layout = _layout(text.columns) if "effect_allele" not in names.values() or chosen else []
    for row in layout:
        weighs = row["ours"] in WEIGHTS
        free = not set(names.values()) & set(WEIGHTS) if weighs else row["ours"] not in names.values()
        if row["use"] == _TAKEN and free and names.get(row["theirs"], "") is None:
            names[row["theirs"]] = row["ours"]
    _refuse_undecided(path, text.columns, names, layout, set(chosen or {}))
    return replace(text, columns=[names[name] or "" for name in text.columns])


def _with_header(text: Text) -> Text:
    """The text with a line of column names; PRS-CS writes none."""
    first = "\t".join(text.columns)
    if not _ROW.fullmatch(first):
        return text
    columns = [row["ours"] for row in _rows() if row["layout"] == "PRS-CS"]
    return replace(text, columns=columns, body="\t".join(columns).encode() + b"\n" + text.body, above=text.above - 1)


def _in_our_case(theirs: str, columns: list[str], known: list[str]) -> str | None:
    """Our name of a column that differs from it at most in the case of letters; None of any other."""
    if theirs in known:
        return theirs
    return next((ours for ours in known if ours.lower() == theirs.lower() and ours not in columns), None)


def _layout(columns: list[str]) -> list[dict[str, str]]:
    """The rows of the layout that shares most columns with a file, if these are enough to know it by."""
    best: list[dict[str, str]] = []
    for layout in dict.fromkeys(row["layout"] for row in _rows()):
        rows = [row for row in _rows() if row["layout"] == layout and row["theirs"] in columns]
        best = rows if len(rows) > len(best) else best
    return best if len(best) >= _FEWEST and any(row["ours"] == "effect_allele" for row in best) else []


def _refuse_undecided(path: Path, columns: list[str], names: dict, layout: list[dict], chosen: set[str]) -> None:
    """Raise a Fault where it is the user who has to say which columns are meant."""
    ours = {name for name in names.values() if name}
    weights = [name for name in WEIGHTS if name in ours]
    statistics = [name for name in columns if _STATISTICS.fullmatch(name)]
    if layout and statistics and not chosen:
        fault = f"it looks like a study's summary statistics: it has the column {statistics[0]}"
        remedy = "Train a score from it with scores.train; if it is a score, confirm its columns: "
        raise Fault(fault, path, remedy=remedy + _proposal(path, columns, names, layout))
    several = [row["theirs"] for row in layout if row["ours"] in WEIGHTS]
    if len(several) > 1 and not chosen & set(WEIGHTS):
        remedy = f"Say which one counts under scores.columns: {_proposal(path, columns, names, layout, several[-1])}"
        raise Fault(f"it has several columns of weights: {', '.join(several)}", path, remedy=remedy)
    if "effect_weight" not in weights and len(weights) > 1:
        weights = [name for name, named in names.items() if named in WEIGHTS]
        remedy = f"Say which one counts under scores.columns: {_proposal(path, columns, names, layout, weights[0])}"
        raise Fault(f"it has several columns of weights: {', '.join(weights)}", path, remedy=remedy)
    if weights or any(name in ours for name in DOSAGE_WEIGHTS):
        if layout and "effect_allele" not in ours:
            remedy = f"Say which it is under scores.columns: {_proposal(path, columns, names, layout)}"
            raise Fault("its columns do not tell which allele is the effect allele", path, remedy=remedy)
        return
    may = [name for name in columns if _WEIGHING.search(name) and not _NO_WEIGHT.search(name)]
    if not may or not ("effect_allele" in ours or layout):
        return
    remedy = f"Say which one counts under scores.columns: {_proposal(path, columns, names, layout, may[-1])}"
    if len(may) > 1:
        raise Fault(f"it has several columns of weights: {', '.join(may)}", path, remedy=remedy)
    raise Fault(f"the column is missing: effect_weight, which {may[0]} may be", path, remedy=remedy)


def _proposal(path: Path, columns: list[str], names: dict, layout: list[dict], weight: str | None = None) -> str:
    """What the user may write under ``scores.columns`` for a file."""
    roles = {row["ours"]: row["theirs"] for row in layout if row["use"] != _TAKEN and names.get(row["theirs"]) is None}
    if weight:
        plain = weight.upper() if weight.upper() in RATIOS else "effect_weight"
        ours = {row["theirs"]: row["ours"] for row in layout}.get(weight, plain)
        roles = {name: theirs for name, theirs in roles.items() if name not in WEIGHTS} | {ours: weight}
    weighing = {named: name for name, named in names.items() if named in WEIGHTS}
    roles = roles if set(roles) & set(WEIGHTS) else roles | weighing
    return f"{{{path.name}: {{{', '.join(f'{name}: {theirs}' for name, theirs in roles.items())}}}}}"


@cache
def _rows() -> list[dict[str, str]]:
    with open(LAYOUTS, encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))
