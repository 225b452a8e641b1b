"""Turn an annotation database into Parquet by variant key, checked against the reference."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from permed.annotation.sources.about import FORMAT
from permed.annotation.sources.mapping import Mapping
from permed.annotation.sources.reading import first_places, read_rows, release_of
from permed.downloads import Lock, digest
from permed.errors import Fault
from permed.genome import CONTIGS, canonical
from permed.reference import Reference
from permed.tables import write_parts
from permed.variants import variant_keys

MOST_MISMATCHES = 0.01  # share of rows whose REF is not the reference's, above which the file is of another build
LOOKED = 5_000  # rows of a file looked at before anything else is done
_SPAN = 1 << 22  # bases of reference held at a time
_TYPES = {"string": pl.String, "integer": pl.Int64, "float": pl.Float64}


def columns_of(fields: dict[str, str]) -> dict:
    """Columns of a database's Parquet file, sorted by ``key``; ``long`` is ``REF>ALT`` where the key is a hash.

    ``fields`` are the types (string, integer, float) of its values by name.
    """
    place = {"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String, "key": pl.UInt64}
    return place | {"long": pl.String} | {name: _TYPES[kind] for name, kind in fields.items()}


def schema_of(mapping: Mapping) -> dict:
    """Columns of the Parquet file of a mapping."""
    return columns_of({field.name: field.type for field in mapping.fields})


def build_source(
    files: list[Path],
    mapping: Mapping,
    contigs: list[str],
    build: str,
    reference: Path,
    parquet: Path,
    locks: list[Lock] | None = None,
) -> dict:
    """Write a database's rows on the run's contigs to ``parquet``; give what is to be known of it.

    ``read`` of the latter has the contigs that were looked for, with their length in the reference and how many rows
    ``parquet`` has of each, in its order; ``contigs`` are those that the database has.
    ``locks`` are of the files that were downloaded. Raises a Fault for a file that is not what was downloaded, and for
    one of another build: REF is compared with the reference for the first rows before anything
    is read, and for every row afterwards; single rows that disagree are left out and counted.
    """
    main = sorted((c for c in contigs if canonical(c) in CONTIGS), key=lambda c: CONTIGS.index(canonical(c)))
    locked = {lock.file: lock for lock in locks or []}
    described = [_described(path, locked.get(path.name)) for path in files]
    counts: Counter = Counter()
    temporary = tempfile.TemporaryDirectory(prefix=".source-", dir=parquet.parent)
    with temporary as name, Reference(reference, main) as fasta:
        folder = Path(name)
        known = [contig for contig in main if contig in fasta.names]
        for path in files:
            _check_build(path, mapping, known, build, fasta)
        parts = {contig: [] for contig in known}
        for path in files:
            for batch in read_rows(path, mapping, known, build, reference, folder):
                for contig, rows in batch.group_by("contig", maintain_order=True):
                    kept = _agreeing(rows, contig[0], fasta, counts, path)
                    part = folder / f"{contig[0]}-{len(parts[contig[0]]):05d}.parquet"
                    kept.write_parquet(part, compression="lz4")
                    parts[contig[0]].append(part)
        rows = (frame for contig in known for frame in _sorted_rows(parts[contig], mapping, counts))
        write_parts(_counted(rows, counts, files[0]), schema_of(mapping), parquet)
    about = {key: getattr(mapping, key) for key in "kind title role predictor licence url covers absence".split()}
    return about | {
        "format": FORMAT,
        "release": next((release for path in files if (release := release_of(path, mapping))), None),
        "build": build,
        "contigs": [contig for contig in known if parts[contig]],
        "read": {contig: {"length": fasta.lengths[contig], "rows": counts["rows", contig]} for contig in known},
        "fields": {
            field.name: {"type": field.type, "required": field.required, "meaning": field.meaning}
            for field in mapping.fields
        },
        "files": described,
        "rows": counts["rows"],
        "rows_with_another_ref": counts["mismatches"],
        "rows_listed_again": counts["again"],
        "sha256": digest(parquet),
    }


def _check_build(path: Path, mapping: Mapping, contigs: list[str], build: str, fasta: Reference) -> None:
    counts: Counter = Counter()
    rows = first_places(path, mapping, contigs, build, LOOKED)
    for contig, some in rows.group_by("contig", maintain_order=True):
        counts.update(_compare(some, contig[0], fasta))
    compared = counts[1] + counts[0]
    if counts[0] > MOST_MISMATCHES * compared:
        fault = f"REF is not what the reference has in {counts[0]} of the first {compared} rows"
        remedy = f"Give the database on {build}, or correct genome.build and genome.reference"
        raise Fault(fault, path, remedy=remedy)


def _agreeing(rows: pl.DataFrame, contig: str, fasta: Reference, counts: Counter, path: Path) -> pl.DataFrame:
    verdicts = np.array(ref_verdicts(rows, contig, fasta), np.int8)
    wrong = int((verdicts == 0).sum())
    counts["mismatches"] += wrong
    if wrong > max(20, MOST_MISMATCHES * len(rows)):
        fault = f"REF is not what the reference has in {wrong} of {len(rows)} rows on {contig}"
        raise Fault(fault, path, remedy="Give the database on the run's build, or correct genome.reference")
    return rows.filter(pl.Series(verdicts != 0)) if wrong else rows


def _compare(rows: pl.DataFrame, contig: str, fasta: Reference) -> Counter:
    return Counter(ref_verdicts(rows, contig, fasta).tolist())


def ref_verdicts(rows: pl.DataFrame, contig: str, fasta: Reference) -> np.ndarray:
    """For each row 1 where REF is the reference's, 0 where it is not, -1 where the reference has N throughout.

    Single bases are compared as arrays, longer alleles one by one.
    """
    positions, refs = rows["pos"].to_numpy(), rows["ref"]
    out = np.full(len(rows), -1, np.int8)
    single = (refs.str.len_bytes() == 1).to_numpy()
    letters = np.frombuffer("".join(refs.filter(pl.Series(single))).encode(), np.uint8)
    places = positions[single]
    verdict = np.full(len(places), -1, np.int8)
    for window in np.unique(places // _SPAN):
        here = places // _SPAN == window
        first, last = int(places[here].min()), int(places[here].max())
        bases = np.frombuffer(fasta.bases(contig, first, last).encode(), np.uint8)
        offset = places[here] - first
        found = np.full(len(offset), ord("N"), np.uint8)
        found[offset < len(bases)] = bases[offset[offset < len(bases)]]
        same = found == letters[here]
        unknown = (found == ord("N")) | (letters[here] == ord("N"))
        verdict[here] = np.where(unknown, -1, same)
    out[single] = verdict
    for row in np.flatnonzero(~single):
        agrees = fasta.agrees(contig, int(positions[row]), refs[int(row)])
        out[row] = -1 if agrees is None else int(agrees)
    return out


def _sorted_rows(parts: list[Path], mapping: Mapping, counts: Counter) -> Iterator[pl.DataFrame]:
    """A contig's rows by key, a variant once. Batches that come in order are passed on without holding them all."""
    if not parts:
        return
    parts = [part for part in parts if pl.scan_parquet(part).select(pl.len()).collect().item()]
    if not _in_order(parts):
        yield _by_key(pl.concat([pl.read_parquet(p) for p in parts]), mapping, counts)
        return
    held = None
    for number, part in enumerate(parts):
        rows = pl.read_parquet(part)
        rows = rows if held is None else pl.concat([held, rows])
        last = rows["pos"][-1]
        held = rows.filter(pl.col("pos") == last) if number + 1 < len(parts) else None
        rows = rows if held is None else rows.filter(pl.col("pos") < last)
        if len(rows):
            yield _by_key(rows, mapping, counts)


