"""Coordinates of the panel's own people as if they were new: each projected on components computed without them.

A person's own components hold the person's own noise and reach further from the centre than those of anybody new, so
populations measured by them would be too wide and too far apart.
"""

from dataclasses import dataclass

import numpy as np

from permed.quality.ancestry.oadp import oadp
from permed.quality.ancestry.pca import Components, Matrix, leading_components

FOLDS = 5


@dataclass(frozen=True)
class HeldOut:
    """``coordinates`` (people, components) by the number of components used, in the frame of all people's components.

    ``fold`` is that of each person, -1 outside the components; ``expansion`` is by how much the projection on so many
    components undoes shrinkage, an array of these by their number.
    """

    coordinates: dict[int, np.ndarray]
    fold: np.ndarray
    expansion: dict[int, np.ndarray]


def assign_folds(people: np.ndarray, labels: list[str]) -> np.ndarray:
    """A fold for each of the ``people`` (boolean), the same number in each within a label, by their order; else -1."""
    fold = np.full(len(people), -1)
    seen: dict[str, int] = {}
    for n in np.flatnonzero(people).tolist():
        fold[n] = seen.setdefault(labels[n], 0) % FOLDS
        seen[labels[n]] += 1
    return fold


def held_out(matrix: Matrix, whole: Components, people: np.ndarray, labels: list[str], size: int) -> HeldOut:
    """Project everybody on components of a panel without them, on 2, 3, … and ``size`` of them.

    ``whole`` are the components of all the ``people``; others (relatives) are projected on these.
    """
    fold, squares = assign_folds(people, labels), matrix.squares()
    spread = whole.singular / np.sqrt(people.sum())  # of the coordinates, where those of folds are brought to
    own = whole.vectors * whole.singular
    coordinates = {used: np.zeros((len(people), used)) for used in range(2, size + 1)}
    plain = {used: np.zeros((len(people), used)) for used in coordinates}
    for number in range(-1, FOLDS):
        left = fold == number
        if not left.any():
            continue
        inside = people & ~left
        known = len(whole.singular)
        part = whole if number < 0 else leading_components(matrix, inside, known, size, whole.vectors)
        scores = matrix.normal(part.vectors)[left] / part.singular
        scale = (spread[: len(part.singular)] * np.sqrt(inside.sum())) / part.singular
        for used in coordinates:
            here, _ = oadp(scores, squares[left], part.singular, used)
            mine = part.vectors[inside, :used] * (part.singular * scale)[:used]
            turn = scale[:used, None] * _turn(mine, own[inside, :used])
            coordinates[used][left], plain[used][left] = here @ turn, scores[:, :used] @ turn
    return HeldOut(coordinates, fold, {used: _expansion(coordinates[used], plain[used], people) for used in plain})


def _expansion(found: np.ndarray, plain: np.ndarray, people: np.ndarray) -> np.ndarray:
    return np.maximum((found * plain)[people].sum(axis=0) / (plain * plain)[people].sum(axis=0), 1.0)


def _turn(own: np.ndarray, aim: np.ndarray) -> np.ndarray:
    """The rotation that lays coordinates of people on others of theirs best (Procrustes)."""
    first, _, second = np.linalg.svd(np.einsum("pi,pj->ij", own, aim))
    return first @ second
