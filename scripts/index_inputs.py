"""Take genotype files and reference into our own folder, as BGZF VCF or BCF with indexes of our own."""

from pathlib import Path

import polars as pl

from permed.chain import Chain
from permed.inputs.convert import take_file
from permed.inputs.formats import format_of
from permed.inputs.known_sites import KnownTables, may_stay_open
from permed.inputs.record_survey import beyond_fault, first_beyond
from permed.lifting import CHANGES_SCHEMA
from permed.reference import Reference, link_reference
from permed.step import log, step
from permed.tables import read_table, write_json, write_table


@step
def index_inputs(
    genotypes: list[Path],
    samples: Path,
    contigs: list[str],
    *,
    linked_genotypes: list[Path],
    indexes: list[Path],
    taken: Path,
    changes: Path | None = None,
    build: str = "GRCh38",
    genotype_samples: list[str] | None = None,
    reference: Path | None = None,
    chain: Path | None = None,
    people: Path | None = None,
    positions: Path | None = None,
    common_sites: Path | None = None,
    scores: list[Path] | None = None,
    absent_sites: str = "missing",
    reads: list[str] | None = None,
    linked_reference: list[Path] | None = None,
    threads: int = 1,
) -> None:
    """Link each genotype file, or write it anew, and the reference, with indexes of our own beside them.

    A genotype file is read whole, so that a damaged block is found. An index in the user's folder may be stale, and
    a stale index yields no records without an error. Raises a Fault where a record lies beyond the end of both builds'
    contig. Files that are written anew hold only the people in ``samples``, who agreed to anything.
    ``genotype_samples`` names the one person of each file, empty for all; ``people`` is the table of samples with their
    sex; ``taken`` says how each file was taken, what was left out of it, and which names its header was completed with;
    ``changes`` lists what the ``chain`` lifted and what it lost of array text and PLINK files, which are written on the
    build of the run.

    Without a ``reference`` these are placed by the bases that three tables know: the pharmacogenes' ``positions``, the
    ``common_sites`` and the scoring files ``scores``. ``absent_sites`` and ``reads``, files of callable regions and
    alignments, tell whether an allele of which nobody knows that it is REF could be taken for it.
    """
    admitted = samples.read_text(encoding="utf-8").split()
    sexes = read_table(people).select("sample", "sex").iter_rows() if people else []
    two_copies = [name for name, sex in sexes if sex == "XX"]
    opened = Reference(link_reference(reference, linked_reference[0])[0], contigs) if reference else None
    names = genotype_samples or [""] * len(genotypes)
    pieces = Chain(chain, contigs) if chain else None
    stays_open = opened is None and may_stay_open(map(format_of, genotypes), absent_sites, reads or [])
    known = KnownTables(build, positions, common_sites, tuple(scores or []), stays_open)
    rows, lifted = [], []
    for path, link, index, name in zip(genotypes, linked_genotypes, indexes, names, strict=True):
        done, changed = take_file(
            path, link, index, admitted, contigs, build, opened, name or None, threads, two_copies, pieces, known
        )
        beyond = None if pieces else first_beyond(str(link), str(index))
        if beyond:  # the first checks saw a part of a large file
            raise beyond_fault(str(path), beyond)
        rows.append(done)
        lifted += changed
        left = ", ".join(f"{number} {reason}" for reason, number in rows[-1]["counts"].items() if number)
        named = rows[-1]["header_completed"]
        if named:
            log.info("%s: header completed with %s", path, "; ".join(f"{k} {', '.join(n)}" for k, n in named.items()))
        log.info("%s (%s): %s%s", path, rows[-1]["format"], rows[-1]["how"], f"; {left}" if left else "")
    write_json({"files": rows}, taken)
    if changes:
        write_table(pl.DataFrame(lifted, schema=CHANGES_SCHEMA, orient="row"), changes)
