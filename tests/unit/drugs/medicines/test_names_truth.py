"""Entries as people write them, against the reading that a pharmacist gives them."""

from permed.drugs.medicines.outcomes import RIGHT, WRONG, outcomes
from permed.tables import read_table


def test_entries_of_the_truth_set(shared, names):
    """At least nine in ten right, none wrong without a mark, at most one in ten asked."""
    made = outcomes(read_table(shared / "facts" / "names" / "names_truth.tsv"), names)
    told = made.select("entry", "outcome", "read").rows()
    assert made.filter(made["outcome"] == WRONG).height == 0, told
    known = made.filter(~made["other_script"])
    assert known.filter(known["outcome"] == RIGHT).height >= 0.9 * known.height, told
    assert known.filter(known["asked"]).height <= 0.1 * known.height, told
