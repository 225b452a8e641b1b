"""Contamination from reads by allele against planted mixtures: truth against verdict.

``python -m pytest tests/unit/quality/test_contamination.py -m slow -s`` prints the table of docs/quality.md.
"""

import zlib
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from permed.quality.depths.contamination.cells import gather
from permed.quality.depths.contamination.fit import Mixture, fit_mixture
from permed.quality.judge import Findings, _judge_contamination
from planted.populations import drift
from planted.reads import CONTAMINANTS, call, person_and_contaminant, read

LIMITS = {"warn_contamination": 0.02, "fail_contamination": 0.05}
FAIL = LIMITS["fail_contamination"]
PLANTED = (0.0, 0.01, 0.03, 0.05, 0.1, 0.2)


@dataclass(frozen=True)
class Sample:
    """How a sample was made: whose reads, how many, and what the files and the person are like.

    ``uneven``: nearly all the wrong bases lie at a third of the sites."""

    share: float = 0.0
    whose: str = "stranger"
    depth: float = 30
    error: float = 0.001
    inbreeding: float = 0.0
    fst: float = 0.0
    least_quality: int = 0
    listed: bool = False
    uneven: bool = False
    sites: int = 6000
    reads: dict = field(default_factory=dict)

    def estimate(self) -> Mixture:
        """What is found."""
        rng = np.random.default_rng(zlib.crc32(repr(self).encode()))
        told = rng.uniform(0.05, 0.95, self.sites)
        person, other = person_and_contaminant(rng, drift(rng, told, self.fst), self.whose, self.inbreeding)
        error = self.error * rng.gamma(0.3, 1 / 0.3, self.sites) if self.uneven else self.error
        calls = call(*read(rng, person, other, self.share, self.depth, np.minimum(error, 0.5), **self.reads))
        calls = calls.kept(self.least_quality) if self.least_quality else calls
        calls = calls.listed() if self.listed else calls
        return fit_mixture(gather(calls.ref, calls.alt, calls.quality, told), FAIL)

    def verdict(self) -> str:
        """That of the stage."""
        return verdict_of(self.estimate())


def verdict_of(found: Mixture) -> str:
    row = {"contamination": found.share, "contamination_low": found.low, "contamination_most": found.most}
    findings = Findings()
    _judge_contamination(row | {"contamination_reason": None}, LIMITS, True, findings)
    return findings.status


@pytest.mark.parametrize("depth", [12, 30])
@pytest.mark.parametrize("share", PLANTED)
def test_a_stranger_s_share_is_found_whatever_the_caller_made_of_it(share, depth):
    found = Sample(share, depth=depth).estimate()
    assert found.share == pytest.approx(share, abs=0.006 + 0.1 * share)
    assert found.low - 0.004 <= share <= found.most


@pytest.mark.parametrize("whose", CONTAMINANTS[1:])
@pytest.mark.parametrize("depth", [12, 30])
def test_a_relative_s_share_is_at_least_what_is_found_and_not_excluded(whose, depth):
    for share in (0.05, 0.2):
        found = Sample(share, whose, depth).estimate()
        assert 0.3 * share < found.share < 0.75 * share
        assert found.most >= share
        assert verdict_of(found) != "pass"


@pytest.mark.parametrize("depth", [12, 30])
def test_wrong_bases_of_a_clean_sample_are_no_contamination(depth):
    for error in (0.001, 0.01, 0.03):
        found = Sample(depth=depth, error=error).estimate()
        assert found.share < 0.01 and found.low < 0.003
        assert found.error == pytest.approx(error, abs=0.003)


CLEAN = [
    Sample(inbreeding=1 / 16),
    Sample(inbreeding=1 / 4, depth=12),
    Sample(fst=0.1),
    Sample(fst=0.2, depth=12),
    Sample(error=0.03, uneven=True),
    Sample(error=0.01, depth=12, uneven=True),
    Sample(reads={"bias": 0.44}),
    Sample(reads={"spread": 0.1, "bias": 0.46}),
    Sample(listed=True),
    Sample(least_quality=20),
    Sample(least_quality=20, depth=12, listed=True),
    Sample(depth=60, error=0.01),
]


@pytest.mark.parametrize("sample", CLEAN, ids=repr)
def test_nobody_clean_is_accused(sample):
    found = sample.estimate()
    assert verdict_of(found) == "pass"
    assert found.share < 0.012


@pytest.mark.parametrize("sample", CLEAN, ids=repr)
def test_nothing_of_that_hides_contamination(sample):
    for share, whose in ((0.05, "parent"), (0.2, "stranger")):
        verdict = replace(sample, share=share, whose=whose).verdict()
        assert verdict in (("fail",) if share == 0.2 else ("warn", "fail"))


def test_few_sites_leave_much_open_and_that_is_said():
    found = Sample(sites=150, depth=12).estimate()
    assert found.share < 0.02 and found.most > FAIL
    assert verdict_of(found) == "warn"


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    covered = [
        found.low <= 0.05 <= found.high
        for found in (Sample(0.05, depth=20, sites=1500 + n).estimate() for n in range(40))
    ]
    assert 0.85 <= np.mean(covered) <= 1


def test_a_file_filtered_by_quality_is_told_by_its_lowest_quality():
    """Counts that a filter took away are not taken for counts that were not there."""
    rng = np.random.default_rng(4)
    frequency = rng.uniform(0.05, 0.95, 6000)
    person, other = person_and_contaminant(rng, frequency)
    calls = call(*read(rng, person, other, 0.05, 12))
    whole, kept = (gather(c.ref, c.alt, c.quality, frequency) for c in (calls, calls.kept(20)))
    assert whole.shown[12, 11] and not kept.shown[12, 11]  # one read of REF among twelve: GQ 16
    assert fit_mixture(kept, FAIL).share == pytest.approx(0.05, abs=0.02)
    left = calls.kept(20)
    blind = gather(left.ref, left.alt, np.full(6000, -1), frequency)
    assert fit_mixture(blind, FAIL).share < 0.03  # what would be said if nothing told of the filter


@pytest.mark.slow
def test_truth_against_verdict():
    """No clean sample fails, and nobody with a share that fails passes, over depths, errors and relations."""
    rows, wrong = {}, []
    for depth in (12, 30):
        for error in (0.001, 0.01, 0.03):
            for whose in CONTAMINANTS:
                for share in PLANTED if whose == "stranger" else PLANTED[1:]:
                    for again in range(2):
                        sample = Sample(share, whose, depth, error, sites=6000 + again)
                        verdict = sample.verdict()
                        rows.setdefault((depth, whose, share), []).append(verdict)
                        if (share == 0 and verdict == "fail") or (share >= FAIL and verdict == "pass"):
                            wrong.append(sample)
    for (depth, whose, share), verdicts in rows.items():
        print(depth, whose, share, {v: verdicts.count(v) for v in ("pass", "warn", "fail")})
    assert not wrong
