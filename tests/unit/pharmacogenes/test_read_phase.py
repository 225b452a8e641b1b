"""Phase from reads, against reads simulated from two planted chromosomes."""

import random

import numpy as np
import polars as pl
import pysam
import pytest

from permed.errors import Fault
from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.phase.observing import make_site, shown_allele
from permed.pharmacogenes.phase.phasing import SCHEMA, add_read_phase, phase_person, with_phase
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.files import read_genotypes
from phase_pharmacogenes import phase_pharmacogenes

SNV, TA = "rs887829", "rs3064744"  # 309 bases apart
CIS, TRANS = "*1/*80+*28", "*28/*80"  # what the definition calls the two, both positions being heterozygous


MATE = {"length": 150, "insert": 500}
LONG = {"length": 3000, "insert": 3000}


class Chromosomes:
    """A stretch of reference and two chromosomes that differ from it, from which reads are drawn."""

    def __init__(self, start: int, bases: str, contig: str) -> None:
        self.start, self.bases, self.contig = start, bases, contig

    def window(self, start: int, end: int) -> str:
        return self.bases[start - self.start : end - self.start]

    def aligned(self, changes: list[tuple[int, str, str]], start: int, length: int) -> tuple[int, str, list]:
        """Position, bases and CIGAR of a read of ``length`` reference bases from a chromosome with these changes."""
        at, end, bases, cigar = start, start + length, "", []

        def add(operation: int, count: int) -> None:
            if count and cigar and cigar[-1][0] == operation:
                cigar[-1] = (operation, cigar[-1][1] + count)
            elif count:
                cigar.append((operation, count))

        for pos, ref, alt in sorted(changes):
            if pos - 1 < at or pos - 1 + len(ref) > end:
                continue  # the read has no whole copy of it
            before = self.window(at, pos - 1)
            shared = min(len(ref), len(alt))
            bases += before + alt
            add(pysam.CMATCH, len(before) + shared)
            add(pysam.CINS, len(alt) - shared)
            add(pysam.CDEL, len(ref) - shared)
            at = pos - 1 + len(ref)
        rest = self.window(at, end)
        add(pysam.CMATCH, len(rest))
        return start, bases + rest, cigar

    def reads(self, strands, pairs, length, insert, seed=1, error=0.0, **fields) -> list[pysam.AlignedSegment]:
        """``pairs`` fragments of each strand at random places; one read each where they are as long as the insert."""
        draw, found = random.Random(seed), []
        header = pysam.AlignmentHeader.from_dict({"SQ": [{"SN": self.contig, "LN": 250_000_000}]})
        for strand, changes in enumerate(strands):
            for number in range(pairs):
                first = self.start + draw.randrange(len(self.bases) - insert)
                starts = [first] if length == insert else [first, first + insert - length]
                for start in starts:
                    pos, bases, cigar = self.aligned(changes, start, length)
                    read = pysam.AlignedSegment(header)
                    read.query_name = f"{seed}.{strand}.{number}"
                    read.reference_id, read.reference_start, read.cigartuples = 0, pos, cigar
                    read.query_sequence = "".join(
                        draw.choice("ACGT") if draw.random() < error else base for base in bases
                    )
                    quality = chr(33 + fields.get("quality", 37))
                    read.query_qualities = pysam.qualitystring_to_array(quality * len(bases))
                    read.mapping_quality, read.flag = fields.get("mapping", 60), fields.get("flag", 0)
                    found.append(read)
        return found


