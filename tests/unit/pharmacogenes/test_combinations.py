"""Combinations and partial alleles against the reference implementation in its research mode."""

import re
from collections import Counter

import numpy as np
import pysam
import pytest

from permed.pharmacogenes import names
from permed.pharmacogenes.calling.combinations import combinations
from permed.pharmacogenes.calling.gene import call_pattern
from permed.pharmacogenes.calling.matching import match_pairs
from permed.pharmacogenes.reading.files import read_genotypes
from permed.pharmacogenes.reading.patterns import canonical
from permed.tables import read_table

CHANGE = re.compile(r"g\.(\d+)([ACGT]*)>[ACGT?]+")
# Rows that agree of those that can be compared, by gene: measured on the whole set.
AGREE = {
    "CACNA1S": (3, 3),
    "CFTR": (72, 73),
    "CYP2B6": (95, 98),
    "CYP2C19": (107, 107),
    "CYP2C9": (65, 67),
    "CYP2D6": (78, 91),
    "CYP3A4": (77, 78),
    "CYP3A5": (25, 25),
    "CYP4F2": (80, 80),
    "G6PD": (48, 48),
    "NAT2": (96, 97),
    "NUDT15": (58, 58),
    "SLCO1B1": (90, 91),
    "TPMT": (49, 49),
    "UGT1A1": (19, 19),
}


@pytest.fixture(scope="module")
def genes(genes_of_2025):
    """The reference implementation answered from this release; what later ones change is in test_later_release.py."""
    return genes_of_2025


@pytest.fixture(scope="module")
def compared(shared, genes, normalise):
    """Per gene: (sample, pattern, our combinations, theirs) where no pair fits and both name combinations."""
    folder = shared / "real" / "pgx" / "differential"
    path = normalise(folder / "g.vcf.gz")
    with pysam.VariantFile(str(path)) as file:
        samples = list(file.header.samples)
    theirs = read_table(folder / "expected_combinations.tsv.gz").fill_null("")
    answers = {(row["sample"], row["gene"]): row["source_diplotypes"] for row in theirs.iter_rows(named=True)}
    rows = {}
    for gene in genes.values():
        if gene.method != "diplotype":
            continue
        found = read_genotypes([path], gene, samples, absent_sites="missing")
        for sample, codes, blocks in zip(samples, found.codes, found.blocks, strict=True):
            pattern = canonical(codes, blocks)
            # Where an unknown base counts as reference we keep to that; theirs names it as a change in this mode.
            apart = gene.undocumented_as_reference and pattern.undocumented.any()
            required = (pattern.blank & gene.required).any()
            if not pattern.present.any() or pattern.half_called.any() or required or apart:
                continue
            if not match_pairs(gene, pattern):
                pair = combinations(gene, pattern) or [], answers[sample, gene.name].split(";")
                rows.setdefault(gene.name, []).append((sample, pattern, *pair))
    return rows


def without_unknown_bases(gene, pattern, labels, unordered, everywhere=False) -> set:
    """Labels as unordered pairs in which the base is ``?`` where no definition knows it, or everywhere."""
    unknown = {str(gene.positions[at].pos) for at in np.flatnonzero(pattern.undocumented)}

    def masked(match):
        place, ref = match.groups()
        return f"g.{place}{ref}>?" if everywhere or place in unknown else match.group()

    return unordered(";;".join(CHANGE.sub(masked, label) for label in labels), ";;")


def named(labels: set) -> Counter:
    """How many strands carry each named allele, at most, in any of the diplotypes."""
    found = Counter()
    for pair in labels:
        found |= Counter(part for strand in pair for part in strand.strip("[]").split(" + ") if part[:2] != "g.")
    return found


def strands_with_a_change(gene, pattern, name) -> int:
    """On how many strands an allele of this name has a changed base; two for the reference, which needs none."""
    alleles = [i for i, allele in enumerate(gene.alleles) if allele.shown == name]
    if gene.reference in alleles:
        return 2
    changed = (pattern.codes > 0) & pattern.present[:, None]
    return max(int((gene.specified[i][:, None] & changed).any(axis=0).sum()) for i in alleles)


def difference(gene, pattern, ours, theirs, unordered) -> str:
    """The class of a difference, as argued in :func:`test_every_difference_has_a_reason`."""
    one, other = (without_unknown_bases(gene, pattern, labels, unordered) for labels in (ours, theirs))
    if one == other:
        return "agree"
    if any(times > strands_with_a_change(gene, pattern, name) for name, times in named(other).items()):
        return "an allele without a changed base"
    one, other = (without_unknown_bases(gene, pattern, labels, unordered, everywhere=True) for labels in (ours, theirs))
    if one == other:
        return "another base at a position with several"
    if named(one) == named(other) and len(theirs) == 1:
        return "a repeat written otherwise"
    return "ranked otherwise" if len(ours) > 1 or len(theirs) > 1 else "unexplained"


def test_combinations_are_those_of_the_reference_implementation(genes, compared, unordered):
    found = {}
    for name, rows in compared.items():
        kinds = Counter(difference(genes[name], *row[1:], unordered) for row in rows)
        found[name] = kinds["agree"], kinds.total()
    assert found == AGREE
    assert (sum(agree for agree, _ in AGREE.values()), sum(rows for _, rows in AGREE.values())) == (962, 984)


def test_every_difference_has_a_reason(genes, compared, unordered):
    """The rest of what differs, by class; in none of them do we name an allele that the genotypes speak against.

    An allele without a changed base: theirs gives both strands an allele whose telling position was not read, so that
    its other cells ask for the reference base only (CYP2B6*18, CYP2C9*36, CYP2D6*3). Missing is no evidence.
    Another base: at rs28371706 (A, T) theirs names the change that the person does not have.
    A repeat: rs72549356 has several lengths; theirs writes one as dup, ours as the bases of the VCF.
    Ranked otherwise: several sets of alleles explain a strand. Ours keeps those that explain most changes; theirs lists
    the best by its score and more of lower score, each score counting an allele's cells twice where alleles overlap.
    """
    kinds = Counter(difference(genes[name], *row[1:], unordered) for name, rows in compared.items() for row in rows)
    assert kinds == {
        "agree": 962,
        "an allele without a changed base": 13,
        "another base at a position with several": 3,
        "a repeat written otherwise": 1,
        "ranked otherwise": 5,
    }


def test_no_combination_is_ever_a_call(genes, compared):
    for name, rows in compared.items():
        for _, pattern, ours, _ in rows:
            row = call_pattern(genes[name], pattern)
            assert (row["state"], row["diplotype"], row["alternatives"]) == ("no_call", None, None)
            listed = (row["research_combinations"] or "").split(names.THEN)
            assert listed[:10] == (ours or [""])[:10]
