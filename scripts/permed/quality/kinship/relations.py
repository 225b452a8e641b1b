"""Relations from kinship, its interval, and the sites where two people have opposite homozygotes."""

import numpy as np

from permed.quality.kinship.first_degree import IS_PARENT, IS_UNCLEAR

BOUNDS = 2.0 ** -np.array([1.5, 2.5, 3.5, 4.5])  # duplicate, first, second, third degree: Manichaikul et al. 2010
DUPLICATE, PARENT_CHILD, SIBLINGS = "duplicate", "parent-child", "siblings"
SECOND, THIRD, UNRELATED = "second degree", "third degree", "unrelated"
NOT_ASSESSABLE = "not_assessable"
FIRST_DEGREE = {PARENT_CHILD, SIBLINGS, "undetermined between parent-child and siblings"}
CLOSE = {DUPLICATE, *FIRST_DEGREE, SECOND}
_DEGREES = (DUPLICATE, "first degree", SECOND, THIRD, UNRELATED)
_FIRST = 1


def _in_words(closest: int, furthest: int, first: int) -> str:
    names = list(_DEGREES)
    if first != IS_UNCLEAR:
        names[_FIRST] = PARENT_CHILD if first == IS_PARENT else SIBLINGS
    if closest == furthest == _FIRST and first == IS_UNCLEAR:
        return f"undetermined between {PARENT_CHILD} and {SIBLINGS}"
    sure = first == IS_PARENT and closest == _FIRST and names[furthest] != UNRELATED
    return (
        names[closest]
        if sure or closest == furthest
        else f"undetermined between {names[closest]} and {names[furthest]}"
    )


_WORDS = np.array([_in_words(c, f, k) for c in range(5) for f in range(5) for k in range(3)], object).reshape(5, 5, 3)


def relations(low: np.ndarray, high: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The relation of each pair in words, an object array; ``low`` and ``high`` are the ends of its kinship's interval.

    A class is given where the interval lies in it; else it is ``undetermined between`` the closest and the most distant
    class of the interval. ``first`` says which of the first degree a pair is, as
    :func:`permed.quality.kinship.first_degree.first_degree` has it.
    """
    return _WORDS[_degree(high), _degree(low), first]


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


def _degree(kinship: np.ndarray) -> np.ndarray:
    """0 duplicate to 4 unrelated."""
    return (kinship[:, None] < BOUNDS).sum(axis=1)
