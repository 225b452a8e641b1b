"""Diplotypes that explain everything but one position, for genotypes that fit no pair of known alleles."""

import numpy as np

from permed.pharmacogenes.calling.matching import scores
from permed.pharmacogenes.definitions import MISSING, Gene
from permed.pharmacogenes.reading.patterns import Pattern

MOST_NEAR = 10


def nearly(gene: Gene, pattern: Pattern) -> list[tuple[tuple[int, ...], int, int]]:
    """Alleles that fail to explain one strand of one position: (alleles, position, score), best score first.

    At most :data:`MOST_NEAR`. A strand that was not read fails nothing, an unknown base fails every allele; the
    strands of a phase block are set against the alleles in the order that fails less.
    """
    first, second = (_misfits(gene, pattern.codes[:, strand]) for strand in (0, -1))
    score = scores(gene, pattern)
    if pattern.haploid:
        alone = np.flatnonzero(first.sum(axis=1) == 1)
        order = sorted(alone.tolist(), key=lambda i: (-int(score[i]), i))[:MOST_NEAR]
        return [((i,), int(first[i].argmax()), int(score[i])) for i in order]
    plain = np.flatnonzero(~pattern.heterozygous)
    failed = first[:, plain].sum(axis=1)
    total = failed[:, None] + failed[None, :]
    blocks = pattern.block_members()
    for at in blocks:
        one, other = first[:, at].sum(axis=1), second[:, at].sum(axis=1)
        total = total + np.minimum(one[:, None] + other[None, :], other[:, None] + one[None, :])
    pairs = np.argwhere(np.triu(total == 1)).tolist()
    pairs.sort(key=lambda pair: (-int(score[pair].sum()), pair))
    return [
        ((i, j), _where(first, second, plain, blocks, i, j), int(score[i] + score[j])) for i, j in pairs[:MOST_NEAR]
    ]


def _misfits(gene: Gene, codes: np.ndarray) -> np.ndarray:
    """Where each allele does not admit the base of a strand: (alleles, positions) int32; never where none was read."""
    codes = codes.astype(np.int64)
    admitted = ((gene.bases >> np.maximum(codes, 0)) & 1).astype(bool) & (codes >= 0)
    return (~admitted & (codes != MISSING)).astype(np.int32)


def _where(first: np.ndarray, second: np.ndarray, plain: np.ndarray, blocks: list[np.ndarray], i: int, j: int) -> int:
    """The one position at which two alleles fail."""
    for at in (plain, *blocks):
        given, turned = first[i, at] + second[j, at], second[i, at] + first[j, at]
        fewest = min(given, turned, key=lambda counts: counts.sum())
        if fewest.any():
            return int(at[fewest.argmax()])
    raise ValueError("the alleles explain every position")
