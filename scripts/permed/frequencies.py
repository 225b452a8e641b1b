"""Allele frequencies of another population than the cohort: substitutions of one base that are common there."""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from permed.bcftools import bcftools, opened
from permed.errors import Fault
from permed.genome import canonical
from permed.genotypes.store import alt_frequency
from permed.tables import column_names, line_of, read_table

MIN_AF, MAX_AF = 0.05, 0.95  # of REF, both excluded: the bounds of CHARR
MIN_COHORT = 10_000  # people from whom frequencies may be the cohort's own (Hail's compute_charr has the same)
FREQUENCY_SCHEMA = {"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String, "af": pl.Float64}
REMEDY = "Give a table with the columns contig, pos, ref, alt and af, or a VCF with INFO/AF"
_KEYS = ["contig", "pos", "ref", "alt"]
_BASES = ["A", "C", "G", "T"]
_QUERY = ["-i", f'TYPE="snp" && N_ALT==1 && INFO/AF>{MIN_AF} && INFO/AF<{MAX_AF}']


def read_frequencies(path: Path) -> pl.DataFrame:
    """Read the frequency of ALT (``af``) by ``contig pos ref alt``, contigs by their canonical names.

    ``path`` is a VCF or BCF with INFO/AF, or a table (TSV, TSV.gz, Parquet) with these columns; columns named
    ``af_…`` are the frequencies in other populations. Only substitutions of one base that are common (by ``af``) and
    have a frequency in every population are kept. Raises a Fault where the file gives no frequencies.
    """
    found = _of_vcf(path) if _is_vcf(path) else _of_table(path)
    wrong = found.filter(~pl.all_horizontal(pl.col(populations(found)).is_between(0, 1))).head(1)
    if len(wrong):
        place = "{contig}:{pos}".format(**wrong.row(0, named=True))
        raise Fault(f"the frequency of {place} is not between 0 and 1", path, remedy="Give the frequency of ALT")
    one_base = pl.col("ref").is_in(_BASES) & pl.col("alt").is_in(_BASES)
    found = found.filter(one_base & pl.col("af").is_between(MIN_AF, MAX_AF, closed="none"))
    names = {contig: canonical(contig) for contig in found["contig"].unique()}
    found = found.with_columns(pl.col("contig").replace(names))
    return found.unique(_KEYS, keep="none", maintain_order=True)


def populations(frequencies: pl.DataFrame) -> list[str]:
    """The columns of frequencies."""
    return [name for name in frequencies.columns if name == "af" or name.startswith("af_")]


def with_frequencies(sites: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """``sites`` that ``other`` has too, with its frequencies; both as :func:`read_frequencies` gives them."""
    return sites.select(_KEYS).join(other, on=_KEYS, maintain_order="left")


def check_frequencies(path: Path) -> list[Fault]:
    """Whether a file looks like one of frequencies; its records are not read."""
    try:
        if _is_vcf(path):
            with opened(path) as file:
                if "AF" not in file.header.info:
                    return [Fault("its header has no INFO/AF", path, remedy=REMEDY)]
        else:
            _needed_columns(column_names(path), path)
    except Fault as fault:
        return [fault]
    except (OSError, ValueError, pl.exceptions.PolarsError):
        return [Fault("the file cannot be read", path, remedy=REMEDY)]
    return []


def site_frequencies(sites: pl.DataFrame, frequencies: pl.DataFrame | None) -> np.ndarray:
    """The frequency of ALT at each site in each population, (populations, sites); NaN where it is not known.

    Without ``frequencies`` it is that of the cohort's own genotypes, which ``sites`` counts.
    """
    if frequencies is None:
        return sites.select(alt_frequency()).to_numpy().T
    names = {contig: canonical(contig) for contig in sites["contig"].unique()}
    keyed = sites.select(pl.col("contig").replace(names), "pos", "ref", "alt")
    joined = keyed.join(frequencies, on=_KEYS, how="left", maintain_order="left")
    return joined.select(pl.col(populations(frequencies)).fill_null(float("nan"))).to_numpy().T


def common_reference(frequencies: np.ndarray) -> np.ndarray:
    """Frequencies of REF from those of ALT, NaN where they are not between the bounds of CHARR."""
    return np.where((1 - frequencies > MIN_AF) & (1 - frequencies < MAX_AF), 1 - frequencies, np.nan)


def _is_vcf(path: Path) -> bool:
    return path.name.removesuffix(".gz").removesuffix(".bgz").endswith((".vcf", ".bcf"))


def _needed_columns(columns: list[str], path: Path) -> None:
    lacking = [name for name in FREQUENCY_SCHEMA if name not in columns]
    if lacking:
        raise Fault(f"the table has no column {', '.join(lacking)}", path, remedy=REMEDY)


def _of_vcf(path: Path) -> pl.DataFrame:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "frequencies.tsv"
        bcftools("query", *_QUERY, "-f", r"%CHROM\t%POS\t%REF\t%ALT\t%INFO/AF\n", "-o", out, path, file=path)
        return pl.read_csv(out, separator="\t", has_header=False, schema=FREQUENCY_SCHEMA)


def _of_table(path: Path) -> pl.DataFrame:
    table = pl.read_parquet(path) if path.suffix == ".parquet" else read_table(path)
    _needed_columns(table.columns, path)
    kinds = FREQUENCY_SCHEMA | dict.fromkeys(populations(table), pl.Float64)
    numbers = table.select(pl.col(name).cast(kind, strict=False) for name, kind in kinds.items())
    for name in kinds:
        wrong = (numbers[name].is_null() & table[name].is_not_null()).arg_true()
        if len(wrong):
            fault = f"{name} has {table[name][wrong[0]]!r}, which is no number"
            remedy = "Give numbers in pos, af and af_…"
            raise Fault(fault, path, line=line_of(path, wrong[0]), remedy=remedy)
    return numbers.drop_nulls()
