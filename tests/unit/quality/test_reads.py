"""Contamination and depth from reads, against planted mixtures of genomes."""

from dataclasses import replace

import numpy as np
import polars as pl
import pysam
import pytest

from measure_alignments import measure_alignments
from permed.quality.reads.counts import DEPTHS
from permed.quality.reads.mixture import Pileup, estimate, log_likelihood
from permed.quality.reads.samples import READS_SCHEMA, prefer_reads, reads_row

PLANTED = [0.0, 0.01, 0.02, 0.05, 0.1, 0.2]


def pile_up(rng, share, sites=10_000, depth=30, quality=30, related=False, wrong=None, frequency=None):
    """Reads of a mixture, drawn one by one: whose, which allele, and whether it is misread as one of three others.

    ``related``: the contaminant is a parent. ``wrong`` is the true rate of misreading where it is not that of
    ``quality``; ``frequency`` is what the people are drawn by, where the model is told another.
    """
    told = rng.uniform(0.05, 0.95, sites)
    drawn = told if frequency is None else frequency(told)
    parent = rng.random((sites, 2)) < drawn[:, None]
    child = np.stack([parent[np.arange(sites), rng.integers(0, 2, sites)], rng.random(sites) < drawn], axis=1)
    other = parent if related else rng.random((sites, 2)) < drawn[:, None]
    rate = 10 ** (-quality / 10) if wrong is None else wrong
    ref, alt, others = np.zeros(sites), np.zeros(sites), 0
    for site, number in enumerate(rng.poisson(depth, sites)):
        foreign = rng.random(number) < share
        alleles = np.where(foreign, other[site, rng.integers(0, 2, number)], child[site, rng.integers(0, 2, number)])
        change = np.where(rng.random(number) < rate, rng.integers(1, 4, number), 0)  # 1: REF and ALT exchanged
        alt[site] = ((alleles ^ (change == 1)) & (change < 2)).sum()
        ref[site] = (~(alleles ^ (change == 1)) & (change < 2)).sum()
        others += int((change > 1).sum())
    error = np.full(sites, 10 ** (-quality / 10))
    return Pileup(ref, alt, told[None], np.where(ref > 0, error, 0), np.where(alt > 0, error, 0), others)


@pytest.mark.parametrize("share", PLANTED)
@pytest.mark.parametrize(("depth", "bound"), [(30, 0.0015), (5, 0.006)])
def test_planted_mixtures_are_recovered(share, depth, bound):
    found = estimate(pile_up(np.random.default_rng(3), share, depth=depth), 100)
    bound += 0.03 * share
    assert found.share == pytest.approx(share, abs=2 * bound)
    assert found.low - bound / 2 <= share <= found.high + bound / 2 and found.high - found.low < 4 * bound
    assert found.depth == pytest.approx(depth, rel=0.03) and found.sites > 9_800


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(8)
    covered = []
    for _ in range(60):
        found = estimate(pile_up(rng, 0.05, sites=400, depth=20), 100)
        covered.append(found.low <= 0.05 <= found.high)
    assert 0.85 <= np.mean(covered) <= 1


def test_a_parent_s_reads_count_half():
    """A parent shows the child's own allele half the time; nothing in one sample's reads tells the two apart."""
    found = estimate(pile_up(np.random.default_rng(4), 0.1, related=True), 100)
    assert found.share == pytest.approx(0.05, abs=0.006)


def test_bases_that_are_wrong_more_often_than_they_say_are_no_contamination():
    piled = pile_up(np.random.default_rng(5), 0, quality=40, wrong=0.004)
    assert piled.error == pytest.approx(0.004, rel=0.1)
    assert estimate(piled, 100).share < 0.001


