"""Consumer array text (23andMe, AncestryDNA and alike): reading it, and placing it on the reference.

A line names a marker, chromosome, 1-based position and the two alleles, in one column or in two. Such files give
alleles on the plus strand of the build that they name in their comments.
"""

import gzip
import io
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from permed.errors import Fault
from permed.genome import canonical
from permed.reference import Reference
from permed.variants import complement, is_ambiguous

MAX_DISAGREEMENT = 0.10
MAX_FOREIGN = 0.60  # of homozygous genotypes; by chance three quarters are of another base than the reference's
MIN_FOREIGN = 20
CODED = "insertion or deletion coded I or D"
_HEADER = re.compile(r"^#?\s*(rsid|snpid|snp name|name)\b.*\b(chromosome|chr)\b.*\b(position|pos)\b", re.IGNORECASE)
_BUILD = re.compile(r"\b(?:build\s*|GRCh|NCBI|hg|b)(36|37|38|18|19)\b", re.IGNORECASE)
_BUILDS = {"36": "NCBI36", "18": "NCBI36", "37": "GRCh37", "19": "GRCh37", "38": "GRCh38"}
_CODES = {"23": "chrX", "24": "chrY", "25": "chrX", "26": "chrM", "XY": "chrX", "PAR": "chrX"}
_NO_CALL = {"", "-", "--", "0", "00", "."}


@dataclass
class ArrayCalls:
    """What an array file says: its build, if it says one, and rows (contig, position, marker, alleles).

    Contigs are canonical names; ``alleles`` holds one or two letters, or nothing for a no-call. ``unplaced`` counts
    markers without a chromosome or position.
    """

    build: str | None = None
    rows: list[tuple[str, int, str, str]] = field(default_factory=list)
    unplaced: int = 0


@dataclass(frozen=True)
class Placed:
    """A genotype on the reference: REF and the other alleles, allele numbers (-1 missing; one if haploid).

    ``unread`` is why a marker that the array did read is missing here; without a record it might be taken for REF.
    """

    contig: str
    pos: int
    name: str
    alleles: tuple[str, ...]
    genotype: tuple[int, ...]
    palindrome: bool = False
    flipped: bool = False
    unread: str = ""


def is_array(start: bytes) -> bool:
    """Whether a file that starts so is array text."""
    text = start.decode("latin-1")
    if any(_HEADER.match(line.replace('"', "")) for line in text.splitlines()):
        return True
    rows = [line for line in text.splitlines() if line and not line.startswith("#")][:20]
    return bool(rows) and all(_parsed(_cells(line)) for line in (rows[:-1] if len(rows) > 1 else rows))


def read_array(path: str) -> ArrayCalls:
    """Read array text, plain, gzip or zip; a line that does not fit is a fault with its number."""
    calls = ArrayCalls()
    remedy = "Give the raw data as the company exports them, with marker, chromosome, position and genotype"
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        if line.startswith("#"):
            found = _BUILD.search(line)
            calls.build = calls.build or (_BUILDS[found.group(1)] if found else None)
            continue
        cells = _cells(line)
        parsed = _parsed(cells)
        if parsed is None:
            if not calls.rows and _HEADER.match(" ".join(cells)):
                continue
            raise Fault(
                "the line is no marker with chromosome, position and genotype", path, line=number, remedy=remedy
            )
        if parsed[1] < 1 or parsed[0] == "0":
            calls.unplaced += 1
        else:
            calls.rows.append(parsed)
    if not calls.rows:
        raise Fault("the file holds no genotype", path, remedy=remedy)
    return calls


def array_faults(path: str, calls: ArrayCalls, build: str, reference: Reference | None) -> list[Fault]:
    """Whether the file is of the run's build and on the plus strand: by what it says and by the reference's bases.

    A heterozygous genotype must hold the reference base, whatever its frequency; homozygous ones need not, so they
    are asked only where there is no heterozygous one. A wrong build and a wrong strand look alike here.
    """
    if calls.build and calls.build != build:
        remedy = f"Lift it to {build}, or export it again"
        if calls.build in ("GRCh37", "GRCh38"):
            remedy = f"Set genome.build to {calls.build} with its reference, or give the file lifted to {build}"
        return [Fault(f"the file says that it is of {calls.build}; genome.build says {build}", path, remedy=remedy)]
    if reference is None:
        remedy = "Set genome.reference; without it nobody can tell which allele is the reference"
        return [Fault("array genotypes need a reference, and genome.reference is null", path, remedy=remedy)]
    het, hom = Counter(), Counter()
    names = {canonical(name): name for name in reference.lengths}
    for contig, pos, _, alleles in sorted(calls.rows):
        own = names.get(contig)
        if own is None or not set(alleles) <= set("ACGT") or not alleles:
            continue
        base = reference.bases(own, pos, pos)
        if base not in ("A", "C", "G", "T"):
            continue
        if len(set(alleles)) == 1:
            hom[base in alleles] += 1
        elif not is_ambiguous(alleles[0], alleles[1]):
            het[base in alleles] += 1
    checked = het[True] + het[False]
    remedy = f"Give raw data of {build} on the plus strand, or set genome.build and genome.reference to its build"
    if checked and het[False] > MAX_DISAGREEMENT * checked:
        fault = f"{het[False]} of {checked} heterozygous genotypes lack the reference base"
        return [Fault(f"{fault}: another build, or not on the plus strand", path, remedy=remedy)]
    if not checked and hom[False] > max(MIN_FOREIGN, MAX_FOREIGN * (hom[True] + hom[False])):
        fault = f"{hom[False]} of {hom[True] + hom[False]} genotypes are not of the reference base"
        return [Fault(f"{fault}: another build, or not on the plus strand", path, remedy=remedy)]
    return []


