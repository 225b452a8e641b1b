"""Of which assembly a header says that a file is: by the lengths of its contigs and by words for assemblies."""

from collections.abc import Iterable

from permed.errors import Fault
from permed.genome import BUILDS, assemblies_named, builds_with_length, canonical, other_assemblies, reconcile
from permed.inputs.genotype_files import Looked
from permed.reference import Reference

MITOCHONDRION = "chrM"


def length_fault(path: str, own: str, length: int, build: str, otherwise: str = "") -> Fault | None:
    """The refusal of a contig with the length of another assembly, None where it may be the build's.

    ``own`` is the file's name of the contig; ``otherwise`` is a further remedy. A length of no assembly that is known
    says nothing: programs write the last position, or anything.
    """
    builds, others = builds_with_length(own, length), other_assemblies(own, length)
    if build in builds or not (builds or others):
        return None
    if builds:
        remedy = f"Set genome.build to {builds[0]} with its reference, or give {build} files"
        fault = f"contig {own} is {length:,} long, as in {builds[0]}; genome.build says {build}"
        return Fault(fault, path, remedy=f"{remedy}, {otherwise}" if otherwise else remedy)
    fault = f"contig {own} is {length:,} long, as in {' and '.join(others)}; genome.build says {build}"
    remedy = f"Give files of {' or '.join(BUILDS)}"
    return Fault(fault, path, remedy=f"{remedy}, {otherwise}" if otherwise else remedy)


def length_faults(looked: Looked, contigs: list[str], build: str, reference: Reference | None) -> list[Fault]:
    """Compare the lengths of a header with the build and the reference, and count in ``looked.told`` those that tell.

    Where the contigs of the run have none that tells, the other contigs are asked, if they agree.
    """
    otherwise = "or genome.chain to lift them"
    for contig, own in reconcile(contigs, looked.contigs).items():
        length = looked.contigs[own]
        if length is None:
            continue
        expected = reference.lengths.get(contig) if reference is not None else None
        if expected != length and (wrong := length_fault(looked.path, own, length, build, otherwise)):
            return [wrong]
        known = bool(builds_with_length(contig, length))
        mitochondrial = canonical(contig) == MITOCHONDRION  # one of two sequences, whatever the build
        if expected is not None and expected != length and (known or mitochondrial):
            fault = f"contig {own} is {length:,} long in the file and {expected:,} in the reference"
            return [Fault(fault, looked.path, remedy="Give the reference with which the file was made")]
        looked.told.lengths += expected == length or (known and not mitochondrial)
    if looked.told.lengths:
        return []
    rest = {own: n for own, n in looked.contigs.items() if n is not None and canonical(own) != MITOCHONDRION}
    told = {own: {*builds_with_length(own, n), *other_assemblies(own, n)} for own, n in rest.items()}
    told = {own: of for own, of in told.items() if of}
    if told and set.intersection(*told.values()):
        own = next(iter(told))
        wrong = length_fault(looked.path, own, rest[own], build, otherwise)
        looked.told.lengths = 0 if wrong else len(told)
        return [wrong] if wrong else []
    return []


def says_something(contig: str, length: int, chain_length: int | None, reference: Reference) -> bool:
    """Whether a contig's length is one of a known assembly, of the chain's source or of the reference."""
    if canonical(contig) == MITOCHONDRION or length in (chain_length, reference.lengths.get(contig)):
        return True
    return bool(builds_with_length(contig, length) or other_assemblies(contig, length))


def words_of(texts: Iterable[str]) -> tuple[set[str], list[str]]:
    """The assemblies that texts name, and the texts that name one."""
    naming = [text for text in texts if assemblies_named(text)]
    return {assembly for text in naming for assembly in assemblies_named(text)}, naming


def words_fault(looked: Looked, build: str) -> Fault | None:
    """The refusal of a file that names another assembly and not the build."""
    named, texts = words_of(looked.says)
    if not named or build in named:
        return None
    fault = f'the file says that it is of {" and ".join(sorted(named))} ("{texts[0]}"); genome.build says {build}'
    remedy = f"Give files of {build}, or set genome.reference: then REF decides"
    if named & set(BUILDS):
        other = sorted(named & set(BUILDS))[0]
        remedy = f"Set genome.build to {other} with its reference, or give {build} files, or genome.chain to lift them"
    return Fault(fault, looked.path, remedy=remedy)
