"""A user's own download as rates: other deaths, people free of the disease, faults."""

import pytest

from permed.errors import Fault
from permed.scores.risk.tables import read_rates

COLUMNS = "measure_id,measure_name,location_id,location_name,sex_id,sex_name,age_id,age_name,cause_id,cause_name,"
COLUMNS += "metric_id,metric_name,year,val,upper,lower"


@pytest.fixture
def download(tmp_path):
    def make(rows, name="gbd.csv", columns=COLUMNS):
        lines = [
            f"1,{measure},1,{place},1,{sex},1,{age},1,{cause},3,{metric},2019,{value},0,0"
            for measure, place, sex, age, cause, metric, value in rows
        ]
        (tmp_path / name).write_text("\n".join([columns, *lines]) + "\n")
        return tmp_path / name

    return make


def rows_of(sex="Female", place="Somewhere", ages=("40-44 years", "45-49 years")):
    for n, age in enumerate(ages):
        yield ("Incidence", place, sex, age, "Breast cancer", "Rate", 100 + n)
        yield ("Deaths", place, sex, age, "Breast cancer", "Rate", 20)
        yield ("Deaths", place, sex, age, "All causes", "Rate", 300)
        yield ("Prevalence", place, sex, age, "Breast cancer", "Rate", 2000)
        yield ("Incidence", place, sex, age, "Breast cancer", "Number", 5_000_000)
    yield ("Incidence", place, sex, "Age-standardized", "Breast cancer", "Rate", 50)
    yield ("Incidence", place, sex, "All ages", "Breast cancer", "Rate", 60)
    yield ("Deaths", place, "Both", ages[0], "All causes", "Rate", 1)


def test_rates_are_of_those_free_and_other_deaths_are_the_rest(download, run_step, tmp_path):
    path = download([*rows_of(), *rows_of("Male")])
    rates = tmp_path / "rates.tsv"
    run_step("import_incidence")([path], "breast cancer", "breast_cancer", "GBD 2019", "its agreement", rates=rates)
    women, men = read_rates(rates)
    assert (women.sex, men.sex, women.country, women.year) == ("XX", "XY", "Somewhere", "2019")
    assert (women.rates.first, women.rates.end) == (40, 50)
    assert women.rates.incidence[[0, 9]].tolist() == pytest.approx([100e-5 / 0.98, 101e-5 / 0.98])
    assert women.rates.competing.tolist() == pytest.approx([280e-5] * 10)
    assert women.source == "GBD 2019; by person free of the disease" and not women.default


def test_without_prevalence_incidence_stays(download, run_step, tmp_path):
    kept = [row for row in rows_of() if row[0] != "Prevalence"]
    run_step("import_incidence")(
        [download(kept)], "Breast cancer", "breast cancer", "GBD", "own", rates=tmp_path / "rates.tsv"
    )
    (table,) = read_rates(tmp_path / "rates.tsv")
    assert table.rates.incidence[0] == pytest.approx(100e-5) and table.source == "GBD"


@pytest.mark.parametrize(
    ("rows", "columns", "fault"),
    [
        ([row for row in rows_of() if row[4] != "All causes"], COLUMNS, "no deaths from all causes"),
        ([row for row in rows_of() if row[0] != "Incidence"], COLUMNS, 'no incidence of "Breast cancer"'),
        (list(rows_of()), COLUMNS.replace("cause_name", "cause"), "no column cause_name"),
        ([*rows_of(), ("Deaths", "Somewhere", "Female", "40-44 years", "All causes", "Rate", 9)], COLUMNS, "several"),
        (list(rows_of(ages=("40-44 years", "50-54 years"))), COLUMNS, "ages 50 to 55 do not follow"),
    ],
)
def test_a_download_that_lacks_something_is_refused(download, run_step, tmp_path, rows, columns, fault):
    with pytest.raises(Fault, match=fault):
        run_step("import_incidence")(
            [download(rows, columns=columns)], "Breast cancer", "d", "s", "l", rates=tmp_path / "rates.tsv"
        )
