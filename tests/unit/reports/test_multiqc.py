"""Tables for MultiQC: a YAML header in comments, then one row a sample or pair."""

import polars as pl
import yaml

from permed.reports.multiqc import kinship_text, quality_text

QUALITY = pl.DataFrame(
    {
        "sample": ["007", 'O"Neil'],
        "status": ["pass", "fail"],
        "call_rate": [0.9912, 0.5],
        "ti_tv": [2.07, None],
        "contamination": [None, float("nan")],
        "population": ["outside the panel", None],
    }
)


def parsed(text: str) -> tuple[dict, list[list[str]]]:
    lines = text.splitlines()
    header = yaml.safe_load("\n".join(line[2:] for line in lines if line.startswith("# ")))
    return header, [line.split("\t") for line in lines if not line.startswith("#")]


def test_samples_in_the_units_of_their_header():
    header, rows = parsed(quality_text(QUALITY))
    assert (header["id"], header["plot_type"], header["file_format"]) == ("permed_quality", "table", "tsv")
    assert list(header["headers"]) == rows[0][1:] == ["status", "call_rate", "ti_tv", "contamination", "population"]
    assert header["headers"]["call_rate"]["suffix"] == "%" and header["headers"]["call_rate"]["format"] == "{:,.2f}"
    assert rows[1] == ['"007"', "pass", "99.12", "2.07", "", "outside the panel"], "a name is not taken for a number"
    assert rows[2] == ['"O\'Neil"', "fail", "50", "", "", ""]


def test_a_row_a_pair():
    pairs = {"sample1": ["a"], "sample2": ["b"], "n_sites": [900], "ibs0": [0.0], "kinship": [0.25]}
    frame = pl.DataFrame(pairs | {"relation": ["parent-child"], "agrees": [False]})
    header, rows = parsed(kinship_text(frame))
    assert header["pconfig"]["col1_header"] == "Pair"
    assert rows == [
        ["Pair", "relation", "kinship", "ibs0", "n_sites", "agrees"],
        ['"a and b"', "parent-child", "0.25", "0", "900", "false"],
    ]
    assert parsed(kinship_text(frame.clear()))[1] == [["Pair", "relation", "kinship", "ibs0", "n_sites", "agrees"]]
