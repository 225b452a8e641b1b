"""Of which build a genotype file is, by contig lengths and REF; a file of the other build can be lifted."""

from collections import Counter
from pathlib import Path

from permed.chain import Chain, Place, build_of
from permed.errors import Fault
from permed.genome import builds_with_length, canonical, reconcile
from permed.inputs.files import found_faults
from permed.inputs.genotype_files import Looked
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
    """Compare a file with build and reference; set :attr:`Looked.lift` where it is to be lifted, and note it."""
    if chain is None or reference is None:
        faults = _length_faults(looked, contigs, build, reference)
        return faults + (_ref_faults(looked, contigs, reference) if reference is not None else [])
    names = reconcile(contigs, looked.contigs)
    known = {contig: looked.contigs[own] for contig, own in names.items() if looked.contigs[own] is not None}
    other = [contig for contig, length in known.items() if reference.lengths.get(contig) not in (None, length)]
    unfit = [contig for contig in other if chain.source_lengths.get(canonical(contig)) != known[contig]]
    if unfit:
        contig = unfit[0]
        there = chain.source_lengths.get(canonical(contig))
        fault = f"contig {names[contig]} is {known[contig]:,} long in the file"
        fault += (
            f" and {there:,} in the build from which the chain leads" if there else "; the chain has no such contig"
        )
        fault += f", {chain.path.name}"
        return [Fault(fault, looked.path, remedy="Give the chain file from the build of the genotypes to genome.build")]
    lifted = _agreement_lifted(looked, contigs, reference, chain)
    checked = lifted[True] + lifted[False]
    sources = chain.source_lengths
    if all(
        reference.lengths.get(contig) == length == sources.get(canonical(contig)) for contig, length in known.items()
    ):
        # No length, or none that tells the builds apart.
        direct = _agreement(looked, contigs, reference)[0]
        wrong = direct[False] / max(1, direct[True] + direct[False])
        other = wrong > MAX_REF_MISMATCH and checked and lifted[False] / checked <= MAX_REF_MISMATCH_LIFTED * wrong
    if not other:
        return _length_faults(looked, contigs, build, reference) + _ref_faults(looked, contigs, reference)
    if lifted[False] > MAX_REF_MISMATCH_LIFTED * checked:
        fault = f"REF disagrees with the reference in {lifted[False]} of the first {checked} records after lifting"
        return [Fault(fault, looked.path, remedy="Check that chain and reference are those of the builds")]
    looked.lift = True
    of = build_of(looked.contigs)
    looked.notes.append(
        f"{looked.path} is of another build{f', {of}' if of else ''}: lifted to {build} with {chain.path.name}"
    )
    return []


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
    return canonical(contig) == "chrM"


def _length_faults(looked: Looked, contigs: list[str], build: str, reference: Reference | None) -> list[Fault]:
    for contig, own in reconcile(contigs, looked.contigs).items():
        length = looked.contigs[own]
        if length is None:
            continue
        builds = builds_with_length(contig, length)
        if builds and build not in builds:
            return [build_fault(looked.path, own, length, builds[0], build, "or genome.chain to lift them")]
        expected = reference.lengths.get(contig) if reference is not None else None
        if expected is not None and expected != length:
            fault = f"contig {own} is {length:,} long in the file and {expected:,} in the reference"
            return [Fault(fault, looked.path, remedy="Give the reference with which the file was made")]
    return []


def _ref_faults(looked: Looked, contigs: list[str], reference: Reference) -> list[Fault]:
    counts, first = _agreement(looked, contigs, reference)
    checked = counts[True] + counts[False]
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


def build_fault(path: str, contig: str, length: int, is_of: str, build: str, otherwise: str = "") -> Fault:
    """A file or reference whose contig has the length of the other build; ``otherwise`` is a further remedy."""
    fault = f"contig {contig} is {length:,} long, as in {is_of}; genome.build says {build}"
    remedy = f"Set genome.build to {is_of} with its reference, or give {build} files"
    return Fault(fault, path, remedy=f"{remedy}, {otherwise}" if otherwise else remedy)
