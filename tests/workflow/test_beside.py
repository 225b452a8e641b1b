"""Null variants beside the alleles of a pharmacogene, from gene models and raw records to calls, advice and reports."""

import html
import json
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from permed.demo.cohort import FLANK
from permed.demo.genes import make_genes, plant_variants, to_gff3
from permed.demo.reference import Islands, write_reference
from permed.genome import lengths

GENE, CONTIG, START = "NUDT15", "chr13", 48_060_000
SIZE = {CONTIG: lengths("GRCh38")[CONTIG]}
HEADER = [
    "##fileformat=VCFv4.2",
    '##FILTER=<ID=LowQual,Description="x">',
    f"##contig=<ID={CONTIG},length={SIZE[CONTIG]}>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">',
    '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="x">',
    '##FORMAT=<ID=FT,Number=1,Type=String,Description="x">',
]
# Each person's variant by its kind in the gene model, genotype, GQ and FT; everybody else is reference there.
CARRY = {
    "STOP": ("stop_gained", "0/1", 60, "PASS"),
    "BOTH": ("frameshift", "2/2", 60, "PASS"),
    "DONOR": ("splice_donor", "0/1", 60, "PASS"),
    "START": ("start_lost", "0/1", 60, "PASS"),
    "BESIDE": ("several_bases", "0/1", 60, "PASS"),
    "SPELT": ("second_frameshift", "0/1", 60, "PASS"),
    "OTHER": ("missense", "1/1", 60, "PASS"),
    "WEAK": ("splice_acceptor", "0/1", 3, "PASS"),
    "FAILED": ("splice_acceptor", "0/1", 60, "LowQual"),
    "NOBODY": ("stop_gained", "0/1", 60, "PASS"),
    "PLAIN": (None, None, None, None),
}


def spelt(kinds: dict, islands: Islands) -> dict[str, tuple[int, str, str]]:
    """Records of the planted variants by kind as callers may write them."""

    def bases(pos: int, size: int = 1) -> str:
        return islands.read(CONTIG, pos, size)

    made = dict(kinds)
    pos, ref, alt = kinds["stop_gained"]
    made["several_bases"] = (pos, ref + bases(pos + 1), f"{alt}A")  # a stop codon still, of two changed bases
    pos, ref, alt = kinds["second_frameshift"]
    after = bases(pos + len(ref), 2)
    made["second_frameshift"] = (pos - 1, bases(pos - 1) + ref + after, bases(pos - 1) + alt + after)
    pos, ref, alt = kinds["frameshift"]
    made["frameshift"] = (pos, ref, f"{ref}ACG,{alt}")  # one site of two alternates
    return made


