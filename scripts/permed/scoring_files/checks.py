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


def check_scores(
    files: list[Path], build: str, lift: Lift | None = None, reference: Reference | None = None
) -> tuple[list[Fault], list[str]]:
    """Faults of the files, and notes on those that do not say their build; with a ``reference`` their positions are
    compared with it."""
    faults, notes, origin = [], [], {}
    whole = Reference(reference.path, CONTIGS) if reference else None
    for path in files:
        file = read_scoring_file(path, build, lift)
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
        faults += found
    return faults, notes


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
