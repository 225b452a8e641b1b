"""Columns of summary statistics, under their names in GWAS-SSF and in PRS-CS's table; enough of both to train from.

Files that the GWAS Catalog harmonised before GWAS-SSF have what it made of a row, on GRCh38, under names with ``hm_``
beside the authors' own columns; where they are there, they count.
"""

import gzip
import zlib
from pathlib import Path

from permed.errors import Fault

HARMONISED = "hm_pos"
COLUMNS = {
    "rsid": ("hm_rsid", "rsid", "SNP"),
    "contig": ("hm_chrom", "chromosome", "CHR"),
    "pos": (HARMONISED, "base_pair_location", "BP"),
    "effect_allele": ("hm_effect_allele", "effect_allele", "A1"),
    "other_allele": ("hm_other_allele", "other_allele", "A2"),
    "beta": ("hm_beta", "beta", "BETA"),
    "odds_ratio": ("hm_odds_ratio", "odds_ratio", "OR"),
    "hazard_ratio": ("hazard_ratio",),
    "z_score": ("z-score",),
    "standard_error": ("standard_error", "SE"),
    "p": ("p_value", "P"),
    "minus_log10_p": ("neg_log_10_p_value",),
    "frequency": ("hm_effect_allele_frequency", "effect_allele_frequency"),
    "info": ("info", "INFO"),
    "n": ("n", "N"),
}
EFFECTS = ("beta", "odds_ratio", "hazard_ratio", "z_score")
_LONGEST = 1 << 16  # of a line of column names


def metadata_of(path: Path) -> Path:
    """Where GWAS-SSF has the metadata of a file."""
    return path.with_name(f"{path.name}-meta.yaml")


def names_in(head: bytes) -> list[str]:
    """The column names in a file's first line, separated by tabs or, without any, by other white space."""
    text = head.decode("utf-8-sig", "replace").strip("\r\n")
    return [name.strip() for name in text.split("\t")] if "\t" in text else text.split()


def known_columns(given: list[str]) -> dict[str, str]:
    """Our names of the columns to read, by theirs; of several for the same thing the first that :data:`COLUMNS` has."""
    found = {ours: next((name for name in names if name in given), None) for ours, names in COLUMNS.items()}
    return {name: ours for ours, name in found.items() if name}


def check_columns(path: Path, given: list[str]) -> None:
    """Raise a Fault that names the columns without which nothing can be trained."""
    columns = set(known_columns(given).values())
    missing = [name for name in ("effect_allele", "other_allele") if name not in columns]
    missing += [] if columns & {*EFFECTS} else ["beta or odds_ratio"]
    missing += [] if "rsid" in columns or {"contig", "pos"} <= columns else ["chromosome and base_pair_location"]
    known = columns & {"standard_error", "p", "minus_log10_p", "z_score"}
    missing += [] if known else ["standard_error or p_value"]
    if missing:
        remedy = "Name the columns as GWAS-SSF does (chromosome, base_pair_location, effect_allele …) or PRS-CS (SNP …)"
        raise Fault(f"the columns are missing: {', '.join(missing)}", path, remedy=remedy)


def first_names(path: Path) -> list[str]:
    """The column names of a file, plain or gzipped, of which only the first line is read."""
    with open(path, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
        handle.seek(0)
        return names_in((gzip.GzipFile(fileobj=handle) if packed else handle).readline(_LONGEST))


def header_faults(path: Path) -> list[Fault]:
    """What the first line of a file alone tells to be wrong; a damaged file is found when it is read whole."""
    try:
        check_columns(path, first_names(path))
    except Fault as fault:
        return [fault]
    except (OSError, EOFError, zlib.error):
        return [Fault("the file cannot be read", path, remedy="Fetch it again, and check that it may be read")]
    return []
