"""What the bounds take out of files: the share of written genotypes that are not believed, by cause.

Of all sites, and of the positions of pharmacogene definitions.

``python tests/benchmarks/believed.py [--preset genome] [--build GRCh37] file.vcf.gz…``
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pysam

from permed.bcftools import bcftools, opened
from permed.errors import Fault
from permed.evidence.known import Wanted
from permed.evidence.positions import gene_positions, needed_on, needed_positions
from permed.genotypes.packing import ENDINGS, pack_file
from permed.genotypes.store import GenotypeStore
from permed.inputs.config import complete_config, read_schema
from permed.normalise.contig import normalise_contig
from permed.observations.bounds import Bounds
from permed.observations.codes import DOUBT, NAMES
from permed.observations.presets import bounds_of
from permed.quality.believed import words
from permed.quality.counts import Tally

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Print a row a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--build", default="GRCh38", choices=["GRCh38", "GRCh37"])
    parser.add_argument("--preset", default=None, help="the assay whose bounds are asked")
    given = parser.parse_args()
    cohort = complete_config({}, read_schema(ROOT / "config/schemas/config.schema.yaml"))[0]["cohort"]
    bounds = Bounds(**bounds_of(cohort, given.preset, ROOT / "resources/observations/bounds.tsv"))
    defined = pl.read_csv(ROOT / "resources/pharmacogenes/positions.tsv", separator="\t", infer_schema=False)
    of_genes = gene_positions(defined, ["all"], given.build)
    print("file\tpeople\tgenotypes\ttaken out\tby cause\tat definition positions\ttaken out\tby cause")
    for path in given.files:
        with tempfile.TemporaryDirectory(prefix="believed-") as folder:
            try:
                cells = _row(path, Path(folder), of_genes, bounds, given.build)
            except Fault as fault:
                cells = [f"not read: {fault.fault}"]
            print("\t".join([path.name, *cells]), flush=True)


def _row(path: Path, folder: Path, of_genes: pl.DataFrame, bounds: Bounds, build: str) -> list[str]:
    """The people of a file, and of all sites and definition positions genotypes, the share taken out, and why."""
    packed = folder / "file.bcf"
    bcftools("sort", "-Ob", "-T", folder / "sort", "-o", packed, path)
    bcftools("index", "-f", packed)
    with opened(packed) as file:
        people = list(file.header.samples)
    contigs = [line.split("\t")[0] for line in pysam.bcftools.index("-s", str(packed)).splitlines()]
    positions = needed_positions(of_genes, of_genes.clear(), contigs)
    samples = folder / "samples.parquet"
    pl.DataFrame({"sample": people}).write_parquet(samples)
    tally = Tally(people, build, positions)
    for contig in contigs:
        work = folder / contig
        work.mkdir()
        wanted = Wanted(positions=needed_on(positions, contig), bounds=bounds, build=build)
        made = work / "out.bcf"
        normalise_contig([packed], contig, people, None, made, work, wanted)
        store = {name: work / f"{contig}{ending}" for name, ending in ENDINGS.items()}
        pack_file(made, people, **store)
        for block in GenotypeStore.blocks([store["bed"]], samples):
            tally.add(block)
    table = tally.table()
    cells = [str(len(people))]
    for use in ("", "_definitions"):
        written, doubts = int(table[f"n_written{use}"].sum()), _summed(table[f"doubts{use}"])
        share = f"{100 * doubts.sum() / written:.2f} %" if written else "-"
        cells += [f"{written:,}", share, words(doubts) or "-"]
    return cells


def _summed(texts: pl.Series) -> np.ndarray:
    """Causes of all people, by code."""
    codes = {name: code for code, name in NAMES.items()}
    counts = np.zeros(DOUBT + 1, np.int64)
    for text in texts.drop_nulls():
        for cause in text.split("; "):
            name, _, number = cause.rpartition(" ")
            counts[codes[name]] += int(number)
    return counts


if __name__ == "__main__":
    main()
