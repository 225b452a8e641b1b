"""Index variants against a plain greedy search, and against PLINK 1.9 where it is installed."""

import shutil
import subprocess

import numpy as np
import polars as pl
import pytest

from permed.scores.train.clumping import choose_variants
from permed.scores.train.harmonise import Counts
from permed.scores.train.ld import open_panel

VARIANTS, PEOPLE = 300, 400


@pytest.fixture
def panel(draw_counts, write_plink):
    """Correlated genotypes of people as PLINK files, with the counts and p-values, some of them equal."""
    rng = np.random.default_rng(4)
    counts = draw_counts(rng, VARIANTS, PEOPLE)
    pos = np.sort(rng.choice(np.arange(1, 200), VARIANTS)) * 10_000  # in places several variants a position
    rsid = [f"rs{k}" for k in range(VARIANTS)]
    bed = write_plink(counts, pos, ["A"] * VARIANTS, ["C"] * VARIANTS, rsid)
    p = np.round(rng.uniform(0, 0.2, VARIANTS), 2) + 0.0001
    return bed, counts, pos, rsid, p


def matched_rows(pos, p):
    """Rows as harmonising gives them."""
    many = np.arange(len(pos), dtype=np.uint32)
    return pl.DataFrame({"at": many, "contig": ["chr22"] * len(pos), "pos": pos, "log10_p": np.log10(p)})


def squared_correlations(counts):
    """r² of all pairs, each over the people called at both."""
    called = ~np.isnan(counts)
    found = np.empty((len(counts), len(counts)))
    for i in range(len(counts)):
        for j in range(i + 1):
            both = called[i] & called[j]
            found[i, j] = found[j, i] = np.corrcoef(counts[i, both], counts[j, both])[0, 1] ** 2
    return found


@pytest.mark.parametrize(("p_limit", "r2", "window_kb"), [(0.05, 0.2, 250), (0.2, 0.5, 40), (0.1, 0.05, 5000)])
def test_index_variants_are_those_of_a_plain_greedy_search(panel, p_limit, r2, window_kb):
    bed, counts, pos, _, p = panel
    correlation = squared_correlations(counts)
    left = sorted((k for k in range(VARIANTS) if p[k] <= p_limit), key=lambda k: (p[k], pos[k], k))
    total, expected = len(left), {}
    while left:
        index = left.pop(0)
        near = [k for k in left if abs(pos[k] - pos[index]) <= window_kb * 1000 and correlation[k, index] > r2]
        expected[index] = len(near)
        left = [k for k in left if k not in near]
    counted = Counts()
    found = choose_variants(matched_rows(pos, p), open_panel(bed, None), counted, p=p_limit, r2=r2, window_kb=window_kb)
    assert dict(found.select("at", "clumped").iter_rows()) == expected
    assert counted.left_out["in LD with a variant of smaller p-value"] == total - len(expected)
    assert counted.left_out[f"p-value above {p_limit:g}"] == VARIANTS - total


def test_a_variant_that_does_not_vary_in_the_panel_is_left_out(panel, write_plink):
    _, counts, pos, rsid, p = panel
    counts[7] = np.where(np.isnan(counts[7]), np.nan, 2)
    bed = write_plink(counts, pos, ["A"] * VARIANTS, ["C"] * VARIANTS, rsid, name="still")
    counted = Counts()
    found = choose_variants(matched_rows(pos, p), open_panel(bed, None), counted, p=1, r2=0.2, window_kb=250)
    assert 7 not in found["at"]
    assert counted.left_out["does not vary in the LD reference"] == 1


def plink(tmp_path, *words):
    """Run PLINK 1.9 and give the table it writes with this ending."""
    program = shutil.which("plink1.9") or shutil.which("plink")
    if not program:
        pytest.skip("PLINK 1.9 is not installed")
    *options, ending = words
    subprocess.run([program, *map(str, options), "--out", tmp_path / "out"], check=True, capture_output=True)
    lines = (tmp_path / f"out.{ending}").read_text().split("\n")
    return [dict(zip(lines[0].split(), line.split(), strict=False)) for line in lines[1:] if line.strip()]


def test_correlations_are_those_of_plink(panel, tmp_path):
    bed, counts, *_ = panel
    options = ["--r2", "--ld-window-r2", "0", "--ld-window", "50", "--ld-window-kb", "300"]
    rows = plink(tmp_path, "--bfile", bed.with_suffix(""), *options, "ld")
    expected = squared_correlations(counts)
    place = {f"rs{k}": k for k in range(VARIANTS)}
    assert len(rows) > 1000
    for row in rows:
        assert float(row["R2"]) == pytest.approx(expected[place[row["SNP_A"]], place[row["SNP_B"]]], rel=1e-3, abs=1e-5)


@pytest.mark.parametrize(("near", "window_kb"), [(0.35, 100), (0.2, 250), (0.5, 50)])
def test_index_variants_are_those_of_plink(draw_counts, write_plink, tmp_path, near, window_kb):
    """PLINK takes r² of estimated haplotypes; the limit is one that lies between the two r² of no pair."""
    many, rng = 100, np.random.default_rng(9)
    counts, pos = draw_counts(rng, many, 3000), 10_000 * np.arange(1, many + 1)
    rsid = [f"rs{k}" for k in range(many)]
    bed = write_plink(counts, pos, ["A"] * many, ["C"] * many, rsid)
    every = ["--ld-window-r2", "0", "--ld-window", many, "--ld-window-kb", window_kb]
    rows = plink(tmp_path, "--bfile", bed.with_suffix(""), "--r2", "dprime", *every, "ld")
    ours = squared_correlations(counts)
    p = rng.permutation(np.linspace(0.0004, 0.2, many))  # no ties: PLINK does not say how it breaks them
    pairs = [(float(row["R2"]), int(row["SNP_A"][2:]), int(row["SNP_B"][2:])) for row in rows]
    pairs = np.array([[theirs, ours[i, j]] for theirs, i, j in pairs if max(p[i], p[j]) <= 0.1])
    low, high = pairs.min(axis=1), pairs.max(axis=1)
    limits = near + np.arange(0, 0.1, 0.0002)
    r2 = next(limit for limit in limits if not ((low <= limit + 1e-5) & (high >= limit - 1e-5)).any())
    table = tmp_path / "p.txt"
    table.write_text("SNP P\n" + "".join(f"{name} {value:.8g}\n" for name, value in zip(rsid, p, strict=True)))
    given = ["--clump-p1", 0.1, "--clump-p2", 0.1, "--clump-r2", r2, "--clump-kb", window_kb]
    rows = plink(tmp_path, "--bfile", bed.with_suffix(""), "--clump", table, *given, "clumped")
    found = choose_variants(matched_rows(pos, p), open_panel(bed, None), Counts(), p=0.1, r2=r2, window_kb=window_kb)
    chosen = {f"rs{at}": clumped for at, clumped in found.select("at", "clumped").iter_rows()}
    theirs = {row["SNP"]: [] if row["SP2"] == "NONE" else row["SP2"].split(",") for row in rows}
    assert len(chosen) > 5
    assert chosen == {name: len(others) for name, others in theirs.items()}
