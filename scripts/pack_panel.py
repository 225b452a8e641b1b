"""Normalise the genotypes of a reference panel as the cohort's are, and pack them into a store of its own."""

import tempfile
from pathlib import Path

from permed.genotypes.packing import pack_file
from permed.inputs.convert import take_file
from permed.inputs.files import place_name
from permed.normalise.contig import normalise_contig
from permed.reference import Reference
from permed.step import log, step
from permed.tables import read_table


@step
def pack_panel(
    genotypes: list[Path],
    samples: Path,
    contigs: list[str],
    *,
    bed: list[Path],
    sites: list[Path],
    bim: list[Path],
    haploid: list[Path],
    dosage: list[Path],
    observed: list[Path],
    build: str = "GRCh38",
    reference: list[Path] | None = None,
    threads: int = 1,
) -> None:
    """Write the store of the ``contigs``, one path of each kind a contig, of the people in ``samples``.

    ``genotypes`` are the user's files of these contigs, in any format that a cohort may have; ``reference`` is the
    linked FASTA followed by its indexes.
    """
    names = read_table(samples)["sample"].to_list()
    opened = Reference(reference[0], contigs) if reference else None
    with tempfile.TemporaryDirectory(prefix=".pack-", dir=bed[0].parent) as folder:
        taken = []
        for number, path in enumerate(genotypes):
            taken.append(Path(folder) / place_name(number, str(path)))
            index = taken[-1].with_name(f"{taken[-1].name}.csi")
            take_file(path.absolute(), taken[-1], index, names, contigs, build, opened, threads=threads)
        for contig, *paths in zip(contigs, bed, sites, bim, haploid, dosage, observed, strict=True):
            variants = Path(folder) / f"{contig}.bcf"
            done = normalise_contig(taken, contig, names, reference[0] if reference else None, variants, Path(folder))
            number = pack_file(variants, names, *paths, threads)
            variants.unlink()
            log.info("%s: %d records read, %d variants packed", contig, done.counts["read"], number)
