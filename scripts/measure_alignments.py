"""Contamination and depth of the people of a batch from their reads."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from permed.evidence.alignments import link_alignments
from permed.frequencies import populations, read_frequencies, with_frequencies
from permed.quality.reads.counts import known_bases, mean_depths, pile_up
from permed.quality.reads.samples import READS_SCHEMA, reads_row
from permed.step import log, step
from permed.tables import write_table


@step
def measure_alignments(
    alignments: list[Path],
    samples: list[str],
    common_sites: Path,
    reference: list[Path],
    *,
    reads: Path,
    contigs: list[str],
    build: str = "GRCh38",
    min_sites: int = 100,
    frequencies: Path | None = None,
    threads: int = 1,
) -> None:
    """Write what the reads of ``samples`` say of contamination, at ``common_sites``, and of depth.

    ``alignments`` has one BAM or CRAM for each sample, in their order; ``reference`` is the linked FASTA followed by
    its indexes. Frequencies are those of ``frequencies`` where they are given, at the common sites that they have.
    """
    sites = read_frequencies(common_sites)
    if frequencies:
        sites = with_frequencies(sites, read_frequencies(frequencies))
    sources = [f"{column} of {(frequencies or common_sites).name}" for column in populations(sites)]
    bases = known_bases(reference[0], build)

    def measure(path: Path, sample: str, folder: Path) -> dict:
        folder.mkdir()
        aligned = link_alignments(path, sample, contigs, folder)
        piled = pile_up(aligned, sites, reference[0], folder)
        return reads_row(sample, piled, mean_depths(aligned, bases, build), min_sites, sources)

    with tempfile.TemporaryDirectory(prefix=".reads-", dir=reads.parent) as folder:
        folders = [Path(folder) / str(number) for number in range(len(samples))]
        with ThreadPoolExecutor(threads) as pool:  # the work is done by processes of their own
            rows = list(pool.map(measure, alignments, samples, folders))
    write_table(pl.DataFrame(rows, schema=READS_SCHEMA), reads)
    log.info("%d people, %d with an estimate", len(rows), sum(row["contamination"] is not None for row in rows))
