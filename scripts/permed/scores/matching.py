"""Every variant of every score against a cohort's sites, in batches of scoring files and contig by contig."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.genome import canonical
from permed.reference import Reference
from permed.scores.absent import long_sites, take_reference
from permed.scores.log import collect_log, unmatched
from permed.scores.match import match_contig
from permed.scores.sites import read_sites
from permed.scoring_files.indels import left_align


@dataclass(frozen=True)
class ContigSites:
    """The sites of a contig, named as the cohort has it, and what else tells of them.

    ``sites`` is ``{contig}.sites.parquet``, ``quality`` and ``frequencies`` as :func:`~.sites.read_sites` takes them.
    ``set_aside`` are the records that normalisation set aside, where absent sites are the reference; None where they
    are missing.
    """

    contig: str
    sites: Path
    set_aside: Path | None
    quality: Path | None = None
    frequencies: list[Path] | None = None

    def match(self, variants: pl.DataFrame, fasta: Reference | None) -> pl.DataFrame:
        """The log of variants of the contig."""
        here = variants.with_columns(contig=pl.lit(self.contig))
        has_bases = fasta is not None and self.contig in fasta.lengths
        here = left_align(here, fasta.bases) if has_bases else here
        table = read_sites(self.sites, self.contig, self.quality, self.frequencies)
        found = match_contig(here, table)
        if self.set_aside is None:
            return found
        unknown = pl.read_parquet(self.set_aside, columns=["pos", "end"]).cast(pl.Int64)
        bases = (lambda start, end: fasta.bases(self.contig, start, end)) if has_bases else None
        return take_reference(found, bases, pl.concat([unknown, long_sites(table)]))


def match_batches(
    batches: Iterable[tuple[pl.DataFrame, pl.DataFrame]], contigs: list[ContigSites], fasta: Reference | None
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """For each batch of :func:`~.catalogue.read_batches` the log of its variants (``LOG_SCHEMA``) and its scores."""
    terms = 0
    for scores, about in batches:
        scorable = scores.filter(pl.col("not_scorable").is_null())
        hindered = scores.filter(pl.col("not_scorable").is_not_null())
        by_contig = scorable.partition_by("contig", as_dict=True)
        parts = [unmatched(hindered, "not_scorable", pl.col("not_scorable"))]
        for one in contigs:
            parts.append(one.match(by_contig.pop((canonical(one.contig),), scorable.clear()), fasta))
        elsewhere = pl.concat([scorable.clear(), *by_contig.values()])
        parts.append(unmatched(elsewhere, "absent", pl.format("{} is not among the contigs of the run", "contig")))
        found = collect_log(parts, about["score"], terms)
        terms = max(terms, (found["term"].max() or terms - 1) + 1)
        yield found, about
