"""HGVS on genes that are spelled out by brute force, on worked examples and where nothing should be said."""

import gzip
import random

import pysam
import pytest

from permed.annotation.genes.reading import read_genes
from permed.annotation.genes.table import from_table
from permed.annotation.hgvs import describing
from permed.annotation.hgvs.codes import translate
from permed.annotation.hgvs.edits import Edit, shifted, trimmed, unshifted, written
from permed.annotation.hgvs.meaning import result
from permed.annotation.hgvs.naming import Locus, coding_name
from permed.annotation.hgvs.proteins import describe as describe_protein
from permed.demo.genes import make_genes, to_gff3
from permed.reference import Reference
from permed.variants import complement

SIZE = 3000


@pytest.fixture(scope="module", params=["chr1", "chr2"])
def gene(request, tmp_path_factory, spelled):
    """One of the demo's genes moved to the start of a small contig: reference, model, and the speller of it."""
    import numpy as np

    folder = tmp_path_factory.mktemp("gene")
    made = make_genes([request.param], np.random.default_rng(5))[0]
    made = type(made)(made.name, made.contig, 501, made.strand, made.sequence, made.exons, made.coding)
    rng = random.Random(5)
    before, after = ("".join(rng.choices("ACGT", k=500)) for _ in range(2))
    fasta, genes = folder / "r.fa", folder / "g.gff3.gz"
    fasta.write_text(f">{made.contig}\n{before}{made.genomic}{after}\n")
    pysam.faidx(str(fasta))
    with gzip.open(genes, "wt") as out:
        out.write(to_gff3([made], {made.contig: SIZE}))
    models = {t.identifier: t for t in from_table(read_genes(genes, [made.contig], "GRCh38"))}
    with Reference(fasta, [made.contig]) as reference:
        yield models[made.transcript], reference, spelled(genes, fasta, made.transcript)


def variants(model, reference, rng, count):
    """Substitutions, deletions and insertions all over a gene, many of them in repeats."""
    made = []
    while len(made) < count:
        pos = rng.randint(model.start + 20, model.end - 20)
        base = reference.bases(model.contig, pos, pos)
        kind, size = rng.choice("sdi"), rng.choice([1, 1, 2, 3])
        if kind == "s":
            made.append((pos, base, rng.choice([b for b in "ACGT" if b != base])))
        elif kind == "d":
            made.append((pos, reference.bases(model.contig, pos, pos + size), base))
        else:
            copied = reference.bases(model.contig, pos + 1, pos + size)
            made.append((pos, base, base + rng.choice([copied, "".join(rng.choices("ACGT", k=size))])))
    return made


def test_what_is_shown_is_what_a_search_of_all_spellings_finds(gene):
    model, reference, speller = gene
    asked = variants(model, reference, random.Random(11), 400)
    shown = 0
    for variant in asked:
        coding = speller.coding(*variant)
        made = next(describing.describe([(model, [(*variant, "")])], reference, "GRCh38"))
        assert made.coding in (None, coding), variant
        assert made.coding or made.reason
        shown += made.coding is not None
    assert shown / len(asked) > 0.97


def test_every_description_gives_back_the_change(gene):
    model, reference, _ = gene
    bases = reference.bases(model.contig, model.start, model.end)
    locus = Locus(model, bases if model.strand == "+" else complement(bases), 0)
    for variant in variants(model, reference, random.Random(12), 400):
        edit = locus.edit(*variant)
        coding, reason = coding_name(locus, edit)
        assert bool(coding) != bool(reason)
        if coding:
            assert result(coding[2:], locus.bases, locus.offset) == edit.apply(locus.bases)


def test_nothing_is_shown_that_a_second_opinion_contradicts(gene, monkeypatch):
    model, reference, _ = gene
    pos = model.start + 30
    ref = reference.bases(model.contig, pos, pos)
    group = [(model, [(pos, ref, "A" if ref != "A" else "C", "5_prime_utr")])]
    for answer in [("c.1A>T", None), (None, None), ("c.nonsense", None)]:
        monkeypatch.setattr(describing, "second_opinion", lambda asked, build, answer=answer: [answer] * len(asked))
        made = next(describing.describe(group, reference, "GRCh38"))
        assert (made.coding, made.protein) == (None, None)
        assert made.reason


@pytest.mark.parametrize(
    ("edit", "bases", "expected"),
    [  # HGVS Nomenclature: the most 3' of equal places; a copy right after its original is a duplication
        (trimmed(3, "TT", "T"), "ACGTTTAC", "6del"),
        (trimmed(2, "G", "GT"), "ACGTTTAC", "6dup"),
        (trimmed(0, "A", "ACG"), "ACGCGTA", "4_5dup"),
        (trimmed(2, "G", "GA"), "ACGTTTAC", "3_4insA"),
        (trimmed(1, "CGT", "ACG"), "ACGTTTAC", "2_4inv"),
        (trimmed(1, "CGT", "AA"), "ACGTTTAC", "2_4delinsAA"),
        (trimmed(1, "CG", "CT"), "ACGTTTAC", "3G>T"),
    ],
)
def test_edits_are_written_as_hgvs_does(edit, bases, expected):
    moved = shifted(edit, bases)
    assert written(moved, bases, lambda offset: str(offset + 1)) == expected
    assert moved.apply(bases) == edit.apply(bases) == unshifted(edit, bases).apply(bases)


# ATG GCT GCT TAC AAA CGT GGA TAA CTG TAG
MESSAGE = "ATGGCTGCTTACAAACGTGGATAACTGTAG"


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (Edit(1, 2, "C"), "(Met1?)"),
        (Edit(11, 12, "A"), "(Tyr4Ter)"),
        (Edit(11, 12, "T"), "(Tyr4=)"),
        (Edit(12, 13, "G"), "(Lys5Glu)"),
        (Edit(3, 6, ""), "(Ala3del)"),
        (Edit(9, 9, "GCT"), "(Ala3dup)"),
        (Edit(9, 9, "GGG"), "(Ala3_Tyr4insGly)"),
        (Edit(9, 15, "GGG"), "(Tyr4_Lys5delinsGly)"),
        (Edit(12, 13, ""), "(Lys5AsnfsTer?)"),
        (Edit(22, 23, "C"), "(Ter8SerextTer2)"),
        (Edit(15, 15, "TGTTAG"), None),
        (Edit(0, 0, "ATG"), None),
    ],
)
def test_proteins_are_described_as_hgvs_does(edit, text):
    old = translate(MESSAGE, "standard")
    made = describe_protein(old, edit.apply(MESSAGE), edit.change, (edit.first, edit.end), "chr1")
    assert made.text == text
    assert made.text or made.reason
