"""How much of each listed gene's coding sequence was looked at in each person, on one contig."""

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from permed.filters import BELIEVED
from permed.findings.asked import read_asked
from permed.findings.coverage import SCHEMA, coding_bases, looked_at, named_codons
from permed.findings.grounds import block_grounds, grounds
from permed.genotypes.store import GenotypeStore
from permed.observations.bounds import Bounds
from permed.step import log, step
from permed.tables import read_json, read_table, write_table


@step
def measure_coverage(
    genotypes: Path,
    samples: Path,
    people: Path,
    models: Path,
    set_aside: Path,
    counts: Path,
    files: list[Path],
    consent_findings: Path,
    consent_carriers: Path,
    contig: str,
    *,
    coverage: Path,
    secondary: Path | None = None,
    carriers: Path | None = None,
    phenotypes: Path | None = None,
    ontology: Path | None = None,
    regions: list[Path] | None = None,
    absent_sites: str = "missing",
    bounds: dict | None = None,
    filters: list[str] | None = None,
    build: str = "GRCh38",
) -> None:
    """Write how much was looked at of the genes on ``contig``, of each in the people who are asked about it.

    ``files`` are the indexed genotype files of the contig, read again for reference blocks where ``counts`` of its
    normalisation has any; ``regions`` the BEDs of callable regions: one for everybody, or one for each of ``people``,
    the list of those who agreed to anything.
    """
    asked = read_asked(samples, consent_findings, consent_carriers, secondary, carriers, phenotypes, ontology)
    transcripts = read_table(models)
    bases = coding_bases(transcripts, asked.genes, contig)
    if not bases:
        write_table(pl.DataFrame(schema=SCHEMA), coverage)
        return
    every = np.unique(np.concatenate(list(bases.values())))
    blocks = {}
    if read_json(counts).get("reference_blocks"):
        limits = Bounds(**(bounds or {}), filters=tuple(filters or BELIEVED))
        sexes = dict(read_table(samples).select("sample", "sex").iter_rows())
        with tempfile.TemporaryDirectory(prefix=".coverage-", dir=coverage.parent) as folder:
            blocks = block_grounds(files, contig, every, asked.people, Path(folder), limits, sexes, build)
    beds = regions or []
    names = people.read_text(encoding="utf-8").split()
    callable_by = dict(zip(names, beds * len(names) if len(beds) == 1 else beds, strict=True)) if beds else {}
    ground = grounds(asked.people, contig, blocks, callable_by, absent_sites)
    named = named_codons(transcripts, asked.residues, contig)
    store = GenotypeStore.open([genotypes], samples)
    table = looked_at(store, bases, ground, read_table(set_aside), asked.about, named)
    write_table(table, coverage)
    log.info("%s: %d genes of %d people", contig, len(bases), len(ground))
