"""Near misses of sample names are answered with the names that are nearest."""

import pytest

from permed.near_names import NearNames

NAMES = ["NA12878", "NA12879", "Patient_001", "A.sorted", "Zoe\u0308", "S-10", "S-11", "MUELLER"]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("na12878", "NA12878"),
        ("NA-12878", "NA12878"),
        ("patient 1", "Patient_001"),
        ("Patient-01", "Patient_001"),
        ("A", "A.sorted"),
        ("S10", "S-10"),
        ("NA1287", "NA12878"),
        ("M\u00fceller", "MUELLER"),
        ("Pateint_001", "Patient_001"),
    ],
)
def test_the_nearest_name_comes_first(name, nearest):
    assert NearNames(NAMES).nearest(name)[0] == nearest
    assert f"The file has {nearest}" in NearNames(NAMES).remedy(name, "no")


def test_a_name_of_other_characters_that_look_the_same_is_told():
    assert "look the same" in NearNames(NAMES).remedy("Zo\u00eb", "no")


def test_a_name_like_no_other_has_the_usual_remedy():
    assert NearNames(NAMES).remedy("Q", "Correct the name") == "Correct the name"
    assert NearNames([]).nearest("A") == []
    assert NearNames(f"N{n:06d}" for n in range(20_000)).nearest("n-1") == ["N000001"]
