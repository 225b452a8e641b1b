"""``g.`` descriptions of variants on the chromosome, ``m.`` on the mitochondrial one."""

import polars as pl

from permed.annotation.hgvs.edits import Edit, shifted, trimmed, written
from permed.genome import accessions, canonical, lengths
from permed.reference import Reference

WINDOW = 200  # bases on each side at first; more where a repeat reaches further


def genomic_names(variants: pl.DataFrame, reference: Reference, build: str) -> pl.Series:
    """HGVS of each row of ``contig pos ref alt``, shifted 3' on the forward strand; one contig.

    Null where the reference has not the variant's bases or the contig has no accession in this build, as another
    mitochondrial sequence or a sequence of a test has not.
    """
    if variants.is_empty():
        return pl.Series([], dtype=pl.String)
    contig = variants["contig"][0]
    accession = accession_of(contig, reference, build)
    if accession is None:
        return pl.Series([None] * len(variants), dtype=pl.String)
    prefix = f"{accession}:{'m' if canonical(contig) == 'chrM' else 'g'}."
    single = (pl.col("ref").str.len_bytes() == 1) & (pl.col("alt").str.len_bytes() == 1)
    known = single & pl.col("ref").is_in(list("ACGT")) & pl.col("alt").is_in(list("ACGT"))
    plain = pl.concat_str(pl.lit(prefix), "pos", "ref", pl.lit(">"), "alt")
    named = variants.select(name=pl.when(known).then(plain))["name"].to_list()
    others = variants.with_row_index().filter(~single).select("index", "pos", "ref", "alt")
    for index, pos, ref, alt in others.iter_rows():
        text = _written(contig, pos, ref, alt, reference)
        named[index] = prefix + text if text else None
    return pl.Series(named, dtype=pl.String)


def accession_of(contig: str, reference: Reference, build: str) -> str | None:
    """The accession of a contig if its length is that of the build."""
    name = canonical(contig)
    if reference.lengths.get(contig) != lengths(build).get(name):
        return None
    return accessions(build).get(name)


def _written(contig: str, pos: int, ref: str, alt: str, reference: Reference) -> str | None:
    if not set(ref + alt) <= set("ACGT"):
        return None
    window = WINDOW + len(ref) + len(alt)
    while True:
        low = max(1, pos - window)
        bases = reference.bases(contig, low, pos + len(ref) - 1 + window)
        if bases[pos - low : pos - low + len(ref)] != ref:
            return None
        moved: Edit = shifted(trimmed(pos - low, ref, alt), bases)
        if moved.end < len(bases) or len(bases) < pos - low + len(ref) + window:
            return written(moved, bases, lambda offset, low=low: str(low + offset))
        window *= 4
