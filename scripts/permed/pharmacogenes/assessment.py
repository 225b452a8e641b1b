"""What the positions that were not read could change: missing is never reference."""

from dataclasses import dataclass, field

import numpy as np

from permed.pharmacogenes import names
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.lowest import Lowest, weight
from permed.pharmacogenes.matching import Match, fill, match_pairs, top
from permed.pharmacogenes.patterns import Pattern
from permed.pharmacogenes.phenotypes import phenotype_of

MOST_LISTED = 10  # alternatives written out
MOST_TRIED = 40  # alternatives checked against better ones before the rest are taken as possible


@dataclass(frozen=True)
class Doubt:
    """Whether missing positions could change a result, and to what.

    ``others`` are diplotypes that the missing positions could give, at most :data:`MOST_LISTED`; ``more`` counts those
    beyond. ``phenotypes`` are all that could follow, the present one included.
    """

    changes: bool
    others: list[str] = field(default_factory=list)
    more: int = 0
    phenotypes: frozenset[str | None] = frozenset()


def doubt_pairs(gene: Gene, pattern: Pattern, found: list[Match]) -> Doubt:
    """What could the result ``found`` on the positions present become if the missing positions were known.

    Candidates are the allele pairs that agree with every present position, the missing ones being anything. One
    counts if no better pair explains the genotypes that its own carrier would have.
    """
    current = names.distinct([names.diplotype(gene, match.alleles) for match in found])
    known = frozenset(phenotype_of(gene, match.alleles)[1] for match in found)
    if not pattern.blank.any():
        return Doubt(False, phenotypes=known)
    compatible = match_pairs(gene, pattern, scored_only=False)
    full = gene.specified.sum(axis=1)
    compatible.sort(key=lambda match: (-int(full[list(match.alleles)].sum()), match.alleles))
    # Of several equally good ones each is tried too: the missing positions could settle the tie.
    settled = current if len(current) == 1 else []
    rest = [match for match in compatible if names.diplotype(gene, match.alleles) not in settled]
    others: list[str] = []
    for tried, match in enumerate(rest):
        if tried == MOST_TRIED or len(others) >= MOST_LISTED:
            break
        best = top(match_pairs(gene, fill(gene, pattern, match.alleles)))
        outcome = [names.diplotype(gene, one.alleles) for one in best]
        if set(outcome) != set(current):
            others += [label for label in outcome if label not in others and label not in settled]
    untried = max(len(rest) - MOST_TRIED, 0) if len(others) < MOST_LISTED else len(rest) - len(others)
    changes = bool(others) or len(rest) > MOST_TRIED
    possible = {phenotype_of(gene, match.alleles)[1] for match in _by_function(gene, rest)}
    return Doubt(changes, others[:MOST_LISTED], max(untried, 0), known | possible if changes else known)


def doubt_lowest(gene: Gene, pattern: Pattern, found: Lowest) -> Doubt:
    """The same for genes called from single variants: an allele hidden at a missing position would be added."""
    blank = (pattern.blank | pattern.half_called) & ~_settled(gene, pattern)
    known = phenotype_of(gene, found.lookup)[1]
    hidden = np.flatnonzero(gene.changing[:, np.flatnonzero(blank)].any(axis=1)).tolist()
    hidden = [allele for allele in hidden if allele != gene.reference]
    if not hidden:
        return Doubt(False, phenotypes=frozenset({known}))
    strands = len(found.lookup)
    outcomes = {}
    for allele in sorted(hidden, key=lambda i: weight(gene, i)):
        lookup = tuple(sorted([*found.lookup, allele], key=lambda i: weight(gene, i))[:strands])
        outcomes.setdefault(names.diplotype(gene, lookup), phenotype_of(gene, lookup)[1])
        twice = tuple(sorted([*found.lookup, allele, allele], key=lambda i: weight(gene, i))[:strands])
        outcomes.setdefault(names.diplotype(gene, twice), phenotype_of(gene, twice)[1])
    others = [label for label in outcomes if label not in found.labels]
    phenotypes = frozenset({known, *outcomes.values()})
    return Doubt(True, others[:MOST_LISTED], max(len(others) - MOST_LISTED, 0), phenotypes)


def _settled(gene: Gene, pattern: Pattern) -> np.ndarray:
    """Missing positions that decide nothing, since the one they stand for was read."""
    settled = np.zeros(len(gene.positions), bool)
    for proxy in (rule for rule in gene.rules if rule.rule == "proxy"):
        for rule in gene.rules:
            if rule.rule == "decisive" and rule.allele == proxy.allele and pattern.present[rule.position]:
                settled[proxy.position] = not (pattern.codes[rule.position] == rule.code).any()
    return settled


def _by_function(gene: Gene, matches: list[Match]) -> list[Match]:
    """One match for each combination of functions and activity values: enough to know the phenotypes."""
    kinds = {}
    for match in matches:
        carried = [gene.alleles[i] for i in match.alleles]
        kinds.setdefault(tuple(sorted((a.function or "", a.activity_value or "") for a in carried)), match)
    return list(kinds.values())
