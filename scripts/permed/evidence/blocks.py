"""Where a file says that everything is reference: blocks of a gVCF, callable regions of a BED."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.bcftools import bcftools, opened
from permed.errors import Fault
from permed.evidence.intervals import Intervals
from permed.filters import BELIEVED, failed
from permed.genome import reconcile

# A record of no alternate but the one that stands for any, or of none and an END: bcftools' expression.
PURE_BLOCK = '(N_ALT=1 && (ALT="<NON_REF>" || ALT="<*>")) || (N_ALT=0 && INFO/END>POS)'
_FIELDS = ("GT", "MIN_DP", "DP", "GQ", "RGQ")
_CHUNK = 1 << 25  # characters read at a time: a genome has tens of millions of blocks


@dataclass(frozen=True)
class Blocks:
    """Reference blocks of a file: how many, and for each sample where they are ``good`` and where of one copy.

    ``single`` is the part of ``good`` where the genotype has one allele.
    """

    count: int
    good: dict[str, Intervals]
    single: dict[str, Intervals]


def may_have_blocks(path: Path) -> bool:
    """Whether the header leaves room for reference blocks."""
    with opened(path) as file:
        alternates = {record.get("ID") for record in file.header.records if record.key == "ALT"}
        return "END" in file.header.info or bool({"NON_REF", "*"} & alternates)


def read_blocks(
    path: Path, folder: Path, min_depth: int, min_quality: int, filters: tuple[str, ...] = BELIEVED
) -> Blocks:
    """Reference blocks of the records (not yet split) of one contig.

    A block is reference for a sample whose genotype there has reference alleles only, with MIN_DP (else DP) and GQ
    (else RGQ) of at least the thresholds; one without these fields, or with a FILTER that is not among ``filters``, is
    no evidence.
    """
    with opened(path) as file:
        samples = list(file.header.samples)
        has_end = "END" in file.header.info
    end = "%INFO/END" if has_end else "."
    cells = "".join(f"\t%{name}" for name in _FIELDS)
    text = folder / "blocks.tsv"
    layout = f"%POS\t{end}\t%INFO/MIN_DP\t%FILTER[{cells}]\n"
    bcftools("query", "-u", "-i", _pure(has_end), "-f", layout, "-o", text, path)
    count, good, single = 0, dict.fromkeys(samples, Intervals.of()), dict.fromkeys(samples, Intervals.of())
    with open(text, encoding="utf-8") as lines:
        while chunk := lines.readlines(_CHUNK):
            table = pl.read_csv(
                "".join(chunk).encode(), separator="\t", has_header=False, infer_schema=False, null_values=["."]
            )
            count += len(table)
            table = table.filter(_believed(table, filters)).drop(table.columns[3])
            for number, sample in enumerate(samples):
                covered, of_one = _good(table, number, min_depth, min_quality)
                good[sample] = good[sample].union(covered)
                single[sample] = single[sample].union(of_one)
    text.unlink()
    return Blocks(count, good, single)


def drop_blocks(path: Path, to: Path) -> None:
    """Write the records that are no reference blocks."""
    with opened(path) as file:
        has_end = "END" in file.header.info
    bcftools("view", "-e", _pure(has_end), "-Ob0", "-o", to, path)


def read_callable(path: Path, contig: str) -> Intervals:
    """Regions of one contig in a BED (0-based, half-open; plain or gzipped), as positions.

    Raises a Fault that names the line which is not ``contig start end``.
    """
    rows = bed_rows(path)
    own = reconcile([contig], {name for name, _, _ in rows}).get(contig)
    here = [(start + 1, end) for name, start, end in rows if name == own and end > start]
    return Intervals.of([start for start, _ in here], [end for _, end in here])


def bed_rows(path: Path) -> list[tuple[str, int, int]]:
    """The rows ``contig start end`` of a BED, as they stand: 0-based, half-open."""
    remedy = "Give a BED: contig, start (from 0) and end, separated by tabs"
    rows = []
    try:
        with open(path, "rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt") if packed else open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip() or line.startswith(("#", "track", "browser")):
                    continue
                cells = line.rstrip("\r\n").split("\t")
                if len(cells) < 3 or not (cells[1].isdigit() and cells[2].isdigit()) or int(cells[1]) > int(cells[2]):
                    raise Fault("the line is not one of a BED", path, None, number, remedy)
                rows.append((cells[0], int(cells[1]), int(cells[2])))
    except (OSError, EOFError, UnicodeDecodeError):
        raise Fault("the file cannot be read", path, remedy=remedy) from None
    return rows


def _pure(has_end: bool) -> str:
    return PURE_BLOCK if has_end else PURE_BLOCK.split(" || (N_ALT=0")[0]


def _believed(table: pl.DataFrame, filters: tuple[str, ...]) -> pl.Series:
    seen = table[table.columns[3]].fill_null("")
    told = {text: not failed(text.split(";") if text else [], filters) for text in seen.unique()}
    return seen.replace_strict(told, return_dtype=pl.Boolean)


def _good(table: pl.DataFrame, number: int, min_depth: int, min_quality: int) -> tuple[Intervals, Intervals]:
    """Where the blocks of the ``number``-th sample are evidence of the reference, and where of one copy."""
    columns = table.columns[3 + len(_FIELDS) * number :][: len(_FIELDS)]
    genotype, least, depth, quality, of_reference = (pl.col(name) for name in columns)
    position, end, least_of_all = (pl.col(name) for name in table.columns[:3])

    def number_of(*choices: pl.Expr) -> pl.Expr:
        return pl.coalesce(choice.cast(pl.Float64, strict=False) for choice in choices)

    found = table.select(
        start=position.cast(pl.Int64),
        end=pl.coalesce(end, position).cast(pl.Int64),
        single=genotype == "0",
        good=genotype.str.contains(r"^0([/|]0)?$")
        & (number_of(least, least_of_all, depth) >= min_depth)
        & (number_of(quality, of_reference) >= min_quality),
    ).filter("good")
    alone = found.filter("single")
    return tuple(Intervals.of(part["start"].to_numpy(), part["end"].to_numpy()) for part in (found, alone))
