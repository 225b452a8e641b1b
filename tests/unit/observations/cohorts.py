"""Random people at some positions, written as files of several formats, and what the stages say of each of them."""

import tempfile
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pysam
from hypothesis import strategies as st

from permed.bcftools import bcftools
from permed.evidence.known import Wanted
from permed.normalise.contig import normalise_contig
from permed.observations.bounds import Bounds

REF, OTHER, STAR, UNKNOWN = 0, "other", "*", None  # copies; an integer above 0 is an alternate of the position
GOOD, LOW, ABSENT = "60", "5", None
MARGIN = 4  # bases on either side of a position over which a block says what it says there
HEADER = """##fileformat=VCFv4.2
##contig=<ID={contig},length={length}>
##ALT=<ID=NON_REF,Description="Any">
##FILTER=<ID=LowQual,Description="Low">
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
"""


@dataclass(frozen=True)
class Place:
    """A position with its alternates, and one that no table knows."""

    pos: int
    ref: str
    alts: tuple[str, ...]
    end: int

    @property
    def other(self) -> str:
        """An alternate that the position does not have."""
        if len(self.ref) > 1 or any(len(alt) > 1 for alt in self.alts):
            return self.ref[0] + "TTTTT" + self.ref[1:]
        return next(base for base in "ACGT" if base != self.ref and base not in self.alts)

    def allele(self, copy) -> str:
        """The letters of a copy."""
        return (
            self.ref if copy == REF else self.other if copy == OTHER else STAR if copy == STAR else self.alts[copy - 1]
        )


@dataclass
class Seen:
    """What is known of a person at a place: copies, quality of the genotype or block, how much a block covers."""

    copies: tuple
    quality: str | None = GOOD
    covered: str = "all"

    @property
    def carries(self) -> bool:
        """Whether a copy is anything but REF or unknown."""
        return any(copy not in (REF, UNKNOWN) for copy in self.copies)


@dataclass
class Person:
    """A person with the format of the file: ``own`` lists what is carried, ``all`` every place, ``gvcf`` has blocks,
    ``joint`` is in the file of all such people."""

    name: str
    kind: str
    seen: list[Seen] = field(default_factory=list)


KINDS = ("own", "all", "gvcf", "joint", "joint")


@st.composite
def cohorts(draw, places: list[Place], kinds=KINDS):
    """Two to four people; most genotypes are good references."""
    people = []
    for number in range(draw(st.integers(2, 4))):
        seen = []
        for place in places:
            carried = draw(st.integers(0, 3)) == 0
            copy = st.sampled_from([REF, REF, *range(1, len(place.alts) + 1), OTHER, STAR, UNKNOWN])
            copies = (draw(copy), draw(copy)) if carried else (REF, REF)
            quality = draw(st.sampled_from([GOOD, GOOD, GOOD, GOOD, LOW, ABSENT]))
            covered = draw(st.sampled_from(["all", "all", "all", "first base"]))
            seen.append(Seen(copies, quality, covered))
        people.append(Person(f"P{number}", draw(st.sampled_from(kinds)), seen))
    return people


def _row(place: Place, people: list[Seen], also=(), listed=None) -> tuple | None:
    """A record of a place for some people; None where nobody has a genotype there."""
    if all(seen.quality is ABSENT for seen in people):
        return None
    alts = [] if listed is None else list(listed)
    for seen in people:
        alts += [a for copy in seen.copies if copy not in (REF, UNKNOWN) and (a := place.allele(copy)) not in alts]
    alts += [alt for alt in also if alt not in alts]
    cells = []
    for seen in people:
        if seen.quality is ABSENT:
            cells.append("./.:.")
            continue
        words = [
            "." if copy is UNKNOWN else str(0 if copy == REF else 1 + alts.index(place.allele(copy)))
            for copy in seen.copies
        ]
        cells.append(f"{'/'.join(words)}:{seen.quality}")
    return place.pos, place.ref, ",".join(alts) or ".", ".", cells


def _of_person(person: Person, places: list[Place]) -> list[tuple]:
    rows = []
    for place, seen in zip(places, person.seen, strict=True):
        also = ("<NON_REF>",) if person.kind == "gvcf" else ()
        if person.kind == "all" or seen.carries or UNKNOWN in seen.copies:
            rows.append(_row(place, [seen], also))
    rows = [row for row in rows if row]
    if person.kind == "gvcf":
        rows += _blocks(person, places, rows)
    return sorted(rows)


def _blocks(person: Person, places: list[Place], rows: list[tuple]) -> list[tuple]:
    """Reference blocks everywhere but under the records and where nothing was read."""
    first, last = places[0].pos - 2 * MARGIN, max(place.end for place in places) + 2 * MARGIN
    state = np.full(last - first + 1, int(GOOD))
    for place, seen in zip(places, person.seen, strict=True):
        start = place.pos - MARGIN if seen.covered == "all" else place.pos + 1
        state[start - first : place.end + MARGIN - first] = int(seen.quality or -1)
    for pos, ref, *_ in rows:
        state[pos - first : pos + len(ref) - first] = -1
    bounds = np.flatnonzero(np.diff(state, prepend=-2, append=-2))
    return [
        (first + int(a), "N", "<NON_REF>", f"END={first + int(b) - 1}", [f"0/0:{state[a]}"])
        for a, b in pairwise(bounds)
        if state[a] >= 0
    ]


def write(folder: Path, name: str, contig: str, rows: list[tuple], people: list[str]) -> Path:
    """An indexed file of rows (pos, ref, alt, info, cells)."""
    text = HEADER.format(contig=contig, length=250_000_000)
    text += "\t".join([*"#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split(), *people]) + "\n"
    for pos, ref, alt, info, cells in rows:
        text += "\t".join([contig, str(pos), ".", ref, alt, ".", ".", info, "GT:GQ", *cells]) + "\n"
    path = folder / f"{name}.vcf"
    path.write_text(text)
    pysam.tabix_compress(str(path), f"{path}.gz", force=True)
    pysam.tabix_index(f"{path}.gz", preset="vcf", force=True)
    return Path(f"{path}.gz")


def write_all(folder: Path, contig: str, people: list[Person], places: list[Place]) -> dict[str, Path]:
    """Each person's file, by name: of joint people the one of all of them, in which nobody else's rows are."""
    files = {}
    for person in people:
        if person.kind != "joint":
            files[person.name] = write(folder, person.name, contig, _of_person(person, places), [person.name])
    joint = [person for person in people if person.kind == "joint"]
    rows = [_row(place, [person.seen[n] for person in joint]) for n, place in enumerate(places)] if joint else []
    if joint:
        path = write(folder, "joint", contig, [row for row in rows if row], [person.name for person in joint])
        files |= {person.name: path for person in joint}
    return files


@dataclass
class Run:
    """Normalised records of some people and where rows were set aside."""

    variants: Path
    set_aside: Path
    people: list[str]


def run(
    folder: Path, files: dict[str, Path], people: list[str], contig: str, positions: pl.DataFrame, fasta=None, **options
) -> Run:
    """Normalise the files of some people, each file once."""
    work = Path(tempfile.mkdtemp(dir=folder))
    needed = Wanted(positions=positions, bounds=Bounds(), **options)
    paths = list(dict.fromkeys(files[name] for name in people))
    done = normalise_contig(paths, contig, people, fasta, work / "out.bcf", work, needed)
    done.frame().write_parquet(work / "set_aside.parquet")
    bcftools("index", "-f", work / "out.bcf")
    return Run(work / "out.bcf", work / "set_aside.parquet", people)
