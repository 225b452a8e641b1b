"""Phase from what fragments show, without reads."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permed.pharmacogenes.phase.linking import link


def votes(*rows):
    return [dict(zip(sites, alleles, strict=True)) for sites, alleles, times in rows for _ in range(times)]


@pytest.mark.parametrize(
    ("against", "phased"), [(0, True), (1, True), (2, False)], ids=["none", "one in ten", "two in eleven"]
)
def test_nine_in_ten_must_agree(against, phased):
    (linked,) = link(votes(((1, 2), (0, 0), 5), ((1, 2), (1, 1), 4), ((1, 2), (0, 1), against)))
    assert linked.positions == (1, 2) and (linked.turned == (False, False) if phased else linked.turned is None)
    assert linked.against == ((against, against) if phased else (0, 0))


def test_positions_are_connected_through_others():
    (linked,) = link(votes(((1, 2), (0, 1), 4), ((2, 3), (0, 0), 3), ((5, 6), (0, 0), 2)))
    assert (linked.positions, linked.turned) == ((1, 2, 3), (False, True, True))


def test_connections_in_a_circle_that_contradict_give_no_phase():
    (linked,) = link(votes(((1, 2), (0, 0), 4), ((2, 3), (0, 0), 4), ((1, 3), (0, 1), 4)))
    assert linked.turned is None and linked.positions == (1, 2, 3)


@given(st.data())
def test_fragments_of_two_chromosomes_give_their_phase(data):
    size = data.draw(st.integers(2, 6))
    first = data.draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    fragments = []
    for _ in range(data.draw(st.integers(0, 25))):
        covered = data.draw(st.sets(st.integers(0, size - 1), min_size=2, max_size=3))
        strand = data.draw(st.integers(0, 1))
        fragments.append({at: first[at] ^ strand for at in covered})
    sets = link(fragments)
    for linked in sets:
        lie = [first[at] ^ turn for at, turn in zip(linked.positions, linked.turned, strict=True)]
        assert len(set(lie)) == 1 and not any(linked.against)
    joined = [at for linked in sets for at in linked.positions]
    assert len(joined) == len(set(joined))
    for one, other in itertools.combinations(range(size), 2):
        if sum(one in shown and other in shown for shown in fragments) >= 3:
            assert any({one, other} <= set(linked.positions) for linked in sets)


def test_a_position_that_disagrees_does_not_spoil_the_others():
    fragments = votes(((1, 2), (0, 0), 9), ((2, 3), (0, 0), 4), ((2, 3), (0, 1), 4))
    found = {linked.positions: linked.turned for linked in link(fragments)}
    assert found == {(1, 2): (False, False), (3,): None}
