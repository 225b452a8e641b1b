"""What the positions that were not read could change: missing is never reference."""

from dataclasses import dataclass, field

import numpy as np

from permed.pharmacogenes import names
from permed.pharmacogenes.calling.hidden import carriable, settled
from permed.pharmacogenes.calling.lowest import Lowest, weight
from permed.pharmacogenes.calling.matching import Match, fill, match_pairs, top
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.phenotypes import NOT_AVAILABLE, phenotype_of
from permed.pharmacogenes.reading.patterns import Pattern

MOST_LISTED = 10  # alternatives written out
MOST_TRIED = 40  # alternatives checked against better ones before the rest are taken as possible


@dataclass(frozen=True)
class Doubt:
    """Whether missing positions could change a result, and to what.

    ``others`` are diplotypes that the missing positions could give, at most :data:`MOST_LISTED`, with their alleles;
    ``more`` counts those beyond. ``phenotypes`` are all that could follow, the present one included. ``possible``
    marks the alleles that the person may carry, None where every position was read.
    """

    changes: bool
    others: dict[str, tuple[int, ...]] = field(default_factory=dict)
    more: int = 0
    phenotypes: frozenset[str | None] = frozenset()
    possible: np.ndarray | None = None

    @property
    def phenotype_certain(self) -> bool:
        """Whether there is one phenotype whatever the missing positions hold."""
        return len(self.phenotypes) == 1 and not self.phenotypes & {None, NOT_AVAILABLE}


def doubt_pairs(gene: Gene, pattern: Pattern, found: list[Match], readings: list[Match]) -> Doubt:
    """What could the result ``found`` on the positions present become if the missing positions were known.

    ``readings`` are all pairs that some phase of what was read allows, ``found`` among them: the phenotype is certain
    only if it is that of each. Candidates are the allele pairs that agree with every present position, the missing ones
    being anything. One counts if no better pair explains the genotypes that its own carrier would have.
    """
    current = names.distinct([names.diplotype(gene, match.alleles) for match in found])
    known = frozenset(phenotype_of(gene, match.alleles)[1] for match in _by_function(gene, readings))
    if not pattern.blank.any():
        return Doubt(False, phenotypes=known)
    compatible = match_pairs(gene, pattern, scored_only=False)
    full = gene.specified.sum(axis=1)
    compatible.sort(key=lambda match: (-int(full[list(match.alleles)].sum()), match.alleles))
    # Of several equally good ones each is tried too: the missing positions could settle the tie.
    kept = current if len(current) == 1 else []
    rest = [match for match in compatible if names.diplotype(gene, match.alleles) not in kept]
    others: dict[str, tuple[int, ...]] = {}
    for tried, match in enumerate(rest):
        if tried == MOST_TRIED or len(others) >= MOST_LISTED:
            break
        best = top(match_pairs(gene, fill(gene, pattern, match.alleles)))
        outcome = {names.diplotype(gene, one.alleles): one.alleles for one in best}
        if set(outcome) != set(current):
            others |= {k: of for k, of in outcome.items() if k not in others and k not in kept}
    untried = max(len(rest) - MOST_TRIED, 0) if len(others) < MOST_LISTED else len(rest) - len(others)
    changes = bool(others) or len(rest) > MOST_TRIED
    possible = {phenotype_of(gene, match.alleles)[1] for match in _by_function(gene, rest)}
    phenotypes = known | possible if changes else known
    return Doubt(changes, _first(others), max(untried, 0), phenotypes, _carried(gene, compatible))


def doubt_lowest(gene: Gene, pattern: Pattern, found: Lowest) -> Doubt:
    """The same for genes called from single variants: an allele hidden at a missing position would be added."""
    blank = (pattern.blank | pattern.half_called) & ~settled(gene, pattern)
    known = {phenotype_of(gene, lookup)[1] for lookup in (*found.lookups, *found.arranged)}
    hidden = np.flatnonzero(gene.changing[:, np.flatnonzero(blank)].any(axis=1)).tolist()
    hidden = [allele for allele in hidden if allele != gene.reference]
    if not hidden:
        return Doubt(False, phenotypes=frozenset(known), possible=np.zeros(len(gene.alleles), bool))
    strands = len(found.lookup)
    outcomes: dict[str, tuple[int, ...]] = {}
    for allele in sorted(hidden, key=lambda i: weight(gene, i)):
        lookup = tuple(sorted([*found.lookup, allele], key=lambda i: weight(gene, i))[:strands])
        outcomes.setdefault(names.diplotype(gene, lookup), lookup)
        twice = tuple(sorted([*found.lookup, allele, allele], key=lambda i: weight(gene, i))[:strands])
        outcomes.setdefault(names.diplotype(gene, twice), twice)
    others = {label: lookup for label, lookup in outcomes.items() if label not in found.labels}
    phenotypes = frozenset(known | {phenotype_of(gene, lookup)[1] for lookup in outcomes.values()})
    possible = carriable(gene, pattern)
    return Doubt(True, _first(others), max(len(others) - MOST_LISTED, 0), phenotypes, possible)


def doubt_unmatched(gene: Gene, pattern: Pattern) -> Doubt:
    """What missing positions hide where no result is given: what a needed position or half a genotype leaves open."""
    compatible = [] if pattern.half_called.any() else match_pairs(gene, pattern, scored_only=False)
    phenotypes = frozenset(phenotype_of(gene, match.alleles)[1] for match in _by_function(gene, compatible))
    possible = _carried(gene, compatible) if compatible else carriable(gene, pattern)
    labels = {names.diplotype(gene, match.alleles): match.alleles for match in reversed(compatible)}
    others = dict(reversed(labels.items()))
    more = max(len(others) - MOST_LISTED, 0)
    return Doubt(False, _first(others), more, phenotypes, possible)


def _first(others: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return dict(list(others.items())[:MOST_LISTED])


def _carried(gene: Gene, matches: list[Match]) -> np.ndarray:
    carried = np.zeros(len(gene.alleles), bool)
    carried[[i for match in matches for i in match.alleles]] = True
    return carried


def _by_function(gene: Gene, matches: list[Match]) -> list[Match]:
    """One match for each combination of functions and activity values: enough to know the phenotypes."""
    kinds = {}
    for match in matches:
        carried = [gene.alleles[i] for i in match.alleles]
        kinds.setdefault(tuple(sorted((a.function or "", a.activity_value or "") for a in carried)), match)
    return list(kinds.values())
