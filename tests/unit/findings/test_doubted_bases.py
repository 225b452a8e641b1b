"""Coding bases that were not looked at because a genotype or a block over them is not believed, by cause."""

import numpy as np
import polars as pl
import pytest

from permed.evidence.intervals import Intervals
from permed.findings.coverage import GVCF, SITES, Looked, looked_at
from permed.findings.grounds import block_grounds, grounds
from permed.genotypes.store import HET, HOM_REF, MISSING, SITE_SCHEMA, GenotypeStore, code_counts, pack
from permed.normalise.contig import SET_ASIDE_SCHEMA
from permed.observations.bounds import Bounds
from permed.observations.codes import CONTRADICTED, LOW_DEPTH, LOW_QUALITY, SECOND_OTHER

BASES = {"GENE": np.arange(101, 201)}


def count(rows, people, aside=()):
    """What :func:`looked_at` says of records (pos, ref, code and byte of each person)."""
    codes = np.array([[code for code, _ in cells] for *_, cells in rows], np.uint8)
    observed = np.array([[byte for _, byte in cells] for *_, cells in rows], np.uint8)
    sites = pl.DataFrame(
        {"contig": "chr1", "pos": [row[0] for row in rows], "ref": [row[1] for row in rows], "alt": "G", "key": 0}
        | {"id": None}
        | code_counts(codes),
        schema_overrides=SITE_SCHEMA,
    ).select(*SITE_SCHEMA)
    store = GenotypeStore(list(people), sites, [pack(codes)], [], [], [observed])
    lost = pl.DataFrame(aside, schema=SET_ASIDE_SCHEMA, orient="row")
    table = looked_at(store, BASES, people, lost, lambda gene: set(people), {})
    doubts = [{code: n for code, n in enumerate(counts) if n} for counts in table["doubted"].to_list()]
    return list(zip(table["looked_at"].to_list(), doubts, strict=True))


def test_a_doubted_genotype_takes_out_the_bases_of_its_record():
    sites = Looked(Intervals.of(), SITES)
    ground = Looked(Intervals.of([101], [150]), GVCF)
    rows = [
        (101, "A", [(HOM_REF, 0), (HOM_REF, LOW_QUALITY)]),
        (110, "ACGTA", [(HET, CONTRADICTED), (HET, 0)]),
        (120, "A", [(MISSING, LOW_DEPTH), (HOM_REF, LOW_DEPTH | SECOND_OTHER)]),  # nobody wrote the first
        (300, "A", [(HOM_REF, LOW_QUALITY), (HOM_REF, LOW_QUALITY)]),  # no coding base
    ]
    alone, grounded = count(rows, {"P1": sites, "P2": ground})
    assert alone == (1, {CONTRADICTED: 5})
    assert grounded == (48, {LOW_QUALITY: 1, LOW_DEPTH: 1})


def test_a_record_that_was_set_aside_is_no_doubt():
    rows = [(101, "A", [(HOM_REF, 0)])]
    aside = [("chr1", 101, 101, "A", "<X>", "why", None)]
    assert count(rows, {"P1": Looked(Intervals.of(), SITES)}, aside) == [(0, {})]


def test_a_believed_base_is_not_counted_as_doubted():
    weak = {LOW_QUALITY: Intervals.of([121], [140]), LOW_DEPTH: Intervals.of([131], [150])}
    looked = Looked(Intervals.of([101], [130]), GVCF, weak)
    rows = [(135, "A", [(HOM_REF, 0)]), (145, "A", [(HOM_REF, LOW_QUALITY)])]
    assert count(rows, {"P1": looked}) == [(31, {LOW_QUALITY: 10, LOW_DEPTH: 9})]


@pytest.mark.parametrize(("cell", "code"), [("0/0:9:9", LOW_QUALITY), ("0/0:.:9", LOW_DEPTH), ("0/0:30:40", None)])
def test_blocks_that_are_not_believed_say_so(tmp_path, cell, code):
    import pysam

    header = '##fileformat=VCFv4.2\n##contig=<ID=chr1,length=248956422>\n##ALT=<ID=NON_REF,Description="any">\n'
    header += '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
    header += "".join(
        f'##FORMAT=<ID={name},Number=1,Type={kind},Description="x">\n'
        for name, kind in (("GT", "String"), ("GQ", "Integer"), ("DP", "Integer"))
    )
    header += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tP1\n"
    blocks = [(90, 120, "0/0:99:30"), (121, 160, cell)]
    text = "".join(f"chr1\t{a}\t.\tC\t<NON_REF>\t.\t.\tEND={b}\tGT:GQ:DP\t{c}\n" for a, b, c in blocks)
    (tmp_path / "g.vcf").write_text(header + text)
    pysam.tabix_compress(str(tmp_path / "g.vcf"), str(tmp_path / "g.vcf.gz"), force=True)
    pysam.tabix_index(str(tmp_path / "g.vcf.gz"), preset="vcf", force=True)
    found = block_grounds(
        [tmp_path / "g.vcf.gz"], "chr1", BASES["GENE"], ["P1"], tmp_path, Bounds(), {"P1": "NA"}, "GRCh38"
    )
    told = grounds(["P1"], "chr1", found, {}, "missing")
    expected = (20, {code: 40}) if code else (60, {})
    assert count([(500, "A", [(HOM_REF, 0)])], told) == [expected]
