"""Gene models translate, and bcftools csq finds the consequences that were planted."""

import csv
import gzip
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise

import numpy as np
import pysam
import pytest

from permed.demo.genes import AMINO_ACID, LOCI, PLANTED, make_genes, plant_variants, to_gff3
from permed.variants import complement

CSQ = """
import sys
import pysam.bcftools
reference, genes, cohort, out = sys.argv[1:5]
pysam.bcftools.csq("-f", reference, "-g", genes, "-p", "a", "--force", *sys.argv[5:], "-Ob", "-o", out, cohort,
                   catch_stdout=False)
"""


@pytest.fixture(scope="module", params=[[], ["-l"]], ids=["by haplotype", "by site"])
def consequences(files, tmp_path_factory, request):
    """What csq says, by (contig, pos, ref, alt), in a process of its own since csq keeps state between calls."""
    out = tmp_path_factory.mktemp("csq") / "csq.bcf"
    command = [sys.executable, "-c", CSQ, str(files.reference), str(files.genes), str(files.cohort), str(out)]
    command += request.param
    subprocess.run(command, check=True, capture_output=True)
    found = {}
    with pysam.VariantFile(str(out)) as records:
        for record in records:
            if "BCSQ" in record.info:
                found[record.contig, record.pos, record.ref, record.alts[0]] = record.info["BCSQ"]
    return found


def test_csq_finds_what_was_planted_and_nothing_else(consequences, truth):
    wrong = []
    planted = set()
    for row in truth["consequences"].to_dicts():
        place = (row["contig"], row["pos"], row["ref"], row["alt"])
        planted.add(place)
        fields = [text.split("|") for text in consequences[place]]
        terms = {f[0] for f in fields if f[1] == row["gene"] and f[2] in ("", row["transcript"])}
        if terms != {row["consequence"]}:
            wrong.append((row, terms))
    assert wrong == []
    assert set(consequences) == planted


def test_every_kind_is_planted_on_both_strands(truth):
    strands = defaultdict(set)
    for row in truth["consequences"].to_dicts():
        strands[row["consequence"]].add(row["strand"])
    assert set(strands) == {*PLANTED, "start_lost", "stop_lost"}
    assert all(found == {"+", "-"} for found in strands.values())


def test_transcripts_translate_from_start_to_one_stop(files):
    """The coding sequence, read from the FASTA by the GFF3's CDS lines, is an open reading frame."""
    spliced, strands, phases = defaultdict(list), {}, defaultdict(list)
    with gzip.open(files.genes, "rt") as lines, pysam.FastaFile(str(files.reference)) as fasta:
        for fields in csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t"):
            contig, _, feature, start, end, _, strand, phase, attributes = fields
            if feature == "CDS":
                name = dict(a.split("=") for a in attributes.split(";"))["Parent"]
                strands[name] = strand
                spliced[name].append(fasta.fetch(contig, int(start) - 1, int(end)))
                phases[name].append((int(phase), int(end) - int(start) + 1))
    assert len(spliced) == len(LOCI) + 1
    for name, parts in spliced.items():
        parts = parts if strands[name] == "+" else [complement(part) for part in parts]
        coding = "".join(parts)
        protein = "".join(AMINO_ACID[coding[n : n + 3]] for n in range(0, len(coding), 3))
        assert len(coding) % 3 == 0
        assert protein[0] == "M"
        assert protein.find("*") == len(protein) - 1
        done = 0
        for phase, size in phases[name]:
            assert (done + phase) % 3 == 0
            done += size


def test_introns_keep_their_splice_sites():
    for gene in make_genes([contig for _, contig, *_ in LOCI], np.random.default_rng(2)):
        for (_, donor), (acceptor, _) in pairwise(gene.exons):
            assert gene.sequence[donor : donor + 2] == "GT"
            assert gene.sequence[acceptor - 2 : acceptor] == "AG"


def test_genes_come_in_the_order_of_the_genome():
    rng = np.random.default_rng(2)
    lengths = {"chrX": 156_040_895, "chr2": 242_193_529, "chr1": 248_956_422}
    text = to_gff3(make_genes(["chr1", "chr2", "chrX"], rng), lengths)
    contigs = [line.split("\t")[0] for line in text.splitlines() if "\tgene\t" in line]
    assert contigs == ["chrX", "chr2", "chr1"]


def test_planted_variants_do_not_touch_each_other():
    rng = np.random.default_rng(5)
    for gene in make_genes([contig for _, contig, *_ in LOCI], rng):
        sites = plant_variants(gene, rng)
        assert all(a.pos + len(a.ref) < b.pos for a, b in pairwise(sites))
        assert all(gene.bases(site.pos, len(site.ref)) == site.ref for site in sites)
