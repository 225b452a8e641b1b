"""Scoring files of polygenic scores: the PGS Catalog's format 2.0, its structured form, and plain custom tables.

Positions are 1-based and always those of the run's build: harmonised ones when the file was harmonised to it, else the
author's when the header names it or names none. A file of another build is refused.

Format: https://www.pgscatalog.org/downloads/#dl_ftp_scoring
"""

import gzip
import io
import zlib
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.genome import canonical, lengths

DOSAGE_WEIGHTS = ["dosage_0_weight", "dosage_1_weight", "dosage_2_weight"]
EFFECT_TYPES = ("additive", "dominant", "recessive")
SCORE_SCHEMA = {
    "score": pl.String,
    "line": pl.Int64,
    "rsid": pl.String,
    "contig": pl.String,
    "pos": pl.Int64,
    "effect_allele": pl.String,
    "other_allele": pl.String,
    "weight": pl.Float64,
    "effect_type": pl.String,
    "not_scorable": pl.String,
}
_SHOWN = 3  # faulty lines named one by one
_HEADER_BYTES = 1 << 20  # more than any header; the rest of the file is not decompressed for it
_SUFFIXES = {".gz", ".bgz", ".txt", ".tsv", ".csv", ".score", ".scorefile"}
_BUILDS = {
    "GRCH37": "GRCh37",
    "HG19": "GRCh37",
    "B37": "GRCh37",
    "NCBI37": "GRCh37",
    "GRCH38": "GRCh38",
    "HG38": "GRCh38",
    "B38": "GRCh38",
    "NCBI38": "GRCh38",
}
_OLD_KEYS = {"original_genome_build": "genome_build", "reported_trait": "trait_reported"}


def read_header(path: Path) -> dict[str, str]:
    """Lines ``#key=value`` above the table; keys in lower case with underscores, empty for a file without them."""
    lines = _text(Path(path), _HEADER_BYTES).split(b"\n")
    return _header(lines[: _header_size(lines)])


def read_scores(path: Path, build: str) -> pl.DataFrame:
    """Variants of the scores in a file, a row each in the file's order, with the columns of :data:`SCORE_SCHEMA`.

    ``line`` is the line of the file (1-based). ``contig`` is canonical, alleles are upper case, ``other_allele`` is
    null when neither the author nor the harmonisation knows it. ``effect_type`` is additive, dominant or recessive.
    ``not_scorable`` says why a row cannot be computed, else null; such rows may lack position and weight.
    The score is named by ``pgs_id`` of the header, else row by row by the column ``accession``, else by the file.

    Raises the first :class:`Fault` of :func:`check_scoring_file`.
    """
    rows, faults = _read(Path(path), build)
    if faults:
        raise faults[0]
    return rows


def check_scoring_file(path: Path, build: str) -> list[Fault]:
    """Everything that keeps a scoring file from being used with the run's build."""
    return _read(Path(path), build)[1]


def _read(path: Path, build: str) -> tuple[pl.DataFrame, list[Fault]]:
    nothing = pl.DataFrame(schema=SCORE_SCHEMA)
    try:
        lines = _text(path).split(b"\n")
        size = _header_size(lines)
        header = _header(lines[:size])
        table = _table(path, b"\n".join(lines[size:]), size)
        del lines
        contig, pos = _position_columns(path, header, table.columns, build)
    except Fault as fault:
        return nothing, [fault]
    rows = _rows(table, header, contig, pos, _file_name(path))
    faults = _faults(path, rows, build)
    return rows.select(pl.col(name).cast(kind) for name, kind in SCORE_SCHEMA.items()), faults


