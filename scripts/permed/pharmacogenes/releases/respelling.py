"""Every spelling of the definitions' insertions and deletions on both builds, worked out from the bases around them."""

from pathlib import Path

from permed.errors import Fault
from permed.pharmacogenes.spelling import Change, change_of, is_known, spellings, stretch
from permed.tables import read_table

BUILDS = {"GRCh38": "", "GRCh37": "37"}
ASSUMED = "the definition's REF; the bases around it were not seen on this build, its stretch is that of GRCh38"
NOT_SEEN = "N"

Bases = dict[tuple[str, str, str], tuple[dict[int, str], tuple]]


def read_bases(path: Path | None) -> Bases:
    """Bases by position and their provenance, by gene, definition position and build; what was not seen is left out."""
    found: Bases = {}
    for row in read_table(path).iter_rows(named=True) if path else ():
        start = int(row["start"])
        bases = {start + i: base for i, base in enumerate(row["bases"]) if base != NOT_SEEN}
        found[row["gene"], row["pos"], row["build"]] = bases, (row["source"], row["version"], row["licence"])
    return found


def spelling_rows(positions: list[dict], seen: Bases) -> list[tuple]:
    """Rows of the table of spellings for ``positions`` (rows of its table by column).

    ``start`` and ``end`` are the stretch of the reference over which the change can lie; where the bases do not show
    its ends (``known`` is no) it is at least that of GRCh38. A spelling is in VCF form with one base before.
    """
    rows = []
    for row in positions:
        on_grch38: tuple[int, int] | None = None
        for build, suffix in BUILDS.items():
            if row[f"pos{suffix}"] is None or not is_indel(row["ref"], row["alts"]):
                continue
            place = {name: row[f"{name}{suffix}"] for name in ("pos", "ref", "alts")}
            bases, source = _bases(row, place, build, seen)
            changes = {alt: change_of(int(place["pos"]), place["ref"], alt) for alt in place["alts"].split(",")}
            written = {alt: spellings(change, bases) for alt, change in changes.items()}
            known = all(is_known(change, bases) for change in changes.values())
            ends = stretch([change for of in written.values() for change in of])
            if on_grch38 is None:
                on_grch38 = ends[0] - int(place["pos"]), ends[1] - int(place["pos"])
            elif not known:
                ends = _both(ends, on_grch38, int(place["pos"]))
            about = (row["gene"], row["pos"], build)
            for alt, of in written.items():
                for change in of:
                    stretched = (str(ends[0]), str(ends[1]), "yes" if known else "no")
                    rows.append((*about, alt, *stretched, *_anchored(change, bases), *source))
    return rows


def last_bases(positions: list[dict], spelled: list[tuple]) -> list[tuple[str | None, ...]]:
    """For each position and build the last base that must be looked at before it is known to be reference.

    That is the end of its REF, and of an insertion or deletion the base after its stretch.
    """
    after = {row[:3]: int(row[5]) + 1 for row in spelled}
    return [
        tuple(
            str(after.get((row["gene"], row["pos"], build), int(row[f"pos{suffix}"]) + len(row[f"ref{suffix}"]) - 1))
            if row[f"pos{suffix}"]
            else None
            for build, suffix in BUILDS.items()
        )
        for row in positions
    ]


def is_indel(ref: str, alts: str) -> bool:
    """Whether an alternate of a comma list differs from REF in length."""
    return any(len(alt) != len(ref) for alt in alts.split(","))


def _bases(row: dict, place: dict, build: str, seen: Bases) -> tuple[dict[int, str], tuple]:
    """The bases seen on the build with those of the definition's REF, which must agree, and where they are from."""
    own = {int(place["pos"]) + i: base for i, base in enumerate(place["ref"])}
    unseen = {}, (ASSUMED, row["version"], row["licence"])
    bases, source = seen.get((row["gene"], row["pos"], build), unseen)
    if any(bases.get(at, base) != base for at, base in own.items()):
        where = f"{row['gene']} {row['contig']}:{place['pos']} ({build})"
        raise Fault(f"{where}: the bases around it do not fit its REF", remedy="Correct indel_bases.tsv")
    return bases | own, source


def _both(ends: tuple[int, int], offsets: tuple[int, int], pos: int) -> tuple[int, int]:
    return min(ends[0], pos + offsets[0]), max(ends[1], pos + offsets[1])


def _anchored(change: Change, bases: dict[int, str]) -> tuple[str, str, str]:
    before = bases[change.start - 1]
    return str(change.start - 1), before + change.deleted, before + change.inserted
