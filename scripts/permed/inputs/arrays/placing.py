"""Placing the genotypes of array text on the reference, and judging its build and strand by the reference's bases.

A reference is a FASTA, or the bases that the workflow's own tables know (:mod:`permed.inputs.known_sites`).
"""

from collections import Counter
from dataclasses import dataclass, replace

from permed.errors import Fault
from permed.genome import canonical
from permed.inputs.arrays.reading import LEFT_OUT, NO_BASES, ArrayCalls
from permed.inputs.known_sites import OPEN, OUTSIDE, KnownSites
from permed.reference import Reference
from permed.variants import complement, is_ambiguous

MAX_DISAGREEMENT = 0.10
MAX_FOREIGN = 0.60  # of homozygous genotypes; by chance three quarters are of another base than the reference's
MIN_FOREIGN = 20
NO_BASE = "the reference has no base there"
FOREIGN = "alleles that the tables do not know at their place"
CODED = "insertion or deletion coded I or D"


@dataclass(frozen=True)
class Placed:
    """A genotype on the reference: REF and the other alleles, allele numbers (-1 missing; one if haploid).

    ``unread`` is why a marker that the array did read is missing here; without a record it might be taken for REF.
    Of an ``open`` one nobody knows which of its alleles is REF.
    """

    contig: str
    pos: int
    name: str
    alleles: tuple[str, ...]
    genotype: tuple[int, ...]
    palindrome: bool = False
    flipped: bool = False
    unread: str = ""
    open: bool = False


def array_faults(
    path: str, calls: ArrayCalls, build: str, reference: Reference | None, known: KnownSites | None = None
) -> list[Fault]:
    """Whether the file is of the run's build and on the plus strand: by what it says and by the reference's bases.

    A heterozygous genotype must hold the reference base, whatever its frequency; homozygous ones need not, so they
    are asked only where there is no heterozygous one. A wrong build and a wrong strand look alike here.
    Without a reference the bases are those that the tables know (``known``), with where they have markers by rsID.
    """
    if calls.build and calls.build != build:
        remedy = f"Lift it to {build}, or export it again"
        if calls.build in ("GRCh37", "GRCh38"):
            of = " with its reference" if reference is not None else ""
            remedy = f"Set genome.build to {calls.build}{of}, or give the file lifted to {build}"
        return [Fault(f"the file says that it is of {calls.build}; genome.build says {build}", path, remedy=remedy)]
    source = reference if reference is not None else known
    if source is None:
        remedy = "Set genome.reference; without it nobody can tell which allele is the reference"
        return [Fault("array genotypes need a reference, and genome.reference is null", path, remedy=remedy)]
    here = 0
    if reference is None:
        here, there = _at_rsids(calls, known)
        if there > here:
            fault = f"{there} of {here + there} markers that are known by their rsID lie where the other build has them"
            remedy = f"Set genome.build to that of the file, or give the file lifted to {build}"
            return [Fault(fault, path, remedy=remedy)]
    het, hom = _agreement(calls, source)
    checked = het[True] + het[False]
    remedy = f"Give raw data of {build} on the plus strand, or set genome.build and genome.reference to its build"
    if checked and het[False] > MAX_DISAGREEMENT * checked:
        fault = f"{het[False]} of {checked} heterozygous genotypes lack the reference base"
        return [Fault(f"{fault}: another build, or not on the plus strand", path, remedy=remedy)]
    if not checked and hom[False] > max(MIN_FOREIGN, MAX_FOREIGN * (hom[True] + hom[False])):
        fault = f"{hom[False]} of {hom[True] + hom[False]} genotypes are not of the reference base"
        return [Fault(f"{fault}: another build, or not on the plus strand", path, remedy=remedy)]
    if reference is None and calls.build is None and not here and not het[True] and hom[True] <= hom[False]:
        remedy = f'Set genome.reference, or write a line "# build {build[-2:]}" above the table if it is of {build}'
        return [Fault("nothing tells of which build the file is", path, remedy=remedy)]
    return []


def _agreement(calls: ArrayCalls, source: Reference | KnownSites) -> tuple[Counter, Counter]:
    """How many heterozygous and homozygous genotypes hold the reference's base, and how many do not."""
    het, hom = Counter(), Counter()
    names = {canonical(name): name for name in source.lengths}
    for contig, pos, _, alleles in sorted(calls.rows):
        own = names.get(contig)
        if own is None or not set(alleles) <= set("ACGT") or not alleles:
            continue
        base = source.bases(own, pos, pos)
        if base not in ("A", "C", "G", "T"):
            continue
        if len(set(alleles)) == 1:
            hom[base in alleles] += 1
        elif not is_ambiguous(alleles[0], alleles[1]):
            het[base in alleles] += 1
    return het, hom


def _at_rsids(calls: ArrayCalls, known: KnownSites) -> tuple[int, int]:
    """How many markers lie where the tables have their rsID on the run's build, and how many where on the other."""
    here = there = 0
    for contig, pos, marker, _ in calls.rows:
        places = known.tables.rsids.get(marker)
        if places:
            on_build = places[known.build] == (contig, pos)
            here += on_build
            there += not on_build and (contig, pos) in places.values()
    return here, there


