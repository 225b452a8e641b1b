"""Lift genotype files of another build to the run's build."""

import tempfile
from collections import Counter
from pathlib import Path

import polars as pl

from permed.chain import Chain
from permed.lifting import CHANGES_SCHEMA
from permed.normalise.lift import COUNTS, Lifting, lift_whole
from permed.normalise.unread import lost_positions, lost_sites, other_references
from permed.reference import Reference, link_file
from permed.step import log, step
from permed.tables import atomic, read_json, read_table, write_json, write_table


@step
def lift_genotypes(
    checks: Path,
    taken: Path,
    moved: Path,
    samples: Path,
    genotypes: list[Path],
    chain: Path,
    reference: list[Path],
    definitions: Path,
    contigs: list[str],
    *,
    lifted: list[Path],
    indexes: list[Path],
    changes: Path,
    unread: Path,
    counts: Path,
    build: str = "GRCh38",
    genotype_contigs: list[str] | None = None,
) -> None:
    """Write each VCF or BCF that the report ``checks`` marks as lifted with the ``chain``; link the others as they are.

    ``genotypes`` are our links to the user's files in the order of the report, ``reference`` is the linked FASTA
    followed by its indexes, ``samples`` lists the people who agreed to anything; lifted files hold no other. What a
    file of one contig (``genotype_contigs``) has that lies on another contig is lost. ``changes`` lists every record
    whose REF is another on this build, and every lost one, with its place in the user's file; ``counts`` sums them up.
    Files of other formats (``taken`` says which) were lifted as they were written, with the changes in ``moved``.
    ``unread`` are the sites where lifted files leave genotypes unread: lost records, those at positions of definitions
    also where their place here is not told by the chain, and the positions of
    ``definitions`` at which the builds have another base.
    """
    people = samples.read_text(encoding="utf-8").split()
    files, kinds = read_json(checks)["files"], [file["format"] for file in read_json(taken)["files"]]
    before = read_table(moved)
    named = genotype_contigs or [""] * len(genotypes)
    pieces = Chain(chain, contigs)
    frames, rows = [], []
    with Reference(reference[0], contigs) as opened:
        for file, kind, path, only, out, index in zip(files, kinds, genotypes, named, lifted, indexes, strict=True):
            done = Lifting(changes=before.filter(pl.col("file") == file["file"]).to_dicts())
            done.counts.update(row["outcome"] for row in done.changes)
            if file["lift"] and kind in ("vcf", "bcf"):
                with tempfile.TemporaryDirectory(prefix=".lift-", dir=out.parent) as folder:
                    done = lift_whole(path, pieces, opened, people, only or None, file["file"], Path(folder))
                    with atomic(index) as beside:
                        (Path(folder) / "lifted.bcf.csi").replace(beside)
                    with atomic(out) as beside:
                        (Path(folder) / "lifted.bcf").replace(beside)
                log.info("%s: %d records read, %d lifted", file["file"], done.counts["read"], done.counts["kept"])
            else:
                link_file(path, out)
                link_file(Path(f"{path}.csi"), index)
            frames.append(done.frame())
            rows.append({"file": file["file"], "lifted": file["lift"], **{n: done.counts[n] for n in COUNTS}})
    table = pl.concat([pl.DataFrame(schema=CHANGES_SCHEMA), *frames])
    write_table(table, changes)
    known = read_table(definitions)
    differing = other_references(known, build, contigs if any(row["lifted"] for row in rows) else [])
    write_table(pl.concat([lost_sites(table), lost_positions(table, known, build, contigs), differing]), unread)
    lost = Counter(table.filter(pl.col("outcome") == "lost")["reason"].to_list())
    total = {name: sum(row[name] for row in rows) for name in COUNTS}
    head = {"chain": chain.name, "files_lifted": sum(row["lifted"] for row in rows)}
    write_json({**head, **total, "reasons": dict(sorted(lost.items())), "files": rows}, counts)
