"""Published descriptions: GRCh37 variants with g. and c. of the biocommons hgvs project and of ClinVar.

Their genome is not here, so that the tables are read in two ways. Where bcftools' cases have a gene's sequence, its
variants are described whole. Elsewhere the exons of a transcript follow from the other rows of the table (c.100-5 at
g.2000 places an exon's border at g.2005): each substitution is described on borders that other rows alone have given,
which puts numbering, strand, the rule of introns and untranslated parts to the test, but neither shifts nor proteins.
"""

import csv
import gzip
import re
from collections import defaultdict

import pytest

from permed.annotation.genes.reading import read_genes
from permed.annotation.genes.table import from_table
from permed.annotation.genes.transcripts import Transcript
from permed.annotation.hgvs.naming import Locus, coding_name
from permed.reference import Reference
from permed.variants import complement

GENOMIC = re.compile(r"NC_0*(\d+)\.\d+:g\.(\d+)([ACGT])>([ACGT])")
CODING = re.compile(r"(NM_\d+\.\d+):c\.([*-]?)(\d+)([+-]\d+)?([ACGT])>([ACGT])")
FAR = 10_000_000  # where coordinates of the 3' untranslated part begin


def _substitutions(shared) -> dict[str, list[dict]]:
    """By transcript: position and alleles on the genome, coordinate (from the start codon, 0-based), intron offset."""
    found = defaultdict(list)
    with open(shared / "real" / "anno" / "hgvs" / "biocommons_gcp.tsv", encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            g, c = GENOMIC.fullmatch(row["HGVSg"] or ""), CODING.fullmatch(row["HGVSc"] or "")
            if g and c:
                number = int(c[3])
                at = {"-": -number, "*": FAR + number - 1}.get(c[2], number - 1)
                strand = 1 if g[3] == c[5] else -1
                known = {"pos": int(g[2]), "ref": g[3], "alt": g[4], "at": at, "offset": int(c[4] or 0)}
                found[c[1]].append({**known, "strand": strand, "text": f"c.{row['HGVSc'].split(':c.')[1]}"})
    return found


def _exons_for(row: dict, others: list[dict]) -> list[tuple[int, int, int]] | None:
    """The exon that holds a row's position, or the two beside it, as (coordinate, first, last base as read)."""
    strand = row["strand"]
    starts = {o["at"]: o["pos"] - strand * o["offset"] for o in others if o["offset"] < 0}
    ends = {o["at"]: o["pos"] - strand * o["offset"] for o in others if o["offset"] > 0}
    place = strand * row["pos"]
    for at, first in starts.items():
        last_at = min((e for e in ends if e >= at), default=None)
        whole = last_at is not None and last_at - at == strand * (ends[last_at] - first)
        if whole and strand * first <= place <= strand * ends[last_at]:
            return [(at, first, ends[last_at])]
        if at - 1 in ends and strand * ends[at - 1] < place < strand * first:
            return [(at - 1, ends[at - 1], ends[at - 1]), (at, first, first)]
    return None


def _transcript(exons: list[tuple[int, int, int]], strand: int) -> Transcript | None:
    """A transcript with these exons at their coordinates; what lies between them and the start codon is made up."""
    at, first, last = exons[0][0], exons[0][1], exons[-1][2]
    spans = [(a, b) for _, a, b in exons]
    end = exons[-1][0] + strand * (exons[-1][2] - exons[-1][1])
    if at >= FAR:
        size = at - FAR + 3
        lead = (first - strand * (size + 9), first - strand * 10)
        coding, spans = [(lead[0], lead[0] + strand * 2)], [lead, *spans]
    elif at > 0:
        lead = (first - strand * (at + 9), first - strand * 10)
        coding = spans = [lead, *spans]
    elif at <= 0 <= end:
        start = first - strand * at
        if len(spans) > 1:
            return None
        coding = [(start, last)]
    else:
        tail = (last + strand * 10, last + strand * (10 - end - 2 + 3))
        coding, spans = [(tail[1] - strand * 2, tail[1])], [*spans, tail]
    turned = [tuple(sorted(tuple(sorted(span)) for span in part)) for part in (spans, coding)]
    return Transcript("T", "T", "G", "G", "chr1", "+-"[strand < 0], "protein_coding", *turned)


def test_numbering_is_that_of_the_published_table(shared):
    same, wrong = 0, []
    for name, rows in _substitutions(shared).items():
        for index, row in enumerate(rows):
            exons = _exons_for(row, rows[:index] + rows[index + 1 :])
            model = _transcript(exons, row["strand"]) if exons else None
            if model is None:
                continue
            place, base = model.place(row["pos"]), row["ref"] if row["strand"] > 0 else complement(row["ref"])
            locus = Locus(model, "N" * place + base + "N" * (model.span - place - 1), 0)
            made, _ = coding_name(locus, locus.edit(row["pos"], row["ref"], row["alt"]))
            if made == row["text"]:
                same += 1
            else:
                wrong.append((name, row["text"], made))
    assert not wrong
    assert same > 900


# Rows of biocommons_clinvar_g37_g38_c.tsv.gz that lie in a gene of which bcftools' cases have the sequence. Of the last
# two genes Ensembl's GRCh37 models bridge two bases by an intron, or do not know the start.
IN_CASES = [
    ("ENST00000271583", "NC_000001.10:g.179851823delG", "NM_015602.3:c.186delG", "c.186del"),
    ("ENST00000227471", "NC_000011.9:g.67763325G>C", "NM_030930.3:c.1120C>G", None),
    ("ENST00000381157", "NC_000023.10:g.2777934G>C", "NM_001079855.1:c.665G>C", None),
]


@pytest.mark.parametrize("row", IN_CASES, ids=lambda row: row[0])
def test_variants_of_clinvar_are_described_on_real_genes_or_not_at_all(shared, row):
    transcript, genomic, coding, expected = row
    with gzip.open(shared / "real" / "anno" / "hgvs" / "biocommons_clinvar_g37_g38_c.tsv.gz", "rt") as table:
        assert any({genomic, coding} <= set(re.split(r"[ \t\n]", line)) for line in table)
    folder = shared / "real" / "anno" / "bcftools-csq" / transcript
    fasta = next(folder.glob("*.fa"))
    contig, place = fasta.read_text().split("\n", 1)[0][1:].split("\t")
    models = from_table(read_genes(next(folder.glob("*.gff")), [contig], "GRCh37"))
    model = next(t for t in models if t.identifier == transcript)
    with Reference(fasta, [contig]) as reference:
        bases = reference.bases(contig, model.start, model.end)
    locus = Locus(model, bases if model.strand == "+" else complement(bases), 0)
    number, change = re.fullmatch(r".*:g\.(\d+)(.*)", genomic).groups()
    pos = int(number) - int(place.split(":")[1].split("-")[0]) + 1
    ref, alt = change.split(">") if ">" in change else (change.removeprefix("del"), "")
    assert locus.fits(pos, ref)
    made, reason = coding_name(locus, locus.edit(pos, ref, alt))
    assert made == expected
    assert (reason is None) == (expected is not None)
