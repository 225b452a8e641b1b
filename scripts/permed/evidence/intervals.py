"""Sets of positions of one contig as stretches, 1-based and with both ends included."""

from dataclasses import dataclass

import numpy as np

LAST = 2**31 - 2  # beyond the end of any contig


@dataclass(frozen=True)
class Intervals:
    """Stretches in order that neither overlap nor touch: int64 arrays ``starts`` and ``ends`` of one length."""

    starts: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, starts=(), ends=()) -> "Intervals":
        """The set of stretches given in any order, those that overlap or touch being joined."""
        starts, ends = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
        order = np.argsort(starts, kind="stable")
        starts, reach = starts[order], np.maximum.accumulate(ends[order]) if len(ends) else ends
        first = np.ones(len(starts), bool)
        first[1:] = starts[1:] > reach[:-1] + 1
        last = np.append(np.flatnonzero(first)[1:] - 1, len(starts) - 1) if len(starts) else np.zeros(0, np.int64)
        return cls(starts[first], reach[last])

    @classmethod
    def everywhere(cls) -> "Intervals":
        """All positions of a contig."""
        return cls.of([1], [LAST])

    def __bool__(self) -> bool:
        return len(self.starts) > 0

    def union(self, *others: "Intervals") -> "Intervals":
        """Positions that any of the sets has."""
        sets = (self, *others)
        return Intervals.of(np.concatenate([s.starts for s in sets]), np.concatenate([s.ends for s in sets]))

    def without(self, other: "Intervals") -> "Intervals":
        """Positions of this set that ``other`` has not."""
        if not self or not other:
            return self
        gaps_from = np.concatenate([[0], other.ends + 1])
        gaps_to = np.concatenate([other.starts - 1, [LAST]])
        first = np.searchsorted(gaps_to, self.starts)
        last = np.searchsorted(gaps_from, self.ends, side="right")
        counts = np.maximum(last - first, 0)
        mine = np.repeat(np.arange(len(self.starts)), counts)
        gap = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
        starts = np.maximum(self.starts[mine], gaps_from[gap])
        ends = np.minimum(self.ends[mine], gaps_to[gap])
        return Intervals.of(starts[starts <= ends], ends[starts <= ends])

    def cover(self, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
        """For each stretch asked for whether the set has all of it (bool array)."""
        if not self:
            return np.zeros(len(starts), bool)
        at = np.searchsorted(self.starts, starts, side="right") - 1
        return (at >= 0) & (self.ends[np.maximum(at, 0)] >= ends)