def write_bam(path, chromosomes: Chromosomes, reads: list[pysam.AlignedSegment]):
    header = {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": chromosomes.contig, "LN": 250_000_000}]}
    with pysam.AlignmentFile(str(path), "wb", header=header) as file:
        for read in sorted(reads, key=lambda read: read.reference_start):
            file.write(read)
    pysam.index(str(path))
    return path


@pytest.fixture
def around(genes):
    """A random stretch of reference around two positions of UGT1A1, with the repeat behind the second."""
    gene = genes["UGT1A1"]
    snv, repeat = (next(p for p in gene.positions if p.name == name) for name in (SNV, TA))
    start = snv.pos - 1 - 3000
    draw = random.Random(7)
    bases = [draw.choice("ACGT") for _ in range(7000)]
    bases[snv.pos - 1 - start] = snv.ref
    at = repeat.pos - 1 - start
    bases[at : at + 15] = "CATATATATATATAA"[:15]
    return Chromosomes(start, "".join(bases), gene.contig), snv, repeat


@pytest.fixture
def phase(around, genes, make_vcf, tmp_path):
    """Phase and call UGT1A1 of one person from genotypes at the two positions and reads."""
    chromosomes, snv, repeat = around
    gene = genes["UGT1A1"]

    def run(reads, first="0/1", second="0/1", rest="0/0", repeats=None):
        rows = [(gene.contig, p.pos, p.ref, p.alts[0], rest) for p in gene.positions if p.name not in (SNV, TA)]
        rows += [(gene.contig, snv.pos, snv.ref, "T", first)]
        rows += [(gene.contig, repeat.pos, *record) for record in repeats or [("C", "CAT", second)]]
        vcf = make_vcf(sorted(rows, key=lambda row: row[1]), contigs=[(gene.contig, 250_000_000)])
        genotypes = read_genotypes([vcf], gene, ["S1"], absent_sites="missing")
        path = write_bam(tmp_path / "reads.bam", chromosomes, reads)
        with pysam.AlignmentFile(str(path)) as file:
            rows = phase_person(gene, "GRCh38", genotypes.codes[0], file, gene.contig, chromosomes.window)
        who = {"sample": "S1", "gene": "UGT1A1", "contig": gene.contig}
        table = pl.DataFrame([who | row for row in rows], schema=SCHEMA, orient="row")
        phased = add_read_phase(gene, ["S1"], genotypes, table, "GRCh38")
        return table, with_phase(call_gene(gene, ["S1"], phased.genotypes), phased).row(0, named=True)

    return run


def strands(around, cis: bool):
    """The changes of both chromosomes: the substitution on the first, the longer repeat on it or on the other."""
    _, snv, repeat = around
    change, longer = (snv.pos, snv.ref, "T"), (repeat.pos, "CAT", "CATAT")
    return [[change, longer], []] if cis else [[change], [longer]]


@pytest.mark.parametrize("kind", [MATE, LONG], ids=["pairs", "long reads"])
@pytest.mark.parametrize(("cis", "diplotype"), [(True, CIS), (False, TRANS)])
def test_planted_phase_of_a_substitution_and_a_repeat_is_recovered(around, phase, kind, cis, diplotype):
    reads = around[0].reads(strands(around, cis), 400, **kind, error=0.003)
    table, found = phase(reads)
    assert (found["state"], found["diplotype"], found["phase_source"]) == ("called", diplotype, "reads")
    assert found["phased"] and found["alternatives"] is None
    assert f"The phase of {SNV}, {TA} is from sequencing reads" in found["reason"]
    assert table["set"].to_list() == [around[1].pos] * 2
    # Which strand comes first carries no meaning: what matters is what lies together.
    together = {frozenset(pair) for pair in zip(*(strand.split("|") for strand in table["strand"]), strict=True)}
    expected = {("T", "CATAT"), ("C", "CAT")} if cis else {("T", "CAT"), ("C", "CATAT")}
    assert together == {frozenset(pair) for pair in expected}
    assert (table["reads_supporting"] > 10 * table["reads_against"]).all()


@pytest.mark.parametrize("cis", [True, False])
def test_two_repeats_that_both_differ_from_the_reference(around, phase, cis):
    _, snv, repeat = around
    shorter, longer = (repeat.pos, "CAT", "C"), (repeat.pos, "CAT", "CATAT")
    with_change, without = (longer, shorter) if cis else (shorter, longer)
    reads = around[0].reads([[(snv.pos, snv.ref, "T"), with_change], [without]], 400, **MATE)
    table, found = phase(reads, repeats=[("CAT", "C", "0/1"), ("C", "CAT", "1/0")])
    together = {frozenset(pair) for pair in zip(*(strand.split("|") for strand in table["strand"]), strict=True)}
    expected = {("T", "CATAT"), ("C", "C")} if cis else {("T", "C"), ("C", "CATAT")}
    assert together == {frozenset(pair) for pair in expected}
    assert found["phase_source"] == "reads"


def test_reads_that_end_inside_the_repeat_tell_nothing(around):
    chromosomes, _, repeat = around
    site = make_site(0, repeat.pos, repeat.ref, ("CAT", "CATAT"), chromosomes.window)
    for end in range(repeat.pos, site.end + 5):
        pos, bases, cigar = chromosomes.aligned([], repeat.pos - 60, end - repeat.pos + 60)
        read = chromosomes.reads([[]], 1, 50, 50)[0]
        read.reference_start, read.query_sequence, read.cigartuples = pos, bases, cigar
        read.query_qualities = pysam.qualitystring_to_array("F" * len(bases))
        assert shown_allele(read, site) == (0 if end >= site.end else None)


def test_a_repeat_of_a_third_length_tells_nothing(around):
    chromosomes, _, repeat = around
    site = make_site(0, repeat.pos, repeat.ref, ("CAT", "CATAT"), chromosomes.window)
    for alt, expected in (("CAT", 0), ("CATAT", 1), ("CATATAT", None), ("C", None)):
        pos, bases, cigar = chromosomes.aligned([(repeat.pos, "CAT", alt)], repeat.pos - 60, 150)
        read = chromosomes.reads([[]], 1, 50, 50)[0]
        read.reference_start, read.query_sequence, read.cigartuples = pos, bases, cigar
        read.query_qualities = pysam.qualitystring_to_array("F" * len(bases))
        assert shown_allele(read, site) == expected


def test_another_reference_gives_no_site(around):
    chromosomes, snv, _ = around
    assert make_site(0, snv.pos, "G", ("G", "T"), chromosomes.window) is None
    assert make_site(0, snv.pos, snv.ref, (snv.ref, "T"), lambda start, end: "N" * (end - start)) is None


def test_reads_that_contradict_each_other_leave_the_genotypes_unphased(around, phase):
    reads = around[0].reads(strands(around, True), 300, **MATE, seed=1)
    reads += around[0].reads(strands(around, False), 300, **MATE, seed=2)
    table, found = phase(reads)
    assert (found["diplotype"], found["phase_source"], found["phased"]) == (CIS, "none", False)
    assert found["alternatives"] == TRANS
    assert f"Sequencing reads disagree about the phase of {SNV}, {TA}" in found["reason"]
    assert table["set"].null_count() == table["strand"].null_count() == table.height == 2


@pytest.mark.parametrize(
    "fields",
    [{"flag": 0x400}, {"flag": 0x100}, {"flag": 0x800}, {"flag": 0x200}, {"mapping": 19}, {"quality": 19}],
    ids=["duplicate", "secondary", "supplementary", "failed", "poorly mapped", "poor bases"],
)
def test_reads_that_may_not_be_believed_do_nothing(around, phase, fields):
    table, found = phase(around[0].reads(strands(around, False), 400, **MATE, **fields))
    assert table.is_empty() and (found["diplotype"], found["phase_source"]) == (CIS, "none")


def test_too_few_reads_do_nothing(around, phase):
    covering = [
        read
        for read in around[0].reads(strands(around, False), 400, **LONG)
        if read.reference_start < around[1].pos - 100 and read.reference_end > around[2].pos + 100
    ]
    table, found = phase(covering[:2])
    assert table.is_empty() and (found["diplotype"], found["phase_source"]) == (CIS, "none")
    table, found = phase(covering[:3])
    assert table["reads_supporting"].to_list() == [3, 3] and found["diplotype"] == TRANS


def test_no_pair_covers_both(around, phase):
    table, found = phase(around[0].reads(strands(around, False), 400, length=100, insert=180))
    assert table.is_empty() and found["phase_source"] == "none"


def test_phase_that_the_genotypes_state_is_kept_and_the_contradiction_said(around, phase):
    reads = around[0].reads(strands(around, False), 400, **MATE)
    _, found = phase(reads, "0|1", "0|1", rest="0|0")
    assert (found["diplotype"], found["phase_source"]) == (CIS, "genotypes")
    assert "was kept; sequencing reads contradict it" in found["reason"]
    _, found = phase(reads, "0|1", "1|0", rest="0|0")
    assert (found["diplotype"], found["phase_source"]) == (TRANS, "genotypes")
    assert "reads" not in found["reason"]


def test_reads_join_an_unphased_position_to_a_phased_one(around, phase):
    for first, second in (("0|1", "0/1"), ("1|0", "0/1"), ("0/1", "1|0")):
        _, found = phase(around[0].reads(strands(around, False), 400, **MATE), first, second)
        assert (found["diplotype"], found["phase_source"]) == (TRANS, "reads")


def test_files_of_the_other_build_are_phased_at_their_places(genes, tmp_path):
    gene = genes["UGT1A1"]
    at = [n for n, position in enumerate(gene.positions) if position.name in (SNV, TA)]
    snv, repeat = (gene.grch37[n] for n in at)
    assert snv.pos != gene.positions[at[0]].pos
    draw = random.Random(3)
    bases = [draw.choice("ACGT") for _ in range(7000)]
    start = snv.pos - 3001
    bases[3000] = snv.ref
    bases[repeat.pos - 1 - start : repeat.pos + 14 - start] = "CATATATATATATAA"
    chromosomes = Chromosomes(start, "".join(bases), "2")
    codes = np.zeros((len(gene.positions), 2), np.int8)
    codes[at] = [[0, 1], [0, gene.positions[at[1]].alts.index("CATAT") + 1]]
    changes = [[(snv.pos, snv.ref, "T")], [(repeat.pos, "CAT", "CATAT")]]
    path = write_bam(tmp_path / "reads.bam", chromosomes, chromosomes.reads(changes, 400, **MATE))
    with pysam.AlignmentFile(str(path)) as file:
        rows = phase_person(gene, "GRCh37", codes, file, "2", chromosomes.window)
    assert [row["pos"] for row in rows] == [snv.pos, repeat.pos]
    who = {"sample": "S1", "gene": "UGT1A1", "contig": "2"}
    table = pl.DataFrame([who | row for row in rows], SCHEMA)
    genotypes = GeneGenotypes(codes[None], np.zeros((1, len(codes)), np.int32))
    phased = add_read_phase(gene, ["S1"], genotypes, table, "GRCh37")
    assert call_gene(gene, ["S1"], phased.genotypes)["diplotype"].to_list() == [TRANS]


def test_changes_on_a_part_of_mitochondrial_dna_have_no_phase(genes, tmp_path):
    gene = genes["MT-RNR1"]
    places = [position.pos for position in gene.positions]
    at = [places.index(pos) for pos in (1494, 1555)]
    draw, changes = random.Random(2), []
    bases = [draw.choice("ACGT") for _ in range(2000)]
    for place in at:
        position = gene.positions[place]
        bases[position.pos - 1] = position.ref
        changes.append((position.pos, position.ref, position.alts[0]))
    chromosomes = Chromosomes(0, "".join(bases), "chrM")
    path = write_bam(tmp_path / "reads.bam", chromosomes, chromosomes.reads([changes, []], 400, **MATE))
    codes = np.zeros((len(places), 2), np.int8)
    codes[at] = [0, 1]
    with pysam.AlignmentFile(str(path)) as file:
        assert phase_person(gene, "GRCh38", codes, file, "chrM", chromosomes.window) == []


def test_only_reads_of_people_who_agreed_are_opened(around, genes, make_vcf, tables, tmp_path):
    chromosomes, snv, repeat = around
    rows = [(snv.contig, snv.pos, "C", "T", "0/1", "0/1"), (repeat.contig, repeat.pos, "C", "CAT", "0/1", "0/1")]
    vcf = make_vcf(rows, ("S1", "S2"), [(snv.contig, 250_000_000)])
    fasta = tmp_path / "reference.fa"
    fasta.write_text(f">{snv.contig}\nACGT\n")
    pysam.faidx(str(fasta))
    consent = tmp_path / "consent.txt"
    reads = write_bam(tmp_path / "S1.bam", chromosomes, chromosomes.reads(strands(around, True), 50, **MATE))
    # HLA genes may be asked for with the others and have no positions to phase.
    options = {"absent_sites": "missing", "contigs": [snv.contig], "genes": ["UGT1A1", "HLA-B"]}
    phase = tmp_path / "phase.parquet"
    files = [reads, tmp_path / "S2.bam"]  # the second is not there

    def run(agreed):
        consent.write_text(agreed)
        phase_pharmacogenes(
            [vcf], files, ["S1", "S2"], consent, sorted(tables.glob("*.tsv")), [fasta], phase=phase, **options
        )
        return pl.read_parquet(phase)

    assert dict(run("S1\n").schema) == SCHEMA
    with pytest.raises(Fault, match="cannot be read"):
        run("S1\nS2\n")
