"""The sentences that explain a call to a physician."""

import numpy as np

from permed.pharmacogenes.calling.lowest import Lowest
from permed.pharmacogenes.calling.weighing import FITS, Weighed, by_phenotype
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.phenotypes import NOT_AVAILABLE
from permed.pharmacogenes.reading.patterns import Pattern

MOST_NAMED = 5
NOT_BELIEVED = "was read, but not believed"
MOST_UNREAD = 3  # positions whose hidden alleles the reason names; the evidence has them all


def nothing_read(gene: Gene, unbelieved: np.ndarray) -> str:
    """None of the gene's positions has a genotype that can be relied on."""
    if len(gene.positions) == 1:
        how = NOT_BELIEVED if unbelieved.any() else "was not read"
        return f"The only position of {gene.name}, {gene.positions[0].name}, {how}."
    if unbelieved.any():
        total, count = len(gene.positions), int(unbelieved.sum())
        rest = f", and the other {total - count} have no genotype" if count < total else ""
        return (
            f"Of the {_positions(total)} that define the alleles of {gene.name} {count} {_were(count)} read, but not "
            f"believed{rest}."
        )
    return f"None of the {_positions(len(gene.positions))} that define the alleles of {gene.name} was read."


def required_missing(gene: Gene, required: np.ndarray, unbelieved: np.ndarray) -> str:
    """A position without which the gene is never called."""
    how = NOT_BELIEVED if (required & unbelieved).any() else "was not read"
    return f"{_named(gene, required)} is needed to call {gene.name} and {how}."


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


def of_mitochondrial(gene: Gene, pattern: Pattern, partly: list[str]) -> list[str]:
    """Cautions about changes on a part of the mitochondrial DNA and about changes of no known allele."""
    said = []
    if partly:
        verb = "was" if len(partly) == 1 else "were"
        said.append(
            f"{' and '.join(partly)} {verb} found beside the reference base: on a part of the mitochondrial DNA only "
            "(heteroplasmy), or by a false reading. The published risks do not tell parts; have it confirmed."
        )
    if pattern.undocumented.any():
        said.append(no_match(gene, pattern))
    return said


def positions_read(gene: Gene, unread: np.ndarray) -> str:
    """How many positions a call that no missing position can change rests on."""
    count = int(unread.sum())
    if not count:
        return all_read(gene)
    return f"{count} of {_positions(len(gene.positions))} {_were(count)} not read; they could not lower the risk."


def could_change(gene: Gene, unread: np.ndarray) -> str:
    """Unread positions could hold a graver or a further allele."""
    count = int(unread.sum())
    return f"{count} of {_positions(len(gene.positions))} {_were(count)} not fully read and could change the result."


def other_sequence(contig: str, length: int | None, expected: int) -> str:
    """The file's mitochondrial DNA is not the sequence along which the alleles are defined."""
    if length is None:
        return f"Nothing says how long {contig} of the genotypes is, so it may be another sequence than rCRS."
    return f"{contig} of the genotypes is {length:,} long, another sequence than rCRS ({expected:,}): it was not read."


def without_place(gene: Gene, build: str) -> str:
    """Positions whose place on the genotypes' build is not known; empty where all are."""
    which = gene.unplaced(build)
    return f"No place on {build} is known for {_named(gene, which)}, so it counts as not read." if which.any() else ""


def all_read(gene: Gene) -> str:
    """No position is missing."""
    total = len(gene.positions)
    return f"The only position of {gene.name} was read." if total == 1 else f"All {total} positions were read."


def taken_for_reference(gene: Gene, assumed: np.ndarray | None) -> str:
    """Positions that the run's word alone makes reference; empty where there are none."""
    count = 0 if assumed is None else int(assumed.sum())
    if not count:
        return ""
    total = len(gene.positions)
    if total == 1:
        return f"The only position of {gene.name} has no record and was taken for reference."
    return f"{count} of {_positions(total)} {_have(count)} no record and {_were(count)} taken for reference."


def unread(gene: Gene, hides: dict[int, list[str]], unbelieved: np.ndarray) -> list[str]:
    """What positions that were not read, or not believed, could hide: the first few, those never taken for reference
    before others."""
    said = []
    for word, asked in (("Not read", ~unbelieved), ("Not believed", unbelieved)):
        said += _hidden(gene, {at: names for at, names in hides.items() if asked[at]}, word)
    return said


def _hidden(gene: Gene, hides: dict[int, list[str]], word: str) -> list[str]:
    order = sorted(hides, key=lambda at: (not gene.positions[at].never_default, not gene.positions[at].required, at))
    if not order:
        return []
    told = "; ".join(f"{gene.positions[at].name} could hide {_some(hides[at])}" for at in order[:MOST_UNREAD])
    more = len(order) - MOST_UNREAD
    return [f"{word}: {told}" + (f"; and {_positions(more)} more." if more > 0 else ".")]


