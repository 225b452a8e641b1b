"""What was worked out for patterns of genotypes, before it is laid out for people."""

from dataclasses import dataclass

import numpy as np

from permed.pharmacogenes.calling.weighing import Weighed
from permed.pharmacogenes.reading.patterns import Pattern


@dataclass(frozen=True)
class Answer:
    """The call for one pattern of genotypes: the columns after ``sample`` and ``gene``, the diplotypes weighed, and
    the names of the alleles that each unread position (index) could hide."""

    pattern: Pattern
    row: dict
    weighed: list[Weighed]
    hides: dict[int, list[str]]


@dataclass(frozen=True)
class Answers:
    """An answer for each distinct pattern among the samples, and each sample's index into them."""

    distinct: list[Answer]
    which: np.ndarray
