"""Of which build a genotype file is; a file of the other build can be lifted.

Contig lengths of known assemblies are asked first, then REF against the reference. Where neither tells, the positions
of the pharmacogene definitions do (:mod:`permed.inputs.definition_places`), then the words of the header; what told is
kept in :attr:`Looked.told`, and a file of which nothing tells is said to be unchecked.
"""

from collections import Counter
from pathlib import Path

from permed.chain import Chain, Place, build_of
from permed.errors import Fault
from permed.genome import BUILDS, canonical, lengths, other_assemblies, reconcile
from permed.inputs.definition_places import CHANCE, DECISIVE, Fits, agreement
from permed.inputs.files import found_faults
from permed.inputs.genotype_files import Looked
from permed.inputs.header_builds import MITOCHONDRION, length_faults, says_something, words_fault, words_of
from permed.inputs.record_survey import Record, beyond_fault, is_beyond, survey
from permed.reference import Reference, compare_bases
from permed.variants import complement

MAX_REF_MISMATCH = 0.01
# Bases agree by chance in a quarter of the records; on the right place they differ where the builds do.
MAX_REF_MISMATCH_LIFTED = 0.5


def check_chain(path: str, contigs: list[str], build: str, reference: Reference | None) -> tuple[Chain | None, list]:
    """Read a chain file and compare where it leads to with the run's build: (the chain, faults)."""
    if wrong := found_faults(path, "genome.chain"):
        return None, wrong
    if reference is None:
        remedy = "Set genome.reference, or genome.chain to null"
        return None, [Fault("lifting needs the reference of genome.build", path, remedy=remedy)]
    try:
        chain = Chain(Path(path), contigs)
    except Fault as fault:
        return None, [fault]
    remedy = f"Give the chain file that leads to {build}"
    leads_to = chain.builds()[1]
    if leads_to and leads_to != {build}:
        fault = f"the chain leads to {' and '.join(sorted(leads_to))}; genome.build says {build}"
        return None, [Fault(fault, path, remedy=remedy)]
    for own, contig in reconcile(chain.target_lengths, reference.lengths).items():
        there, here = chain.target_lengths[own], reference.lengths[contig]
        if there != here and not _same_on_both(own):
            fault = f"the chain leads to a contig {own} of {there:,} bases; in the reference it has {here:,}"
            return None, [Fault(fault, path, remedy=remedy)]
    return chain, []


def check_build(
    looked: Looked, contigs: list[str], build: str, reference: Reference | None, chain: Chain | None
) -> list[Fault]:
    """Compare a file with build and reference; set :attr:`Looked.lift` where it is to be lifted, and note it.

    :attr:`Looked.told` gets what told the build.
    """
    if looked.lift:  # array text and PLINK filesets were compared when they were read
        return []
    if chain is not None and reference is not None:
        faults = _lift_faults(looked, contigs, build, reference, chain)
        if faults or looked.lift:
            return faults
    faults = length_faults(looked, contigs, build, reference)
    if reference is not None:
        faults += _ref_faults(looked, contigs, reference)
    return faults or _record_faults(looked, build, reference)


