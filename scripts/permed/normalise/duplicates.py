"""Records of one variant that came in several spellings, or from several files, become one record."""

from pathlib import Path

import polars as pl
import pysam
import pysam.bcftools

from permed.bcftools import opened
from permed.observations.codes import FIELD

GENOTYPES_OWN = ("PS", FIELD)  # what goes with a genotype wherever that goes: its phase set, and what is said of it


def has_duplicates(path: Path) -> bool:
    """Whether a BCF of split, aligned records has two with the same position and alleles."""
    text = pysam.bcftools.query("-f", "%POS\t%REF\t%ALT\n", str(path))
    return pl.Series(text.splitlines(), dtype=pl.String).is_duplicated().any()


def merge_duplicates(
    path: Path, out: Path, one_file: bool = False
) -> tuple[int, list[tuple[int, str, str, list[str]]]]:
    """Write ``path`` to ``out`` with one record a variant; give how many went and where people's genotypes conflict.

    The first record of a variant stays. A genotype that is missing in one record is taken from another; equal ones
    stay, unphased where their phase differs; of ones that differ nothing is believed: they become missing and are
    given as (position, ref, alt, samples). In records of ``one_file`` reference is not taken: there another record of
    the same site says that it is not known.
    """
    removed, conflicts = 0, []
    with opened(path) as file, pysam.VariantFile(str(out), "wb0", header=file.header) as written:
        waiting: dict[tuple, pysam.VariantRecord] = {}
        disputed: dict[tuple, set[str]] = {}
        at = None
        for record in file:
            if record.pos != at:
                for kept in waiting.values():
                    written.write(kept)
                conflicts += _listed(waiting, disputed)
                waiting, disputed, at = {}, {}, record.pos
            alleles = record.alleles
            if alleles not in waiting:
                waiting[alleles] = record.copy()
                continue
            removed += 1
            _merge_into(waiting[alleles], record, disputed.setdefault(alleles, set()), one_file)
        for kept in waiting.values():
            written.write(kept)
        conflicts += _listed(waiting, disputed)
    return removed, conflicts


def _merge_into(kept: pysam.VariantRecord, other: pysam.VariantRecord, disputed: set[str], one_file: bool) -> None:
    """Complete ``kept``'s genotypes by ``other``'s; samples in which records differ are added to ``disputed``."""
    for name, mine in kept.samples.items():
        theirs = other.samples[name]
        one, two = mine["GT"], theirs["GT"]
        if one_file and (None in two) != (None in one) and {*one, *two} <= {0, None}:
            mine["GT"] = (None,) * len(one)
            continue
        if None in two or name in disputed:
            continue
        if None in one:
            phased = theirs.phased
            mine["GT"] = two
            mine.phased = phased
            for field in GENOTYPES_OWN:
                if field in kept.format or field in other.format:
                    mine[field] = theirs[field] if field in other.format else None
        elif sorted(one) != sorted(two):
            mine["GT"] = (None,) * len(one)
            mine.phased = False
            disputed.add(name)
        elif one != two:
            mine.phased = False


def _listed(waiting: dict[tuple, pysam.VariantRecord], disputed: dict[tuple, set[str]]) -> list[tuple]:
    """Conflicts of a position, samples in the file's order."""
    rows = []
    for alleles, names in disputed.items():
        if names:
            kept = waiting[alleles]
            ordered = [name for name in kept.samples if name in names]
            rows.append((kept.pos, kept.ref, (kept.alts or (".",))[0], ordered))
    return rows
