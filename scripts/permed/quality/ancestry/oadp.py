"""Projection without shrinkage: online augmentation, decomposition, Procrustes (Zhang, Dey and Lee 2020, FRAPOSA).

A person who was not in the reference is drawn to its centre when multiplied with the reference's loadings, because
these also fit the reference's own noise. Instead the person is added to the reference as one more column, the singular
value decomposition is updated, and the reference's new coordinates are laid on its old ones; the person comes along.
"""

import numpy as np


def place(
    scores: np.ndarray,
    squares: np.ndarray,
    singular: np.ndarray,
    used: int,
    size: int,
    gram: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """As :func:`oadp`, but the first ``used`` coordinates are those on so many components alone.

    Components beyond those that tell populations apart are noise, which turns freely; laid on the old ones together
    with the first, they would carry their unrest into these.
    """
    coordinates, residual = oadp(scores, squares, singular, size, gram)
    coordinates[:, :used] = oadp(scores, squares, singular, used, gram)[0]
    return coordinates, residual


def oadp(
    scores: np.ndarray, squares: np.ndarray, singular: np.ndarray, size: int, gram: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of people on the reference's first ``size`` components, and their residual sums of squares.

    With the reference X = U D V', ``scores`` (people, components) is U'y over the sites that the person has,
    ``squares`` y'y, ``singular`` the diagonal of D, ``gram`` (people, components, components) U'U over the same sites;
    None means that all sites are there. Coordinates are in units of the reference's, V D.

    Over a person's sites the reference is U_S D V' with U_S = Q R, so that [U_S D V', y] = [Q, r] B [V', 0; 0, 1] with
    B = [R D, Q'y; 0, |r|]: its small decomposition gives the augmented one (Brand 2006). Orthogonal Procrustes with a
    scale then turns the reference's coordinates back: V is orthonormal and centred, so no person of the reference is
    needed for it.
    """
    people, known = scores.shape
    lower = np.broadcast_to(np.eye(known), (people, known, known)) if gram is None else np.linalg.cholesky(gram)
    inside = np.linalg.solve(lower, scores[..., None])[..., 0]
    residual = np.maximum(squares - (inside * inside).sum(axis=1), 0.0)
    small = np.zeros((people, known + 1, known + 1))
    small[:, :known, :known] = np.swapaxes(lower, 1, 2) * singular
    small[:, :known, known], small[:, known, known] = inside, np.sqrt(residual)
    _, values, right = np.linalg.svd(small)
    values, right = values[:, :size], right[:, :size]
    reference = values[:, :, None] * right[:, :, :known]
    first, strength, second = np.linalg.svd(reference[:, :, :size] * singular[:size])
    scale = strength.sum(axis=1) / (reference * reference).sum(axis=(1, 2))
    turned = np.einsum("pi,pij,pjk->pk", values * right[:, :, known], first, second)
    return turned * scale[:, None], residual
