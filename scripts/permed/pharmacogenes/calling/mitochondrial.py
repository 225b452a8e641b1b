"""Genes of mitochondrial DNA: one name for each change found, and the gravest of them decides the risk.

The definitions count along rCRS (NC_012920.1), the chrM of GRCh38 and of b37; UCSC's hg19 has another sequence.
Both alleles at one position mean that only a part of the DNA carries the change (heteroplasmy) or a false call: such a
change is named, and never called.
"""

from pathlib import Path

import numpy as np
from cyvcf2 import VCF

from permed.genome import lengths, reconcile
from permed.pharmacogenes import names
from permed.pharmacogenes.calling import reasons
from permed.pharmacogenes.calling.assessment import Doubt
from permed.pharmacogenes.calling.lowest import weight
from permed.pharmacogenes.calling.weighing import BEST, Weighed
from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF, UNDOCUMENTED, Gene
from permed.pharmacogenes.phenotypes import phenotype_of
from permed.pharmacogenes.reading.patterns import Pattern

METHOD = "mitochondrial"


def call_mitochondrial(gene: Gene, pattern: Pattern) -> dict:
    """State, call, phenotype and reason for one pattern of genotypes, haploid or written as two equal alleles.

    Where a change of the gravest risk is on all of the DNA the gene is ``called``, whatever else was not read or
    settled: nothing could lower the risk.
    """
    whole, part, unread = _sorted_out(gene, pattern)
    found = sorted(whole, key=lambda i: names.natural(gene.alleles[i].shown))
    deciding = min(found, key=lambda i: weight(gene, i), default=gene.reference)
    gravest = weight(gene, deciding)[0] == min(gene.ranks.values())
    label = names.strand(gene, tuple(found) or (gene.reference,))
    score, phenotype = phenotype_of(gene, (deciding,))
    partly = [gene.alleles[i].shown for i in part]
    columns = {
        "diplotype": label,
        "activity_score": score,
        "phenotype": phenotype,
        "lookup_diplotype": gene.alleles[deciding].shown,
        "alleles_found": names.THEN.join([gene.alleles[i].shown for i in found] + [f"{n} (part)" for n in partly])
        or None,
        "phenotype_certain": True,
        "doubt": _doubt(gene, unread),
        "weighed": [Weighed(BEST, label, score, phenotype)],
    }
    cautions = reasons.of_mitochondrial(gene, pattern, partly)
    read = reasons.positions_read(gene, unread)
    if gravest:
        return columns | {"state": "called", "reason": " ".join([read, *cautions])}
    if cautions:
        nothing = dict.fromkeys(("diplotype", "activity_score", "phenotype", "lookup_diplotype"))
        return (
            columns
            | nothing
            | {"weighed": [], "state": "no_call", "phenotype_certain": False, "reason": " ".join(cautions)}
        )
    hidden = _hidden(gene, unread)
    if hidden:
        graver = [i for i in hidden if weight(gene, i)[0] < weight(gene, deciding)[0]]
        phenotypes = {phenotype, *(phenotype_of(gene, (i,))[1] for i in graver)}
        columns |= {
            "state": "not_assessable",
            "alternatives": names.THEN.join(gene.alleles[i].shown for i in hidden),
            "phenotype_certain": len(phenotypes) == 1,
        }
        return columns | {"reason": reasons.could_change(gene, unread)}
    return columns | {"state": "called", "reason": read}


def without_sequence(gene: Gene, files: list[Path], build: str, reference_index: Path | None = None) -> str:
    """Why the files cannot be read for a mitochondrial gene; empty where their contig is rCRS, by its length.

    The length is that of the file's header, or of the reference (``.fai``) where the header gives none.
    """
    if gene.method != METHOD:
        return ""
    expected = lengths(build)[gene.contig]
    for path in files:
        own, length = _contig_length(path, gene.contig)
        if own is None:
            continue
        length = length or _length_in_index(reference_index, gene.contig)
        if length != expected:
            return reasons.other_sequence(own, length, expected)
    return ""


def _sorted_out(gene: Gene, pattern: Pattern) -> tuple[list[int], list[int], np.ndarray]:
    """Alleles on all of the DNA, alleles on a part of it, and which positions were not or only half read."""
    whole, part = [], []
    unread = np.zeros(len(gene.positions), bool)
    for at in range(len(gene.positions)):
        codes = {int(code) for code in pattern.codes[at]} - {NO_STRAND}
        here = [_allele(gene, at, code) for code in sorted(codes) if code > REF]
        (whole if len(codes) == 1 else part).extend(here)
        unread[at] = MISSING in codes and not here and UNDOCUMENTED not in codes
    return whole, part, unread


def _allele(gene: Gene, at: int, code: int) -> int:
    (allele,) = np.flatnonzero(gene.specified[:, at] & (gene.bases[:, at] == 1 << code))
    return int(allele)


def _doubt(gene: Gene, unread: np.ndarray) -> Doubt:
    """What the unread positions leave open: any allele there, beside the reference."""
    hidden = _hidden(gene, unread)
    if not hidden:
        return Doubt(False)
    possible = np.zeros(len(gene.alleles), bool)
    possible[[gene.reference, *hidden]] = True
    return Doubt(True, possible=possible)


def _hidden(gene: Gene, unread: np.ndarray) -> list[int]:
    """Alleles that unread positions could hide, gravest first."""
    could = (gene.specified & unread).any(axis=1)
    could[gene.reference] = False
    return sorted(np.flatnonzero(could).tolist(), key=lambda i: weight(gene, i))


def _contig_length(path: Path, contig: str) -> tuple[str | None, int | None]:
    """A file's own name of a contig, and its length there; None where the header says none."""
    file = VCF(str(path), lazy=True)
    try:
        own = reconcile([contig], file.seqnames).get(contig)
        if own is None:
            return None, None
        try:
            length = file.seqlens[file.seqnames.index(own)]
        except AttributeError:  # cyvcf2 has no lengths if the header gives none
            return own, None
        return own, length if length and length > 0 else None
    finally:
        file.close()


def _length_in_index(index: Path | None, contig: str) -> int | None:
    """The contig's length by an index of a FASTA (``.fai``), None where it is not there."""
    if index is None:
        return None
    rows = (line.split("\t") for line in index.read_text(encoding="utf-8").splitlines())
    sizes = {name: int(length) for name, length, *_ in rows}
    return sizes.get(reconcile([contig], sizes).get(contig))
