"""Lift array text and PLINK filesets to the run's build before they are written on its reference.

Neither format tells REF for certain nor has contig lengths, so the build is judged by what a file says of itself and by
whether its alleles hold the reference's bases. Positions are 1-based.
"""

from collections.abc import Iterable
from dataclasses import replace

import polars as pl

from permed.chain import Chain, Place
from permed.genome import canonical, reconcile
from permed.inputs.arrays import ArrayCalls, array_faults
from permed.inputs.known_sites import KnownSites
from permed.inputs.plink import MAX_FOREIGN, Fileset, disagreement, spread
from permed.lifting import Lifted, Lost, changed, lift_alleles
from permed.reference import Reference
from permed.variants import complement

NO_PLACE = "it lies on a contig that the run does not use"
MITOCHONDRION = "chrM"


def array_on_build(
    path: str,
    calls: ArrayCalls,
    build: str,
    reference: Reference | None,
    chain: Chain | None,
    known: KnownSites | None = None,
):
    """Array calls on the run's build: (calls, rows of :data:`CHANGES_SCHEMA`, faults).

    They are lifted where the file says that it is of the chain's build; where it says nothing, if they fit the
    reference only lifted. The faults are those of what is given back. ``known`` is asked where there is no reference.
    """
    faults = array_faults(path, calls, build, reference, known)
    sources = chain.builds()[0] if chain else set()
    stated_other = calls.build not in (None, build) and (not sources or calls.build in sources)
    if not faults or chain is None or reference is None or not (calls.build is None or stated_other):
        return calls, [], faults
    moved, changes = lift_array(path, calls, build, reference, chain)
    still = array_faults(path, moved, build, reference)
    if still and calls.build is None:
        return calls, [], faults
    return moved, changes, still


def lift_array(
    path: str, calls: ArrayCalls, build: str, reference: Reference, chain: Chain
) -> tuple[ArrayCalls, list[dict]]:
    """Array calls moved to ``build`` with the chain, their letters turned where it turns the strand."""
    named = {canonical(name) for name in reference.names}
    rows, changes = [], []
    mitochondrial = [(pos, alleles) for contig, pos, _, alleles in calls.rows if contig == MITOCHONDRION and alleles]
    stays = _mitochondrion_stays(mitochondrial, reference, chain)
    for contig, pos, marker, alleles in calls.rows:
        if contig == MITOCHONDRION and stays:
            rows.append((contig, pos, marker, alleles))
            continue
        place = chain.place(contig, pos, pos)
        if isinstance(place, Place) and canonical(place.contig) in named:
            turned = complement(alleles) if place.reverse else alleles
            rows.append((canonical(place.contig), place.start, marker, turned))
        elif canonical(contig) in named:
            reason = NO_PLACE if isinstance(place, Place) else place
            changes.append(changed((contig, pos, None, alleles or None), "lost", reason, (None,) * 4, path))
    return replace(calls, build=build, rows=rows), changes


def fileset_needs_lifting(files: Fileset, reference: Reference | None, chain: Chain | None) -> bool:
    """Whether variants from all parts of a fileset fit the reference only where the chain puts them."""
    if reference is None or chain is None:
        return False
    sites = spread(files.sites)
    none, checked = disagreement(sites, reference)
    if none <= MAX_FOREIGN * checked:
        return False
    moved, _ = lift_fileset(replace(files, sites=sites), reference, chain)
    none, checked = disagreement(moved.sites.filter(pl.col("chrom").is_not_null()), reference)
    return checked > 0 and none <= MAX_FOREIGN * checked