def _lift_faults(looked: Looked, contigs: list[str], build: str, reference: Reference, chain: Chain) -> list[Fault]:
    """Whether a file is to be lifted, and the faults of one that the chain does not fit."""
    names = reconcile(contigs, looked.contigs)
    sources = chain.source_lengths
    known = {
        contig: looked.contigs[own]
        for contig, own in names.items()
        if looked.contigs[own] is not None
        and says_something(contig, looked.contigs[own], sources.get(canonical(contig)), reference)
    }
    other = [contig for contig, length in known.items() if reference.lengths.get(contig) not in (None, length)]
    unfit = [contig for contig in other if sources.get(canonical(contig)) != known[contig]]
    if unfit:
        contig = unfit[0]
        there, of = sources.get(canonical(contig)), other_assemblies(contig, known[contig])
        fault = f"contig {names[contig]} is {known[contig]:,} long in the file"
        fault += f", as in {' and '.join(of)}," if of else ""
        fault += (
            f" and {there:,} in the build from which the chain leads" if there else "; the chain has no such contig"
        )
        fault += f", {chain.path.name}"
        return [Fault(fault, looked.path, remedy="Give the chain file from the build of the genotypes to genome.build")]
    lifted = _agreement_lifted(looked, contigs, reference, chain)
    checked = lifted[True] + lifted[False]
    if all(
        reference.lengths.get(contig) == length == sources.get(canonical(contig)) for contig, length in known.items()
    ):
        # No length, or none that tells the builds apart.
        direct = _agreement(looked, contigs, reference)[0]
        wrong = direct[False] / max(1, direct[True] + direct[False])
        other = wrong > MAX_REF_MISMATCH and checked and lifted[False] / checked <= MAX_REF_MISMATCH_LIFTED * wrong
        if not other and checked and agreement(direct[True], direct[False], CHANCE) < DECISIVE:
            other = _said_of(looked) == chain.builds()[0] != {build}
    if not other:
        return []
    if lifted[False] > MAX_REF_MISMATCH_LIFTED * checked:
        fault = f"REF disagrees with the reference in {lifted[False]} of the first {checked} records after lifting"
        return [Fault(fault, looked.path, remedy="Check that chain and reference are those of the builds")]
    looked.lift = True
    looked.told.reference = lifted[True], lifted[False]
    of = build_of(looked.contigs)
    looked.notes.append(
        f"{looked.path} is of another build{f', {of}' if of else ''}: lifted to {build} with {chain.path.name}"
    )
    return []


def _said_of(looked: Looked) -> set[str]:
    """The build of a file by definition positions, else by the words of its header; empty where neither tells."""
    verdict = _fits(looked, whole=True).verdict()
    return {verdict} if verdict else words_of(looked.says)[0]


def _fits(looked: Looked, whole: bool) -> Fits:
    """The fit to the definition positions; a VCF or BCF is read for it, once."""
    if looked.fits is None:
        found = survey(looked.path, whole)
        looked.fits, looked.beyond = found.fits, found.beyond_build
    return looked.fits


def _record_faults(looked: Looked, build: str, reference: Reference | None) -> list[Fault]:
    """What the places of the records and the words of the header say against the build, where they are needed.

    With a reference that told the build by its bases neither is asked. Where lengths told it, definition positions are
    looked at only as far as that is cheap, and a doubt that they leave is a note.
    """
    told = looked.told
    by_bases = bool(told.reference) and agreement(*told.reference, CHANCE) >= DECISIVE
    outside = [Record(None, contig, pos, ".", ref) for contig, pos, ref in looked.first if is_beyond(contig, pos)]
    if outside or not (by_bases or (reference is not None and told.lengths)):
        _fits(looked, whole=not (told.lengths or by_bases) or bool(outside))
    if found := _beyond_faults(looked, build, reference, outside):
        return found
    if looked.fits is not None and not by_bases and (found := _position_faults(looked, build)):
        return found
    wrong = words_fault(looked, build)
    if wrong and not (told.lengths or told.positions or by_bases):
        return [wrong]
    if wrong:
        looked.notes.append(f"{looked.path}: {wrong.fault}; lengths, REF or definition positions say that it is")
    elif words_of(looked.says)[0] == {build}:
        told.words = words_of(looked.says)[1]
    return []


def _beyond_faults(looked: Looked, build: str, reference: Reference | None, outside: list[Record]) -> list[Fault]:
    """Records beyond the end of the contig on both builds, or on the run's where there is no reference to say so."""
    both = looked.beyond.get("both") or next(iter(outside), None)
    if both:
        return [beyond_fault(looked.path, both)]
    record = looked.beyond.get(build)
    if record is None or reference is not None:
        return []
    end = lengths(build)[canonical(record.contig)]
    other = next(name for name in BUILDS if name != build)
    fault = f"a record at {record.contig}:{record.pos} lies beyond the end of the contig in {build}, {end:,}"
    remedy = f"If the file is of {other}, set genome.build to it, or genome.chain to lift the file"
    return [Fault(fault, looked.path, None, record.line, remedy)]