def _in_order(parts: list[Path]) -> bool:
    """Whether positions rise within and over the batches."""
    pos = pl.col("pos")
    wanted = [pos.first().alias("first"), pos.last().alias("last"), pos.is_sorted().alias("rising")]
    bounds = [pl.scan_parquet(part).select(wanted).collect().row(0) for part in parts]
    return all(rising for *_, rising in bounds) and all(a[1] <= b[0] for a, b in pairwise(bounds))


def _by_key(rows: pl.DataFrame, mapping: Mapping, counts: Counter) -> pl.DataFrame:
    keys = variant_keys(rows)
    long = pl.when(pl.Series(keys & np.uint64(1) == 1)).then(pl.concat_str("ref", pl.lit(">"), "alt"))
    rows = rows.with_columns(key=pl.Series(keys), long=long).sort("key", "ref", "alt", maintain_order=True)
    again = rows.select(pl.struct("key", "long").is_duplicated()).to_series()
    if again.any():
        single = rows.filter(~again)
        merged = (
            rows.filter(again)
            .group_by("key", "long", maintain_order=True)
            .agg(pl.col("contig", "pos", "ref", "alt").first(), *(_combined(field) for field in mapping.fields))
        )
        counts["again"] += int(again.sum()) - len(merged)
        rows = pl.concat([single, merged.select(single.columns)]).sort("key", "ref", "alt")
    return rows.select(*schema_of(mapping))


def _combined(field) -> pl.Expr:
    values = pl.col(field.name)
    if field.combine == "join":
        return values.drop_nulls().unique(maintain_order=True).str.join("|").replace("", None)
    return {"max": values.max, "min": values.min, "first": values.drop_nulls().first}[field.combine]()


def _counted(frames: Iterator[pl.DataFrame], counts: Counter, file: Path) -> Iterator[pl.DataFrame]:
    for frame in frames:
        counts["rows"] += len(frame)
        counts["rows", frame["contig"][0]] += len(frame)
        yield frame
    if not counts["rows"]:
        raise Fault("no row lies on a contig of the run", file, remedy="Check genome.contigs and the mapping")


def _described(path: Path, lock: Lock | None) -> dict:
    """Name and SHA-256 of a file, and where it came from if it was downloaded; refused if it was changed since."""
    if lock is None:
        return {"name": path.name, "sha256": digest(path)}
    lock.check(path)
    return {"name": path.name, "sha256": lock.sha256, "address": lock.address, "checked_by": lock.checked_by}
