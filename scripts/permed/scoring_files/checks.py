"""All that keeps the scoring files of a run from being used, each by itself and together."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genome import CONTIGS
from permed.reference import Reference
from permed.scoring_files.positions import NOT_REPORTED, Lift
from permed.scoring_files.read import read_scoring_file
from permed.variants import is_ambiguous

CHECKED = 2000  # variants of a file compared with the reference
FEWEST = 20  # of which a share is taken
LEAST_SHARE = 0.75
RATIOS, MIDDLE = (0.3, 4), (0.8, 1.5)  # between which all, and the middle, of a score's odds ratios lie


def check_scores(
    files: list[Path],
    build: str,
    lift: Lift | None = None,
    reference: Reference | None = None,
    columns: dict[str, dict[str, str]] | None = None,
) -> tuple[list[Fault], list[str]]:
    """Faults of the files, and notes on those that do not say their build or have ratios for weights; with a
    ``reference`` their positions are compared with it. ``columns`` are the user's names of columns by file."""
    faults, notes, origin = _named_files(files, columns or {}), [], {}
    whole = Reference(reference.path, CONTIGS) if reference else None
    for path in files:
        file = read_scoring_file(path, build, lift, columns)
        taken = file.origin == NOT_REPORTED.format(build)
        found, doubt = list(file.faults), None
        if whole and not found:
            doubt, certain = doubt_build(file.rows, whole.bases)
            if doubt and (certain or taken):
                remedy = f"Take the file of {build}, or one whose alleles are on the forward strand"
                found.append(Fault(f"its positions do not fit {build}: {doubt}", path, remedy=remedy))
            elif doubt:
                notes.append(f"{path}: {doubt}; its alleles are on either strand, or it is not of {build} as it says")
        for score in file.rows["score"].unique(maintain_order=True) if not found else []:
            if score in origin:
                fault = f"the score {score} is also in {origin[score]}"
                found.append(Fault(fault, path, remedy="Name each score in one file only"))
            origin.setdefault(score, path)
        if taken and not found:
            notes.append(f"{path}: positions {file.origin}" + ("; they fit its reference" if whole else ""))
        if file.logarithms and not found:
            notes.append(f"{path}: what is summed are {file.logarithms}")
        elif not found and like_ratios(file.rows):
            notes.append(f"{path}: its weights look like ratios; if they are, write #weight_type=OR above the table")
        faults += found
    return faults, notes


def like_ratios(rows: pl.DataFrame) -> bool:
    """Whether weights that differ all lie above 0 and about 1, as odds ratios do and effects do not."""
    weights = rows["weight"].drop_nulls()
    if len(weights) < FEWEST or weights.n_unique() < FEWEST // 2:
        return False
    return weights.min() > RATIOS[0] and weights.max() < RATIOS[1] and MIDDLE[0] < weights.median() < MIDDLE[1]


def _named_files(files: list[Path], columns: dict[str, dict[str, str]]) -> list[Fault]:
    """Faults of files that scores.columns names and scores.files does not."""
    known = {str(path) for path in files} | {path.name for path in files}
    remedy = f"Name a file as scores.files does: {', '.join(map(str, files)) or 'it names none that is there'}"
    return [
        Fault(f"scores.columns names {name}, which is no scoring file of the run", remedy=remedy)
        for name in columns
        if name not in known
    ]


def doubt_build(rows: pl.DataFrame, bases: Callable[[str, int, int], str]) -> tuple[str | None, bool]:
    """What the reference's bases have against the positions, else None, and whether that is certain.

    Of a variant of single bases one allele should be the reference's, unless it is given on the other strand. A/T and
    C/G are the same on both, so that they tell another build from another strand where they are enough.
    """
    single = (pl.col("effect_allele").str.len_bytes() == 1) & (pl.col("other_allele").str.len_bytes() == 1)
    found = rows.filter(pl.col("not_scorable").is_null() & single)
    found = found.select("contig", "pos", "effect_allele", "other_allele")
    found = found.gather_every(max(1, len(found) // CHECKED)).sort("contig", "pos")
    agree: dict[bool, list[bool]] = {True: [], False: []}
    for contig, pos, *alleles in found.iter_rows():
        base = bases(contig, pos, pos)
        if base and base in "ACGT":
            agree[is_ambiguous(*alleles)].append(base in alleles)
    both, certain = agree[True] + agree[False], len(agree[True]) >= FEWEST
    decisive = agree[True] if certain else both
    if len(both) < FEWEST or sum(both) >= LEAST_SHARE * len(both) or sum(decisive) >= LEAST_SHARE * len(decisive):
        return None, certain
    return f"only {sum(both)} of {len(both)} variants have the reference's base among their alleles", certain
