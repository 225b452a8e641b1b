"""Relations from kinship, its interval, and the sites where two people have opposite homozygotes."""

import numpy as np

from permed.quality.kinship.estimates import INTERVAL
from permed.quality.kinship.kernels import IBS0, SITES

BOUNDS = 2.0 ** -np.array([1.5, 2.5, 3.5, 4.5])  # duplicate, first, second, third degree: Manichaikul et al. 2010
DUPLICATE, PARENT_CHILD, SIBLINGS = "duplicate", "parent-child", "siblings"
SECOND, THIRD, UNRELATED = "second degree", "third degree", "unrelated"
NOT_ASSESSABLE = "not_assessable"
FIRST_DEGREE = {PARENT_CHILD, SIBLINGS, "undetermined between parent-child and siblings"}
CLOSE = {DUPLICATE, *FIRST_DEGREE, SECOND}
CERTAIN = 2.576  # standard deviations for what counts as excluded, two-sided 99 %
_DEGREES = (DUPLICATE, "first degree", SECOND, THIRD, UNRELATED)
_FIRST = 1
_UNCLEAR, _IS_PARENT, _IS_SIBLING = range(3)


def _in_words(closest: int, furthest: int, first: int) -> str:
    names = list(_DEGREES)
    if first != _UNCLEAR:
        names[_FIRST] = PARENT_CHILD if first == _IS_PARENT else SIBLINGS
    if closest == furthest == _FIRST and first == _UNCLEAR:
        return f"undetermined between {PARENT_CHILD} and {SIBLINGS}"
    sure = first == _IS_PARENT and closest == _FIRST and names[furthest] != UNRELATED
    return (
        names[closest]
        if sure or closest == furthest
        else f"undetermined between {names[closest]} and {names[furthest]}"
    )


_WORDS = np.array([_in_words(c, f, k) for c in range(5) for f in range(5) for k in range(3)], object).reshape(5, 5, 3)


def relations(kinship: np.ndarray, error: np.ndarray, counts: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """The relation of each pair in words, an object array; ``counts`` has the shape (pairs, 5).

    A class is given where the 95 % interval of the kinship lies in it; else it is ``undetermined between`` the closest
    and the most distant class of the interval. A parent and child share an allele at every site, so sites with opposite
    homozygotes tell them from any other relative: ``frequency``, that of ALT at each site, gives how many such sites
    siblings would have.
    """
    closest, furthest = (_degree(kinship + side * INTERVAL * error) for side in (1, -1))
    return _WORDS[closest, furthest, _first_degree(counts, frequency)]


def is_related(relation: str) -> bool:
    """Whether a relation excludes that the two are no relatives of third degree or closer."""
    return relation != NOT_ASSESSABLE and not relation.endswith(UNRELATED)


def may_be_parent(relation: str) -> bool:
    """Whether a relation is, or leaves open, that of parent and child. Opposite homozygotes tell siblings from it."""
    if relation == f"undetermined between {PARENT_CHILD} and {SIBLINGS}":
        return True
    closest = relation.removeprefix("undetermined between ")
    reaches = closest.startswith((DUPLICATE, _DEGREES[_FIRST], PARENT_CHILD))
    return reaches and relation != DUPLICATE and SIBLINGS not in relation


def may_be_one(relation: str) -> bool:
    """Whether a relation is, or leaves open, that two samples are of one genome."""
    return relation.removeprefix("undetermined between ").startswith(DUPLICATE)


def is_close(relation: str) -> bool:
    """Whether a relation says second degree or closer."""
    if relation.startswith("undetermined"):
        return is_related(relation) and not relation.endswith(THIRD)
    return relation in CLOSE


def is_blood(relation: str) -> bool:
    """Whether a relation is known and could still be second degree or closer."""
    closest = relation.removeprefix("undetermined between ")
    return relation != NOT_ASSESSABLE and not closest.startswith((THIRD, UNRELATED))


def _degree(kinship: np.ndarray) -> np.ndarray:
    """0 duplicate to 4 unrelated."""
    return (kinship[:, None] < BOUNDS).sum(axis=1)


def _first_degree(counts: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """What opposite homozygotes say of a pair of first degree.

    Siblings share no parent's allele at a quarter of the genome, where such sites are as frequent as in strangers:
    p²q²/2 a site. A half of that is excluded in a parent with a child, a quarter, left to genotyping error and to
    frequencies that are not quite the family's, in siblings.
    """
    share = float(np.mean((frequency * (1 - frequency)) ** 2 / 2)) if len(frequency) else 0.0
    expected = counts[:, SITES] * share
    seen = np.sqrt(counts[:, IBS0] + 3 / 8)
    few = 2 * (seen - np.sqrt(expected / 2)) < -CERTAIN  # square roots of Poisson counts vary by a half (Anscombe 1948)
    many = 2 * (seen - np.sqrt(expected / 4)) > CERTAIN
    return np.select([few & ~many, many & ~few], [_IS_PARENT, _IS_SIBLING], _UNCLEAR)
