"""Sum every matched score for every person who agreed to scores."""

from itertools import chain
from pathlib import Path

import polars as pl

from permed.kernel import set_threads
from permed.scores.results import SCHEMA, score_rows, withheld_rows
from permed.scores.score import sum_log
from permed.sexes import sexes_of
from permed.step import log, step
from permed.tables import read_table, write_parts
from permed.withholding import released


@step
def score_cohort(
    genotypes: list[Path],
    samples: Path,
    quality: Path,
    variants: Path,
    matches: Path,
    consent: Path,
    *,
    sums: Path,
    build: str,
    x_dosage: str,
    min_called: float,
    threads: int = 1,
) -> None:
    """Sum the scores that match well enough, in one pass over the genotype store, for the people in ``consent``.

    A row a person and score, people in the order of ``consent``; last come those whose results ``quality`` withholds,
    without any. ``sum`` and what comes from it are null where ``status`` is not_assessable. ``quality`` tells the sex.
    """
    set_threads(threads)
    people, held = released(consent, quality)
    about = read_table(matches)
    found = about.filter(pl.col("status") == "found")["score"].to_list()
    sexes = sexes_of(read_table(quality))
    found_sums = sum_log(genotypes, samples, variants, found, people, build=build, sexes=sexes, x_dosage=x_dosage)
    log.info("%d scores summed for %d people", len(found), len(people))
    rows = score_rows(people, about, found, found_sums, min_called)
    write_parts(chain(rows, [withheld_rows(held, about["score"])]), SCHEMA, sums)
