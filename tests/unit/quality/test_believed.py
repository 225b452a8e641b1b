"""What is believed of the written genotypes: counted of all sites and of needed ones, warned of and never failed."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.evidence.positions import NEEDED_SCHEMA
from permed.findings.coverage import SCHEMA as COVERAGE
from permed.genotypes.store import HOM_REF, MISSING, GenotypeStore, pack
from permed.observations.codes import DOUBT, FIRST_OTHER, LOW_DEPTH, LOW_QUALITY, NAMES, NO_READS
from permed.quality.believed import FEWEST, believed_bases, words
from permed.quality.counts import Tally
from permed.quality.judge import judge_samples
from permed.quality.kernels import count_doubts, count_missing


def needed(rows: list[tuple[str, int, list[str]]]) -> pl.DataFrame:
    """Needed positions of (contig, pos, who needs them)."""
    table = [(contig, pos, "A", ["G"], pos, None, by, False) for contig, pos, by in rows]
    return pl.DataFrame(table, schema=NEEDED_SCHEMA, orient="row")


@pytest.fixture
def measured(make_store, parts_of):
    """Metrics of planted genotypes and bytes of doubt by contig, of which some positions are needed."""

    def measure(parts: dict, observed: dict, positions: pl.DataFrame | None = None) -> pl.DataFrame:
        store = make_store(parts)
        tally = Tally(store.samples, "GRCh38", positions)
        for part, contig in zip(parts_of(store), parts, strict=True):
            sidecar = observed.get(contig)
            tally.add(GenotypeStore(part.samples, part.sites, part.parts, observed_parts=[sidecar]))
        return tally.table()

    return measure


@settings(max_examples=30)
@given(seed=st.integers(0, 999), sites=st.integers(0, 40), samples=st.integers(1, 21), block=st.integers(1, 9))
def test_kernels_count_as_plain_python_does(seed, sites, samples, block):
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, 4, (sites, samples)).astype(np.uint8)
    observed = np.where(rng.random((sites, samples)) < 0.3, rng.integers(0, 64, (sites, samples)), 0).astype(np.uint8)
    rows = np.flatnonzero(rng.random(sites) < 0.7)
    uses = rng.integers(0, 8, len(rows)).astype(np.uint8)
    doubts = np.zeros((3, samples, DOUBT + 1), np.int64)
    count_doubts(pack(codes), observed, rows, uses, doubts, block)
    expected = np.zeros_like(doubts)
    for number, row in enumerate(rows):
        for sample in range(samples):
            code = observed[row, sample] % 16
            for use in range(3):
                if code and codes[row, sample] != MISSING and uses[number] & (1 << use):
                    expected[use, sample, code] += 1
    np.testing.assert_array_equal(doubts, expected)
    missing = np.zeros(-(-samples // 4) * 4, np.int64)
    count_missing(pack(codes), rows, missing)
    np.testing.assert_array_equal(missing[:samples], (codes[rows] == MISSING).sum(axis=0))


def test_the_share_is_of_written_genotypes_of_all_sites_and_of_needed_ones_apart(measured):
    codes = np.full((20, 3), HOM_REF, np.uint8)
    codes[:4, 1] = MISSING
    observed = np.zeros((20, 3), np.uint8)
    observed[2:7, 0] = LOW_QUALITY
    observed[7, 0] = NO_READS | FIRST_OTHER
    observed[0:6, 1] = LOW_DEPTH  # four of them beside a missing genotype, which nobody wrote
    observed[:, 2] = FIRST_OTHER  # an allele of its own is no doubt
    mitochondrial = np.full((5, 3), HOM_REF, np.uint8)
    positions = needed(
        [
            *(("chr1", 100 + n, ["definitions"]) for n in (2, 3, 50)),
            *(("chr1", 100 + n, ["ancestry", "scores"]) for n in range(7, 12)),
            ("chr2", 105, ["scores"]),
            ("chrM", 3, ["definitions", "scores"]),
        ]
    )
    parts = {"chr1": (codes, list(range(100, 120))), "chrM": (mitochondrial, [1, 2, 3, 4, 5])}
    table = measured(parts, {"chr1": observed}, positions)
    assert table["n_written"].to_list() == [25, 21, 25]
    assert table["believed_rate"].to_list() == pytest.approx([1 - 6 / 25, 1 - 2 / 21, 1])
    assert table["doubts"].to_list() == ["low_quality 5; no_reads 1", "low_depth 2", None]
    assert table["n_written_definitions"].to_list() == [3, 1, 3]
    assert table["believed_rate_definitions"].to_list() == pytest.approx([1 / 3, 1, 1])
    assert table["doubts_definitions"].to_list() == ["low_quality 2", None, None]
    assert table["believed_rate_scores"].to_list() == pytest.approx([5 / 6, 1, 1])
    assert table["doubts_scores"].to_list() == ["no_reads 1", None, None]
    assert table["call_rate"].to_list() == pytest.approx([1, 0.8, 1]), "call rate counts genotypes as written"


def test_without_a_sidecar_or_positions_everything_written_is_believed(measured):
    codes = np.full((3, 2), HOM_REF, np.uint8)
    codes[:, 1] = MISSING
    table = measured({"chr1": (codes, [1, 2, 3])}, {})
    assert table["believed_rate"].to_list() == [1, None]
    assert table["doubts"].to_list() == [None, None]
    assert table["believed_rate_definitions"].to_list() == [None, None]
    assert table["believed_rate_scores"].to_list() == [None, None]


def test_a_low_share_is_warned_of_with_its_causes_and_does_not_fail(measured, quality_of):
    codes = np.full((200, 3), HOM_REF, np.uint8)
    observed = np.zeros((200, 3), np.uint8)
    observed[:12, 0], observed[12:22, 0] = LOW_QUALITY, NO_READS
    observed[:19, 1] = LOW_QUALITY
    observed[:10, 2] = LOW_DEPTH
    places = list(range(1000, 1200))
    positions = needed([("chr1", pos, ["definitions"]) for pos in places[:FEWEST]])
    positions = pl.concat([positions, needed([("chr1", pos, ["scores"]) for pos in places[: FEWEST - 1]])])
    metrics = measured({"chr1": (codes, places)}, {"chr1": observed}, positions)
    people = pl.DataFrame({"sample": metrics["sample"], "sex": ["NA"] * 3, "group": [None] * 3})
    judged = judge_samples(metrics, people, quality_of())
    told = dict(judged.select("sample", "reasons").iter_rows())
    assert judged["status"].to_list() == ["warn"] * 3
    assert "believed_rate 0.8900 is below 0.9 (low_quality 12, no_reads 10)" in told["S0"]
    assert "believed_rate 0." not in told["S1"]
    assert "believed_rate_definitions 0.0000 is below 0.9 (low_quality 10)" in told["S1"]
    assert "believed_rate_definitions 0.0000 is below 0.9 (low_depth 10)" in told["S2"]
    assert not any("believed_rate_scores" in text for text in told.values()), "fewer than a few genotypes"
    lenient = judge_samples(metrics, people, quality_of(warn_believed_rate=0))
    assert not any("believed" in text for text in lenient["reasons"])
    assert lenient["believed_rate"].to_list() == pytest.approx([0.89, 0.905, 0.95])


def test_of_few_sites_nothing_is_judged(measured, quality_of):
    codes, observed = np.full((50, 1), HOM_REF, np.uint8), np.full((50, 1), LOW_QUALITY, np.uint8)
    metrics = measured({"chr1": (codes, list(range(1, 51)))}, {"chr1": observed})
    people = pl.DataFrame({"sample": ["S0"], "sex": ["NA"], "group": [None]})
    judged = judge_samples(metrics, people, quality_of())
    assert "believed" not in judged["reasons"][0]
    assert judged["believed_rate"].to_list() == [0]


def test_coding_bases_count_as_written_where_only_a_doubt_takes_them_out():
    def row(sample, gene, looked, **doubts):
        counts = [0] * (DOUBT + 1)
        for name, n in doubts.items():
            counts[{v: k for k, v in NAMES.items()}[name]] = n
        return (sample, gene, 100, looked, "sites", None, None, counts)

    rows = [
        row("A", "G1", 60, low_quality=10),
        row("A", "G2", 20, low_quality=5, no_reads=5),
        row("B", "G1", 0),
    ]
    table = believed_bases(pl.DataFrame(rows, schema=COVERAGE, orient="row"))
    assert table["n_written_findings"].to_list() == [100, 0]
    assert table["believed_rate_findings"].to_list() == [0.8, None]
    assert table["doubts_findings"].to_list() == ["low_quality 15; no_reads 5", None]
    assert believed_bases(pl.DataFrame(schema=COVERAGE)).is_empty()


def test_causes_are_told_the_most_frequent_first():
    counts = [7, 3, 12, 3] + [0] * 12
    assert words(counts) == "low_quality 12; low_depth 3; no_reads 3"
