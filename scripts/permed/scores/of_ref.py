"""Genotypes for copies of REF: of several alternates, and of alleles that no record has, all count against it.

Arrays are as :class:`permed.scores.chunks.Chunk` has them; ``alternates`` are the places of a site's rows among them,
``others`` (people,) copies that are neither REF nor an alternate of the store.
"""

import numpy as np

from permed.genotypes.store import DOSAGE_UNIT, HET, HOM_ALT, HOM_REF, MISSING, NO_DOSAGE, pack, unpack

Genotypes = tuple[np.ndarray, np.ndarray, np.ndarray]  # packed, units, unit_of
_COPIES = np.array([2, np.nan, 1, 0])  # of ALT by code


def append_not_ref(
    packed: np.ndarray,
    units: np.ndarray,
    unit_of: np.ndarray,
    sites: list[list[int]],
    others: dict[int, np.ndarray],
    people: int,
) -> Genotypes:
    """The rows with one more for each of some sites, in which all that is not REF counts as ALT.

    ``sites`` has the places of each site's rows, ``others`` copies of alleles that the store does not have, by place.
    """
    codes, dosages = [], []
    for alternates in sites:
        unlisted = np.max([others.get(at, np.zeros(people, np.int64)) for at in alternates], axis=0)
        codes.append(not_ref(packed, alternates, unlisted))
        dosages.append(not_ref_units(packed, units, unit_of, alternates, unlisted))
    has = np.array([own is not None for own in dosages], bool)
    unit_of = np.append(unit_of, np.where(has, len(units) + np.cumsum(has) - 1, -1))
    if has.any():
        units = np.concatenate([units, np.stack([own for own in dosages if own is not None])])
    return np.concatenate([packed, np.stack(codes)]), units, unit_of


def not_ref(packed: np.ndarray, alternates: list[int], others: np.ndarray) -> np.ndarray:
    """Packed genotypes (bytes,) in which every copy that is not REF counts as ALT; missing where a row is missing."""
    copies = _COPIES[unpack(packed[alternates], len(others))].sum(axis=0) + others
    codes = np.array([HOM_REF, HET, HOM_ALT], np.uint8)[np.minimum(np.nan_to_num(copies), 2).astype(np.int64)]
    return pack(np.where(np.isnan(copies), np.uint8(MISSING), codes)[None])[0]


def not_ref_units(
    packed: np.ndarray, units: np.ndarray, unit_of: np.ndarray, alternates: list[int], others: np.ndarray
) -> np.ndarray | None:
    """The same as dosages (people,) in units of the store, of who has one in any row; None where nobody has."""
    if (unit_of[alternates] < 0).all():
        return None
    total, given = others * float(DOSAGE_UNIT), np.zeros(len(others), bool)
    for at in alternates:
        copies = _COPIES[unpack(packed[at : at + 1], len(others))[0]] * DOSAGE_UNIT
        if unit_of[at] >= 0:
            own = units[unit_of[at]]
            given |= own != NO_DOSAGE
            copies = np.where(own == NO_DOSAGE, copies, own)
        total = total + copies
    known = given & ~np.isnan(total)
    return np.where(known, np.minimum(np.nan_to_num(total), 2 * DOSAGE_UNIT), NO_DOSAGE).astype(np.uint16)