def certainty(gene: Gene, row: dict, weighed: list[Weighed]) -> list[str]:
    """Whether the phenotype is known though the diplotype is not, or what else it could be."""
    state, certain = row["state"], row["phenotype_certain"]
    if gene.research or not gene.phenotypes or state == "no_call":
        return []
    if certain and state == "multiple":
        return [f"All of them give {row['phenotype']}: the phenotype is certain, the diplotype is not."]
    if certain and state == "not_assessable":
        phenotype = row["phenotype"] or weighed[0].phenotype
        return [f"Every possibility gives {phenotype}: the phenotype is certain, the diplotype is not."]
    if state == "multiple":
        answers = by_phenotype(weighed)
        if answers.keys() <= {None, NOT_AVAILABLE}:
            return ["No phenotype is assigned to any of them."]
        told = [f"{phenotype or 'no phenotype'} with {_some(pairs, ' or ')}" for phenotype, pairs in answers.items()]
        return [f"The phenotype is not certain: {'; '.join(told)}."]
    if state == "not_assessable":
        return ["The phenotype is not certain either."]
    if gene.method == "diplotype":
        return _other_readings(row["phenotype"], weighed)
    together = [one.phenotype for one in weighed if one.kind == FITS and gene.method == "lowest_function"]
    differ = [phenotype for phenotype in together if phenotype != row["phenotype"]]
    return [f"If they lay on one chromosome the phenotype would be {phenotype}." for phenotype in differ]


def _other_readings(phenotype: str | None, weighed: list[Weighed]) -> list[str]:
    """Pairs of another phenotype that the genotypes allow in another phase, and what would settle it."""
    told: dict[str, list[str]] = {}
    for one in weighed:
        if one.kind == FITS and one.phenotype != phenotype:
            told.setdefault(one.phenotype or "no phenotype", []).append(one.diplotype)
    if not told:
        return []
    listed = "; ".join(f"{other} with {_some(pairs, ' or ')}" for other, pairs in told.items())
    return [f"The phenotype is not certain: in another phase it is {listed}. Phase or enzyme activity settles it."]


def either_number(gene: Gene, one: str, two: str, phenotype: str | None) -> str:
    """It is not known how many copies of the contig the person has; ``one`` and ``two`` are what either would give."""
    agree = f" Both give {phenotype}: the phenotype is certain, the diplotype is not." if phenotype else ""
    where = gene.contig
    return f"How many copies of {where} there are is not known. One copy would be: {one} Two copies: {two}{agree}"


def phase_from_reads(gene: Gene, joined: list[int], fewest: int) -> str:
    """Positions that reads phase with each other; ``fewest`` reads place one of them."""
    which = np.isin(np.arange(len(gene.positions)), joined)
    return f"The phase of {_named(gene, which)} is from sequencing reads, at least {fewest} for each position."


def phase_from_parents(gene: Gene, joined: list[int], roles: list[str]) -> str:
    """Positions that the genotypes of parents phase with each other."""
    which = np.isin(np.arange(len(gene.positions)), joined)
    return f"The phase of {_named(gene, which)} is from the genotypes of {_parents(roles)}."


def phase_against_parents(gene: Gene, places: list[int]) -> str:
    """The phase that is known otherwise is none that the parents can have passed on."""
    which = np.isin(np.arange(len(gene.positions)), places)
    return f"The phase at {_named(gene, which)} was kept as it is; the genotypes of the parents contradict it."


def not_inherited(gene: Gene, places: list[int], roles: list[str]) -> str:
    """Genotypes that no child of the parents can have."""
    which = np.isin(np.arange(len(gene.positions)), places)
    return (
        f"At {_named(gene, which)} the genotype is none that {_parents(roles)} can have passed on, so that one of the "
        "genotypes may be wrong: nothing about its phase was taken from them."
    )


def _parents(roles: list[str]) -> str:
    return " and ".join(f"the {role}" for role in roles)


def contradicted_phase(gene: Gene, which: np.ndarray) -> str:
    """Reads say another phase than the genotypes."""
    return f"The phase that the genotypes state at {_named(gene, which)} was kept; sequencing reads contradict it."


def disagreeing_reads(gene: Gene, which: np.ndarray) -> str:
    """Reads contradict each other."""
    return f"Sequencing reads disagree about the phase of {_named(gene, which)} and were not used for it."


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
    return all_read(gene)


def _some(items: list[str], between: str = ", ") -> str:
    more = len(items) - MOST_NAMED
    return between.join(items[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _positions(count: int) -> str:
    return "1 position" if count == 1 else f"{count} positions"


def _named(gene: Gene, which: np.ndarray) -> str:
    return _some([gene.positions[i].name for i in np.flatnonzero(which)])
