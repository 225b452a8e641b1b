"""Leading principal components of standardised genotypes, from the two-bit store in passes over its sites.

With X of shape (sites, people) and X = U D V', locally optimal block conjugate gradients (LOBPCG, Knyazev 2001) on X'X
give D and V, and then U. A pass reads every genotype once; memory holds a few columns a person, and of sites the
loadings alone. Tall products are summed by einsum and small ones have at most 60 columns, which no linear algebra
library spreads over threads: the sums, and so the bytes, do not depend on the number of threads.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from permed.genotypes.store import GenotypeStore
from permed.quality.ancestry.kernels import add_squares, times, transposed_times

BLOCK = 4096  # sites taken at a time
MAX_PASSES = 40
TOLERANCE = 1e-3  # largest relative change of a wanted variance at which to stop: only noise still changes then
SMALLEST_STEP = 0.01  # a shorter step has lost its digits in single precision
SEED = 1


@dataclass(frozen=True)
class Matrix:
    """Standardised ALT dosages of some sites of a store: (dosage - mean) / scale, 0 where missing.

    ``rows`` are rows of ``store.sites``; ``mean`` and ``scale`` (float64) are those of each site.
    """

    store: GenotypeStore
    rows: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    def values(self) -> np.ndarray:
        """What each code stands for, float64 of shape (sites, 4); 0 for missing."""
        return standardised(self.mean, self.scale)

    def blocks(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Packed genotypes of some sites at a time, with their place among the rows."""
        start = 0
        for part in self.store.parts:
            inside = np.flatnonzero((self.rows >= start) & (self.rows < start + len(part)))
            for first in range(0, len(inside), BLOCK):
                chosen = inside[first : first + BLOCK]
                yield slice(int(chosen[0]), int(chosen[-1]) + 1), np.asarray(part[self.rows[chosen] - start])
            start += len(part)

    def times(self, right: np.ndarray) -> np.ndarray:
        """X times ``right`` (people, columns), as float32 of shape (sites, columns)."""
        return np.concatenate([left for _, _, left in self._lefts(right)])

    def normal(self, right: np.ndarray) -> np.ndarray:
        """X'X times ``right`` (people, columns), as float64."""
        total = np.zeros(right.shape)
        values = self.values().astype(np.float32)
        for where, packed, left in self._lefts(right):
            part = np.zeros(right.shape, np.float32)
            transposed_times(packed, values[where], left, part)
            total += part
        return total

    def squares(self) -> np.ndarray:
        """Each person's sum of squares, float64."""
        values, total = self.values().astype(np.float32), np.zeros(len(self.store.samples))
        for where, packed in self.blocks():
            add_squares(packed, values[where], total)
        return total

    def called(self) -> np.ndarray:
        """At how many of the sites each person has a genotype, float64."""
        total = np.zeros(len(self.store.samples))
        for _, packed in self.blocks():
            add_squares(packed, np.tile(np.float32([1, 0, 1, 1]), (len(packed), 1)), total)
        return total

    def packed(self) -> np.ndarray:
        """The packed genotypes of all sites."""
        return np.concatenate([packed for _, packed in self.blocks()])

    def _lefts(self, right: np.ndarray) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        right = np.ascontiguousarray(right, np.float32)
        whole = right.sum(axis=0, dtype=np.float64)
        for where, packed in self.blocks():
            dosages, missing = (np.empty((len(packed), right.shape[1]), np.float32) for _ in range(2))
            times(packed, right, dosages, missing)
            mean, scale = (each[where, None] for each in (self.mean, self.scale))
            left = ((2 - mean) * (whole - missing) - dosages) / scale
            yield where, packed, left.astype(np.float32)


@dataclass(frozen=True)
class Components:
    """Leading singular triplets: ``singular`` (components), ``vectors`` V (people, components)."""

    singular: np.ndarray
    vectors: np.ndarray


