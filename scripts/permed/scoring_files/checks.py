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
        found = file.faults or (build_faults(path, file.rows, whole.bases, build) if whole else [])
        for score in file.rows["score"].unique(maintain_order=True) if not found else []:
            if score in origin:
                fault = f"the score {score} is also in {origin[score]}"
                found = [*found, Fault(fault, path, remedy="Name each score in one file only")]
            origin.setdefault(score, path)
        if not found and file.origin == NOT_REPORTED.format(build):
            notes.append(f"{path}: positions {file.origin}" + ("; they fit its reference" if whole else ""))
        faults += found
    return faults, notes


def build_faults(path: Path, rows: pl.DataFrame, bases: Callable[[str, int, int], str], build: str) -> list[Fault]:
    """A Fault where the reference's bases show that the positions are of another build.

    Of a variant of single bases one allele should be the reference's, unless it is given on the other strand; A/T and
    C/G are the same on both, so that where others disagree they tell another build from another strand.
    """
    single = (pl.col("effect_allele").str.len_bytes() == 1) & (pl.col("other_allele").str.len_bytes() == 1)
    found = rows.filter(pl.col("not_scorable").is_null() & single).select(
        "contig", "pos", "effect_allele", "other_allele"
    )
    found = found.gather_every(max(1, len(found) // CHECKED)).sort("contig", "pos")
    agree = {True: [], False: []}
    for contig, pos, *alleles in found.iter_rows():
        base = bases(contig, pos, pos)
        if base and base in "ACGT":
            agree[is_ambiguous(*alleles)].append(base in alleles)
    both = agree[True] + agree[False]
    if len(both) < FEWEST or sum(both) >= LEAST_SHARE * len(both):
        return []
    if len(agree[True]) >= FEWEST and sum(agree[True]) >= LEAST_SHARE * len(agree[True]):
        return []
    share = f"{sum(both)} of {len(both)} variants have the reference's base"
    remedy = f"Take the file of {build}, or one whose alleles are on the forward strand"
    return [Fault(f"its positions do not fit {build}: only {share} among their alleles", path, remedy=remedy)]
