"""What is known of each person's sites without a record on a contig, and the records completed by it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pysam.bcftools

from permed.bcftools import opened
from permed.evidence.blocks import read_callable
from permed.evidence.intervals import Intervals
from permed.evidence.known import (
    MAY_BE_HAPLOID,
    Known,
    Records,
    Wanted,
    fill_missing,
    known_reference,
    one_copy,
    read_records,
)
from permed.evidence.needed import Reads, complete_positions, read_reads
from permed.genome import canonical


@dataclass(frozen=True)
class Joined:
    """The records of a contig for everybody: ``path``, the normalised files it was joined from (``parts``), reference
    ``blocks`` by sample, ``weak`` blocks that are not believed, by code of doubt, and the rows that were set aside."""

    path: Path
    parts: list[Path]
    contig: str
    samples: list[str]
    blocks: dict[str, Known]
    weak: dict[str, dict[int, Intervals]]
    set_aside: list[dict]


def fill_contig(joined: Joined, wanted: Wanted, variants: Path, folder: Path, counts: Counter) -> list[str]:
    """Write the records to ``variants`` with the genotypes that evidence gives; count them, and give notes.

    Of a person with reference blocks these alone tell what is reference; else the callable regions do where the run
    has any, else ``absent_sites``. Reads decide at needed positions where none but ``absent_sites`` would, and where
    they give a genotype that callable regions would take for reference.
    """
    reads = read_reads(wanted.alignments, joined.contig, joined.samples)
    evidence = bool(joined.blocks or joined.weak or wanted.callable or reads)
    positions = wanted.positions if evidence else _hidden(joined, wanted)
    known = _known(joined, wanted, reads, evidence or len(positions) > 0)
    if not known and not reads and not joined.weak:
        joined.path.replace(variants)
        return []
    path = joined.path
    if _merged(joined) and known:
        filled = folder / "filled.bcf"
        lengths = wanted.positions.filter(pl.col("alt").is_not_null())
        stretches = Intervals.of(lengths["pos"].to_numpy(), lengths["end"].to_numpy())
        number = fill_missing(path, known, stretches, folder / "fill.vcf", joined.contig, joined.samples, filled)
        counts["filled_reference"] += number
        path = filled if number else path
    if positions.is_empty():
        path.replace(variants)
        return []
    return complete_positions(
        path,
        positions,
        known,
        reads,
        _aside(joined),
        contig=joined.contig,
        samples=joined.samples,
        explicit=wanted.absent_sites == "reference",
        weak={at: joined.weak[name] for at, name in enumerate(joined.samples) if joined.weak.get(name)},
        folder=folder,
        to=variants,
        counts=counts,
    )


def _known(joined: Joined, wanted: Wanted, reads: dict[int, Reads], evidence: bool) -> dict[int, Known]:
    """What is known of each person, by column; people of whom nothing is known are left out."""
    merged = _merged(joined)
    assumed = wanted.absent_sites == "reference" and bool(joined.parts) and (merged or evidence)
    if not (joined.blocks or wanted.callable or assumed or merged):
        return {}
    regions: dict[Path, Intervals] = {}
    for path in wanted.callable.values():
        if path not in regions:
            regions[path] = read_callable(path, joined.contig)
    columns = {sample: at for at, sample in enumerate(joined.samples)}
    places = Intervals.of(wanted.positions["pos"].to_numpy(), wanted.positions["end"].to_numpy())
    never = _never_assumed(wanted.positions)
    keep = None if merged or canonical(joined.contig) in MAY_BE_HAPLOID else places
    documented = {
        (pos, ref, alt) for pos, ref, alts in wanted.positions.select("pos", "ref", "alts").iter_rows() for alt in alts
    }
    aside, over = _aside(joined, of_deletions=False), _aside(joined, of_deletions=True)
    known = {}
    for sample, own, column in _own_records(joined, keep):
        at = columns[sample]
        single = one_copy(joined.contig, wanted.build, wanted.sexes.get(sample, "NA"), own, column)
        read = reads.get(at)
        if sample in joined.blocks:
            base = joined.blocks[sample]
        elif sample in wanted.callable:
            region = regions[wanted.callable[sample]]
            base = Known(region.without(read.places()) if read else region, single)
        elif assumed:
            base = Known(Intervals.everywhere().without(places if read else never), single)
        elif merged and own is not None:
            base = Known(Intervals.of(), single)  # own records tell what else is not at their places
        else:
            continue
        gone = (found.get(at, Intervals.of()) for found in (aside, over))
        known[at] = known_reference(base, own, column, documented, *gone)
    return known


def _hidden(joined: Joined, wanted: Wanted) -> pl.DataFrame:
    """Needed positions without a record over which something of some people lies that was set aside or is longer.

    Where sites without a record are reference, of the others these are: a record says so of each.
    """
    none = wanted.positions.clear()
    if wanted.absent_sites != "reference" or len(joined.samples) < 2 or wanted.positions.is_empty():
        return none
    text = pysam.bcftools.query("-i", "strlen(REF)>1", "-f", "%POS\t%END\n", str(joined.path))
    spans = [tuple(map(int, line.split("\t"))) for line in text.splitlines()]
    spans += [(row["pos"], row["end"]) for row in joined.set_aside if row["samples"] is not None]
    over = Intervals.of(*zip(*spans, strict=True)) if spans else Intervals.of()
    pos = wanted.positions["pos"].to_numpy()
    found = wanted.positions.filter(pl.Series(over.cover(pos, pos), dtype=pl.Boolean))
    if found.is_empty():
        return none
    there = read_records(joined.path, Intervals.of(found["pos"].to_numpy(), found["pos"].to_numpy())).pos
    return found.filter(~pl.col("pos").is_in(there.tolist()))


def _never_assumed(positions: pl.DataFrame) -> Intervals:
    """Positions whose sites without a record are not taken for reference, whatever the run says of such sites."""
    if "never_assumed" not in positions.columns:
        return Intervals.of()
    here = positions.filter("never_assumed")
    return Intervals.of(here["pos"].to_numpy(), here["end"].to_numpy())


def _own_records(joined: Joined, keep: Intervals | None) -> Iterator[tuple[str, Records | None, int]]:
    """Each sample with the records of its own file and its column there, a file's held at a time."""
    left = dict.fromkeys(joined.samples)
    for path in joined.parts if _merged(joined) else [joined.path]:
        names = _samples(path)
        records = read_records(path, keep)
        for column, sample in enumerate(names):
            if sample in left:
                del left[sample]
                yield sample, records, column
    yield from ((sample, None, 0) for sample in left)


def _merged(joined: Joined) -> bool:
    """Whether files of different people were merged, so that a record may be in some people's file only."""
    return len({frozenset(_samples(part)) for part in joined.parts}) > 1


def _aside(joined: Joined, of_deletions: bool | None = None) -> dict[int, Intervals]:
    """Where records were set aside, by the column of the person: all, or whether only ``*`` was, of a deletion."""
    found: dict[int, Intervals] = {}
    columns = {name: at for at, name in enumerate(joined.samples)}
    for row in joined.set_aside:
        if of_deletions is not None and (row["alt"] == "*") != of_deletions:
            continue
        named = joined.samples if row["samples"] is None else row["samples"]
        here = Intervals.of([row["pos"]], [row["end"]])
        for name in named:
            at = columns.get(name)
            if at is not None:
                found[at] = found[at].union(here) if at in found else here
    return found


def _samples(path: Path) -> list[str]:
    with opened(path) as file:
        return list(file.header.samples)