def place(calls: ArrayCalls, contigs: list[str], reference: Reference | KnownSites) -> tuple[list[Placed], Counter]:
    """Genotypes on the reference, sorted by the order of ``contigs`` and position, one a position; counts by reason.

    A marker whose alleles cannot be read is missing at its place, never absent; one coded I or D also at the base
    before, where VCF puts insertions and deletions. Markers that several probes read alike are one; where probes
    disagree, the genotype is missing.
    """
    known = reference if isinstance(reference, KnownSites) else None
    names = {canonical(contig): contig for contig in contigs if contig in reference.lengths}
    order = {contig: n for n, contig in enumerate(contigs)}
    counts: Counter = Counter({"without a position": calls.unplaced} if calls.unplaced else {})
    counts.update({problem: number for problem, (number, _) in calls.problems.items() if problem in LEFT_OUT})
    best: dict[tuple[int, int, int], Placed] = {}
    for contig, pos, name, alleles in sorted(calls.rows):
        own = names.get(contig)
        if own is None:
            counts["not on a contig of the run"] += 1
            continue
        haploid = contig in ("chrY", "chrM")
        if alleles and set(alleles) <= set("ID"):
            counts[CODED] += 1
            for at in range(max(pos - 1, 1), pos + 1):
                missing = _unread(own, at, name, reference.bases(own, at, at), haploid, CODED)
                if not isinstance(missing, str):
                    best[order[own], at, 1] = missing
            continue
        placed = _place(own, haploid, pos, name, alleles, reference.bases(own, pos, pos), known)
        if isinstance(placed, str):
            counts[placed] += 1
            continue
        if placed.unread:
            counts[placed.unread] += 1
        key = (order[own], pos, 0)
        before = best.get(key)
        best[key] = placed if before is None else _agreed(before, placed, counts)
    # The reference base beside a marker coded I or D does not say that the insertion or deletion is not there.
    hidden = {(*key[:2], 0) for key in best if key[2]}
    kept = [best[key] for key in sorted(best) if key not in hidden or len(best[key].alleles) > 1]
    counts["kept"] = sum(not p.unread for p in kept)
    counts["palindromic"] = sum(p.palindrome for p in kept)
    counts["read from the other strand"] = sum(p.flipped for p in kept)
    counts[OPEN] = sum(p.open and -1 not in p.genotype for p in kept)
    return kept, counts


def _place(
    contig: str, haploid: bool, pos: int, name: str, alleles: str, base: str, known: KnownSites | None
) -> Placed | str:
    """A placed genotype, or the reason why there is none."""
    if known is not None and not base:
        pair = known.pair(contig, pos)
        return _place_open(contig, haploid, pos, name, alleles, pair) if pair else OUTSIDE
    if base not in ("A", "C", "G", "T"):
        return NO_BASE
    if not alleles:
        return Placed(contig, pos, name, (base,), (-1,) if haploid else (-1, -1))
    if not set(alleles) <= set("ACGT"):
        return _unread(contig, pos, name, base, haploid, NO_BASES)
    others = known.alternates(contig, pos) if known is not None else ""
    if len(set(alleles)) == 1:
        one = alleles[0]
        ploidy = 1 if haploid else len(alleles)
        if one == base:
            return Placed(contig, pos, name, (base,), (0,) * ploidy)
        if others and one not in others:
            return _unread(contig, pos, name, base, haploid, FOREIGN)
        return Placed(contig, pos, name, (base, one), (1,) * ploidy, is_ambiguous(base, one))
    flipped = base not in alleles
    alleles = complement(alleles) if flipped else alleles
    if base not in alleles:
        return _unread(contig, pos, name, base, haploid, "no allele is the reference base")
    other = alleles.replace(base, "")
    if others and other not in others:
        return _unread(contig, pos, name, base, haploid, FOREIGN)
    return Placed(contig, pos, name, (base, other), (0, 1), is_ambiguous(base, other), flipped)


def _place_open(contig: str, haploid: bool, pos: int, name: str, alleles: str, pair: str) -> Placed:
    """A genotype of an open pair, whose first allele is written as REF; both are written whoever carries them."""
    missing = Placed(contig, pos, name, tuple(pair), (-1,) if haploid else (-1, -1), open=True)
    if not alleles:
        return missing
    if not set(alleles) <= set(pair):
        return replace(missing, unread=FOREIGN)
    codes = tuple(sorted(map(pair.index, alleles)))
    return replace(missing, genotype=codes[:1] if haploid and len(set(codes)) == 1 else codes)


def _unread(contig: str, pos: int, name: str, base: str, haploid: bool, reason: str) -> Placed | str:
    """A missing genotype where a marker was read but says nothing of the bases."""
    if base not in ("A", "C", "G", "T"):
        return NO_BASE
    return Placed(contig, pos, name, (base,), (-1,) if haploid else (-1, -1), unread=reason)


def _agreed(one: Placed, other: Placed, counts: Counter) -> Placed:
    counts["several markers at one position"] += 1
    if -1 in other.genotype or (one.alleles, one.genotype) == (other.alleles, other.genotype):
        return one
    if -1 in one.genotype:
        return other
    counts["markers of one position that disagree"] += 1
    alleles = one.alleles if one.open else one.alleles[:1]
    return Placed(one.contig, one.pos, one.name, alleles, (-1,) * len(one.genotype), open=one.open)
