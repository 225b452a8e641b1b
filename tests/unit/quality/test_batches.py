"""Call rates, heterozygosity and sites by the lists of people's own files: whoever else is in the cohort."""

import json

import numpy as np
import polars as pl
import pysam
import pysam.bcftools
import pytest

from permed.genotypes.packing import ENDINGS, pack_file
from permed.genotypes.store import MISSING, GenotypeStore, alt_frequency
from permed.inputs.batches import file_batches
from permed.normalise.contig import normalise_contig
from permed.observations.codes import UNLISTED
from permed.quality.batches import CARRIED, batch_names
from permed.quality.counts import Tally
from permed.quality.judge import judge_samples
from permed.quality.kinship.table import hold_out
from planted.families import store_of
from planted.populations import ancestral_frequencies, outbred, spread_sites

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t'
)


@pytest.fixture
def merged(tmp_path):
    """The store of files, each given as people and the genotypes of each site by position."""

    def run(files: list[tuple[list[str], dict[int, list[str]]]]) -> GenotypeStore:
        paths = []
        for number, (people, sites) in enumerate(files):
            text = tmp_path / f"{number}.vcf"
            rows = (f"chr1\t{pos}\t.\tA\tG\t.\tPASS\t.\tGT\t" + "\t".join(cells) for pos, cells in sites.items())
            text.write_text(HEADER + "\t".join(people) + "\n" + "".join(f"{row}\n" for row in rows))
            paths.append(text.with_suffix(".bcf"))
            pysam.bcftools.view("-Ob", "-o", str(paths[-1]), str(text), catch_stdout=False)
            pysam.bcftools.index("-c", str(paths[-1]), catch_stdout=False)
        names = [name for people, _ in files for name in people]
        names = list(dict.fromkeys(names))
        made = tmp_path / "made.bcf"
        normalise_contig(paths, "chr1", names, None, made, tmp_path)
        store = {name: tmp_path / f"chr1{end}" for name, end in ENDINGS.items()}
        pack_file(made, names, **store)
        people = tmp_path / "samples.parquet"
        pl.DataFrame({"sample": names}).write_parquet(people)
        return GenotypeStore.open([store["bed"]], people)

    return run


def test_what_is_written_missing_is_not_what_no_file_has(merged):
    store = merged([(["A", "B"], {10: ["0/1", "./."], 20: ["./.", "0/0"]}), (["C"], {20: ["./."], 30: ["1/1"]})])
    unlisted = (store.observed(np.arange(3)) & UNLISTED != 0) & (store.codes(np.arange(3)) == MISSING)
    assert (store.codes(np.arange(3)) == MISSING).tolist() == [
        [False, True, True],
        [True, False, True],
        [True, True, False],
    ]
    assert unlisted.tolist() == [[False, False, True], [False, False, False], [True, True, False]]


def test_files_of_the_same_people_list_for_all(merged):
    store = merged([(["A", "B"], {10: ["0/1", "./."]}), (["A", "B"], {20: ["./.", "0/0"]})])
    assert not (store.observed(np.arange(2)) & UNLISTED).any()


def test_people_without_any_record_of_the_contig_were_not_looked_at(merged):
    store = merged([(["A"], {10: ["0/1"]}), (["B"], {})])
    assert (store.observed(np.arange(1))[:, 1] & UNLISTED).all()
    assert tally(store)["n_sites"].to_list() == [1, 0]


def test_batches_are_of_the_same_files():
    rows = file_batches([("x.chr1.vcf", ["A", "B"]), ("x.chr2.vcf", ["A", "B"]), ("C.vcf", ["C"])])
    assert rows == [
        {"file": "x.chr1.vcf", "files": 2, "people": ["A", "B"]},
        {"file": "C.vcf", "files": 1, "people": ["C"]},
    ]
    assert batch_names({"batches": rows}) == {"A": "x.chr1.vcf", "B": "x.chr1.vcf"}
    assert batch_names(None) == {}


@pytest.fixture
def listed():
    """People of files that list parts of the genome's sites: ``parts`` gives for each person the sites listed and the
    share of no-calls; ``carried`` are the people of files of what is carried, ``lost`` sites that nobody has called."""

    def build(parts: list[tuple[np.ndarray, float]], carried=(), lost=(), sites: int = 3000) -> GenotypeStore:
        rng = np.random.default_rng(1)
        places = spread_sites(sites)
        frequency = ancestral_frequencies(rng, sites, 0.05, 0.5)
        dosages = np.stack([outbred(rng, frequency).sum(axis=0) for _ in parts], axis=1).astype(np.uint8)
        observed = np.zeros(dosages.shape, np.uint8)
        for n, (own, missing) in enumerate(parts):
            here = own & (dosages[:, n] > 0) if n in carried else own
            dosages[rng.random(sites) < missing, n] = 3
            dosages[~here, n], observed[~here, n] = 3, UNLISTED
        dosages[list(lost)] = 3
        names = [f"S{n}" for n in range(len(parts))]
        store = store_of(dosages, places, names)
        contig = np.array(places.contigs)
        parts_observed = [observed[contig == name] for name in dict.fromkeys(places.contigs)]
        return GenotypeStore(names, store.sites, store.parts, observed_parts=parts_observed)

    return build


def tally(store: GenotypeStore, batches=None) -> pl.DataFrame:
    found, start = Tally(store.samples, "GRCh38", batches=batches), 0
    for part, observed in zip(store.parts, store.observed_parts, strict=True):
        found.add(GenotypeStore(store.samples, store.sites.slice(start, len(part)), [part], observed_parts=[observed]))
        start += len(part)
    return found.table()