def place(calls: ArrayCalls, contigs: list[str], reference: Reference) -> tuple[list[Placed], Counter]:
    """Genotypes on the reference, sorted by the order of ``contigs`` and position, one a position; counts by reason.

    A marker whose alleles cannot be read is missing at its place, never absent; one coded I or D also at the base
    before, where VCF puts insertions and deletions. Markers that several probes read alike are one; where probes
    disagree, the genotype is missing.
    """
    names = {canonical(contig): contig for contig in contigs if contig in reference.lengths}
    order = {contig: n for n, contig in enumerate(contigs)}
    counts: Counter = Counter({"without a position": calls.unplaced} if calls.unplaced else {})
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
        placed = _place(own, haploid, pos, name, alleles, reference.bases(own, pos, pos))
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
    return kept, counts


def _place(contig: str, haploid: bool, pos: int, name: str, alleles: str, base: str) -> Placed | str:
    """A placed genotype, or the reason why there is none."""
    if base not in ("A", "C", "G", "T"):
        return "the reference has no base there"
    if alleles in _NO_CALL:
        return Placed(contig, pos, name, (base,), (-1,) if haploid else (-1, -1))
    if not set(alleles) <= set("ACGT"):
        return _unread(contig, pos, name, base, haploid, "alleles that are no bases")
    if len(set(alleles)) == 1:
        one = alleles[0]
        ploidy = 1 if haploid else len(alleles)
        if one == base:
            return Placed(contig, pos, name, (base,), (0,) * ploidy)
        return Placed(contig, pos, name, (base, one), (1,) * ploidy, is_ambiguous(base, one))
    flipped = base not in alleles
    alleles = complement(alleles) if flipped else alleles
    if base not in alleles:
        return _unread(contig, pos, name, base, haploid, "no allele is the reference base")
    other = alleles.replace(base, "")
    return Placed(contig, pos, name, (base, other), (0, 1), is_ambiguous(base, other), flipped)


def _unread(contig: str, pos: int, name: str, base: str, haploid: bool, reason: str) -> Placed | str:
    """A missing genotype where a marker was read but says nothing of the bases."""
    if base not in ("A", "C", "G", "T"):
        return "the reference has no base there"
    return Placed(contig, pos, name, (base,), (-1,) if haploid else (-1, -1), unread=reason)


def _agreed(one: Placed, other: Placed, counts: Counter) -> Placed:
    counts["several markers at one position"] += 1
    if -1 in other.genotype or (one.alleles, one.genotype) == (other.alleles, other.genotype):
        return one
    if -1 in one.genotype:
        return other
    counts["markers of one position that disagree"] += 1
    return Placed(one.contig, one.pos, one.name, one.alleles[:1], (-1,) * len(one.genotype))


def _cells(line: str) -> list[str]:
    line = line.strip("\r\n")
    cells = line.split("\t") if "\t" in line else line.split(",") if "," in line else line.split()
    return [cell.strip().strip('"') for cell in cells]


def _parsed(cells: list[str]) -> tuple[str, int, str, str] | None:
    """(contig, position, marker, alleles) of a line's cells; None where they are no marker."""
    if len(cells) not in (4, 5) or not cells[2].isdigit() or len(cells[1]) > 6:
        return None
    alleles = "".join(cell.upper() for cell in cells[3:])
    if len(alleles) > 2 or not set(alleles) <= set("ACGTID-0."):
        return None
    code = cells[1].upper().removeprefix("CHR")
    contig = "0" if code in ("0", "", "UN") else _CODES.get(code) or canonical(code)
    return contig, int(cells[2]), cells[0], "" if alleles in _NO_CALL else alleles.strip("-0.")


def _lines(path: str):
    """Lines of text, plain or packed; a damaged file is a fault."""
    try:
        with open(path, "rb") as handle:
            magic = handle.read(2)
        if magic == b"PK":
            with zipfile.ZipFile(path) as archive:
                texts = [n for n in archive.namelist() if n.lower().endswith((".txt", ".csv", ".tsv"))]
                if len(texts) != 1:
                    remedy = "Unpack it, and name the file with the genotypes"
                    raise Fault(f"the archive holds {len(texts)} text files", path, remedy=remedy)
                with archive.open(texts[0]) as member:
                    yield from io.TextIOWrapper(member, encoding="utf-8-sig", errors="replace")
            return
        opened = gzip.open if magic == b"\x1f\x8b" else open
        with opened(Path(path), "rt", encoding="utf-8-sig", errors="replace") as text:
            yield from text
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        remedy = "Copy it again from its source"
        raise Fault(f"the file is cut short or damaged ({error})", path, remedy=remedy) from None
