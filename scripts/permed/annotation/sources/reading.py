"""Rows of an annotation database, split and left-aligned as the cohort's variants are, some ten thousand at a time."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pysam

from permed.annotation.sources.mapping import Field, Mapping
from permed.bcftools import bcftools, index_bcf, opened
from permed.errors import Fault
from permed.genome import reconcile

ROWS = 200_000  # a batch
_TEXT = 1 << 25  # bytes of a table read at a time
_BASES = "^[ACGTN]+$"
_PLACE = ["contig", "pos", "ref", "alt"]


def read_rows(
    path: Path, mapping: Mapping, contigs: list[str], build: str, reference: Path, folder: Path
) -> Iterator[pl.DataFrame]:
    """Batches of one file with ``contig pos ref alt`` and the mapping's fields, null where there is no value.

    Contigs are those of the run under its names; rows of others are left out, as are alleles that are not bases.
    Positions rise within a contig when they do in the file and nothing had to be shifted.
    """
    if mapping.format == "vcf":
        batches = _read_vcf(path, mapping, contigs, reference, folder)
    else:
        batches = _read_table(path, mapping, contigs, build, reference, folder)
    for batch in batches:
        yield batch.select(*_PLACE, *(_value(field, batch) for field in mapping.fields))


def first_places(path: Path, mapping: Mapping, contigs: list[str], build: str, rows: int) -> pl.DataFrame:
    """``contig pos ref`` of the first rows of a file as they stand, to see of which build it is."""
    if mapping.format == "tsv":
        for batch in _table_batches(path, mapping, contigs, build):
            return batch.select("contig", "pos", "ref").head(rows)
        return pl.DataFrame(schema={"contig": pl.String, "pos": pl.Int64, "ref": pl.String})
    with _vcf(path) as file:
        own = {name: run for run, name in reconcile(contigs, list(file.header.contigs)).items()}
        found = ((own[r.chrom], r.pos, r.ref.upper()) for r in file if r.chrom in own)
        schema = {"contig": pl.String, "pos": pl.Int64, "ref": pl.String}
        return pl.DataFrame([row for row, _ in zip(found, range(rows), strict=False)], schema=schema, orient="row")


def release_of(path: Path, mapping: Mapping) -> str | None:
    """What a VCF's header says of its release; None for a table, or without such a line."""
    if mapping.format != "vcf" or not mapping.version:
        return None
    with _vcf(path) as file:
        lines = (record for record in file.header.records if record.key == mapping.version)
        return next((record.value for record in lines), None)


def _vcf(path: Path) -> pysam.VariantFile:
    try:
        return opened(path)
    except (OSError, ValueError):
        remedy = "Give the database's VCF or BCF as it was published, whole"
        raise Fault("the file cannot be read as VCF or BCF", path, remedy=remedy) from None


def _read_vcf(path: Path, mapping: Mapping, contigs: list[str], reference: Path, folder: Path):
    with _vcf(path) as file:
        header = file.header
        names = reconcile(contigs, list(header.contigs))
        columns = {origin: _column(origin, header) for field in mapping.fields for origin in field.origins}
    absent = [f.name for f in mapping.fields if f.required and not any(columns[o] for o in f.origins)]
    if absent:
        needed = ", ".join(o for f in mapping.fields if f.name in absent for o in f.origins)
        remedy = f"Use the mapping that fits the file; {mapping.kind} needs {needed}"
        raise Fault("the header does not define what the mapping reads", path, remedy=remedy)
    renamed, split, text = folder / "names.txt", folder / "split.bcf", folder / "rows.tsv"
    renamed.write_text("".join(f"{own}\t{run}\n" for run, own in names.items()))
    keep = [column for column in dict.fromkeys(columns.values()) if column]
    tags = [column for column in keep if column.startswith("INFO/")]
    others = set(header.info) - {tag.removeprefix("INFO/") for tag in tags}
    drop = ["-x", f"^{','.join(tags)}" if tags else "INFO"] * bool(others)
    named = folder / "named.bcf"
    bcftools("annotate", *drop, "--rename-chrs", renamed, "-Ob1", "-o", named, path, file=path)
    bcftools("norm", "-m", "-any", "-f", reference, "-c", "w", "-Ob1", "-o", split, named, file=path)
    named.unlink()
    index_bcf(split)
    query = "\\t".join(["%CHROM", "%POS", "%REF", "%ALT", *(f"%{column}" for column in keep)]) + "\\n"
    schema = dict.fromkeys([*_PLACE, *keep], pl.String) | {"pos": pl.Int64}
    with opened(split) as file:
        present = [name for name in contigs if name in file.header.contigs]
    for contig in present:
        bcftools("query", "-r", contig, "-f", query, "-o", text, split, file=path)
        if text.stat().st_size:
            lazy = pl.scan_csv(
                text, separator="\t", has_header=False, schema=schema, null_values=["."], quote_char=None
            )
            for batch in lazy.collect_batches(chunk_size=ROWS, maintain_order=True):
                own = {
                    origin: pl.col(column) if column else pl.lit(None, pl.String) for origin, column in columns.items()
                }
                yield _usable(batch.select(*_PLACE, **own))


def _column(origin: str, header) -> str | None:
    if origin.startswith("INFO/"):
        return origin if origin.removeprefix("INFO/") in header.info else None
    return origin


def _read_table(path: Path, mapping: Mapping, contigs: list[str], build: str, reference: Path, folder: Path):
    for batch in _table_batches(path, mapping, contigs, build):
        longer = (pl.col("ref").str.len_bytes() > 1) | (pl.col("alt").str.len_bytes() > 1)
        usable = _usable(batch)
        whole = usable.filter(~longer)
        moved = usable.filter(longer)
        yield pl.concat([whole, _left_aligned(moved, reference, folder)]) if len(moved) else whole