def test_frequencies_of_another_population_make_the_estimate_lower_by_a_fifth():
    rng = np.random.default_rng(6)

    def other(told):
        f = 0.1  # FST of the Balding-Nichols model
        return rng.beta(told * (1 - f) / f, (1 - told) * (1 - f) / f)

    for share in (0, 0.05):
        found = estimate(pile_up(rng, share, sites=6000, frequency=other), 100)
        assert found.share == pytest.approx(0.8 * share, abs=0.006)


def test_the_frequencies_of_the_likeliest_population_are_taken():
    rng = np.random.default_rng(6)
    drawn = []

    def other(told):
        drawn.append(rng.beta(told * 9, (1 - told) * 9))
        return drawn[-1]

    for share in (0, 0.05):
        piled = pile_up(rng, share, sites=6000, frequency=other)
        known = np.concatenate([piled.frequency, rng.permutation(drawn[-1])[None], drawn[-1][None]])
        found = estimate(replace(piled, frequency=known), 100)
        assert found.population == 2
        assert found.share == pytest.approx(share, abs=0.004)


def test_the_likelihood_is_that_of_the_model_summed_over_genotypes():
    ref, alt, frequency, wrong, share = 7, 3, 0.3, 0.01, 0.2
    total = 0
    for mine in range(3):
        for theirs in range(3):
            prior = 1
            for copies in (mine, theirs):
                prior *= [(1 - frequency) ** 2, 2 * frequency * (1 - frequency), frequency**2][copies]
            shown = (1 - share) * mine / 2 + share * theirs / 2
            as_ref = (1 - shown) * (1 - wrong) + shown * wrong / 3
            as_alt = shown * (1 - wrong) + (1 - shown) * wrong / 3
            total += prior * as_ref**ref * as_alt**alt
    columns = [np.array([float(value)]) for value in (ref, alt, frequency, wrong, wrong)]
    assert log_likelihood(share, *columns) == pytest.approx(np.log(total))


def test_few_sites_are_not_assessable():
    piled = pile_up(np.random.default_rng(1), 0, sites=60)
    assert estimate(piled, 100) is None
    row = reads_row("S1", piled, (dict.fromkeys(DEPTHS), "no index"), 100, ["planted"])
    assert row["contamination"] is None
    assert row["contamination_reason"] == "reads at 60 common sites, 100 are needed"
    empty = Pileup(*np.zeros((2, 0)), np.zeros((1, 0)), *np.zeros((2, 0)), 0)
    assert estimate(empty, 100) is None


