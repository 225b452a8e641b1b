"""The annotation of a contig's variants: consequences on every transcript, and HGVS on those that count."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from permed.annotation.choosing import SITE, touched
from permed.annotation.genes.table import from_table
from permed.annotation.hgvs.describing import describe
from permed.annotation.hgvs.details import Details
from permed.annotation.hgvs.genomic import genomic_names
from permed.reference import Reference

NONE = "intergenic"
NOT_ASKED = "described on the chosen and the MANE transcripts alone"
KEY = ["contig", "pos", "ref", "alt", "key"]
LEADING = [*KEY, "gene", "transcript", "consequence", "hgvs_c", "hgvs_p"]
DETAILS = {
    name: {"int": pl.Int64, "bool": pl.Boolean, "str": pl.String, "float": pl.Float64}[str(kind).split(" ")[0]]
    for name, kind in Details.__annotations__.items()
}
OF_VARIANT = ["hgvs_g"]
OF_ROW = [
    *(
        "consequence_reason",
        "hgvs_reason",
        "biotype",
        "strand",
        "amino_acid_change",
        "dna_change",
        "mane",
        "canonical",
        "chosen_by",
    ),
    *DETAILS,
    *("most_severe", "most_severe_transcript"),
]


def annotate_variants(
    variants: Path, sites: pl.DataFrame, contig: str, reference: Path, models: pl.DataFrame, build: str, genes: Path
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """The annotation of each variant of the site table, and one row a variant and transcript; in parts, at least one.

    ``models`` is the table of transcripts. The first frame has the columns of the ``annotation`` table, one row a
    variant in the order of ``sites``, which is sorted by position; ``intergenic`` where no transcript is touched;
    monomorphic records are left out. The second leaves out variants that touch no transcript and has ``chosen``.
    """
    left = sites.filter(pl.col("alt") != ".").select(KEY)
    models = models.filter(contig=contig)
    parts = touched(variants, contig, reference, models, genes) if len(left) else iter(())
    with Reference(reference, [contig]) as opened:
        rows = next(parts, None)
        while True:
            following = next(parts, None)
            size = len(left) if following is None else left["pos"].search_sorted(rows["pos"].max(), side="right")
            here, left = left[:size], left[size:]
            yield _annotated(here, rows, models, opened, build)
            if following is None:
                break
            rows = following


def _annotated(
    variants: pl.DataFrame, rows: pl.DataFrame | None, models: pl.DataFrame, reference: Reference, build: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    named = variants.with_columns(hgvs_g=genomic_names(variants, reference, build))
    if rows is None or rows.is_empty():
        told = named.with_columns(consequence=pl.lit(NONE))
        none = _with_columns(told.clear(), [*LEADING, "chosen", *OF_ROW])
        return _with_columns(told, [*LEADING, *OF_VARIANT, *OF_ROW]), none
    rows = _described(rows, models, reference, build)
    rows = variants.join(rows, on=SITE, how="inner", maintain_order="left_right")
    best = rows.filter("chosen").drop("contig", "key", "chosen")
    whole = named.join(best, on=SITE, how="left", maintain_order="left")
    whole = whole.with_columns(pl.col("consequence").fill_null(NONE))
    return whole.select(*LEADING, *OF_VARIANT, *OF_ROW), rows.select(*LEADING, "chosen", *OF_ROW)


def _described(rows: pl.DataFrame, models: pl.DataFrame, reference: Reference, build: str) -> pl.DataFrame:
    """The rows with HGVS and details on chosen and MANE transcripts."""
    rows = rows.with_columns(_row=pl.int_range(pl.len()), transcript="name")
    asked = rows.filter(pl.col("chosen") | pl.col("mane").is_not_null()).sort("identifier", "_row")
    transcripts = {t.identifier: t for t in from_table(models.join(asked, on="identifier", how="semi"))}
    groups: dict[str, list[tuple[int, str, str, str]]] = {}
    for identifier, *variant in asked.select("identifier", *SITE, "consequence").iter_rows():
        groups.setdefault(identifier, []).append(tuple(variant))
    made = describe(((transcripts[name], group) for name, group in groups.items()), reference, build)
    schema = {"hgvs_c": pl.String, "hgvs_p": pl.String, "hgvs_reason": pl.String, **DETAILS}
    cells = []
    for name, told in zip(asked["name"], made, strict=True):
        coding = f"{name}:{told.coding}" if told.coding else None
        cells.append((coding, told.protein, told.reason, *vars(told.details).values()))
    answers = pl.DataFrame(cells, schema=schema, orient="row").with_columns(asked["_row"])
    reason = pl.when(pl.col("_row").is_in(asked["_row"].implode())).then("hgvs_reason").otherwise(pl.lit(NOT_ASKED))
    return rows.join(answers, on="_row", how="left", maintain_order="left").with_columns(hgvs_reason=reason)


def _with_columns(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    kinds = {**DETAILS, "canonical": pl.Boolean, "chosen": pl.Boolean}
    missing = [pl.lit(None, kinds.get(name, pl.String)).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(missing).select(names)
