"""Take genotype files and reference into our own folder, as BGZF VCF or BCF with indexes of our own."""

from pathlib import Path

from permed.inputs.convert import take_file
from permed.reference import Reference, link_reference
from permed.step import log, step
from permed.tables import write_json


@step
def index_inputs(
    genotypes: list[Path],
    samples: Path,
    contigs: list[str],
    *,
    linked_genotypes: list[Path],
    indexes: list[Path],
    taken: Path,
    build: str = "GRCh38",
    genotype_samples: list[str] | None = None,
    reference: Path | None = None,
    linked_reference: list[Path] | None = None,
    threads: int = 1,
) -> None:
    """Link each genotype file, or write it anew, and the reference, with indexes of our own beside them.

    A genotype file is read whole, so that a damaged block is found. An index in the user's folder may be stale, and
    a stale index yields no records without an error. Files that are written anew hold only the people in ``samples``,
    who agreed to anything. ``genotype_samples`` names the one person of each file, empty for all; ``taken`` says how
    each file was taken and what was left out of it.
    """
    people = samples.read_text(encoding="utf-8").split()
    opened = Reference(link_reference(reference, linked_reference[0])[0], contigs) if reference else None
    names = genotype_samples or [""] * len(genotypes)
    rows = []
    for path, link, index, name in zip(genotypes, linked_genotypes, indexes, names, strict=True):
        rows.append(take_file(path, link, index, people, contigs, build, opened, name or None, threads))
        left = ", ".join(f"{number} {reason}" for reason, number in rows[-1]["counts"].items() if number)
        log.info("%s (%s): %s%s", path, rows[-1]["format"], rows[-1]["how"], f"; {left}" if left else "")
    write_json({"files": rows}, taken)
