"""Look at a reference panel's files and list the people of whom it has both genotypes and a label."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.inputs.checks import check_genotypes
from permed.inputs.files import GenotypeFile, files_of_contig
from permed.quality.ancestry.labels import SEX, read_labels, read_sexes
from permed.reference import Reference
from permed.step import log, step
from permed.tables import write_table, write_text


@step
def admit_panel(
    genotypes: list[Path],
    labels: Path,
    contigs: list[str],
    *,
    samples: Path,
    fam: Path,
    people: Path,
    genotype_contigs: list[str] | None = None,
    build: str = "GRCh38",
    reference: list[Path] | None = None,
) -> None:
    """Write the panel's sample table (sample), its .fam and the labels of these people (with ``sex``, if known), in
    the order of ``labels``.

    ``genotype_contigs`` names the one contig of each file, empty for all. Files of another build, or that do not fit
    the linked ``reference``, are refused, with every fault.
    """
    files = [(str(path), contig or None) for path, contig in zip(genotypes, genotype_contigs or [], strict=True)]
    opened = Reference(reference[0], contigs) if reference else None
    looks, faults, _ = check_genotypes(files, contigs, build, opened)
    if faults:
        raise ExceptionGroup("faulty panel", faults)
    held = dict(zip(genotypes, looks, strict=True))
    named = [GenotypeFile(path, contig) for path, contig in files]
    everywhere = [
        {name for path in files_of_contig(named, contig) for name in held[Path(path)].samples} for contig in contigs
    ]
    known = read_labels(labels)
    kept = known.filter(pl.col("sample").is_in(set.intersection(*everywhere)))
    if not len(kept):
        remedy = "Check that the labels name people as the genotype files do"
        raise Fault("none of its people has genotypes in the panel's files", labels, remedy=remedy)
    write_table(kept.select("sample"), samples)
    write_text("".join(f"0\t{name}\t0\t0\t0\t-9\n" for name in kept["sample"]), fam)
    words = pl.when("unrelated").then(pl.lit("yes")).otherwise(pl.lit("no"))
    sexes = read_sexes(labels)
    known_sexes = {SEX: kept["sample"].replace_strict(sexes)} if sexes else {}
    write_table(kept.with_columns(unrelated=words, **known_sexes), people)
    log.info("%d of %d labelled people have genotypes, %d unrelated", len(kept), len(known), kept["unrelated"].sum())
