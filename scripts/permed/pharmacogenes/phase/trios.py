"""Phase from parents: which allele of a heterozygous genotype came from whom.

All that came from one parent lies on one chromosome, so that positions of which this is known make one block.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace

import numpy as np
import polars as pl

from permed.pedigree import ROLES
from permed.pharmacogenes.calling.mitochondrial import METHOD as MITOCHONDRIAL
from permed.pharmacogenes.calling.reasons import not_inherited, phase_against_parents, phase_from_parents
from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF, Gene
from permed.pharmacogenes.phase.joining import contradicted, heterozygous, join
from permed.pharmacogenes.phase.phasing import Phased
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.depths import UNKNOWN

PARENT_CHILD = "parent-child"
FAMILY = "family"


def confirmed_parents(
    people: pl.DataFrame, kinship: pl.DataFrame, usable: Collection[str]
) -> dict[str, dict[str, str]]:
    """By child and role (mother, father) the parents whom the sheet names and the genotypes confirm.

    ``people`` has ``sample mother father``, ``kinship`` has ``sample1 sample2 relation``. Child and parent are among
    ``usable``: who agreed, and whose samples passed quality control.
    """
    if not set(ROLES) <= set(people.columns):
        return {}
    pairs = kinship.filter(relation=PARENT_CHILD).select("sample1", "sample2").iter_rows()
    close = {frozenset(pair) for pair in pairs}
    found: dict[str, dict[str, str]] = {}
    for child, *named in people.select("sample", *ROLES).iter_rows():
        for role, parent in zip(ROLES, named, strict=True):
            if {child, parent} <= set(usable) and frozenset((child, parent)) in close:
                found.setdefault(child, {})[role] = parent
    return found


def add_parental_phase(
    gene: Gene, samples: list[str], phased: Phased, parents: dict[str, dict[str, str]], *, assumed: bool
) -> Phased:
    """Put what the genotypes of confirmed ``parents`` tell beside the phase that is known; that is never changed.

    A block that the parents contradict stays as it is, and so does a genotype that no child of theirs can have; the
    note says so of both. ``assumed`` tells that the run takes sites without a record for reference: of a parent such a
    genotype counts only if reads stand behind it.
    """
    if gene.method == MITOCHONDRIAL or not parents:
        return phased
    before = phased.genotypes
    codes, blocks = before.codes.copy(), before.blocks.copy()
    sources, notes = list(phased.sources), list(phased.notes)
    column = {name: number for number, name in enumerate(samples)}
    for child, own in parents.items():
        if child not in column or _is_open(before, column[child]):
            continue
        number = column[child]
        passed = {role: _passed_on(before, column[parent], assumed) for role, parent in own.items() if parent in column}
        turned, wrong = _origins(codes[number], passed.get("mother"), passed.get("father"))
        against = contradicted(blocks[number], turned)
        turned, opposed = (
            {place: turn for place, turn in turned.items() if (int(blocks[number, place]) in against) == which}
            for which in (False, True)
        )
        said = [notes[number]] if notes[number] else []
        if join(codes[number], blocks[number], turned):
            sources[number] = FAMILY if sources[number] == "none" else f"{sources[number]} and {FAMILY}"
            said.append(phase_from_parents(gene, list(turned), list(passed)))
        if opposed:
            said.append(phase_against_parents(gene, list(opposed)))
        if wrong:
            said.append(not_inherited(gene, wrong, list(passed)))
        notes[number] = " ".join(said)
    return Phased(replace(before, codes=codes, blocks=blocks), sources, notes)


def _is_open(genotypes: GeneGenotypes, sample: int) -> bool:
    """Whether the number of copies of the contig is not known of somebody."""
    return genotypes.open_copies is not None and bool(genotypes.open_copies[sample])


def _passed_on(genotypes: GeneGenotypes, parent: int, assumed: bool) -> list[set[int] | None]:
    """By position the codes that a parent can pass on, None where these are not known."""
    if _is_open(genotypes, parent):
        return [None] * genotypes.codes.shape[1]
    depth = genotypes.depths.total if genotypes.depths is not None else None
    found: list[set[int] | None] = []
    for at, pair in enumerate(genotypes.codes[parent].tolist()):
        own = set(pair) - {NO_STRAND}
        counted = depth is not None and depth[parent, at] != UNKNOWN
        found.append(None if MISSING in own or (assumed and own == {REF} and not counted) else own)
    return found


def _origins(
    codes: np.ndarray, mother: list[set[int] | None] | None, father: list[set[int] | None] | None
) -> tuple[dict[int, bool], list[int]]:
    """Whether to exchange the strands, so that the first is the mother's, by heterozygous position where that is told;
    and the positions whose genotype is none that the parents can have passed on."""
    turned: dict[int, bool] = {}
    wrong = []
    two = (codes >= REF).all(axis=1)
    het = heterozygous(codes)
    for at in np.flatnonzero(two).tolist():
        of_mother, of_father = mother and mother[at], father and father[at]
        if of_mother is None and of_father is None:
            continue
        first, second = codes[at].tolist()
        as_written = _fits(first, of_mother) and _fits(second, of_father)
        exchanged = _fits(second, of_mother) and _fits(first, of_father)
        if not (as_written or exchanged):
            wrong.append(at)
        elif het[at] and as_written != exchanged:
            turned[at] = exchanged
    return turned, wrong


def _fits(code: int, passed: Iterable[int] | None) -> bool:
    """Whether a parent who can pass on these codes, or is not known, can have given this one."""
    return passed is None or code in passed
