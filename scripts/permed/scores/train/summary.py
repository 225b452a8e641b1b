"""Summary statistics of a genome-wide association study: the GWAS Catalog's standard and the table of PRS-CS.

GWAS-SSF 1.1 (github.com/EBISPOT/gwas-summary-statistics-standard): tab-separated, an effect as beta, odds_ratio,
hazard_ratio or z-score, ``#NA`` for what is missing, and metadata beside it in ``{file}-meta.yaml``. PRS-CS
(github.com/getian107/PRScs): SNP, A1 (the effect allele), A2, BETA or OR, SE or P, separated by white space; CHR, BP
and N may follow. Positions are 1-based.
"""

import gzip
import io
import re
import zlib
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genome import canonical
from permed.scores.train.columns import (
    EFFECTS,
    HARMONISED,
    check_columns,
    first_names,
    known_columns,
    metadata_of,
    names_in,
)
from permed.scores.train.kernels import log10_p_of, z_of

SUMMARY_SCHEMA = {
    "line": pl.Int64,
    "rsid": pl.String,
    "contig": pl.String,
    "pos": pl.Int64,
    "effect_allele": pl.String,
    "other_allele": pl.String,
    "effect": pl.Float64,
    "z": pl.Float64,
    "log10_p": pl.Float64,
    "frequency": pl.Float64,
    "info": pl.Float64,
    "n": pl.Float64,
}
_NUMBERED = {"23": "chrX", "24": "chrY", "25": "chrM"}
_ABSENT = ["", "NA", "#NA", "NaN", "nan", "."]
_SMALLEST = 1e-300  # p-values below lose digits as doubles
_COMPARED = 100  # rows from which effects are judged as a whole
MAX_DISAGREEMENT = 0.25  # of |effect / standard error| and the z score of the p-value, in the median


def read_summary(path: Path) -> tuple[pl.DataFrame, str]:
    """The rows of a file in its order with the columns of :data:`SUMMARY_SCHEMA`, and what its effects are.

    ``effect`` is per effect allele: a beta, or the logarithm of an odds or hazard ratio; null where the file gives
    only z scores. ``z`` has the effect's sign; it is effect / standard error, and without that comes from the p-value.
    What is missing or no number is null. ``contig`` is canonical, alleles are upper case. ``line`` is 1-based.

    Raises a Fault for a file that cannot be read, lacks columns or whose effects are not what they are called.
    """
    path = Path(path)
    table = _table(path)
    there = [name for name in EFFECTS if name in table.columns]
    kind = next((name for name in there if table[name].null_count() < len(table)), there[0])
    number = {name: _number(table, name) for name in (*EFFECTS, "standard_error", "frequency", "info", "n", "pos")}
    raw = number[kind]
    effect = raw.log() if kind in ("odds_ratio", "hazard_ratio") else raw
    rows = table.select(
        "line",
        _text(table, "rsid").alias("rsid"),
        _text(table, "contig").alias("contig"),
        number["pos"].cast(pl.Int64).alias("pos"),
        pl.col("effect_allele").str.to_uppercase(),
        pl.col("other_allele").str.to_uppercase(),
        _finite(effect).alias("effect"),
        _finite(raw).alias("raw"),
        number["standard_error"].alias("standard_error"),
        _log10_p(table).alias("log10_p"),
        *(number[name].alias(name) for name in ("frequency", "info", "n")),
    )
    names = {name: canonical(_NUMBERED.get(name, name)) for name in rows["contig"].unique().drop_nulls()}
    rows = rows.with_columns(pl.col("contig").replace(names), z=_z(rows, kind))
    _judge_effects(path, rows, kind)
    rows = _with_p(rows)
    if kind == "z_score":
        rows = rows.with_columns(effect=pl.lit(None, pl.Float64))
    return rows.select(pl.col(name).cast(dtype) for name, dtype in SUMMARY_SCHEMA.items()), kind


def stated_build(path: Path) -> str | None:
    """The assembly that the file's harmonised columns or the metadata of GWAS-SSF beside it state; None without either.

    GRCh37 or GRCh38. Raises a Fault where they state 0-based positions, which nothing here reads.
    """
    if HARMONISED in first_names(path):
        return "GRCh38"
    metadata = metadata_of(Path(path))
    if not metadata.is_file():
        return None
    text = metadata.read_text(encoding="utf-8", errors="replace")
    if re.search(r"coordinate_?system\s*:\s*[\"']?0", text, re.IGNORECASE):
        raise Fault("the positions are 0-based", metadata, remedy="Take a file with 1-based positions")
    found = re.search(r"genome_?assembly\s*:\s*[\"']?([\w.]+)", text, re.IGNORECASE)
    name = found[1].lower() if found else ""
    return {"37": "GRCh37", "19": "GRCh37", "38": "GRCh38"}.get(re.sub(r"^(grch|hg|ncbi|b)|\.p\d+$", "", name))


