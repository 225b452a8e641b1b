"""Properties of normalising and packing, against brute force and an independent reading."""

import tempfile
from pathlib import Path

import numpy as np
import pysam
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.genotypes.read import read_chunks
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING
from permed.normalise.contig import normalise_contig

FEW = settings(max_examples=25)
HEADER = """##fileformat=VCFv4.2
##contig=<ID=chr1,length={length}>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}
"""


def normalised(rows: list[tuple], names: list[str], length: int, folder: Path, sequence: str | None = None) -> Path:
    """Write rows (pos, ref, alts, genotypes…) as a VCF and normalise it; give the BCF."""
    text = HEADER.format(length=length, names="\t".join(names))
    for pos, ref, alts, *genotypes in sorted(rows):
        text += "\t".join(["chr1", str(pos), ".", ref, alts, ".", ".", ".", "GT", *genotypes]) + "\n"
    with pysam.BGZFile(str(folder / "in.vcf.gz"), "w") as out:
        out.write(text.encode())
    pysam.tabix_index(str(folder / "in.vcf.gz"), preset="vcf", csi=True, force=True)
    reference = None
    if sequence:
        reference = folder / "r.fa"
        reference.write_text(f">chr1\n{sequence}\n")
        pysam.faidx(str(reference))
    normalise_contig([folder / "in.vcf.gz"], "chr1", names, reference, folder / "out.bcf", folder)
    return folder / "out.bcf"


def spellings(sequence: str, changed: str, longest: int = 12) -> list[tuple[int, str, str]]:
    """Every (pos, ref, alt) that turns ``sequence`` into ``changed``, with at most ``longest`` bases in REF."""
    grown = len(changed) - len(sequence)
    found = []
    for start in range(len(sequence)):
        for end in range(max(start + 1, start + 1 - grown), min(start + longest, len(sequence)) + 1):
            if sequence[:start] == changed[:start] and sequence[end:] == changed[end + grown :]:
                found.append((start + 1, sequence[start:end], changed[start : end + grown]))
    return [(pos, ref, alt) for pos, ref, alt in found if ref and alt]


def normal_form(ways: list[tuple[int, str, str]]) -> tuple[int, str, str]:
    """The shortest spelling, and of these the leftmost (Tan et al. 2015)."""
    return min(ways, key=lambda way: (len(way[1]) + len(way[2]), way[0]))


@FEW
@given(st.lists(st.sampled_from(["A", "C", "AC", "ACC", "CCA"]), min_size=6, max_size=14), st.data())
def test_every_spelling_of_an_indel_in_repeats_becomes_its_normal_form(parts, data):
    sequence = "G" + "".join(parts) + "G"
    start = data.draw(st.integers(2, len(sequence) - 3))
    if data.draw(st.booleans()):
        size = data.draw(st.integers(1, min(4, len(sequence) - 1 - start)))
        changed = sequence[:start] + sequence[start + size :]
    else:
        changed = sequence[:start] + data.draw(st.sampled_from(["A", "C", "AC", "CA", "ACC"])) + sequence[start:]
    ways = spellings(sequence, changed)
    given_ways = data.draw(st.lists(st.sampled_from(ways), min_size=1, max_size=6, unique=True))
    with tempfile.TemporaryDirectory() as folder:
        rows = [(*way, "0|1") for way in given_ways]
        out = normalised(rows, ["S1"], len(sequence), Path(folder), sequence)
        with pysam.VariantFile(str(out)) as file:
            found = [(record.pos, record.ref, record.alts[0], record.samples[0]["GT"]) for record in file]
    assert found == [(*normal_form(ways), (0, 1))]


GENOTYPE = st.builds(
    lambda alleles, mark: mark.join("." if a is None else str(a) for a in alleles),
    st.lists(st.sampled_from([0, 0, 1, 2, 3, None]), min_size=1, max_size=2),
    st.sampled_from("/|"),
)


@FEW
@given(st.lists(st.lists(GENOTYPE, min_size=5, max_size=5), min_size=1, max_size=8))
def test_split_and_packed_genotypes_are_what_the_file_says(genotypes):
    alternates = "CGT"
    names = [f"S{n}" for n in range(5)]
    rows = [(10 * n + 10, "A", ",".join(alternates), *row) for n, row in enumerate(genotypes)]
    with tempfile.TemporaryDirectory() as folder:
        out = normalised(rows, names, 1000, Path(folder))
        found = {}
        for sites, codes in read_chunks(out):
            for site, row in zip(sites.iter_rows(named=True), codes, strict=True):
                found[site["pos"], site["alt"]] = row
        with pysam.VariantFile(str(Path(folder) / "in.vcf.gz")) as file:
            original = {record.pos: [record.samples[name]["GT"] for name in names] for record in file}
    assert len(found) == len(rows) * len(alternates)
    for (pos, alt), row in found.items():
        expected = [code_of(alleles, alternates.index(alt) + 1) for alleles in original[pos]]
        assert np.array_equal(row, expected)


def code_of(alleles: tuple, number: int) -> int:
    """The code of a genotype with respect to one alternate, haploid as homozygous, half calls missing."""
    if None in alleles:
        return MISSING
    share = sum(allele == number for allele in alleles) / len(alleles)
    return {0: HOM_REF, 0.5: HET, 1: HOM_ALT}[share]
