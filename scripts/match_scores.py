"""Match the variants of polygenic scores to the cohort's sites."""

from pathlib import Path

import polars as pl

from permed.genome import canonical
from permed.reference import Reference
from permed.scores.catalogue import collect_log, read_all, unmatched
from permed.scores.match import leave_out, long_sites, match_contig, summarise, take_reference
from permed.step import log, step
from permed.tables import write_table


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
    left_out: Path | None = None,
) -> None:
    """Find out of every variant of every score whether the cohort has it, and of every score whether it has enough.

    ``sites`` are ``{contig}.sites.parquet``, a file a contig of the run, and ``set_aside`` the records of the same
    contigs that normalisation set aside. ``absent_sites`` is ``missing`` or ``reference``. ``left_out`` is the table of
    sites of quality control; variants at those with a reason there are not scored.
    """
    scores, about = read_all(files, build)
    contigs = [path.name.removesuffix(".sites.parquet") for path in sites]
    scorable = scores.filter(pl.col("not_scorable").is_null())
    logs = [unmatched(scores.filter(pl.col("not_scorable").is_not_null()), "not_scorable", pl.col("not_scorable"))]
    fasta = Reference(reference, contigs) if reference is not None and absent_sites == "reference" else None
    for contig, path, apart in zip(contigs, sites, set_aside, strict=True):
        here = scorable.filter(pl.col("contig") == canonical(contig)).with_columns(contig=pl.lit(contig))
        table = pl.read_parquet(path, columns=["pos", "ref", "alt"])
        found = match_contig(here, table)
        if left_out is not None:
            own = pl.scan_parquet(left_out).filter(pl.col("contig") == contig).select("left_out").collect()
            found = leave_out(found, own["left_out"])
        if absent_sites == "reference":
            unknown = pl.concat([pl.read_parquet(apart, columns=["pos", "end"]).cast(pl.Int64), long_sites(table)])
            has_bases = fasta is not None and contig in fasta.lengths
            bases = (lambda start, end, of=contig: fasta.bases(of, start, end)) if has_bases else None
            found = take_reference(found, bases, unknown)
        logs.append(found)
        log.info("%s: %d variants of scores, %d sites", contig, len(here), len(table))
    elsewhere = scorable.filter(~pl.col("contig").is_in([canonical(contig) for contig in contigs]))
    logs.append(unmatched(elsewhere, "absent", pl.format("{} is not among the contigs of the run", "contig")))
    whole = collect_log(logs, about["score"])
    write_table(whole, variants)
    write_table(summarise(whole, min_match).join(about, on="score", how="left", maintain_order="left"), matches)
