"""Match the variants of polygenic scores to the cohort's sites."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.downloads import read_lock
from permed.reference import Reference
from permed.scores.catalogue import read_batches
from permed.scores.log import LOG_SCHEMA
from permed.scores.matching import ContigSites, match_batches
from permed.scores.summary import summarise
from permed.scoring_files.positions import Lift
from permed.step import log, step
from permed.tables import write_parts, write_table


@step
def match_scores(
    sites: list[Path],
    files: list[Path],
    set_aside: list[Path],
    *,
    matches: Path,
    variants: Path,
    build: str,
    min_match: float,
    absent_sites: str,
    reference: Path | None = None,
    chain: Path | None = None,
    locks: list[Path] | None = None,
    site_quality: Path | None = None,
    frequencies: list[Path] | None = None,
    columns: dict | None = None,
) -> None:
    """Find out of every variant of every score whether the cohort has it, and of every score whether it has enough.

    ``sites`` are ``{contig}.sites.parquet``, a file a contig of the run, and ``set_aside`` the records of the same
    contigs that normalisation set aside. ``absent_sites`` is ``missing`` or ``reference``. Of ``files`` those with
    ``locks`` were downloaded; those of the other build are lifted with ``chain``. ``site_quality`` lists sites of poor
    quality (``contig pos ref alt left_out``). ``frequencies`` are tables of sites, a contig each like ``sites``, whose
    counts tell the strand of A/T and C/G variants. ``columns`` are the configuration's names of columns by file.
    """
    names = [path.name.removesuffix(".sites.parquet") for path in sites]
    fasta = Reference(reference, names) if reference is not None else None
    lift = Lift(chain, fasta) if chain and fasta else None
    aside = set_aside if absent_sites == "reference" else [None] * len(sites)
    contigs = [ContigSites(*own, site_quality, frequencies) for own in zip(names, sites, aside, strict=True)]
    batches = read_batches(files, build, lift, [read_lock(path) for path in locks or []], columns)
    summaries = []

    def logs() -> Iterator[pl.DataFrame]:
        for found, about in match_batches(batches, contigs, fasta):
            summary = summarise(found, min_match)
            summaries.append(summary.join(about, on="score", how="left", maintain_order="left"))
            log.info("%d variants of %d scores", len(found), len(about))
            yield found

    write_parts(logs(), LOG_SCHEMA, variants)
    write_table(pl.concat(summaries), matches)
