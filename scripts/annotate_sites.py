"""The most severe consequence of each variant on a gene."""

from pathlib import Path

import polars as pl

from permed.annotation.consequences import annotate_variants
from permed.annotation.sources.joining import join_source
from permed.evidence.blocks import read_callable
from permed.step import log, step
from permed.tables import read_json, read_table, write_table


@step
def annotate_sites(
    variants: Path,
    sites: Path,
    reference: list[Path],
    genes: Path,
    contig: str,
    *,
    annotation: Path,
    sources: list[Path] | None = None,
    regions: list[Path] | None = None,
    with_regions: list[str] | None = None,
) -> None:
    """Write the annotation of a contig; ``reference`` is the linked FASTA followed by its indexes.

    ``sources`` are databases as ``build_source`` wrote them, each with ``{name}.json`` beside it; ``regions`` are the
    BEDs of what those named in ``with_regions`` looked at.
    """
    table = annotate_variants(variants, read_table(sites), contig, reference[0], genes)
    place = table.select("contig", "pos", "ref", "alt", "key")
    looked = dict(zip(with_regions or [], regions or [], strict=True))
    parts = [table]
    for path in sources or []:
        name = path.stem
        bed = read_callable(looked[name], contig) if name in looked else None
        parts.append(join_source(place, name, path, read_json(path.with_suffix(".json")), bed))
    write_table(pl.concat(parts, how="horizontal"), annotation)
    log.info("%s: %d variants annotated", contig, len(table))
