"""A substitution of several bases is a genotype of every base that it spans."""

import importlib.util
from pathlib import Path

import pytest

from permed.pharmacogenes.definitions import MISSING, REF, UNDOCUMENTED

_found = importlib.util.spec_from_file_location("alone", Path(__file__).with_name("test_alone.py"))
alone = importlib.util.module_from_spec(_found)
_found.loader.exec_module(alone)
cohorts = alone.cohorts
GENE = alone.GENES["VKORC1"]
PLACE = alone.PLACES["VKORC1"][0]
AT = next(n for n, position in enumerate(GENE.positions) if position.pos == PLACE.pos)
REFS, ALTS = "A" + PLACE.ref + "AC", "C" + PLACE.alts[0] + "GT"


def codes_of(tmp_path, files: dict, people: list[str], absent_sites: str = "missing") -> dict[str, list[int]]:
    done = cohorts.run(tmp_path, files, people, GENE.contig, alone.positions_of("VKORC1"), absent_sites=absent_sites)
    found = alone.results("VKORC1", done, absent_sites)
    return {name: found[name]["codes"][AT] for name in people}


def row(start: int, ref: str, alt: str, cell: str) -> tuple:
    return (start, ref, alt, ".", [f"{cell}:60"])


DEFINED = next(iter(GENE.positions[AT].keys().values()))


@pytest.mark.parametrize(
    ("ref", "alt", "cell", "expected"),
    [
        (REFS, ALTS, "0/1", [REF, DEFINED]),
        (REFS, ALTS, "1/1", [DEFINED, DEFINED]),
        (REFS, ALTS, "0/0", [REF, REF]),
        (REFS, "C" + PLACE.ref + "GT", "0/1", [REF, REF]),  # the base in the middle is as it was
        (REFS, "C" + PLACE.other + "GT", "0/1", sorted([REF, UNDOCUMENTED])),
        (REFS, ALTS, "./.", [MISSING, MISSING]),
    ],
)
@pytest.mark.parametrize("absent_sites", ["missing", "reference"])
def test_alone_and_beside_the_record_of_somebody_else(tmp_path, ref, alt, cell, expected, absent_sites):
    start = PLACE.pos - 1
    files = {
        "P": cohorts.write(tmp_path, "P", GENE.contig, [row(start, ref, alt, cell)], ["P"]),
        "Q": cohorts.write(tmp_path, "Q", GENE.contig, [row(PLACE.pos, PLACE.ref, PLACE.alts[0], "0/1")], ["Q"]),
    }
    single = codes_of(tmp_path, files, ["P"], absent_sites)
    together = codes_of(tmp_path, files, ["P", "Q"], absent_sites)
    assert single["P"] == expected
    assert together == {"P": expected, "Q": [REF, DEFINED]}


def test_an_own_record_that_is_not_believed_leaves_the_base_unknown(tmp_path):
    rows = [row(PLACE.pos - 1, REFS, ALTS, "0/1"), (PLACE.pos, PLACE.ref, PLACE.alts[0], ".", ["0/1:3"])]
    files = {"P": cohorts.write(tmp_path, "P", GENE.contig, rows, ["P"])}
    assert codes_of(tmp_path, files, ["P"])["P"] == [MISSING, MISSING]