@pytest.fixture
def run(tmp_path, root, write_config, snakemake):
    """The workflow on people who carry a variant of each kind in a model of NUDT15, with sequence of its own."""
    table = pl.read_csv(root / "resources/pharmacogenes/positions.tsv", separator="\t", infer_schema=False)
    places = [(int(row["pos"]), row["ref"], row["alts"]) for row in table.filter(gene=GENE).to_dicts()]
    rng = np.random.default_rng(5)
    model = replace(make_genes(["chr1"], rng)[0], contig=CONTIG, start=START)
    kinds: dict[str, tuple[int, str, str]] = {}
    for site in plant_variants(model, rng):
        name = f"second_{site.kind}" if site.kind in kinds else site.kind
        kinds.setdefault(name, (site.pos, site.ref, site.alts[0]))
    spans = [(CONTIG, pos - FLANK, pos + len(ref) + FLANK) for pos, ref, _ in places]
    islands = Islands([*spans, (CONTIG, START - FLANK, model.end + FLANK)], SIZE, rng)
    for pos, ref, _ in places:
        islands.paint(CONTIG, pos, ref)
    islands.paint(CONTIG, START, model.genomic)
    write_reference(islands, *(tmp_path / f"reference.fa.gz{end}" for end in ("", ".fai", ".gzi")))
    (tmp_path / "genes.gff3").write_text(to_gff3([replace(model, name=GENE)], SIZE))
    asked = {kind for kind, *_ in CARRY.values()}
    rows = [(place, None) for place in places]
    rows += [(place, kind) for kind, place in spelt(kinds, islands).items() if kind in asked]
    lines = [*HEADER, "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *CARRY])]
    for (pos, ref, alt), kind in sorted(rows, key=lambda row: row[0]):
        own = {who: cell for who, (of, *cell) in CARRY.items() if of == kind and kind}
        cells = [":".join(map(str, own.get(who, ("0/0", 60, "PASS")))) for who in CARRY]
        lines.append("\t".join([CONTIG, str(pos), ".", ref, alt, ".", "PASS", ".", "GT:GQ:FT", *cells]))
    (tmp_path / "cohort.vcf").write_text("\n".join([*lines, ""]))
    people = [f"{who}\t{'scores' if who == 'NOBODY' else 'pharmacogenes'}" for who in CARRY]
    (tmp_path / "people.tsv").write_text("\n".join(["sample\tconsent", *people, ""]))
    write_config(
        tmp_path,
        cohort={"samples": "people.tsv", "genotypes": "cohort.vcf"},
        genome={"reference": "reference.fa.gz", "contigs": [CONTIG]},
        annotation={"genes": "genes.gff3"},
        pharmacogenes={"genes": [GENE]},
    )
    done = snakemake(tmp_path, "--configfile", tmp_path / "my.yaml")
    assert done.status == 0, done.terminal
    return done


def test_each_person_is_told_what_they_carry_and_nobody_else_is(run):
    calls = {row["sample"]: row for row in run.table("pharmacogenes/calls.parquet").to_dicts()}
    assert set(calls) == set(CARRY) - {"NOBODY"}
    also = {who: row["also_carried"] for who, row in calls.items() if row["also_carried"]}
    words = {who: re.search(r"\((\w[\w ]+), (\w+)\)$", text).groups() for who, text in also.items()}
    assert words == {
        "STOP": ("stop gained", "heterozygous"),
        "BOTH": ("frameshift", "homozygous"),
        "DONOR": ("splice donor", "heterozygous"),
        "START": ("start lost", "heterozygous"),
        "BESIDE": ("stop gained", "heterozygous"),
        "SPELT": ("frameshift", "heterozygous"),
    }
    assert all(re.match(r"NUDT15T1\.1:c\.\S+ p\.", text) for text in also.values()) and len({*also.values()}) == 6
    assert {who for who, row in calls.items() if not row["phenotype_certain"]} == set(also)
    assert {(row["state"], row["phenotype"]) for row in calls.values()} == {("called", "Normal Metabolizer")}
    assert "Read, but not believed: GQ 3 at NUDT15T1.1:c." in calls["WEAK"]["reason"]
    assert "Read, but not believed: a failed filter of the genotype at NUDT15T1.1:c." in calls["FAILED"]["reason"]
    evidence = run.table("pharmacogenes/evidence.parquet").filter(pl.col("kind").str.starts_with("also"))
    kinds = {**dict.fromkeys(also, "also_carried"), **dict.fromkeys(("WEAK", "FAILED"), "also_doubted")}
    assert dict(evidence.select("sample", "kind").iter_rows()) == kinds and len(evidence) == len(kinds)
    advice = run.table("pharmacogenes/advice.parquet").filter(drug="azathioprine", body="CPIC")
    told = dict(advice.filter(pl.col("also_carried").is_not_null()).select("sample", "also_carried").iter_rows())
    assert told == {who: f"{GENE}: {text}" for who, text in also.items()}
    assert advice.filter(pl.col("note").str.contains("carries also"))["sample"].to_list() == [*told]
    for who in ("STOP", "PLAIN"):
        page = html.unescape(run.file(f"samples/{who}/report.html").read_text(encoding="utf-8"))
        assert ("Carried also, not in the definitions" in page) is (who == "STOP")
    (entry,) = json.loads(run.file("samples/STOP/report.json").read_text(encoding="utf-8"))["pharmacogenes"]
    assert entry["also_carried"] == [also["STOP"]] and entry["result"] == "not_assessable"
    (plain,) = json.loads(run.file("samples/PLAIN/report.json").read_text(encoding="utf-8"))["pharmacogenes"]
    assert plain["also_carried"] == [] and plain["result"] == "absent"