def lift_fileset(files: Fileset, reference: Reference, chain: Chain) -> tuple[Fileset, list[dict]]:
    """A fileset whose sites lie on the run's build, in the file's order; a lost one has no ``chrom``.

    Alleles keep their order in the file; where REF was stated and is another here, it becomes provisional, so that
    the reference's base decides. An insertion or deletion whose REF is not stated is kept where only one of its alleles
    can be it.
    """
    ours = {canonical(name) for name in reference.names}
    rows, changes = [], []
    mitochondrial = files.sites.filter(pl.col("chrom") == MITOCHONDRION).select("pos", "alleles")
    stays = _mitochondrion_stays(mitochondrial.iter_rows(), reference, chain)
    for chrom, pos, name, alleles, provisional in files.sites.select(
        "chrom", "pos", "id", "alleles", "provisional"
    ).iter_rows():
        if chrom == MITOCHONDRION and stays:
            rows.append((chrom, pos, name, alleles, provisional))
            continue
        words = alleles.split(",")
        answer = _lift_site(chrom, pos, words, provisional, reference, chain) if chrom else Lost(NO_PLACE)
        if isinstance(answer, Lost):
            rows.append((None, pos, name, alleles, provisional))
            if chrom in ours:
                old, new = (chrom, pos, words[0], ",".join(words[1:]) or None), (answer.contig, answer.pos, None, None)
                changes.append(changed(old, "lost", answer.reason, new, files.path))
            continue
        swapped = not provisional and answer.codes is not None
        own = [answer.alleles[code] for code in answer.codes] if swapped else list(answer.alleles)
        rows.append((canonical(answer.contig), answer.pos, name, ",".join(own), provisional or swapped))
        if swapped:
            new = (answer.contig, answer.pos, answer.alleles[0], ",".join(answer.alleles[1:]))
            reason = "REF is another on the other build"
            changes.append(changed((chrom, pos, words[0], ",".join(words[1:])), "swapped", reason, new, files.path))
    return replace(files, sites=pl.DataFrame(rows, schema=files.sites.schema, orient="row")), changes


def _lift_site(
    chrom: str, pos: int, alleles: list[str], provisional: bool, reference: Reference, chain: Chain
) -> Lifted | Lost:
    """One site lifted, its alleles in the order given; ``codes`` say where a stated REF went."""
    known = [allele for allele in alleles if set(allele) <= set("ACGTN")]
    if len(known) < len(alleles) or (provisional and {len(allele) for allele in known} == {1}):
        return _move(chrom, pos, alleles, reference, chain)
    if not provisional:
        answer = lift_alleles(chain, reference, chrom, pos, alleles[0], alleles[1:])
        if isinstance(answer, Lifted) and len(answer.alleles) != len(alleles):
            return Lost("REF is another on the other build, and there is no other allele", answer.contig, answer.pos)
        return answer
    fitting, reasons = [], []
    for at, ref in enumerate(alleles):
        others = [allele for n, allele in enumerate(alleles) if n != at]
        answer = lift_alleles(chain, reference, chrom, pos, ref, others)
        if isinstance(answer, Lost):
            reasons.append(answer)
        elif answer.codes is None:
            first, *rest = answer.alleles
            fitting.append(Lifted(answer.contig, answer.pos, (*rest[:at], first, *rest[at:])))
    if len(fitting) == 1:
        return fitting[0]
    return Lost("insertion or deletion that fits the reference either way") if fitting or not reasons else reasons[0]


def _move(chrom: str, pos: int, alleles: list[str], reference: Reference, chain: Chain) -> Lifted | Lost:
    """The place of one base, whatever its alleles are; letters are turned where the strand is."""
    place = chain.place(chrom, pos, pos)
    if not isinstance(place, Place):
        return Lost(place)
    named = reconcile([place.contig], reference.names)
    if not named:
        return Lost(NO_PLACE)
    turned = [complement(allele) if place.reverse else allele for allele in alleles]
    return Lifted(named[place.contig], place.start, tuple(turned))


def _mitochondrion_stays(sites: Iterable[tuple[int, str]], reference: Reference, chain: Chain) -> bool:
    """Whether mitochondrial alleles, given as (position, letters), hold the reference's bases as they stand.

    Both builds have one sequence (rCRS), but UCSC's first GRCh37 had an older one, and these formats name neither.
    """
    own = next((name for name in reference.lengths if canonical(name) == MITOCHONDRION), None)
    if own is None:
        return False
    as_given = lifted = 0
    for pos, alleles in sites:
        place = chain.place(MITOCHONDRION, pos, pos)
        as_given += reference.bases(own, pos, pos) in alleles
        lifted += isinstance(place, Place) and reference.bases(own, place.start, place.start) in alleles
    return as_given >= lifted
