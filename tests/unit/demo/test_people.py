"""The committed sample sheet is the generator's, and the people hold the cases that the workflow has to notice."""

from collections import Counter

import pytest

from permed.demo.people import sample_sheet, simulated_people, true_relations
from permed.samples import read_samples
from permed.tables import read_table, write_table


@pytest.fixture(scope="module")
def table(root):
    return read_table(root / "resources/demo/people.tsv")


@pytest.fixture(scope="module")
def people(table):
    return simulated_people(table)


def test_committed_sheet_is_the_generators(root, table, tmp_path):
    write_table(sample_sheet(table), tmp_path / "samples.tsv")
    assert (root / "config/samples.tsv").read_text() == (tmp_path / "samples.tsv").read_text()


def test_sheet_is_valid_and_consents_differ(root):
    listed, faults = read_samples(root / "config/samples.tsv")
    assert faults == []
    assert len(listed) == 48
    agreed = Counter(purpose for person in listed for purpose in person.consent)
    assert sum(not person.consent for person in listed) == 1
    assert all(30 < agreed[purpose] < 48 for purpose in ("pharmacogenes", "scores", "findings", "carriers"))


def test_sexes_agree_but_for_exchanges(table):
    listed = table.filter(table["presence"] == "sheet")
    differ = listed.filter(listed["sex"] != listed["reported_sex"])
    # Two children's samples are exchanged, and their rows say the sex of the other.
    told = [("PERM003", "XX", "XY"), ("PERM019", "XY", "XX"), ("PERM028", "XY", "XX"), ("PERM044", "XX", "NA")]
    assert differ.select("sample", "sex", "reported_sex").rows() == told


def test_two_children_are_exchanged_in_the_families_of_the_sheet(people):
    assert {p.sample: (p.family, p.reported_family) for p in people if p.family != p.reported_family} == {
        "PERM003": ("FAM01", "FAM02"),
        "PERM019": ("FAM02", "FAM01"),
    }


def test_two_gave_genotypes_but_no_consent(people, root):
    listed = {person.sample for person in read_samples(root / "config/samples.tsv")[0]}
    assert {p.sample for p in people if p.presence == "genotypes"} == {"OTHER01", "OTHER02"}
    assert listed == {p.sample for p in people if p.presence == "sheet"}


def test_relations(people):
    assert true_relations(people) == [
        ("PERM001", "PERM003", "parent-offspring", 0.25),
        ("PERM002", "PERM003", "parent-offspring", 0.25),
        ("PERM017", "PERM019", "parent-offspring", 0.25),
        ("PERM018", "PERM019", "parent-offspring", 0.25),
        ("PERM033", "PERM034", "full-siblings", 0.25),
        ("PERM036", "PERM047", "duplicate", 0.5),
    ]


def test_each_population_has_sixteen_in_the_sheet(people):
    assert Counter(p.population for p in people if p.presence == "sheet") == {"POP1": 16, "POP2": 16, "POP3": 16}


def test_given_diplotypes_are_read(people):
    given = {p.sample: p.diplotypes for p in people if p.diplotypes}
    assert given["PERM002"] == {"CYP2C19": ("*2", "*2")}
    assert given["PERM001"]["VKORC1"] == ("rs9923231 reference (C)", "rs9923231 variant (T)")
