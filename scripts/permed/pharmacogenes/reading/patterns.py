"""One person's genotypes at a gene's positions as a value that can be compared, so that equal ones are called once."""

from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

import numpy as np

from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF, UNDOCUMENTED

UNPHASED = 0  # block of a genotype without phase; blocks above it hold genotypes phased with each other


@dataclass(frozen=True, eq=False)
class Pattern:
    """Base codes of both strands at each position and what is known of their phase.

    ``codes`` (positions, 2) int8 in the codes of :mod:`permed.pharmacogenes.definitions`; ``blocks`` (positions,) the
    phase block of each heterozygous position, :data:`UNPHASED` elsewhere; ``in_sets`` tells whether the input named
    phase sets. ``doubted`` (positions,) marks positions that were read and not believed, whose codes are missing.
    ``open_copies`` tells that it is not known how many copies of the contig the person has, and the codes are as they
    are written.
    """

    codes: np.ndarray
    blocks: np.ndarray
    in_sets: bool = False
    doubted: np.ndarray | None = None
    open_copies: bool = False

    @cached_property
    def key(self) -> bytes:
        """What equal patterns have in common and different ones do not: a digest, since a cohort has many patterns."""
        parts = [self.codes.tobytes(), self.blocks.tobytes(), bytes([self.in_sets, self.open_copies])]
        if self.doubted is not None:
            parts.append(self.doubted.tobytes())
        return blake2b(b"".join(parts), digest_size=16).digest()

    @cached_property
    def haploid(self) -> bool:
        """Whether there is one strand only."""
        return bool((self.codes[:, 1] == NO_STRAND).all() and len(self.codes))

    @cached_property
    def present(self) -> np.ndarray:
        """Positions with a genotype, half-called ones included."""
        return ~self.blank

    @cached_property
    def blank(self) -> np.ndarray:
        """Positions without a genotype on any strand."""
        first, second = self.codes.T
        return (first == MISSING) & ((second == MISSING) | (second == NO_STRAND))

    @cached_property
    def half_called(self) -> np.ndarray:
        """Positions where one strand is known and the other is not."""
        return self.present & (self.codes == MISSING).any(axis=1)

    @cached_property
    def undocumented(self) -> np.ndarray:
        """Positions that carry an alternate which no definition knows."""
        return (self.codes == UNDOCUMENTED).any(axis=1)

    @cached_property
    def heterozygous(self) -> np.ndarray:
        """Positions where the two strands differ."""
        return self.present & (self.codes[:, 0] != self.codes[:, 1]) & (self.codes[:, 1] != NO_STRAND)

    def block_members(self) -> list[np.ndarray]:
        """Heterozygous positions (indices) of each phase block, an unphased one being a block of its own."""
        return self._members

    @cached_property
    def _members(self) -> list[np.ndarray]:
        het = np.flatnonzero(self.heterozygous)
        phased = [het[self.blocks[het] == block] for block in sorted(set(self.blocks[het].tolist()) - {UNPHASED})]
        return [*phased, *(np.array([at]) for at in het if self.blocks[at] == UNPHASED)]

    def with_undocumented_as_reference(self) -> "Pattern":
        """The pattern with every unknown alternate taken for the reference base."""
        if not self.undocumented.any():
            return self
        codes = np.where(self.codes == UNDOCUMENTED, REF, self.codes).astype(np.int8)
        return Pattern(codes, self.blocks, self.in_sets, self.doubted)

    @cached_property
    def unbelieved(self) -> np.ndarray:
        """Positions that were read and not believed."""
        return np.zeros(len(self.codes), bool) if self.doubted is None else self.doubted & self.blank


def canonical(codes: np.ndarray, blocks: np.ndarray, doubted: np.ndarray | None = None) -> Pattern:
    """The pattern with what carries no information made uniform.

    Unphased genotypes have the lower code first, homozygous ones belong to no block, blocks are numbered as they
    appear and each starts with its lower code on the first strand. ``blocks``: 0 unphased, -1 phased without a
    set, above 0 the phase set.
    """
    codes = codes.astype(np.int8, copy=True)
    het = (codes[:, 0] != codes[:, 1]) & (codes[:, 1] != NO_STRAND)
    blocks = np.where(het, blocks, UNPHASED)
    in_sets = bool((blocks > 0).any())
    loose = blocks == UNPHASED
    paired = loose & (codes[:, 1] != NO_STRAND)
    codes[paired] = np.sort(codes[paired], axis=1)
    renamed = np.zeros(len(blocks), np.int16)
    places = {block: np.flatnonzero(blocks == block) for block in dict.fromkeys(blocks[~loose].tolist())}
    for number, at in enumerate(sorted(places.values(), key=lambda at: at[0]), start=1):
        renamed[at] = number
        if codes[at[0], 0] > codes[at[0], 1]:
            codes[at] = codes[at, ::-1]
    return Pattern(codes, renamed, in_sets, doubted if doubted is not None and doubted.any() else None)


def distinct(
    codes: np.ndarray, blocks: np.ndarray, doubts: np.ndarray | None = None, open_copies: np.ndarray | None = None
) -> tuple[list[Pattern], np.ndarray]:
    """The distinct patterns among samples and each sample's index into them.

    ``codes`` (samples, positions, 2) int8 and ``blocks`` (samples, positions) int32 as :func:`canonical` takes them,
    ``doubts`` (samples, positions) not 0 where a genotype was read and not believed, ``open_copies`` (samples,) of whom
    the number of copies is not known.
    """
    codes, blocks = np.ascontiguousarray(codes), np.ascontiguousarray(blocks)
    doubted = np.zeros(codes.shape[:2], bool) if doubts is None else np.ascontiguousarray(doubts != 0)
    unknown = [False] * len(codes) if open_copies is None else open_copies.tolist()
    patterns: list[Pattern] = []
    seen: dict[bytes, int] = {}
    known: dict[bytes, int] = {}
    which = np.zeros(len(codes), np.int64)
    for sample in range(len(codes)):
        raw = codes[sample].tobytes() + blocks[sample].tobytes() + doubted[sample].tobytes() + bytes([unknown[sample]])
        if raw not in seen:
            pattern = canonical(codes[sample], blocks[sample], doubted[sample])
            pattern = replace(pattern, open_copies=True) if unknown[sample] else pattern
            if pattern.key not in known:
                known[pattern.key] = len(patterns)
                patterns.append(pattern)
            seen[raw] = known[pattern.key]
        which[sample] = seen[raw]
    return patterns, which