def _table_batches(path: Path, mapping: Mapping, contigs: list[str], build: str) -> Iterator[pl.DataFrame]:
    places = {name: mapping.place(name, build) for name in _PLACE}
    origins = [origin for field in mapping.fields for origin in field.origins]
    for number, (header, text) in enumerate(_blocks(path, mapping, places["contig"])):
        columns = header.split(mapping.separator)
        if number == 0:
            required = [o for f in mapping.fields if f.required for o in f.origins]
            absent = [name for name in dict.fromkeys([*places.values(), *required]) if name not in columns]
            if absent:
                remedy = f"Use the mapping that fits the file; the file has {', '.join(columns[:12])}"
                raise Fault(f"the table has no column {', '.join(absent)}", path, remedy=remedy)
        options = {
            "separator": mapping.separator,
            "has_header": False,
            "quote_char": '"' if mapping.separator == "," else None,
        }
        try:
            frame = pl.read_csv(
                io.BytesIO(text),
                schema=dict.fromkeys(columns, pl.String),
                null_values=[".", "", "NA"],
                **options,
            )
        except pl.exceptions.PolarsError as error:
            fault = f"the table is not regular: {str(error).splitlines()[0]}"
            raise Fault(fault, path, remedy="Give as many cells in each line as the header has") from None
        given = frame["contig" if "contig" in columns and places["contig"] == "contig" else places["contig"]]
        own = {name: run for run, name in reconcile(contigs, given.drop_nulls().unique().to_list()).items()}
        extra = {o: pl.col(o) if o in columns else pl.lit(None, pl.String) for o in origins}
        rows = frame.filter(pl.col(places["contig"]).is_in([*own])).select(
            pl.col(places["contig"]).replace(own).alias("contig"),
            pl.col(places["pos"]).cast(pl.Int64, strict=False).alias("pos"),
            pl.col(places["ref"]).alias("ref"),
            pl.col(places["alt"]).alias("alt"),
            **extra,
        )
        yield rows.drop_nulls(_PLACE)


def _blocks(path: Path, mapping: Mapping, first: str) -> Iterator[tuple[str, bytes]]:
    """The header line of a table and its lines, many at a time. Lines above the header that begin with # are passed."""
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    header, rest = None, b""
    try:
        with gzip.open(path, "rb") if packed else open(path, "rb") as file:
            while header is None:
                line = file.readline()
                if not line:
                    raise Fault("the table has no header line", path, remedy=f"It must name the column {first}")
                text = line.decode("utf-8").rstrip("\r\n")
                if first in text.split(mapping.separator) or not text.startswith("#"):
                    header = text
            while block := file.read(_TEXT):
                text, _, rest = (rest + block).rpartition(b"\n")
                if text:
                    yield header, text
            if rest:
                yield header, rest
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Fault("the compressed file is cut or damaged", path, remedy="Fetch it again") from None
    except UnicodeDecodeError:
        raise Fault("the table is not UTF-8 text", path, remedy="Save it as UTF-8") from None


def _usable(batch: pl.DataFrame) -> pl.DataFrame:
    """Rows with alleles of bases, in upper case."""
    upper = batch.with_columns(pl.col("ref", "alt").str.to_uppercase())
    return upper.filter(pl.col("ref").str.contains(_BASES) & pl.col("alt").str.contains(_BASES))


def _left_aligned(rows: pl.DataFrame, reference: Path, folder: Path) -> pl.DataFrame:
    """Rows with alleles of several bases in their normalised form."""
    plain, done = folder / "longer.vcf", folder / "longer.bcf"
    with open(plain, "w", encoding="utf-8") as out:
        out.write('##fileformat=VCFv4.2\n##INFO=<ID=ROW,Number=1,Type=Integer,Description="row">\n')
        out.writelines(f"##contig=<ID={name}>\n" for name in rows["contig"].unique(maintain_order=True))
        out.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for n, (contig, pos, ref, alt) in enumerate(rows.select(_PLACE).iter_rows()):
            out.write(f"{contig}\t{pos}\t.\t{ref}\t{alt}\t.\t.\tROW={n}\n")
    bcftools("norm", "-f", reference, "-c", "w", "-Ob0", "-o", done, plain)
    with opened(done) as file:
        found = [(r.chrom, r.pos, r.ref, r.alts[0], r.info["ROW"]) for r in file]
    schema = {"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String, "row": pl.Int64}
    places = pl.DataFrame(found, schema=schema, orient="row")
    values = rows.drop(_PLACE).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    return places.join(values, on="row", how="left").drop("row").select(rows.columns)


def _value(field: Field, batch: pl.DataFrame) -> pl.Expr:
    """A field of a batch whose columns are named by their origin."""
    kind = {"string": pl.String, "integer": pl.Int64, "float": pl.Float64}[field.type]
    values = []
    for origin in field.origins:
        text = pl.col(origin)
        if field.parts:
            pieces = text.str.split("|")
            values += [_typed(pieces.list.get(part - 1, null_on_oob=True), field, kind) for part in field.parts]
        else:
            values.append(_typed(text, field, kind))
    take = {"first": pl.coalesce, "max": pl.max_horizontal, "min": pl.min_horizontal}[field.take]
    return take(values).alias(field.name)


def _typed(text: pl.Expr, field: Field, kind) -> pl.Expr:
    text = text.replace({".": None, "": None})
    if field.recode is not None:
        return text.replace_strict(field.recode, default=None, return_dtype=kind)
    if kind != pl.String:
        return text.cast(pl.Float64, strict=False).cast(kind, strict=False)
    return text.str.replace_all("_", " ") if field.words else text