READ, GAP = 50, 100
# Where the reference has bases (start from 0, end); the rest is N. On chrX and chrY the first lies in PAR1.
KNOWN = {
    "chr1": [(4_000, 24_000)],
    "chr2": [(4_000, 9_000)],
    "chrX": [(100_000, 104_000), (2_785_000, 2_791_000)],
    "chrY": [(100_000, 104_000), (2_785_000, 2_789_000)],
}
SIZES = {name: parts[-1][1] for name, parts in KNOWN.items()}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A reference, common sites on it, and the folder of both."""
    folder, rng = tmp_path_factory.mktemp("world"), np.random.default_rng(2)
    bases = dict.fromkeys(SIZES, "")
    for name, parts in KNOWN.items():
        for start, end in parts:
            bases[name] = bases[name].ljust(start, "N") + "".join(rng.choice(list("ACGT"), end - start))
    fasta = folder / "reference.fa"
    fasta.write_text("".join(f">{name}\n{text}\n" for name, text in bases.items()))
    pysam.faidx(str(fasta))
    places = range(KNOWN["chr1"][0][0] + GAP, SIZES["chr1"] - GAP, GAP)
    rows = []
    for pos in places:
        ref = bases["chr1"][pos - 1]
        rows.append(("chr1", pos, ref, "ACGT"[("ACGT".index(ref) + 1) % 4], float(rng.uniform(0.2, 0.8))))
    rows.append(("chr1", 5051, "ACGT"[("ACGT".index(bases["chr1"][5050]) + 1) % 4], "N", 0.5))  # REF is another
    sites = pl.DataFrame(rows, schema=["contig", "pos", "ref", "alt", "af"], orient="row")
    sites.write_csv(folder / "sites.tsv", separator="\t")
    return folder, fasta, bases, sites.head(len(places))


def write_reads(path, world, share, rng, depth=40, second=40, x=20, y=20, names=lambda name: name, cram=False):
    """A BAM or CRAM of a person, with reads of another person mixed in; the depths are those of the contigs."""
    _, fasta, bases, sites = world
    own = {p: rng.random(2) < af for p, af in sites.select("pos", "af").iter_rows()}
    other = {p: rng.random(2) < af for p, af in sites.select("pos", "af").iter_rows()}
    alternates = dict(sites.select("pos", "alt").iter_rows())
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}}
    header["SQ"] = [{"SN": names(name), "LN": size} for name, size in SIZES.items()]
    options = {"reference_filename": str(fasta)} if cram else {}
    with pysam.AlignmentFile(str(path), "wc" if cram else "wb", header=header, **options) as out:
        for number, (name, deep) in enumerate(zip(SIZES, (depth, second, x, y), strict=True)):
            starts = []
            for first, last in KNOWN[name]:  # of the pseudoautosomal regions a depth that is nowhere else
                here = 33 if number > 1 and last < 2_000_000 else deep
                starts.append(first + rng.integers(0, last - first - READ, round(here * (last - first) / READ)))
            starts = np.sort(np.concatenate(starts))
            for k, start in enumerate(starts.tolist()):
                text = list(bases[name][start : start + READ])
                for pos in range(start + 1, start + READ + 1) if name == "chr1" else ():
                    if pos in own:
                        genome = other if rng.random() < share else own
                        if genome[pos][rng.integers(0, 2)]:
                            text[pos - 1 - start] = alternates[pos]
                segment = pysam.AlignedSegment(out.header)
                segment.query_name, segment.flag, segment.reference_id = f"{name}{k}", 16 * (k % 2), number
                segment.reference_start, segment.mapping_quality, segment.cigartuples = start, 60, [(0, READ)]
                segment.query_sequence = "".join(text)
                segment.query_qualities = pysam.qualitystring_to_array("I" * READ)
                out.write(segment)
    return path


@pytest.fixture
def measure(world, tmp_path):
    def run(paths, samples=("S1",), **given):
        out = tmp_path / "reads.parquet"
        given = {"contigs": list(SIZES), "common_sites": world[0] / "sites.tsv", "reference": [world[1]], **given}
        measure_alignments(list(paths), list(samples), reads=out, **given)
        table = pl.read_parquet(out)
        assert table.schema == pl.Schema(READS_SCHEMA) and table["sample"].to_list() == list(samples)
        assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == []
        return table.to_dicts()

    return run


def test_reads_of_bam_and_cram_give_contamination_and_depth(world, measure, tmp_path):
    clean = write_reads(tmp_path / "a.bam", world, 0, np.random.default_rng(1), y=0)
    mixed = write_reads(tmp_path / "b.bam", world, 0.1, np.random.default_rng(2))
    packed = write_reads(tmp_path / "c.cram", world, 0.1, np.random.default_rng(2), cram=True)
    pysam.index(str(clean))
    one, two, three = measure([clean, mixed, packed], ["S1", "S2", "S3"], threads=2)
    assert one["contamination"] < 0.003 and one["contamination_low"] == 0
    assert two["contamination_low"] < 0.1 < two["contamination_high"]
    assert two["contamination"] == pytest.approx(0.1, abs=0.02)
    assert one["contamination_sites"] == len(world[3])
    assert three["contamination"] == two["contamination"]
    assert (one["autosome_depth"], one["x_depth"], one["y_depth"]) == pytest.approx((40, 20, 0), rel=0.01)
    assert (two["autosome_depth"], two["x_depth"], two["y_depth"]) == pytest.approx((40, 20, 20), rel=0.01)
    assert (three["autosome_depth"], three["x_depth"]) == (None, None)
    assert three["depth_reason"] == "the index of a CRAM counts no reads" and two["depth_reason"] is None
    assert "40." in two["contamination_reason"] or "39." in two["contamination_reason"]


def test_frequencies_that_are_given_are_used_at_the_common_sites_they_have(world, measure, tmp_path):
    path = write_reads(tmp_path / "a.bam", world, 0.1, np.random.default_rng(2))
    half = world[3].filter(pl.int_range(pl.len()) % 2 == 0)
    pl.concat([half, half.with_columns(pos=pl.col("pos") + 1)]).write_csv(tmp_path / "af.tsv", separator="\t")
    (row,) = measure([path], frequencies=tmp_path / "af.tsv", min_sites=50)
    assert row["contamination_sites"] == len(half)
    assert row["contamination_reason"].endswith("frequencies: af of af.tsv")
    assert row["contamination"] == pytest.approx(0.1, abs=0.04)


def test_other_names_of_contigs_give_the_same(world, measure, tmp_path):
    first = write_reads(tmp_path / "a.bam", world, 0.1, np.random.default_rng(2))
    other = write_reads(
        tmp_path / "b.bam", world, 0.1, np.random.default_rng(2), names=lambda name: name.removeprefix("chr")
    )
    one, two = measure([first, other], ["S1", "S2"])
    assert {**one, "sample": ""} == {**two, "sample": ""}


def test_a_panel_without_common_sites_says_so(world, measure, tmp_path):
    path = write_reads(tmp_path / "a.bam", world, 0, np.random.default_rng(1), depth=0, second=10, x=5, y=5)
    (row,) = measure([path])
    assert row["contamination"] is None
    assert row["contamination_reason"] == "reads at 0 common sites, 100 are needed"
    assert row["depth_reason"] == "1000 reads on autosomes, 10000 are needed"


def test_the_depths_of_an_exome_or_a_panel_are_not_compared(world, measure, tmp_path):
    path = write_reads(tmp_path / "a.bam", world, 0, np.random.default_rng(1), second=80)
    (row,) = measure([path])
    assert row["contamination"] < 0.003
    assert (row["autosome_depth"], row["x_depth"], row["y_depth"]) == (None, None, None)
    assert "not lie evenly" in row["depth_reason"]


def test_reads_take_the_place_of_genotypes_person_by_person():
    genotypes = pl.DataFrame(
        {
            "sample": ["S1", "S2", "S3"],
            "contamination": [0.1, 0.2, None],
            "contamination_method": ["charr", "charr", None],
            "contamination_reason": ["g1", "g2", "g3"],
            "x_depth": [1.0, 2.0, 3.0],
            "y_depth": [1.0, 2.0, 3.0],
            "autosome_depth": [1.0, 2.0, 3.0],
            "depth_source": ["genotypes"] * 3,
            "contamination_low": [0.0, 0.0, None],
            "contamination_high": [1.0, 1.0, None],
            "contamination_sites": [7, 7, 0],
        }
    )
    rows = [("S1", 0.3, 0.2, 0.4, 9, "r1", 30.0, 15.0, None, None), ("S2", *[None] * 4, "r2", *[None] * 3, "exome")]
    got = prefer_reads(genotypes, pl.DataFrame(rows, schema=READS_SCHEMA, orient="row")).to_dicts()
    assert got[0] == {
        "sample": "S1",
        "contamination": 0.3,
        "contamination_method": "alignments",
        "contamination_reason": "r1",
        "x_depth": 15.0,
        "y_depth": None,
        "autosome_depth": 30.0,
        "depth_source": "alignments",
        "contamination_low": 0.2,
        "contamination_high": 0.4,
        "contamination_sites": 9,
    }
    assert got[1] == genotypes.row(1, named=True) | {"contamination_reason": "r2; g2"}
    assert got[2] == genotypes.row(2, named=True)
