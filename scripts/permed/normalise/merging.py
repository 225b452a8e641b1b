"""Merge the records of files of different people, who say nothing of each other."""

from pathlib import Path

import pysam
import pysam.bcftools

from permed.bcftools import PACKED, bcftools, opened

Line = tuple[str, list[str]]  # a record as a line of a VCF, with the names of its people


def merge_people(parts: list[Path], contig: str, to: Path, folder: Path) -> None:
    """Write the records of ``parts`` (indexed BCFs of split records of one contig) for everybody to ``to``.

    bcftools puts a record without an alternate into one with another file's record of the place. For a substitution
    that is right. Of an insertion or deletion a record without an alternate says nothing, so that there it stays a
    record of its own; so does one of several bases, of which bcftools would keep the first.
    """
    places = _places(parts)
    if not places:
        bcftools("merge", "-m", "none", "-Ou", "-o", to, *parts)
        return
    listed, whole, bare = (folder / name for name in ("places.tsv", "with_alternates.bcf", "without_alternates.bcf"))
    listed.write_text("".join(f"{contig}\t{pos}\n" for pos in sorted(places)))
    apart: list[Line] = []
    rests = [_without(part, listed, folder, number, apart) for number, part in enumerate(parts)]
    bcftools("merge", "-m", "none", PACKED, "-o", whole, *rests)
    _write_bare(apart, contig, whole, bare)
    for path in (whole, bare):
        bcftools("index", "-c", "-f", path)
    bcftools("concat", "-a", "-Ou", "-o", to, whole, bare)


def _places(parts: list[Path]) -> set[int]:
    """Positions of records without an alternate that have several bases or where there is an insertion or deletion."""
    bare = {part: _positions(part, "N_ALT=0") for part in parts}
    if not any(bare.values()):
        return set()
    changes = set().union(*(_positions(part, "N_ALT>0 && strlen(REF)!=strlen(ALT)") for part in parts))
    long = set().union(*(_positions(part, "N_ALT=0 && strlen(REF)>1") for part in parts if bare[part]))
    return long | (set().union(*bare.values()) & changes)


def _positions(part: Path, which: str) -> set[int]:
    return {int(pos) for pos in pysam.bcftools.query("-i", which, "-f", "%POS\n", str(part)).split()}


def _without(part: Path, listed: Path, folder: Path, number: int, apart: list[Line]) -> Path:
    """A file without its records that have no alternate at the ``listed`` positions; these are added to ``apart``."""
    here, others, rest = (folder / f"{number}.{name}.bcf" for name in ("here", "others", "rest"))
    bcftools("view", "-T", listed, "-Ob0", "-o", here, part)
    with opened(here) as file, pysam.VariantFile(str(others), "wb", header=file.header) as out:
        before, names = len(apart), list(file.header.samples)
        for record in file:
            if record.alts:
                out.write(record)
            else:
                apart.append((str(record), names))
    if len(apart) == before:
        return part
    bcftools("view", "-T", f"^{listed}", PACKED, "-o", rest, part)
    for path in (others, rest):
        bcftools("index", "-c", "-f", path)
    both = folder / f"{number}.both.bcf"
    bcftools("concat", "-a", PACKED, "-o", both, others, rest)
    bcftools("index", "-c", "-f", both)
    return both


def _write_bare(apart: list[Line], contig: str, like: Path, to: Path) -> None:
    """Write records of some people each, as lines, as records of everybody, in the order of the people of ``like``."""
    with opened(like) as file:
        header, people = str(file.header), list(file.header.samples)
    places: dict[tuple[int, str], dict[str, dict[str, str]]] = {}
    for line, names in apart:
        pos, ref, layout, *cells = (
            cell for n, cell in enumerate(line.rstrip("\n").split("\t")) if n in (1, 3) or n > 7
        )
        there = places.setdefault((int(pos), ref), {})
        fields = layout.split(":")
        for name, cell in zip(names, cells, strict=True):
            there[name] = dict(zip(fields, cell.split(":"), strict=False))
    text = to.with_suffix(".vcf")
    with open(text, "w", encoding="utf-8") as out:
        out.write(header)
        for (pos, ref), there in sorted(places.items()):
            fields = list(dict.fromkeys(name for cell in there.values() for name in cell))
            cells = (":".join(there.get(name, {}).get(field, ".") for field in fields) for name in people)
            out.write("\t".join([contig, str(pos), ".", ref, ".", ".", ".", ".", ":".join(fields), *cells]) + "\n")
    bcftools("view", PACKED, "-o", to, text)
