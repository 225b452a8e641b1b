"""The cohort as files: the same bytes for the same seed, a valid VCF, faults of samples as planted."""

import gzip

import numpy as np
import pysam
import pytest

from permed.genome import lengths


def contents(files):
    folder = files.cohort.parent
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.slow
def test_same_seed_same_bytes_other_seed_other_bytes(files, redraw):
    first, same, other = contents(files), contents(redraw(1)), contents(redraw(2))
    assert list(first) == list(same)
    assert [name for name in first if first[name] != same[name]] == []
    assert first["cohort.vcf.gz"] != other["cohort.vcf.gz"]


def test_header_has_every_contig_with_its_length(files):
    with pysam.VariantFile(str(files.cohort)) as records:
        assert {name: c.length for name, c in records.header.contigs.items()} == lengths("GRCh38")
        assert list(records.header.formats) == ["GT", "DP", "GQ", "AD"]


def test_reference_has_every_contig_with_its_length(files):
    with pysam.FastaFile(str(files.reference)) as fasta:
        assert dict(zip(fasta.references, fasta.lengths, strict=True)) == lengths("GRCh38")


def test_columns_are_everybody_with_genotypes_in_another_order_than_the_sheet(files, demo):
    with pysam.VariantFile(str(files.cohort)) as records:
        samples = list(records.header.samples)
    wanted = [p.sample for p in demo.people if p.presence != "nowhere"]
    assert sorted(samples) == sorted(wanted)
    assert samples != wanted
    assert not any(name.startswith("FOUNDER") for name in samples)


def test_index_finds_records_and_the_order_is_the_genomes(files, demo):
    with pysam.VariantFile(str(files.cohort)) as records:
        places = [(r.contig, r.pos) for r in records]
        assert [(r.contig, r.pos) for r in records.fetch("chrX")] == [p for p in places if p[0] == "chrX"]
    order = list(lengths("GRCh38"))
    assert places == sorted(places, key=lambda place: (order.index(place[0]), place[1]))
    assert len(places) == len(demo.sites)


def test_half_the_people_are_phased_and_stay_so(files, demo):
    phased = {p.sample for p in demo.people if p.phased}
    with pysam.VariantFile(str(files.cohort)) as records:
        samples = list(records.header.samples)
    assert 20 < len(phased & set(samples)) < 30
    for column, name in enumerate(samples):
        seen = set()
        with gzip.open(files.cohort, "rt") as lines:
            for line in lines:
                if not line.startswith("#"):
                    seen |= set("/|") & set(line.split("\t")[9 + column].split(":")[0])
        assert seen == {"|" if name in phased else "/"}
        if column == 5:
            break


def test_missing_genotypes_follow_the_planted_rates(truth, demo):
    for row in truth["quality"].to_dicts():
        anywhere = 1 - row["call_rate"]
        share = sum(not s.block for s in demo.sites) / len(demo.sites)  # pharmacogenes and genes are complete
        assert anywhere == pytest.approx(row["missing_rate_planted"] * share, abs=0.02)
    assert [r["sample"] for r in truth["quality"].to_dicts() if r["call_rate"] < 0.97] == ["PERM040"]


def test_planted_call_rate_is_that_of_the_file(files, truth):
    with pysam.VariantFile(str(files.cohort)) as records:
        samples = list(records.header.samples)
        lacking = np.zeros(len(samples), int)
        for r in records:
            if r.contig[3:].isdigit():
                lacking += [None in call.allele_indices for call in r.samples.values()]
    planted = dict(truth["quality"].select("sample", "missing").rows())
    assert dict(zip(samples, lacking.tolist(), strict=True)) == planted


def test_a_contaminated_sample_shows_alternate_reads_where_it_has_none(files):
    with pysam.VariantFile(str(files.cohort)) as records:
        reads = {name: np.zeros(2) for name in records.header.samples}
        for r in records:
            if r.contig[3:].isdigit() and r.alts and len(r.alts) == 1:
                for name, call in r.samples.items():
                    if call.allele_indices == (0, 0):
                        reads[name] += call["AD"]
    share = {name: alternate / (reference + alternate) for name, (reference, alternate) in reads.items()}
    assert max(share, key=share.get) == "PERM022"
    assert share.pop("PERM022") > 2 * max(share.values())


def test_reads_add_up(files):
    with pysam.VariantFile(str(files.cohort)) as records:
        for r in records:
            for call in r.samples.values():
                if None not in call.allele_indices:
                    assert sum(call["AD"]) == call["DP"] > 0
                    assert call["GQ"] == min(99, 3 * call["DP"])


def test_carriers_are_those_of_the_file(files, truth):
    with pysam.VariantFile(str(files.cohort)) as records:
        for row in truth["carriers"].to_dicts():
            (record,) = (r for r in records.fetch(row["contig"], row["pos"] - 1, row["pos"]) if r.pos == row["pos"])
            called = record.samples[row["sample"]].allele_indices
            states = {(0, 1): "heterozygous", (1, 1): "homozygous", (1,): "hemizygous"}
            assert states[tuple(sorted(called))] == row["zygosity"]


def test_somebody_is_homozygous_and_somebody_has_two_hits(truth):
    carriers = truth["carriers"].to_dicts()
    homozygous = {(r["gene"], r["consequence"]) for r in carriers if r["zygosity"] == "homozygous"}
    assert ("DEMO2", "stop_gained") in homozygous
    hits = [(r["sample"], r["consequence"]) for r in carriers if r["gene"] == "DEMO3"]
    both = [s for s, kind in hits if kind == "frameshift" and (s, "splice_donor") in hits]
    assert len(both) >= 1