def _position_faults(looked: Looked, build: str) -> list[Fault]:
    """Whether the definition positions say that the file is of another build; what they tell goes to ``told``."""
    fits, told = looked.fits, looked.told
    verdict, fit = fits.verdict(), fits.by_build[build]
    if verdict == build:
        told.positions = fit
        return []
    if verdict is not None:
        other = fits.by_build[verdict]
        fault = f"{_seen(other)} at the positions of pharmacogenes fit {verdict}, and {_seen(fit)} {build}"
        remedy = f"Set genome.build to {verdict} with its reference, or give {build} files"
        fault += "; genome.build says " + build
        return [Fault(fault, looked.path, remedy=f"{remedy}, or genome.chain to lift them")]
    if fits.speaks_against(build):
        shown = "; ".join(filter(None, [fit.first, fits.first_misplaced]))
        fault = f"REF or rsID disagree with {build} at {fit.disagree + fits.misplaced} of "
        fault += f"{fit.seen + fits.misplaced} positions of pharmacogenes ({shown})"
        if told.lengths:
            looked.notes.append(f"{looked.path}: {fault}; the contig lengths are those of {build}")
            return []
        remedy = f"Give a file of {build} with alleles of the plus strand, or set genome.reference, so that REF decides"
        return [Fault(fault, looked.path, remedy=remedy)]
    return []


def _seen(fit) -> str:
    return f"{fit.agree} REF and {fit.rsids} rsIDs"


def lifting_notes(looks: list[Looked], build: str, absent_sites: str) -> list[str]:
    """What lifting cannot give, for the whole run; empty where nothing is lifted."""
    if not any(looked.lift for looked in looks):
        return []
    notes = ["Reference blocks (gVCF) of lifted files are left out: they confirm bases of the other build, unnamed"]
    if absent_sites == "reference":
        notes.append(
            f"absent_sites is reference: in lifted files this is wrong at sites without a record where {build} has "
            "another base than the files' build; pharmacogene positions of which that is known are taken as missing"
        )
    return notes


def _same_on_both(contig: str) -> bool:
    """Whether it is the mitochondrion: both builds have one sequence, but UCSC's first GRCh37 had an older one."""
    return canonical(contig) == MITOCHONDRION


def _ref_faults(looked: Looked, contigs: list[str], reference: Reference) -> list[Fault]:
    counts, first = _agreement(looked, contigs, reference)
    checked = counts[True] + counts[False]
    looked.told.reference = (counts[True], counts[False]) if checked else looked.told.reference
    if checked and counts[False] > MAX_REF_MISMATCH * checked:
        fault = f"REF disagrees with the reference in {counts[False]} of the first {checked} records checked ({first})"
        of = build_of(looked.contigs)
        fault += f"; the contig lengths are those of {of}" if of else "; the header has no contig lengths of a build"
        return [Fault(fault, looked.path, remedy="Give the reference of the build with which the file was made")]
    return []


def _agreement(looked: Looked, contigs: list[str], reference: Reference) -> tuple[Counter, str | None]:
    """How many of the first REF agree with the reference, disagree or cannot be told, and the first to disagree."""
    names = {own: contig for contig, own in reconcile(contigs, looked.contigs).items()}
    counts: Counter = Counter()
    first = None
    for contig, pos, ref in looked.first:
        if names.get(contig) not in reference.lengths:
            continue
        if pos in (0, reference.lengths[names[contig]] + 1):  # a telomere, as the specification places it
            continue
        bases = reference.bases(names[contig], pos, pos + len(ref) - 1)
        agrees = compare_bases(ref, bases)
        counts[agrees] += 1
        if agrees is False and first is None:
            first = f"{contig}:{pos} has REF {ref[:20]}, the reference {bases[:20] or 'ends before'}"
    return counts, first


def _agreement_lifted(looked: Looked, contigs: list[str], reference: Reference, chain: Chain) -> Counter:
    """The same for REF at the places where the chain puts it; what has no place is not counted."""
    counts: Counter = Counter()
    named = reconcile(chain.target_lengths, reference.lengths)
    for contig, pos, ref in looked.first:
        place = chain.place(contig, pos, pos + len(ref) - 1)
        if isinstance(place, Place) and place.contig in named:
            bases = reference.bases(named[place.contig], place.start, place.end)
            counts[compare_bases(complement(ref) if place.reverse else ref, bases)] += 1
    return counts