def standardised(mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """What each genotype code of a site stands for, float64 of shape (sites, 4): ALT dosage, standardised."""
    dosage = np.array([2.0, 0.0, 1.0, 0.0])
    values = (dosage - mean[:, None]) / scale[:, None]
    values[:, 1] = 0
    return values


def leading_components(
    matrix: Matrix, people: np.ndarray, size: int, wanted: int, start: np.ndarray | None = None
) -> Components:
    """The first ``size`` components over the ``people`` (boolean); others have zeros in the vectors.

    Passes end when the variances of the first ``wanted`` stand still. ``start`` are vectors to begin with, such as
    those of an overlapping set of people.
    """
    size = min(size, int(people.sum()) - 1)
    basis = np.random.default_rng(SEED).standard_normal((len(people), size))
    if start is not None:
        basis[:, : start.shape[1]] = start[:, :size]

    def normal(columns: np.ndarray) -> np.ndarray:
        return matrix.normal(columns) * people[:, None]

    basis = orthonormal(basis * people[:, None])
    now = _ritz(basis, normal(basis), size)
    for _ in range(MAX_PASSES):
        before = now.variances[:wanted]
        away = now.image - now.basis * now.variances
        away = _unit(away - _combine(now.basis, _cross(now.basis, away)))
        moved = np.sqrt((now.step * now.step).sum(axis=0)) > SMALLEST_STEP
        basis = np.concatenate([now.basis, away, now.step[:, moved]], axis=1)
        image = np.concatenate([now.image, normal(away), now.step_image[:, moved]], axis=1)
        now = _ritz(basis, image, size)
        if np.all(now.variances[:wanted] - before <= TOLERANCE * before):
            break
    kept = now.variances > 1e-9 * now.variances[0]
    vectors = now.basis[:, kept]
    return Components(np.sqrt(now.variances[kept]), vectors * _signs(vectors))


@dataclass(frozen=True)
class _Ritz:
    """Best approximations in a subspace: ``basis``, its ``image`` under X'X, and the last ``step`` with its image."""

    variances: np.ndarray
    basis: np.ndarray
    image: np.ndarray
    step: np.ndarray
    step_image: np.ndarray


def _ritz(basis: np.ndarray, image: np.ndarray, size: int) -> _Ritz:
    """Rayleigh-Ritz in the span of the columns of ``basis``, whose first ``size`` were the best ones before."""
    scale = 1 / np.sqrt((basis * basis).sum(axis=0))
    basis, image = basis * scale, image * scale
    spread, turn = _eigen(_cross(basis, basis))
    turn = turn[:, spread > 1e-4 * spread[0]] / np.sqrt(spread[spread > 1e-4 * spread[0]])
    variances, inner = _eigen(_combine(_combine(turn.T, _cross(basis, image)), turn))
    weights = _combine(turn, inner[:, :size])
    later = weights.copy()
    later[:size] = 0
    return _Ritz(
        variances[:size],
        *(_combine(each, weights) for each in (basis, image)),
        *(_combine(each, later) for each in (basis, image)),
    )


def orthonormal(columns: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the span of tall columns that are far from dependent."""
    for _ in range(2):
        columns = _unit(columns)
        spread, turn = _eigen(_cross(columns, columns))
        columns = _combine(columns, turn / np.sqrt(np.maximum(spread, 1e-12 * spread[0])))
    return columns


def _unit(columns: np.ndarray) -> np.ndarray:
    return columns / np.sqrt((columns * columns).sum(axis=0) + 1e-300)


def _cross(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("pi,pj->ij", one, other)


def _combine(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.einsum("pi,ij->pj", columns, weights)


def _eigen(symmetric: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, largest first, and eigenvectors."""
    values, vectors = np.linalg.eigh((symmetric + symmetric.T) / 2)
    return values[::-1], vectors[:, ::-1]


def _signs(vectors: np.ndarray) -> np.ndarray:
    """Signs that make the largest entry of each vector positive."""
    top = np.abs(vectors).argmax(axis=0)
    return np.where(np.take_along_axis(vectors, top[None], 0)[0] < 0, -1.0, 1.0)
