"""The sentences that explain a call to a physician."""

import numpy as np

from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.lowest import Lowest
from permed.pharmacogenes.patterns import Pattern

MOST_NAMED = 5


def nothing_read(gene: Gene) -> str:
    """None of the gene's positions has a genotype."""
    return f"None of the {_positions(len(gene.positions))} that define the alleles of {gene.name} was read."


def required_missing(gene: Gene, required: np.ndarray) -> str:
    """A position without which the gene is never called."""
    return f"{_named(gene, required)} is needed to call {gene.name} and was not read."


def half_called(gene: Gene, which: np.ndarray) -> str:
    """Only one of the two chromosomes was read."""
    return f"At {_named(gene, which)} only one of the two chromosomes was read."


def no_match(gene: Gene, pattern: Pattern) -> str:
    """The genotypes are those of no pair of known alleles."""
    if pattern.undocumented.any():
        return f"{_named(gene, pattern.undocumented)} carries a variant that the definition of {gene.name} lacks."
    return f"The genotypes fit no pair of known alleles of {gene.name}."


def with_combinations(reason: str) -> str:
    """What the research combinations of a gene without a call are."""
    return f"{reason} Combinations of known alleles and changes would explain them: for research, never a call."


def too_many_combinations(reason: str) -> str:
    """A gene without a call whose genotypes hold parts of more alleles than are combined."""
    return f"{reason} So many known alleles fit a part of them that their combinations are not listed."


def by_position(position: str, label: str) -> str:
    """One position gives the function where no diplotype was found."""
    return f"Function is taken from {position} alone, as for {label}."


def of_pairs(
    gene: Gene, pattern: Pattern, state: str, labels: list[str], passed_over: list[str], weaker: list[str]
) -> str:
    """For a gene called by whole alleles; ``weaker`` are pairs that fit with a lower score."""
    sentences = [_state(gene, pattern, state, labels)]
    if passed_over:
        verb = "fits" if len(passed_over) == 1 else "fit"
        sentences.append(f"Without phase {' and '.join(passed_over)} {verb} too; the published order decides.")
    elif weaker and state != "not_assessable" and len(pattern.block_members()) > 1:
        shown = f"{len(weaker)} other pairs" if len(weaker) > MOST_NAMED else " and ".join(weaker)
        sentences.append(f"{shown} would explain the genotypes too if they lay otherwise on the chromosomes.")
    return " ".join(sentences)


def of_lowest(gene: Gene, pattern: Pattern, state: str, found: Lowest) -> str:
    """For a gene called from the variants of lowest function."""
    unread = (pattern.blank | pattern.half_called).any()
    sentences = [] if found.unarranged and not unread else [_state(gene, pattern, state, found.labels)]
    if found.unarranged:
        sentences.append(
            f"The input leaves {found.unarranged} groups of variants unphased with each other, which is more than are "
            "tried in every arrangement, so their phase was not used and the result may not be relied on."
        )
    if len(found.found) > 1:
        phase = "Without phase," if found.unarranged else "The phase is not known;"
        sentences.append(
            f"{phase} of {', '.join(found.found)} the two of lowest function are taken as one on each chromosome."
        )
    elif found.combined:
        sentences.append("Several variants lie on one chromosome; the one of lowest function decides.")
    return " ".join(sentences)


def without_place(gene: Gene, build: str) -> str:
    """Positions whose place on the genotypes' build is not known; empty where all are."""
    which = gene.unplaced(build)
    return f"No place on {build} is known for {_named(gene, which)}, so it counts as not read." if which.any() else ""


def notes(gene: Gene, undocumented: np.ndarray) -> list[str]:
    """What holds for the gene whatever was found."""
    said = []
    if gene.undocumented_as_reference and undocumented.any():
        said.append(f"An unknown variant at {_named(gene, undocumented)} counts as reference.")
    if gene.research:
        said.append("Copy number and hybrid genes were not seen: for research only.")
    return said


def _state(gene: Gene, pattern: Pattern, state: str, labels: list[str]) -> str:
    total = len(gene.positions)
    if state == "not_assessable":
        unread = int((pattern.blank | pattern.half_called).sum())
        return f"{unread} of {_positions(total)} {_were(unread)} not fully read and could change the result."
    if state == "multiple":
        return f"{len(labels)} diplotypes explain the genotypes equally well."
    if pattern.blank.any():
        unread = int(pattern.blank.sum())
        fits = "no other pair of known alleles fits what was read"
        return f"{unread} of {_positions(total)} {_were(unread)} not read, but {fits}."
    return f"The only position of {gene.name} was read." if total == 1 else f"All {total} positions were read."


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _positions(count: int) -> str:
    return "1 position" if count == 1 else f"{count} positions"


def _named(gene: Gene, which: np.ndarray) -> str:
    named = [gene.positions[i].name for i in np.flatnonzero(which)]
    more = len(named) - MOST_NAMED
    return ", ".join(named[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
