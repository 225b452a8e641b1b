"""What each variant does to genes, and what the annotation databases say of it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from permed.annotation.annotating import annotate_variants
from permed.annotation.sources.joining import Database, join_sources
from permed.evidence.blocks import read_callable
from permed.step import log, step
from permed.tables import read_json, read_table, write_parts, write_table


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
    everywhere: list[str] | None = None,
) -> None:
    """Write the annotation of a contig; ``reference`` is the linked FASTA followed by its indexes.

    ``models`` is what ``prepare_genes`` made of ``genes``. ``sources`` are databases as ``build_source`` wrote them,
    each with ``{name}.json`` beside it; ``regions`` are the BEDs of what those named in ``with_regions`` looked at, and
    ``everywhere`` names those of which the user says that they looked at all of their contigs.
    """
    listed, known = read_table(sites), pl.scan_parquet(models).filter(contig=contig).collect()
    beds = dict(zip(with_regions or [], regions or [], strict=True))
    looked = {name: read_callable(bed, contig) for name, bed in beds.items()}
    databases = []
    for path in sources or []:
        about = read_json(path.with_suffix(".json"))
        about |= {"covers": "everywhere"} if path.stem in (everywhere or []) else {}
        databases.append(Database(path.stem, path, about, looked.get(path.stem)))
    parts = annotate_variants(variants, listed, contig, reference[0], known, build_name, genes)
    with TemporaryDirectory(prefix=".annotate-", dir=annotation.parent) as folder:
        written: tuple[list[Path], list[Path]] = ([], [])
        for number, (table, rows) in enumerate(parts):
            for kind, frame in enumerate((join_sources(table, databases), rows)):
                written[kind].append(Path(folder) / f"{number}.{kind}.parquet")
                write_table(frame, written[kind][-1])
        for paths, to in zip(written, (annotation, transcripts), strict=True):
            write_parts(map(read_table, paths), pl.read_parquet_schema(paths[0]), to)
    count, shown = (pl.scan_parquet(path).select("pos", "transcript").collect() for path in (annotation, transcripts))
    log.info("%s: %d variants annotated, on %d transcripts", contig, len(count), shown["transcript"].n_unique())
