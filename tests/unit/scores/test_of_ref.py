"""Copies of REF of sites in several rows, against a plain count of each person's alleles."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from permed.genotypes.store import DOSAGE_UNIT, HET, HOM_ALT, HOM_REF, MISSING, NO_DOSAGE, pack, unpack
from permed.scores.of_ref import append_not_ref

CODES = {0: HOM_REF, 1: HET, 2: HOM_ALT, None: MISSING}
# Of a person the two copies: 0 is REF, 1 to 3 the site's alternates, 4 an allele without a record; None not called.
PERSON = st.none() | st.tuples(st.integers(0, 4), st.integers(0, 4))


@given(st.lists(PERSON, min_size=1, max_size=9), st.lists(st.booleans(), min_size=27, max_size=27), st.data())
def test_what_is_not_ref_is_counted_once_whatever_row_it_stands_in(people, lost, data):
    rows = [[None if own is None else own.count(alt) for own in people] for alt in (1, 2, 3)]
    rows = [[None if lost[9 * r + n] else copies for n, copies in enumerate(row)] for r, row in enumerate(rows)]
    others = np.array([0 if own is None else own.count(4) for own in people])
    packed = pack(np.array([[CODES[copies] for copies in row] for row in rows], np.uint8))
    has = data.draw(st.booleans())
    units = np.array([[NO_DOSAGE if n is None else n * DOSAGE_UNIT for n in rows[0]]] if has else [], np.uint16)
    units, unit_of = units.reshape(int(has), len(people)), np.array([0 if has else -1, -1, -1])
    found, dosages, of = append_not_ref(packed, units, unit_of, [[0, 1, 2], [1]], {0: others}, len(people))
    expected = [
        None if own is None or any(row[n] is None for row in rows) else 2 - own.count(0) for n, own in enumerate(people)
    ]
    assert unpack(found[3:4], len(people))[0].tolist() == [CODES[copies] for copies in expected]
    assert (found[4] == found[1]).all() and of[4] == -1
    if has:
        told = [NO_DOSAGE if copies is None else copies * DOSAGE_UNIT for copies in expected]
        assert dosages[of[3]].tolist() == told
    else:
        assert of[3] == -1
