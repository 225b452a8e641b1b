"""Where a file says that everything is reference: blocks of a gVCF, callable regions of a BED."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.bcftools import bcftools, opened
from permed.errors import Fault
from permed.evidence.intervals import Intervals
from permed.filters import failed
from permed.genome import reconcile
from permed.observations.bounds import Bounds, judge_blocks
from permed.observations.codes import BELIEVED, GENOTYPE_FILTER, ONE_ALLELE, SITE_FILTER
from permed.observations.observing import People, one_copy_at
from permed.plain_text import read_plain

# A record of no alternate but the one that stands for any, or of none and an END: bcftools' expression.
PURE_BLOCK = '(N_ALT=1 && (ALT="<NON_REF>" || ALT="<*>")) || (N_ALT=0 && INFO/END>POS)'
_FIELDS = ("GT", "MIN_DP", "DP", "GQ", "RGQ", "GQX", "PL", "FT")
_CHUNK = 1 << 25  # characters read at a time: a genome has tens of millions of blocks


@dataclass(frozen=True)
class Blocks:
    """Reference blocks of a file: how many, and for each sample where they are ``good`` and where of one copy.

    ``single`` is the part of ``good`` where the genotype has one allele. ``weak`` are those that are not believed, by
    code of doubt.
    """

    count: int
    good: dict[str, Intervals]
    single: dict[str, Intervals]
    weak: dict[str, dict[int, Intervals]]


def may_have_blocks(path: Path) -> bool:
    """Whether the header leaves room for reference blocks."""
    with opened(path) as file:
        alternates = {record.get("ID") for record in file.header.records if record.key == "ALT"}
        return "END" in file.header.info or bool({"NON_REF", "*"} & alternates)


def read_blocks(path: Path, contig: str, folder: Path, bounds: Bounds, people: People) -> Blocks:
    """Reference blocks of the records (not yet split) of one contig.

    A block is reference for a sample whose genotype there has reference alleles only and is believed by the measure of
    all genotypes: FILTER and FT, GQ (else RGQ, GQX) but no more than PL tell, and MIN_DP (else DP); one that has
    neither is no evidence.
    """
    with opened(path) as file:
        samples = list(file.header.samples)
        has_end = "END" in file.header.info
        told = set(file.header.formats)
        if "FT" in told and file.header.formats["FT"].type != "String":
            told.remove("FT")
    end = "%INFO/END" if has_end else "."
    cells = "".join(f"\t%{name}" if name in told else "\t." for name in _FIELDS)
    text = folder / "blocks.tsv"
    layout = f"%POS\t{end}\t%INFO/MIN_DP\t%FILTER[{cells}]\n"
    bcftools("query", "-u", "-i", _pure(has_end), "-f", layout, "-o", text, path)
    done = Blocks(0, *(dict.fromkeys(samples, Intervals.of()) for _ in range(2)), {name: {} for name in samples})
    count = 0
    with open(text, encoding="utf-8") as lines:
        while chunk := lines.readlines(_CHUNK):
            table = pl.read_csv(
                "".join(chunk).encode(), separator="\t", has_header=False, infer_schema=False, null_values=["."]
            )
            count += len(table)
            where = table.select(
                start=pl.col(table.columns[0]).cast(pl.Int64),
                end=pl.coalesce(table.columns[1], table.columns[0]).cast(pl.Int64),
            )
            passed = _passes(table[table.columns[3]], bounds.filters).to_numpy()
            one_copy = one_copy_at(where["start"].to_numpy(), contig, people)
            for number, sample in enumerate(samples):
                alone = one_copy[:, number] if len(one_copy) else np.zeros(len(table), np.bool_)
                reference, single, codes = _judged(table, number, alone, bounds)
                codes[reference & ~passed] = SITE_FILTER
                if not len(one_copy):  # a contig of which everybody has two copies
                    codes[reference & single & (codes == BELIEVED)] = ONE_ALLELE
                _add(done, sample, where, reference, single, codes)
    text.unlink()
    return Blocks(count, done.good, done.single, done.weak)


def _add(done: Blocks, sample: str, where: pl.DataFrame, reference, single, codes) -> None:
    """Add the blocks of one sample."""
    start, end = where["start"].to_numpy(), where["end"].to_numpy()
    good = reference & (codes == BELIEVED)
    done.good[sample] = done.good[sample].union(Intervals.of(start[good], end[good]))
    done.single[sample] = done.single[sample].union(Intervals.of(start[good & single], end[good & single]))
    weak = done.weak[sample]
    for code in np.unique(codes[reference & (codes > BELIEVED)]).tolist():
        here = reference & (codes == code)
        part = Intervals.of(start[here], end[here])
        weak[code] = weak[code].union(part) if code in weak else part


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
    text = read_plain(path, "cohort.callable", "BED").decode()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        cells = line.split("\t")
        if len(cells) < 3 or not (cells[1].isdigit() and cells[2].isdigit()) or int(cells[1]) > int(cells[2]):
            raise Fault("the line is not one of a BED", path, None, number, remedy)
        rows.append((cells[0], int(cells[1]), int(cells[2])))
    return rows


def _pure(has_end: bool) -> str:
    return PURE_BLOCK if has_end else PURE_BLOCK.split(" || (N_ALT=0")[0]


def _passes(seen: pl.Series, filters: tuple[str, ...]) -> pl.Series:
    """Whether FILTER or FT values, joined by semicolons and null where missing, are all believed."""
    seen = seen.fill_null("")
    told = {text: not failed(text.split(";") if text else [], filters) for text in seen.unique()}
    return seen.replace_strict(told, return_dtype=pl.Boolean)


def _judged(
    table: pl.DataFrame, number: int, one_copy: np.ndarray, bounds: Bounds
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which blocks the ``number``-th sample has as reference, which of them as one allele, and the codes of doubt."""
    columns = table.columns[4 + len(_FIELDS) * number :][: len(_FIELDS)]
    genotype, least, depth, *qualities, likelihoods, _ = (pl.col(name) for name in columns)

    def number_of(*choices: pl.Expr) -> pl.Expr:
        return pl.coalesce(choice.cast(pl.Float64, strict=False) for choice in choices)

    found = table.select(
        reference=genotype.str.contains(r"^0([/|]0)?$").fill_null(False),
        single=(genotype == "0").fill_null(False),
        depth=number_of(least, pl.col(table.columns[2]), depth),
        quality=pl.min_horizontal(number_of(*qualities), _next_best(likelihoods)),
        flat=(_next_best(likelihoods) == 0).fill_null(False),
    )
    reference, single, flat = (found[name].to_numpy() for name in ("reference", "single", "flat"))
    depth, quality = (found[name].fill_null(np.nan).to_numpy() for name in ("depth", "quality"))
    codes = judge_blocks(quality, depth, flat, single | one_copy, bounds.min_depth, bounds.min_quality)
    codes[reference & ~_passes(table[columns[-1]], ("PASS", ".", *bounds.filters)).to_numpy()] = GENOTYPE_FILTER
    return reference, single, codes


def _next_best(likelihoods: pl.Expr) -> pl.Expr:
    """How much less likely than the reference the next best genotype is, by PL, 0 where it is likelier; null unless all
    genotypes of one or two copies of two alleles have a likelihood."""
    values = likelihoods.str.split(",").list.eval(pl.element().cast(pl.Int64, strict=False))
    whole = values.list.len().is_in([2, 3]) & ~values.list.eval(pl.element().is_null()).list.any()
    margin = values.list.slice(1).list.min() - values.list.first()
    return pl.when(whole).then(pl.max_horizontal(margin, 0))