def _table(path: Path) -> pl.DataFrame:
    """The known columns as text under our names, with ``line``; what stands for missing is null."""
    content = _content(path)
    head, _, _ = content.partition(b"\n")
    if b"\t" not in head:
        content = re.sub(rb"[ \t]+", b"\t", re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", content))
        head, _, _ = content.partition(b"\n")
    given = names_in(head)
    check_columns(path, given)
    own = known_columns(given)
    try:
        table = pl.read_csv(
            io.BytesIO(content),
            separator="\t",
            columns=[n for n, name in enumerate(given) if name in own],
            infer_schema=False,
            quote_char=None,
            null_values=_ABSENT,
            row_index_name="line",
            row_index_offset=2,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError as error:
        raise Fault(f"the table cannot be read: {error}", path, remedy="Give a row a variant under a header") from None
    cells = [name for name in table.columns if name != "line"]
    return table.rename({name: own[name.strip()] for name in cells}).with_columns(
        pl.exclude("line").str.strip_chars().replace("", None)
    )


def _content(path: Path) -> bytes:
    try:
        with open(path, "rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
            handle.seek(0)
            content = (gzip.GzipFile(fileobj=handle) if packed else handle).read()
    except FileNotFoundError:
        raise Fault("the summary statistics are not there", path, remedy="Check scores.train in the config") from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise Fault("the compressed file is damaged or cut short", path, remedy="Fetch it again") from None
    if not content.strip():
        raise Fault("the file is empty", path, remedy="Give a table with a header and a row a variant")
    return content.removeprefix(b"\xef\xbb\xbf")


def _text(table: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in table.columns else pl.lit(None, pl.String)


def _number(table: pl.DataFrame, name: str) -> pl.Expr:
    return _finite(_text(table, name).cast(pl.Float64, strict=False))


def _finite(value: pl.Expr) -> pl.Expr:
    return pl.when(value.is_finite()).then(value)


def _log10_p(table: pl.DataFrame) -> pl.Expr:
    """The logarithm of p, which may be below the smallest double; minus infinity where p is written as 0."""
    minus, text = _number(table, "minus_log10_p"), _text(table, "p")
    value = text.cast(pl.Float64, strict=False)
    parts = [text.str.extract(r"^\+?([\d.]+)[eE]([-+]?\d+)$", n).cast(pl.Float64, strict=False) for n in (1, 2)]
    tiny = pl.when((value < _SMALLEST) & (parts[0] > 0)).then(parts[0].log10() + parts[1])
    of_text = pl.when(value.is_between(0, 1)).then(pl.coalesce(tiny, value.log10()))
    return pl.coalesce(pl.when(minus >= 0).then(-minus), of_text)


def _z(rows: pl.DataFrame, kind: str) -> pl.Series:
    """Effect / standard error, or the file's own z score; else from the p-value, with the effect's sign."""
    effect, error = rows["effect"].to_numpy(), rows["standard_error"].to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        own = effect if kind == "z_score" else np.where(error > 0, effect / error, np.nan)
        p = rows["log10_p"].to_numpy()
        use = np.isnan(own) & np.isfinite(p) & np.isfinite(effect)
    size = np.empty(int(use.sum()))
    z_of(p[use], size)
    values = own.copy()
    values[use] = np.sign(effect[use]) * size
    return pl.Series(values, nan_to_null=True)


def _with_p(rows: pl.DataFrame) -> pl.DataFrame:
    """Fill p-values that are not there, or written as 0, from z scores."""
    p, z = rows["log10_p"].to_numpy(), rows["z"].to_numpy()
    use = ~np.isfinite(p) & np.isfinite(z)
    filled = np.empty(int(use.sum()))
    log10_p_of(z[use], filled)
    values = np.where(np.isfinite(p), p, np.nan)
    values[use] = filled
    return rows.with_columns(log10_p=pl.Series(values, nan_to_null=True))


def _judge_effects(path: Path, rows: pl.DataFrame, kind: str) -> None:
    """Refuse a file whose effects, all together, cannot be what the column says."""
    raw = rows["raw"].drop_nulls()
    if len(raw) >= _COMPARED and kind == "beta" and raw.min() > 0:
        remedy = "If they are odds ratios, name the column odds_ratio"
        raise Fault(f"no beta of {len(raw)} is 0 or below, which no study gives", path, remedy=remedy)
    if len(raw) >= _COMPARED and kind in ("odds_ratio", "hazard_ratio") and (raw < 0).mean() > 0.01:
        remedy = "If they are logarithms, name the column beta"
        raise Fault(f"{(raw < 0).sum()} of {len(raw)} in {kind} are below 0", path, remedy=remedy)
    both = rows.filter(
        pl.col("log10_p").is_between(-300, np.log10(0.05)) & (pl.col("standard_error") > 0) & pl.col("z").is_not_null()
    )
    if len(both) < _COMPARED or kind == "z_score":
        return
    expected = np.empty(len(both))
    z_of(both["log10_p"].to_numpy(), expected)
    off = float(np.median(np.abs(both["z"].abs().to_numpy() / expected - 1)))
    if off > MAX_DISAGREEMENT:
        fault = f"effects, standard errors and p-values do not belong together: in the median they differ by {off:.0%}"
        remedy = "The standard error must be that of beta, or of the logarithm of a ratio"
        raise Fault(fault, path, remedy=remedy)
