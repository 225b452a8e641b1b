"""What variants that meet in one codon or reading frame do together, in the people who carry them."""

from pathlib import Path

import polars as pl

from permed.annotation.compounds import SCHEMA
from permed.annotation.compounds import find_compounds as find
from permed.findings.lists import listed_genes, read_carriers
from permed.step import log, step
from permed.tables import read_table, write_table
from permed.withholding import released


@step
def find_compounds(
    variants: list[Path],
    rows: list[Path],
    models: Path,
    reference: list[Path],
    consent_findings: Path,
    consent_carriers: Path,
    quality: Path,
    *,
    compounds: Path,
    carriers: Path | None = None,
) -> None:
    """Write joint consequences in the people who agreed to findings or carriers and whose ``quality`` did not fail.

    ``variants`` and ``rows`` are of one contig each, in the same order; the former are indexed. Of people who agreed to
    carrier status alone only the genes of the list ``carriers`` are looked at, and none without one.
    """
    samples, _ = released(consent_findings, quality)
    agreed, _ = released(consent_carriers, quality)
    only_carriers = sorted(set(agreed) - set(samples))
    recessive = listed_genes([read_carriers(carriers)]) if carriers else []
    known = read_table(models)
    parts = [pl.DataFrame(schema=SCHEMA)]
    for path, table in zip(variants, rows, strict=True):
        listed = read_table(table)
        if len(listed):
            here = known.filter(contig=listed["contig"][0])
            parts.append(find(path, listed, here, reference[0], samples))
            of_list = listed.filter(pl.col("gene").is_in(recessive))
            parts.append(find(path, of_list, here, reference[0], only_carriers))
    found = pl.concat(parts)
    write_table(found, compounds)
    log.info("%d people have variants that meet", found["sample"].n_unique())
