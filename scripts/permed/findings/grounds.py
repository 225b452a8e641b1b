"""What tells of each person where everything without a record is reference, over the coding bases of some genes."""

from pathlib import Path

import numpy as np

from permed.bcftools import bcftools, opened
from permed.evidence.blocks import may_have_blocks, read_blocks, read_callable
from permed.evidence.intervals import Intervals
from permed.findings.coverage import ASSUMED, CALLABLE, GVCF, SITES, Looked
from permed.genome import reconcile
from permed.observations.bounds import Bounds
from permed.observations.observing import People
from permed.sexes import ONE_X


def block_grounds(
    files: list[Path],
    contig: str,
    bases: np.ndarray,
    people: list[str],
    folder: Path,
    bounds: Bounds,
    sexes: dict[str, str],
    build: str,
) -> dict[str, Looked]:
    """Reference blocks over ``bases`` (positions), believed ones and others, of the people whose files are gVCFs with
    blocks on the contig.

    ``files`` are indexed; ``folder`` takes temporary files. Blocks are believed by the measure of genotypes;
    ``sexes`` (XX, XY, NA) tell where one copy is expected.
    """
    found: dict[str, Looked] = {}
    wanted = set(people)
    for path in files:
        with opened(path) as file:
            here = [name for name in file.header.samples if name in wanted]
            own = reconcile([contig], list(file.header.contigs)).get(contig)
        if not here or own is None or not may_have_blocks(path) or not _has_block(path, own):
            continue
        chosen, names, regions = folder / "genes.bcf", folder / "people.txt", folder / "genes.bed"
        names.write_text("".join(f"{name}\n" for name in here))
        spans = Intervals.of(bases, bases)
        rows = zip(spans.starts, spans.ends, strict=True)
        regions.write_text("".join(f"{own}\t{start - 1}\t{end}\n" for start, end in rows))
        bcftools("view", "-R", regions, "-S", names, "-I", "-Ob0", "-o", chosen, path, file=path)
        with opened(chosen) as file:
            order = list(file.header.samples)
        one_x = np.array([sexes.get(name) in ONE_X for name in order], bool)
        blocks = read_blocks(chosen, contig, folder, bounds, People(order, one_x, build))
        for name in here:
            before = found.get(name, Looked(Intervals.of(), GVCF))
            weak = dict(before.weak)
            for code, where in blocks.weak[name].items():
                weak[code] = weak[code].union(where) if code in weak else where
            found[name] = Looked(before.ground.union(blocks.good[name]), GVCF, weak)
    return found


def grounds(
    people: list[str], contig: str, blocks: dict[str, Looked], regions: dict[str, Path], absent_sites: str
) -> dict[str, Looked]:
    """For each person blocks where the file is a gVCF, else callable regions where given, else what the run assumes."""
    read = {path: Looked(read_callable(path, contig), CALLABLE) for path in sorted(set(regions.values()))}
    assumed = Looked(Intervals.everywhere(), ASSUMED)
    nothing = Looked(Intervals.of(), SITES)
    told = {}
    for name in people:
        if name in blocks:
            told[name] = blocks[name]
        elif name in regions:
            told[name] = read[regions[name]]
        else:
            told[name] = assumed if absent_sites == "reference" else nothing
    return told


def _has_block(path: Path, contig: str) -> bool:
    """Whether a file has a reference block on a contig; in a gVCF one of the first records is."""
    with opened(path) as file:
        for record in file.fetch(contig):
            alternates = record.alts or ()
            if alternates in (("<NON_REF>",), ("<*>",)) or (not alternates and record.stop > record.pos):
                return True
    return False
