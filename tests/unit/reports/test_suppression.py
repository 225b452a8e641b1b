"""Small counts cannot be read, nor worked out: checked by trying every value that fits."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from permed.reports.suppression import protect
from permed.reports.wording import HIDDEN


def test_large_counts_are_shown():
    assert protect({"A": 10, "B": 5}, 5) == {"A": "10", "B": "5"}


def test_single_small_count_takes_another_with_it():
    shown = protect({"A": 100, "B": 20, "C": 3}, 5)
    assert shown == {"A": "100", "B": HIDDEN, "C": "<5"}


def test_two_small_counts_that_fit_in_several_ways_need_no_more():
    assert protect({"A": 100, "B": 2, "C": 3}, 5) == {"A": "100", "B": "<5", "C": "<5"}


def test_two_small_counts_that_fit_in_one_way_only_need_more():
    assert protect({"A": 100, "B": 1, "C": 1}, 5) == {"A": HIDDEN, "B": "<5", "C": "<5"}


def test_row_without_room_is_withheld():
    assert protect({"A": 3}, 5) is None
    assert protect({"A": 4, "B": 4}, 5) is None
    assert protect({"A": 1, "B": 5}, 5) is None


def test_nobody_is_not_a_category_and_one_means_no_suppression():
    assert protect({"A": 7, "B": 0}, 5) == {"A": "7"}
    assert protect({"A": 1}, 1) == {"A": "1"}
    assert protect({}, 5) == {}


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(2, 4))
def test_every_hidden_count_has_at_least_two_values_that_fit(values, minimum):
    counts = {f"c{n}": value for n, value in enumerate(values)}
    shown = protect(counts, minimum)
    if shown is None:
        return
    total = sum(values)
    choices = []
    for name in counts:
        if shown[name] == f"<{minimum}":
            choices.append(range(1, minimum))
        elif shown[name] == HIDDEN:
            choices.append(range(minimum, total + 1))
        else:
            choices.append([int(shown[name])])
    fits = [combination for combination in product(*choices) if sum(combination) == total]
    assert tuple(values) in fits
    for place, name in enumerate(counts):
        if not shown[name].isdigit():
            assert len({combination[place] for combination in fits}) >= 2
