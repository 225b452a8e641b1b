"""Columns of summary statistics, under their names in GWAS-SSF and in PRS-CS's table; enough of both to train from."""

import gzip
import zlib
from pathlib import Path

from permed.errors import Fault

COLUMNS = {
    "rsid": ("rsid", "SNP"),
    "contig": ("chromosome", "CHR"),
    "pos": ("base_pair_location", "BP"),
    "effect_allele": ("effect_allele", "A1"),
    "other_allele": ("other_allele", "A2"),
    "beta": ("beta", "BETA"),
    "odds_ratio": ("odds_ratio", "OR"),
    "hazard_ratio": ("hazard_ratio",),
    "z_score": ("z-score",),
    "standard_error": ("standard_error", "SE"),
    "p": ("p_value", "P"),
    "minus_log10_p": ("neg_log_10_p_value",),
    "frequency": ("effect_allele_frequency",),
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


def check_columns(path: Path, given: list[str]) -> None:
    """Raise a Fault that names the columns without which nothing can be trained."""
    columns = {ours for ours, names in COLUMNS.items() if {*names} & {*given}}
    missing = [COLUMNS[name][0] for name in ("effect_allele", "other_allele") if name not in columns]
    missing += [] if columns & {*EFFECTS} else ["beta or odds_ratio"]
    missing += [] if "rsid" in columns or {"contig", "pos"} <= columns else ["chromosome and base_pair_location"]
    known = columns & {"standard_error", "p", "minus_log10_p", "z_score"}
    missing += [] if known else ["standard_error or p_value"]
    if missing:
        remedy = "Name the columns as GWAS-SSF does (chromosome, base_pair_location, effect_allele …) or PRS-CS (SNP …)"
        raise Fault(f"the columns are missing: {', '.join(missing)}", path, remedy=remedy)


def header_faults(path: Path) -> list[Fault]:
    """What the first line of a file alone tells to be wrong; a damaged file is found when it is read whole."""
    try:
        with open(path, "rb") as handle:
            packed = handle.read(2) == b"\x1f\x8b"
            handle.seek(0)
            head = (gzip.GzipFile(fileobj=handle) if packed else handle).readline(_LONGEST)
        check_columns(path, names_in(head))
    except Fault as fault:
        return [fault]
    except (OSError, EOFError, zlib.error):
        return [Fault("the file cannot be read", path, remedy="Fetch it again, and check that it may be read")]
    return []
