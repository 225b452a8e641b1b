"""Which alleles an unread position could hide from a person, given everything that was read."""

import numpy as np

from permed.pharmacogenes.calling.matching import fits
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.reading.patterns import Pattern


def carriable(gene: Gene, pattern: Pattern) -> np.ndarray:
    """Alleles (alleles,) that one of the two strands admits at every position that was read in full.

    Where alleles combine on a strand only the cells that the definition gives are compared.
    """
    read = np.flatnonzero(pattern.present & ~pattern.half_called & ~pattern.undocumented)
    strands = pattern.codes.T[:1] if pattern.haploid else pattern.codes.T
    fine = np.logical_or.reduce([fits(gene, strand, read) for strand in strands])
    if gene.method == "lowest_function":
        fine |= ~gene.specified[:, read]
    return fine.all(axis=1)


def settled(gene: Gene, pattern: Pattern) -> np.ndarray:
    """Positions (positions,) that decide nothing, since the one they stand for was read."""
    found = np.zeros(len(gene.positions), bool)
    for proxy in (rule for rule in gene.rules if rule.rule == "proxy"):
        for rule in gene.rules:
            if rule.rule == "decisive" and rule.allele == proxy.allele and pattern.present[rule.position]:
                found[proxy.position] = not (pattern.codes[rule.position] == rule.code).any()
    return found


def in_doubt(gene: Gene, pattern: Pattern) -> bool:
    """Whether a position that decides something was read and not believed: what it seemed to be may be there."""
    return bool((pattern.unbelieved & ~settled(gene, pattern)).any())


def hidden(gene: Gene, pattern: Pattern, possible: np.ndarray) -> dict[int, list[str]]:
    """By unread or half-read position (index) the names of the ``possible`` alleles that differ from the reference.

    Positions that hide nothing are left out.
    """
    unread = np.flatnonzero((pattern.blank | pattern.half_called) & ~settled(gene, pattern))
    chosen = np.flatnonzero(possible)
    cells = np.ix_(chosen, unread)
    where, which = np.nonzero((gene.specified[cells] & (gene.bases[cells] != gene.bases[gene.reference, unread])).T)
    found: dict[int, dict[str, None]] = {}
    for at, allele in zip(unread[where].tolist(), chosen[which].tolist(), strict=True):
        found.setdefault(at, {})[gene.alleles[allele].shown] = None
    return {at: list(shown) for at, shown in found.items()}
