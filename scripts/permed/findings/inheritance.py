"""On which copies of a gene two heterozygous variants lie, by what the parents carry."""

from collections.abc import Sequence
from itertools import product

from permed.findings.genotypes import HEMIZYGOUS, HETEROZYGOUS, HOMOZYGOUS, REFERENCE

TRANS, CIS, UNKNOWN = "trans", "cis", "unknown"
FAMILY, PRESUMED, CONFLICT = "family", "presumed", "conflict"
# Whether a parent with a genotype can pass the variant on, and whether the reference; None is a genotype not known.
PASSES = {
    REFERENCE: (False, True),
    HETEROZYGOUS: (True, True),
    HOMOZYGOUS: (True, False),
    HEMIZYGOUS: (True, False),
    None: (True, True),
}


def phase_by_parents(one: Sequence[str | None], other: Sequence[str | None]) -> tuple[str, str | None]:
    """``trans``, ``cis`` or ``unknown``, with what tells so, of two variants that a person carries on one copy each.

    Each is given by its genotypes in the person's parents, the same one or two parents in the same order: keys of
    :data:`PASSES`. By ``family`` each variant can have come from one parent alone, who is known to carry it. It is
    ``presumed`` that the variants lie on different copies where a parent carries one of them and is reference at the
    other, and no genotype of the other parent is known where it would matter. ``conflict`` says that a variant can have
    come from neither.
    """
    if not any(genotype is not None for genotype in (*one, *other)):
        return UNKNOWN, None
    one, other = ((*genotypes, None, None)[:2] for genotypes in (one, other))
    from_one, from_other = _origins(one), _origins(other)
    if not from_one or not from_other:
        return UNKNOWN, CONFLICT
    if len(from_one) == len(from_other) == 1:
        (first,), (second,) = from_one, from_other
        if one[first] is not None and other[second] is not None:
            return (CIS if from_one == from_other else TRANS), FAMILY
        if from_one == from_other:
            return UNKNOWN, None
        return TRANS, PRESUMED
    for (has, lacks), parent in product(((one, other), (other, one)), (0, 1)):
        carries = has[parent] is not None and PASSES[has[parent]][0]
        if carries and lacks[parent] == REFERENCE and has[1 - parent] is None:
            return TRANS, PRESUMED
    return UNKNOWN, None


def _origins(genotypes: Sequence[str | None]) -> set[int]:
    """From which of two parents a variant can have come that is on one copy alone."""
    return {n for n in (0, 1) if PASSES[genotypes[n]][0] and PASSES[genotypes[1 - n]][1]}
