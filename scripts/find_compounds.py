"""What variants that meet in one codon or reading frame do together, in the people who carry them."""

from pathlib import Path

import polars as pl

from permed.annotation.compounds import SCHEMA
from permed.annotation.compounds import find_compounds as find
from permed.step import log, step
from permed.tables import read_table, write_table
from permed.withholding import released


@step
def find_compounds(
    variants: list[Path],
    rows: list[Path],
    models: Path,
    reference: list[Path],
    consent: Path,
    quality: Path,
    *,
    compounds: Path,
) -> None:
    """Write joint consequences in the people who agreed to findings (``consent``) and whose ``quality`` did not fail.

    ``variants`` and ``rows`` are of one contig each, in the same order; the former are indexed.
    """
    samples, _ = released(consent, quality)
    known = read_table(models)
    parts = [pl.DataFrame(schema=SCHEMA)]
    for path, table in zip(variants, rows, strict=True):
        listed = read_table(table)
        if len(listed):
            here = known.filter(contig=listed["contig"][0])
            parts.append(find(path, listed, here, reference[0], samples))
    found = pl.concat(parts)
    write_table(found, compounds)
    log.info("%d people have variants that meet", found["sample"].n_unique())
