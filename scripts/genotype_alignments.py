"""Genotype the people of a batch from their reads at the needed positions."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from permed.evidence.alignments import genotype_positions, link_alignments, write_genotypes
from permed.step import log, step
from permed.tables import atomic, read_table


@step
def genotype_alignments(
    alignments: list[Path],
    samples: list[str],
    positions: Path,
    people: Path,
    reference: list[Path],
    *,
    variants: Path,
    index: Path,
    contigs: list[str],
    build: str = "GRCh38",
    min_depth: int = 10,
    min_genotype_quality: int = 20,
    threads: int = 1,
) -> None:
    """Write the genotypes (GT:DP:GQ:AD) of ``samples`` at ``positions`` as BCF; below the thresholds they are missing.

    ``alignments`` has one BAM or CRAM for each sample, in their order; ``reference`` is the linked FASTA followed by
    its indexes, ``people`` the table of samples with their sex.
    """
    places = read_table(positions).select("contig", "pos")
    sexes = dict(read_table(people).select("sample", "sex").iter_rows())

    def genotype(path: Path, sample: str, folder: Path) -> dict:
        folder.mkdir()
        return genotype_positions(
            link_alignments(path, sample, contigs, folder),
            places,
            reference[0],
            build=build,
            sex=sexes.get(sample, "NA"),
            min_depth=min_depth,
            min_quality=min_genotype_quality,
            folder=folder,
        )

    with tempfile.TemporaryDirectory(prefix=".alignments-", dir=variants.parent) as folder:
        folders = [Path(folder) / str(number) for number in range(len(samples))]
        with ThreadPoolExecutor(threads) as pool:  # the work is done by processes of their own
            found = dict(zip(samples, pool.map(genotype, alignments, samples, folders), strict=True))
        made = Path(folder) / variants.name
        counts = write_genotypes(found, contigs, build, made)
        with atomic(variants) as beside:
            made.replace(beside)
        with atomic(index) as beside:
            Path(f"{made}.csi").replace(beside)
    total = len(places.unique())
    for sample, of in counts.items():
        unread = total - of["reference"] - of["variant"]
        log.info("%s: %d positions reference, %d variant, %d missing", sample, of["reference"], of["variant"], unread)