def _text(path: Path, size: int = -1) -> bytes:
    """The file's first ``size`` bytes, or all of it, decompressed."""
    try:
        with open(path, "rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
            handle.seek(0)
            if path.suffix in (".gz", ".bgz") and not packed:
                remedy = "Compress it, or drop the suffix from its name"
                raise Fault("the file is not compressed with gzip", path, remedy=remedy)
            content = (gzip.GzipFile(fileobj=handle) if packed else handle).read(size)
    except FileNotFoundError:
        raise Fault("the scoring file is not there", path, remedy="Check scores.files in the config") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Fault("the compressed file is damaged or cut short", path, remedy="Fetch it again") from None
    except OSError:
        raise Fault("the scoring file cannot be read", path, remedy="Check that it is a readable file") from None
    return content.removeprefix(b"\xef\xbb\xbf")


def _header_size(lines: list[bytes]) -> int:
    return next((n for n, line in enumerate(lines) if line.strip() and not line.startswith(b"#")), len(lines))


def _header(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("utf-8", "replace").lstrip("#").partition("=") for line in lines if b"=" in line)
    named = ((key.strip().lower().replace(" ", "_"), value.strip()) for key, _, value in pairs)
    return {_OLD_KEYS.get(key, key): value for key, value in named}


def _file_name(path: Path) -> str:
    name = Path(path.name)
    while name.suffix.lower() in _SUFFIXES:
        name = name.with_suffix("")
    return str(name)


def _table(path: Path, body: bytes, above: int) -> pl.DataFrame:
    """The table as text with the column ``line``; blank rows left out, empty cells null. ``above`` lines precede it."""

    def parse(**options) -> pl.DataFrame:
        return pl.read_csv(
            io.BytesIO(body),
            separator="\t",
            infer_schema=False,
            quote_char=None,
            encoding="utf8-lossy",
            row_index_name="line",
            row_index_offset=above + 2,
            **options,
        )

    try:
        table = parse()
    except pl.exceptions.NoDataError:
        raise Fault(
            "the scoring file is empty", path, remedy="Give a table with a header and a row a variant"
        ) from None
    except pl.exceptions.ComputeError:
        _refuse_long_rows(path, body, above)
        table = parse(truncate_ragged_lines=True)
    cells = [name for name in table.columns if name != "line"]
    trimmed = table.select("line", *(pl.col(name).str.strip_chars().replace("", None) for name in cells))
    trimmed = trimmed.rename({name: name.strip() for name in cells}, strict=False)
    return trimmed.filter(~pl.all_horizontal(pl.exclude("line").is_null()))


def _refuse_long_rows(path: Path, body: bytes, above: int) -> None:
    lines = body.split(b"\n")
    columns = lines[0].count(b"\t") + 1
    for number, line in enumerate(lines, above + 1):
        if line.rstrip().count(b"\t") >= columns:
            found = line.rstrip().count(b"\t") + 1
            raise Fault(f"{found} cells under {columns} columns", path, None, number, "Separate cells by one tab")


def _build(name: str | None) -> str | None:
    """The build under our name, the name itself if it is neither of ours, None if it is not reported."""
    text = (name or "").strip()
    return None if text.upper() in ("", "NR", "NA") else _BUILDS.get(text.upper(), text)


def _position_columns(path: Path, header: dict, columns: list[str], build: str) -> tuple[str, str]:
    """Which columns hold contig and position in the run's build; a Fault where none do or columns are missing."""
    harmonised = {"hm_chr", "hm_pos"} <= set(columns)
    own = {"chr_name", "chr_position"} <= set(columns)
    hm_build = _build(header.get("hmpos_build")) if harmonised else None
    author_build = _build(header.get("genome_build"))
    needed = ["effect_allele", *([] if set(DOSAGE_WEIGHTS) <= set(columns) else ["effect_weight"])]
    needed += [] if harmonised or own else ["chr_name", "chr_position"]
    missing = [name for name in needed if name not in columns]
    if missing:
        wanted = "chr_name, chr_position, effect_allele, other_allele, effect_weight"
        remedy = f"Give them, separated by tabs; a scoring file has {wanted}, or hm_chr and hm_pos for the position"
        plural = "columns are" if len(missing) > 1 else "column is"
        raise Fault(f"the {plural} missing: {', '.join(missing)}", path, remedy=remedy)
    if hm_build == build:
        return "hm_chr", "hm_pos"
    if own and (author_build == build or (author_build is None and hm_build is None)):
        return "chr_name", "chr_position"
    if not own and hm_build is None:
        fault = "there are positions in hm_chr and hm_pos, but no #HmPOS_build above the table says of which build"
    else:
        author = f"genome_build is {header.get('genome_build') or 'not reported'}"
        fault = f"the run's build is {build}; {author}" + (f", harmonised to {hm_build}" if hm_build else "")
    raise Fault(
        fault, path, remedy=f"Take the file that the PGS Catalog harmonised to {build} (…_hmPOS_{build}.txt.gz)"
    )


def _rows(table: pl.DataFrame, header: dict, contig: str, pos: str, file_name: str) -> pl.DataFrame:
    """The rows of :data:`SCORE_SCHEMA`, with ``pos_text`` and ``weight_text`` as they stand in the file."""

    def cell(name: str) -> pl.Expr:
        return pl.col(name) if name in table.columns else pl.lit(None, pl.String)

    def is_true(name: str) -> pl.Expr:
        return cell(name).str.to_lowercase().is_in(["true", "t", "1", "yes"]).fill_null(False)

    names = {name: canonical(name) for name in table[contig].unique().drop_nulls()}
    named = pl.lit(header["pgs_id"]) if header.get("pgs_id") else pl.coalesce(cell("accession"), pl.lit(file_name))
    given = cell("other_allele").str.to_uppercase()
    inferred = cell("hm_inferOtherAllele").str.to_uppercase()
    known = pl.when(~given.is_in([".", "NA", "NR"])).then(given)
    inferred = pl.when(inferred.str.contains("^[ACGT]+$")).then(inferred)
    declared = cell("effect_type").str.to_lowercase()
    flagged = pl.when(is_true("is_dominant")).then(pl.lit("dominant"))
    flagged = flagged.when(is_true("is_recessive")).then(pl.lit("recessive")).otherwise(pl.lit("additive"))
    rows = table.select(
        "line",
        score=named,
        rsid=pl.coalesce(cell("hm_rsID"), cell("rsID")),
        contig=pl.col(contig).replace(names),
        pos=pl.col(pos).cast(pl.Int64, strict=False),
        pos_text=pl.col(pos),
        effect_allele=pl.col("effect_allele").str.to_uppercase(),
        other_allele=pl.coalesce(known, inferred),
        weight=cell("effect_weight").cast(pl.Float64, strict=False),
        weight_text=cell("effect_weight"),
        effect_type=pl.coalesce(declared, flagged),
        by_dosage=pl.any_horizontal(cell(name).is_not_null() for name in DOSAGE_WEIGHTS),
        complex=pl.concat_str(
            [pl.when(is_true(f"is_{kind}")).then(pl.lit(kind)) for kind in ("haplotype", "diplotype", "interaction")],
            separator=", ",
            ignore_nulls=True,
        ),
        contrary=is_true("is_dominant") & is_true("is_recessive"),
        unplaced=pl.lit(pos == "hm_pos"),
    )
    return rows.with_columns(not_scorable=_not_scorable())


def _not_scorable() -> pl.Expr:
    effect, other = pl.col("effect_allele"), pl.col("other_allele")
    odd = pl.when(~effect.fill_null("").str.contains("^[ACGT]+$")).then(effect.fill_null("empty")).otherwise(other)
    reasons = [
        (pl.col("by_dosage"), pl.lit("weights by dosage (dosage_0_weight …)")),
        (pl.col("complex") != "", pl.concat_str("complex", pl.lit(" and no single variant"))),
        (
            ~effect.fill_null("").str.contains("^[ACGT]+$") | ~other.fill_null("A").str.contains("^[ACGT]+$"),
            pl.concat_str(pl.lit("allele is not of ACGT: "), odd),
        ),
        (
            pl.col("unplaced") & (pl.col("pos_text").is_null() | pl.col("contig").is_null()),
            pl.lit("the harmonisation found no position"),
        ),
        (pl.col("pos_text").is_null() | pl.col("contig").is_null(), pl.lit("no position")),
        (effect == other, pl.lit("effect and other allele are the same")),
        (pl.col("contrary"), pl.lit("both dominant and recessive")),
        (
            ~pl.col("effect_type").is_in(EFFECT_TYPES),
            pl.concat_str(pl.lit("effect type is not known: "), "effect_type"),
        ),
        (pl.col("contig").is_in(["chrY", "chrM"]), pl.concat_str(pl.lit("haploid on "), "contig")),
    ]
    return pl.coalesce(pl.when(condition).then(reason) for condition, reason in reasons)


def _faults(path: Path, rows: pl.DataFrame, build: str) -> list[Fault]:
    """What is wrong in single cells of scorable rows; the first few lines of each kind."""
    if rows.is_empty():
        return [Fault("there are no rows", path, remedy="Give a row a variant below the line of column names")]
    scorable = rows.filter(pl.col("not_scorable").is_null())
    size = pl.col("contig").replace_strict(lengths(build), default=None, return_dtype=pl.Int64)
    wrong_weight = scorable.filter(~pl.col("weight").is_finite().fill_null(False))
    no_integer = scorable.filter(pl.col("pos").is_null() | (pl.col("pos") < 1))
    beyond = scorable.filter(pl.col("pos") > size).with_columns(
        pl.concat_str("contig", pl.lit(":"), "pos").alias("place")
    )
    return [
        *_of_lines(path, wrong_weight, "weight_text", 'effect_weight "{}" is not a number', "Correct it"),
        *_of_lines(path, no_integer, "pos_text", 'the position "{}" is not a positive integer', "Correct it"),
        *_of_lines(path, beyond, "place", f"{{}} is beyond the end of the contig in {build}", f"Take a {build} file"),
    ]


def _of_lines(path: Path, wrong: pl.DataFrame, column: str, fault: str, remedy: str) -> list[Fault]:
    first = wrong.select("line", pl.col(column).fill_null("")).head(_SHOWN).rows()
    faults = [Fault(fault.format(value), path, None, line, remedy) for line, value in first]
    if len(wrong) > len(first):
        faults[-1].fault += f", as in {len(wrong) - len(first)} lines below"
    return faults
