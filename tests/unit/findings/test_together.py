"""Variants that act together are neither called absent nor told of without a word on it."""

import polars as pl
import pytest

SCHEMA = dict.fromkeys(("contig", "sample", "gene", "transcript"), pl.String) | {"variants": pl.List(pl.String)}
SCHEMA |= dict.fromkeys(("state", "consequence", "amino_acid_change", "reason"), pl.String)


@pytest.fixture
def compounds(tmp_path):
    """Write joint consequences of two variants of DOM."""

    def write(sample: str, state: str, consequence: str | None, reason: str | None = None):
        row = ("chr1", sample, "DOM", "T", ["110C>T", "111C>T"], state, consequence, None, reason)
        path = tmp_path / "compounds.parquet"
        pl.DataFrame([row], schema=SCHEMA, orient="row").write_parquet(path)
        return path

    return write


@pytest.mark.parametrize(
    ("state", "consequence", "expected"),
    [
        ("found", "stop_gained", "not_assessable"),
        ("found", "synonymous", "absent"),
        ("not_assessable", None, "not_assessable"),
    ],
)
def test_benign_variants_that_act_together_leave_the_gene_open(run, compounds, state, consequence, expected):
    variants = [run.variant(110, "DOM", "benign"), run.variant(111, "DOM", "benign")]
    made = run.planted([["0/1", "0/0"]] * 2, variants).find(compounds=compounds("P1", state, consequence, "phase"))
    assert made.states()["P1", "DOM"] == expected
    assert made.states()["P2", "DOM"] == "absent"


def test_a_finding_says_with_which_variant_it_acts(run, compounds):
    variants = [run.variant(110, "DOM", consequence="frameshift"), run.variant(111, "DOM", "benign")]
    made = run.planted([["0/1", "0/1"]] * 2, variants).find(compounds=compounds("P1", "found", "inframe_deletion"))
    marked = dict(made.findings.select("sample", "confirm_reason").iter_rows())
    assert marked["P1"].startswith("with 111C>T it makes inframe_deletion together")
    assert marked["P2"] is None
