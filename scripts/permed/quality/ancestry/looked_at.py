"""Genotypes taken for reference where nobody looked: how many they are, and sums of a person without their pull.

A dosage that was not looked at is 0 instead of what it is: on average dosages are the looked-at share of what they
should be, at every site alike. The panel's mean dosages, less what its components explain of them, say how large a
person's dosages are as a whole, and divided by their share they are right on average.
"""

from dataclasses import dataclass

import numpy as np

SURE = 3.0  # standard errors by which the share has to be below 1


@dataclass(frozen=True)
class Looked:
    """The ``share`` of sites that were looked at (people), and ``scores`` and ``squares`` corrected for the others."""

    share: np.ndarray
    scores: np.ndarray
    squares: np.ndarray


def look(scores: np.ndarray, squares: np.ndarray, products: np.ndarray, known: int, sparse: np.ndarray) -> Looked:
    """Correct the sums of people whose genotypes may be assumed.

    ``scores`` (people, columns) are products of standardised dosages with the ``known`` loadings and, if there is one
    more column, with the panel's standardised mean dosages; ``products`` (people, columns, columns) those of these
    columns with one another; ``squares`` (people) of the dosages. People with ``sparse`` sites are left as they are.
    """
    share = np.ones(len(scores))
    if scores.shape[1] == known or sparse.all():
        return Looked(share, scores[:, :known], squares)
    plain, mean = scores[:, :known], scores[:, known]
    across, whole = products[:, :known, known], products[:, known, known]
    gram = np.where(sparse[:, None, None], np.eye(known), products[:, :known, :known])
    weights = np.linalg.solve(gram, across[..., None])[..., 0]
    beyond = np.maximum(whole - (weights * across).sum(axis=1), 1e-9)  # of the mean dosages
    found = 1 + (mean - (weights * plain).sum(axis=1)) / beyond
    less = ~sparse & (found < 1 - SURE / np.sqrt(beyond))
    share[less] = np.maximum(found[less], 1e-3)
    corrected = (plain + across) / share[:, None] - across
    carried = squares + 2 * mean + whole
    longer = carried / share - 2 * (mean + whole) / share + whole  # of what is right on average, without the noise
    return Looked(share, corrected, longer)