def people_of(store: GenotypeStore) -> pl.DataFrame:
    return pl.DataFrame(
        {"sample": store.samples, "sex": "NA", "group": pl.Series([None] * len(store.samples), dtype=pl.String)}
    )


SITES = 3000
EVEN, ODD, ALL = (np.arange(SITES) % 2 == 0), (np.arange(SITES) % 2 == 1), np.ones(SITES, bool)
KINDS = {  # the files of people: which sites each lists, and who fails for no-calls in it
    "two arrays": ([(EVEN, 0.01)] * 12 + [(ODD, 0.01)] * 12, set()),
    "an array among genomes": ([(ALL, 0.005)] * 20 + [(np.arange(SITES) % 10 == 0, 0.01)] * 16, set()),
    "a bad sample of each": ([(EVEN, 0.01)] * 6 + [(EVEN, 0.09)] + [(ODD, 0.01)] * 6 + [(ODD, 0.2)], {6, 13}),
    "one person of an array among others": ([(EVEN, 0.01)] * 10 + [(np.arange(SITES) % 5 == 0, 0.02)], set()),
}


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_call_rates_are_of_the_sites_of_ones_own_file(kind, named, listed, thresholds):
    """36 of 36 people of two arrays and of arrays among genomes failed over the union of sites."""
    parts, bad = KINDS[kind]
    store = listed(parts)
    batches = {f"S{n}": f"{own.sum()}-{own[0]}.vcf" for n, (own, _) in enumerate(parts)} if named else None
    metrics = tally(store, batches)
    got = judge_samples(metrics, people_of(store), thresholds)
    for n, (own, missing) in enumerate(parts):
        assert metrics["n_sites"][n] == own.sum()
        assert metrics["call_rate"][n] == pytest.approx(1 - missing, abs=0.03)
    assert {n for n, status in enumerate(got["status"]) if status == "fail"} == bad
    assert metrics["batch"].n_unique() == len({own.sum() + own[0] for own, _ in parts})
    rates = dict(metrics.select("sample", "call_rate").iter_rows())
    held = hold_out(store, np.flatnonzero(EVEN & (np.arange(SITES) % 10 == 0)), rates, 0.95)
    assert {name for name, why in held.items() if "call_rate" in why} == {f"S{n}" for n in bad}


def test_files_of_what_is_carried_have_no_call_rate_and_fail_nobody(listed, thresholds):
    store = listed([(ALL, 0.0)] * 12, carried=range(12))
    metrics = tally(store)
    assert set(metrics["batch"]) == {CARRIED}
    assert metrics["n_sites"].to_list() == [SITES] * 12
    got = judge_samples(metrics, people_of(store), thresholds)
    assert set(got["status"]) == {"warn"}
    assert got["call_rate"].null_count() == got["het_rate"].null_count() == 12
    rates = dict(metrics.select("sample", "call_rate").iter_rows())
    assert len(hold_out(store, np.arange(50), rates, 0.95)) == 12, "their kinship would mislead"


def test_a_genome_of_what_is_carried_among_people_called_together(listed, thresholds):
    store = listed([(ALL, 0.005)] * 12 + [(ALL, 0.0)], carried=[12])
    got = judge_samples(tally(store), people_of(store), thresholds)
    assert got["status"].to_list() == ["pass"] * 12 + ["warn"]
    assert "call_rate is not assessable" in got["reasons"][12]


def test_good_sites_of_two_arrays_stay(listed, write_store, run_step, tmp_path, thresholds):
    """60 % of good sites were left out; those that an array itself seldom calls are."""
    parts = [(EVEN, 0.002)] * 120 + [(ODD, 0.002)] * 120
    bad = [3, 8, 9, 500]
    store = listed(parts, lost=bad)
    people = pl.DataFrame({"sample": store.samples, "sex": "NA", "population": None, "family": None, "group": None})
    beds, samples = write_store(tmp_path / "store", store, people)
    report = tmp_path / "inputs.json"
    halves = [("even.vcf", store.samples[:120]), ("odd.vcf", store.samples[120:])]
    report.write_text(json.dumps({"batches": file_batches(halves)}))
    out = {"sites": tmp_path / "sites.parquet", "metrics": tmp_path / "metrics.parquet"}
    run_step("measure_genotypes")(beds, samples, **out, build="GRCh38", thresholds=thresholds, inputs=report)
    sites = pl.read_parquet(out["sites"])
    left_out = np.flatnonzero(sites["left_out"].is_not_null().to_numpy())
    assert left_out.tolist() == bad
    assert sites["call_rate"].sort()[len(bad)] > 0.95
    assert set(pl.read_parquet(out["metrics"])["batch"]) == {"even.vcf", "odd.vcf"}


def test_an_array_of_rarer_variants_is_no_outlier_of_heterozygosity(listed, thresholds):
    """Sites of an array are chosen: heterozygosity there is not that of a genome."""
    store = listed([(ALL, 0.005)] * 24 + [(EVEN, 0.005)] * 12)
    frequency = store.sites.select(alt_frequency()).to_series().to_numpy()
    low = frequency < np.quantile(frequency, 0.3)
    parts = [(ALL, 0.005)] * 24 + [(low, 0.005)] * 12
    got = judge_samples(tally(listed(parts)), people_of(store), thresholds)
    rates = got["het_rate"].to_numpy()
    assert rates[24:].max() < 0.75 * rates[:24].min()
    assert not any("het_rate" in reason for reason in got["reasons"]), got["reasons"].to_list()
