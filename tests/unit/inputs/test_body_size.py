"""Heights and weights in a sheet: units in the cell, and numbers that are no adult's."""

import pytest

from permed.body_size import implausible, with_units
from permed.samples import read_samples


@pytest.mark.parametrize(
    ("cell", "centimetres"),
    [
        ("172", 172),
        ("172.5", 172.5),
        ("172,5", 172.5),
        ("70 in", 177.8),
        ("70in", 177.8),
        ('70"', 177.8),
        ("1.78 m", 178),
        ("1,78m", 178),
        ("5 ft 10 in", 177.8),
        ("5'10\"", 177.8),
        ("5 ft 10", 177.8),
        ("6 feet", 182.88),
    ],
)
def test_heights(cell, centimetres):
    assert with_units(cell, "height_cm") == pytest.approx(centimetres)


@pytest.mark.parametrize(
    ("cell", "kilograms"),
    [("80", 80), ("80 kg", 80), ("176 lb", 79.832), ("176lbs", 79.832), ("12 st 8 lb", 79.832), ("12 st 8", 79.832)],
)
def test_weights(cell, kilograms):
    assert with_units(cell, "weight_kg") == pytest.approx(kilograms, abs=1e-3)


@pytest.mark.parametrize("cell", ["tall", "70 kg", "70 in 5 ft", "5 ft 10 in 3", "in", "1.2.3", "-170", "170 170"])
def test_cells_that_are_no_height(cell):
    assert with_units(cell, "height_cm") is None


@pytest.mark.parametrize(
    ("height", "weight", "birth_year", "fault"),
    [
        (70, 176, 1960, True),  # inches and pounds
        (70, 80, 1960, True),  # inches and kilograms
        (240, 50, 1960, True),  # index 8.7
        (70, 176, None, True),
        (110, 30, 1960, False),  # index 24.8: short, and possible
        (172, 600, 1960, False),  # the height is one of an adult
        (70, 8, 2025, False),
        (70, 176, 2015, False),  # children are left alone
        (None, 176, 1960, False),
        (235, 120, 1960, False),
    ],
)
def test_sizes_of_no_adult(height, weight, birth_year, fault):
    assert implausible(height, weight, birth_year) is fault


def sheet(tmp_path, *rows):
    path = tmp_path / "samples.tsv"
    path.write_text("sample\tconsent\tbirth_year\theight_cm\tweight_kg\tsmoking\n" + "".join(f"{r}\n" for r in rows))
    return read_samples(path)


def test_the_fault_names_line_and_person_and_asks_for_the_unit(tmp_path):
    people, faults = sheet(tmp_path, "A\tscores\t1960\t172\t78\t", "H1\tscores\t1960\t70\t176\tyes")
    (fault,) = faults
    assert (fault.sample, fault.line) == ("H1", 3) and "unit" in fault.remedy
    assert people[0].height_cm == 172 and people[1].smoking == "yes"


def test_units_in_the_cell_are_read(tmp_path):
    people, faults = sheet(tmp_path, "A\tscores\t1960\t70 in\t176 lb\tno", "B\tscores\t1960\t70 lb\t176\tmaybe")
    assert (people[0].height_cm, people[0].weight_kg) == (pytest.approx(177.8), pytest.approx(79.832, abs=1e-3))
    assert [f.sample for f in faults] == ["B", "B"] and "smoking" in " ".join(str(f) for f in faults)
