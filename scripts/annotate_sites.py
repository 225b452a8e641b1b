"""What each variant does to genes, and what the annotation databases say of it."""

from pathlib import Path

import polars as pl

from permed.annotation.annotating import annotate_variants
from permed.annotation.sources.joining import join_source
from permed.evidence.blocks import read_callable
from permed.step import log, step
from permed.tables import read_json, read_table, write_table


@step
def annotate_sites(
    variants: Path,
    sites: Path,
    reference: list[Path],
    models: Path,
    genes: Path,
    contig: str,
    build_name: str,
    *,
    annotation: Path,
    transcripts: Path,
    sources: list[Path] | None = None,
    regions: list[Path] | None = None,
    with_regions: list[str] | None = None,
) -> None:
    """Write the annotation of a contig; ``reference`` is the linked FASTA followed by its indexes.

    ``models`` is what ``prepare_genes`` made of ``genes``. ``sources`` are databases as ``build_source`` wrote them,
    each with ``{name}.json`` beside it; ``regions`` are the BEDs of what those named in ``with_regions`` looked at.
    """
    listed, known = read_table(sites), pl.scan_parquet(models).filter(contig=contig).collect()
    table, rows = annotate_variants(variants, listed, contig, reference[0], known, build_name, genes)
    place = table.select("contig", "pos", "ref", "alt", "key")
    looked = dict(zip(with_regions or [], regions or [], strict=True))
    parts = [table]
    for path in sources or []:
        name = path.stem
        bed = read_callable(looked[name], contig) if name in looked else None
        parts.append(join_source(place, name, path, read_json(path.with_suffix(".json")), bed))
    write_table(pl.concat(parts, how="horizontal"), annotation)
    write_table(rows, transcripts)
    log.info("%s: %d variants annotated, on %d transcripts", contig, len(table), rows["transcript"].n_unique())
