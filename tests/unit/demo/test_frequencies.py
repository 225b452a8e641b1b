"""The demo's frequencies: those its people are drawn from, and enough to find who is contaminated."""

import io

import numpy as np
import polars as pl
import pysam.bcftools
import pytest

from permed.demo.frequencies import to_frequency_table
from permed.frequencies import common_reference, read_frequencies, site_frequencies
from permed.genotypes.read import GenotypeReader
from permed.quality.depths.contig import measure_contig
from permed.quality.depths.samples import measure_depths


@pytest.fixture(scope="module")
def frequencies(demo):
    return pl.read_csv(io.StringIO(to_frequency_table(demo)), separator="\t")


def test_frequencies_are_about_those_of_the_cohort(demo, frequencies):
    rows = {(site.contig, site.pos): row for row, site in enumerate(demo.sites) if site.kind == "snv"}
    shares = np.array([(demo.alleles[rows[place]] == 1).mean() for place in frequencies.select("contig", "pos").rows()])
    assert len(frequencies) > 1200
    assert np.corrcoef(shares, frequencies["af"])[0, 1] > 0.97
    assert abs(shares.mean() - frequencies["af"].mean()) < 0.01


def test_reads_by_allele_find_the_contaminated_person_and_how_much(demo, files, frequencies, truth, tmp_path):
    """Frequencies are the cohort's own, which differ from those it was drawn from: of 0.08 about a sixth is lost."""
    variants = tmp_path / "a.bcf"
    pysam.bcftools.view("--no-version", "-Ob", "-o", str(variants), str(files.cohort), catch_stdout=False)
    frequencies.write_csv(tmp_path / "af.tsv", separator="\t")
    reader = GenotypeReader(variants)
    for _ in reader:
        pass
    ref_af = common_reference(site_frequencies(reader.sites(), read_frequencies(tmp_path / "af.tsv")))
    depths = measure_contig(variants, reader.sites(), ref_af, np.zeros(len(reader.samples), np.int64), "GRCh38")
    found = measure_depths(depths, reader.samples, ["planted"] * len(reader.samples), 100)
    planted = dict(truth["quality"].select("sample", "contamination_planted").rows())
    assert set(found["contamination_method"]) == {"allele_depths"}
    for sample, low, high in found.select("sample", "contamination_low", "contamination_high").rows():
        assert low - 0.01 <= planted[sample] <= high + 0.01
    assert found.sort("contamination")["sample"][-1] == "PERM022"
