"""Split, trim, left-align and check the records of a contig."""

import tempfile
from pathlib import Path

import polars as pl

from permed.evidence.known import Wanted
from permed.evidence.positions import needed_on
from permed.filters import BELIEVED
from permed.normalise.contig import COUNTS, normalise_contig
from permed.observations.bounds import Bounds
from permed.step import log, step
from permed.tables import atomic, read_table, write_json, write_table


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
    unread: Path | None = None,
    people: Path | None = None,
    positions: Path | None = None,
    regions: list[Path] | None = None,
    alignments: list[Path] | None = None,
    build: str = "GRCh38",
    absent_sites: str = "missing",
    bounds: dict | None = None,
    filters: list[str] | None = None,
) -> None:
    """Write the normalised BCF of one contig with its index, the records set aside, and counts of what was done.

    ``genotypes`` are our links to the user's files, with indexes beside them; ``samples`` lists the people who agreed
    to anything, ``reference`` is the linked FASTA followed by its indexes.
    ``unread`` are sites where lifting left genotypes unread: they are set aside. ``bounds`` are what a genotype or a
    reference block needs to be believed (``min_depth min_quality min_probability min_gencall``), ``filters`` the FILTER
    values with which a record is believed, those of ``permed.filters`` if not given, or ``any``.

    What is known of sites without a record: ``positions`` are those at which everybody needs a genotype, ``regions``
    the BEDs of callable regions (one for everybody, or one for each of ``samples``), ``alignments`` the genotypes from
    reads, ``people`` the table of samples with their sex.
    """
    names = samples.read_text(encoding="utf-8").split()
    beds = regions or []
    lost = [read_table(unread).filter(pl.col("contig") == contig)] if unread else []
    wanted = Wanted(
        positions=needed_on(read_table(positions), contig) if positions else needed_on(None, contig),
        absent_sites=absent_sites,
        callable=dict(zip(names, beds * len(names) if len(beds) == 1 else beds, strict=True)) if beds else {},
        bounds=Bounds(**(bounds or {}), filters=tuple(filters or BELIEVED)),
        alignments=alignments or [],
        build=build,
        sexes=dict(read_table(people).select("sample", "sex").iter_rows()) if people else {},
        lost=[row for table in lost for row in table.to_dicts()],
    )
    with tempfile.TemporaryDirectory(prefix=".normalise-", dir=variants.parent) as folder:
        made = Path(folder) / variants.name
        fasta = reference[0] if reference else None
        done = normalise_contig(genotypes, contig, names, fasta, made, Path(folder), wanted)
        with atomic(index) as beside:
            made.with_name(f"{made.name}.csi").replace(beside)
        with atomic(variants) as beside:
            made.replace(beside)
    write_table(pl.concat([done.frame(), *lost]), set_aside)
    told = {"contig": contig, "reference": bool(reference), **{name: done.counts[name] for name in COUNTS}}
    write_json(told | {"notes": done.notes}, counts)
    for note in done.notes:
        log.info("%s", note)
    log.info("%s: %d records read, %d kept", contig, done.counts["read"], done.counts["kept"])
