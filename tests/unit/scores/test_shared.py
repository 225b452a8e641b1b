"""Where a panel has a score's variants, and what share of the score's variance takes part."""

import polars as pl
import pytest

from permed.scores.calibration.shared import mark_shared, place_in_panel, shared_logs, variance_shares, with_variance

LOG = {
    "score": pl.String,
    "contig": pl.String,
    "pos": pl.Int64,
    "effect_allele": pl.String,
    "other_allele": pl.String,
    "weight": pl.Float64,
    "class": pl.String,
    "dosage_of": pl.String,
    "row": pl.Int64,
    "siblings": pl.List(pl.Int64),
    "term": pl.Int64,
}
IN_PANEL = pl.col("panel_row").is_not_null()
SITE = {"pos": pl.Int64, "ref": pl.String, "alt": pl.String}


def log_of(*rows):
    full = [("S", "chr1", *row[:3], 1.0, *row[3:6], None, row[6]) for row in rows]
    return pl.DataFrame(full, schema=LOG, orient="row")


def sites(*rows):
    return pl.DataFrame(rows, schema=SITE, orient="row")


def test_the_panel_is_asked_for_the_cohorts_site_or_for_the_two_alleles():
    cohort = sites((10, "A", "G"), (20, "C", "T"), (30, "G", "A"))
    panel = sites((5, "A", "C"), (10, "A", "G"), (20, "T", "C"), (40, "C", "T"), (50, "G", "C"), (60, "A", "T"))
    log = log_of(
        (10, "G", "A", "matched", "alt", 0, None),
        (20, "T", "C", "matched", "alt", 1, None),  # the panel has other alleles there: REF and ALT exchanged
        (30, "A", "G", "matched", "alt", 2, None),  # not in the panel
        (40, "C", "T", "reference", "two", None, None),  # the cohort's reference is C
        (50, "C", "G", "reference", "none", None, None),
        (60, "A", "T", "absent", None, None, None),  # read by the panel only: for the variance of the whole
        (70, "A", "T", "absent", None, None, None),
    )
    placed = mark_shared(place_in_panel(log, cohort, panel), IN_PANEL)
    assert placed["panel_row"].to_list() == [1, None, None, 3, 4, 5, None]
    assert placed["panel_of"].to_list() == ["alt", None, None, "ref", "alt", "ref", None]
    assert placed["shared"].to_list() == [True, False, False, True, True, False, False]
    of_cohort, of_panel = shared_logs(placed.with_columns(of_reference=0.5))
    assert of_cohort.select("row", "dosage_of", "class").rows() == [
        (0, "alt", "matched"),
        (None, "two", "reference"),
        (None, "none", "reference"),
    ]
    assert of_panel.select("row", "dosage_of", "class").rows() == [
        (1, "alt", "matched"),
        (3, "ref", "matched"),
        (4, "alt", "matched"),
    ]
    assert of_cohort.columns == of_panel.columns == list(LOG)


def test_siblings_are_the_panels_own():
    """The cohort has one alternate where the panel has three and a longer allele: copies of REF are less theirs."""
    panel = sites((10, "A", "C"), (10, "A", "G"), (10, "A", "T"), (10, "AT", "A"), (11, "A", "G"))
    log = log_of((10, "A", "G", "matched", "ref", 0, None), (10, "G", "A", "matched", "alt", 0, None))
    placed = place_in_panel(log, sites((10, "A", "G")), panel)
    assert placed["panel_row"].to_list() == [1, 1]
    assert placed["panel_siblings"].to_list() == [[0, 2], None]


def test_a_term_is_shared_whole_or_not_at_all():
    cohort = sites((10, "A", "G"), (20, "C", "T"), (30, "G", "A"))
    log = log_of(
        (10, "G", "A", "matched", "alt", 0, 7),
        (20, "T", "C", "matched", "alt", 1, 7),
        (30, "A", "G", "matched", "alt", 2, 8),
    )
    placed = mark_shared(place_in_panel(log, cohort, sites((10, "A", "G"), (30, "G", "A"))), IN_PANEL)
    assert placed["shared"].to_list() == [False, False, True]


def test_variance_shares_by_hand():
    frame = pl.DataFrame(
        {
            "score": "S",
            "class": ["matched", "matched", "absent", "ambiguous", "duplicate"],
            "weight": [1.0, 2.0, 1.0, 1.0, 9.0],
            "frequency": [0.5, 0.1, 0.2, None, 0.5],
            "shared": [True, False, False, False, False],
            "set_aside": False,
            "by_sex": False,
        }
    )
    row = variance_shares(with_variance(frame)).row(0, named=True)
    parts = [0.5, 4 * 0.18, 0.32, (0.5 + 0.18 + 0.32) / 3]
    assert row["reliability"] == pytest.approx(0.5 / sum(parts))
    assert row["lacking"] == pytest.approx(1 - 0.5 / (0.5 + 0.72))
    nothing = variance_shares(with_variance(frame.with_columns(frequency=pl.lit(None, pl.Float64)))).row(0, named=True)
    assert nothing["reliability"] == pytest.approx(1 / 7)
    weights = frame.with_columns(
        weight=pl.lit(None, pl.Float64), dosage_weights=pl.lit([0.0, 1.0, 2.0], pl.List(pl.Float64))
    )
    assert variance_shares(with_variance(weights))["reliability"][0] == pytest.approx(0.5 / (0.5 + 0.18 + 0.32 + 1 / 3))
