"""Match the variants of polygenic scores to the cohort's sites."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.downloads import read_lock
from permed.genome import canonical
from permed.reference import Reference
from permed.scores.absent import long_sites, take_reference
from permed.scores.catalogue import read_batches
from permed.scores.log import LOG_SCHEMA, collect_log, unmatched
from permed.scores.match import match_contig
from permed.scores.sites import read_sites
from permed.scores.summary import summarise
from permed.scoring_files.indels import left_align
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
) -> None:
    """Find out of every variant of every score whether the cohort has it, and of every score whether it has enough.

    ``sites`` are ``{contig}.sites.parquet``, a file a contig of the run, and ``set_aside`` the records of the same
    contigs that normalisation set aside. ``absent_sites`` is ``missing`` or ``reference``. Of ``files`` those with
    ``locks`` were downloaded; those of the other build are lifted with ``chain``. ``site_quality`` lists sites of poor
    quality (``contig pos ref alt left_out``). ``frequencies`` are tables of sites, a contig each like ``sites``, whose
    counts tell the strand of A/T and C/G variants.
    """
    contigs = [path.name.removesuffix(".sites.parquet") for path in sites]
    fasta = Reference(reference, contigs) if reference is not None else None
    lift = Lift(chain, fasta) if chain and fasta else None
    summaries = []

    def logs() -> Iterator[pl.DataFrame]:
        terms = 0
        for scores, about in read_batches(files, build, lift, [read_lock(path) for path in locks or []]):
            scorable = scores.filter(pl.col("not_scorable").is_null())
            hindered = scores.filter(pl.col("not_scorable").is_not_null())
            parts = [unmatched(hindered, "not_scorable", pl.col("not_scorable"))]
            by_contig = scorable.partition_by("contig", as_dict=True)
            for contig, path, apart in zip(contigs, sites, set_aside, strict=True):
                here = by_contig.pop((canonical(contig),), scorable.clear()).with_columns(contig=pl.lit(contig))
                has_bases = fasta is not None and contig in fasta.lengths
                here = left_align(here, fasta.bases) if has_bases else here
                table = read_sites(path, contig, site_quality, frequencies)
                found = match_contig(here, table)
                if absent_sites == "reference":
                    unknown = pl.read_parquet(apart, columns=["pos", "end"]).cast(pl.Int64)
                    bases = (lambda start, end, of=contig: fasta.bases(of, start, end)) if has_bases else None
                    found = take_reference(found, bases, pl.concat([unknown, long_sites(table)]))
                parts.append(found)
                log.info("%s: %d variants of %d scores, %d sites", contig, len(here), len(about), len(table))
            elsewhere = pl.concat([scorable.clear(), *by_contig.values()])
            parts.append(unmatched(elsewhere, "absent", pl.format("{} is not among the contigs of the run", "contig")))
            whole = collect_log(parts, about["score"], terms)
            terms = max(terms, (whole["term"].max() or terms - 1) + 1)
            summary = summarise(whole, min_match)
            summaries.append(summary.join(about, on="score", how="left", maintain_order="left"))
            yield whole

    write_parts(logs(), LOG_SCHEMA, variants)
    write_table(pl.concat(summaries), matches)
