"""Split, trim, left-align and check the records of a contig."""

import tempfile
from pathlib import Path

from permed.genotypes.normalise import COUNTS, normalise_contig
from permed.step import log, step
from permed.tables import atomic, write_json, write_table


@step
def normalise_variants(
    samples: Path,
    genotypes: list[Path],
    contig: str,
    *,
    variants: Path,
    index: Path,
    set_aside: Path,
    counts: Path,
    reference: list[Path] | None = None,
) -> None:
    """Write the normalised BCF of one contig with its index, the records set aside, and counts of what was done.

    ``genotypes`` are our links to the user's files, with indexes beside them; ``samples`` lists the people who agreed
    to anything, ``reference`` is the linked FASTA followed by its indexes.
    """
    people = samples.read_text(encoding="utf-8").split()
    with tempfile.TemporaryDirectory(prefix=".normalise-", dir=variants.parent) as folder:
        made = Path(folder) / variants.name
        done = normalise_contig(genotypes, contig, people, reference[0] if reference else None, made, Path(folder))
        with atomic(index) as beside:
            made.with_name(f"{made.name}.csi").replace(beside)
        with atomic(variants) as beside:
            made.replace(beside)
    write_table(done.frame(), set_aside)
    write_json({"contig": contig, "reference": bool(reference), **{name: done.counts[name] for name in COUNTS}}, counts)
    log.info("%s: %d records read, %d kept", contig, done.counts["read"], done.counts["kept"])
