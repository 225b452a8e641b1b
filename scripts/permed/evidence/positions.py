"""The positions at which pharmacogenes, scores and ancestry need a genotype of everybody, reference or not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from permed.genome import canonical, reconcile

POSITION_SCHEMA = {
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alts": pl.List(pl.String),
    "end": pl.Int64,
    "alt": pl.String,
}
NEEDED_SCHEMA = POSITION_SCHEMA | {"needed_by": pl.List(pl.String), "never_assumed": pl.Boolean}
DEFINITIONS, SCORES, ANCESTRY = "definitions", "scores", "ancestry"
_BASES = "^[ACGT]+$"
_PLACE = ("contig", "pos", "ref", "alts")


def gene_positions(table: pl.DataFrame, genes: list[str], build: str) -> pl.DataFrame:
    """Positions of the definitions of ``genes`` (``all`` for every one): ``contig pos ref alts end never_assumed``.

    Without a genotype the last are not read, whatever sites without a record mean in the files. ``end`` is the last
    base that must be reference for the position to count as such: of an insertion or deletion the one behind the
    stretch over which it can lie. Those that have no known place on ``build`` are left out.
    """
    rows = table if "all" in genes else table.filter(pl.col("gene").is_in(genes))
    suffix = "" if build == "GRCh38" else "37"
    if f"pos{suffix}" not in rows.columns:
        rows = rows.clear().with_columns(pl.lit(None, pl.String).alias(f"{n}{suffix}") for n in _PLACE)
    if f"end{suffix}" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias(f"end{suffix}"))
    never = pl.col("never_default") == "yes" if "never_default" in rows.columns else pl.lit(False)
    placed = rows.select(*(pl.col(f"{name}{suffix}").alias(name) for name in (*_PLACE, "end")), never_assumed=never)
    placed = placed.filter(pl.col("pos").is_not_null())
    return placed.with_columns(pl.col("pos", "end").cast(pl.Int64), pl.col("alts").fill_null("").str.split(","))


def score_positions(scores: pl.DataFrame, bases: Callable[[str, int, int], str] | None) -> pl.DataFrame:
    """Positions of scorable variants whose REF the reference tells: rows of ``contig pos ref alts``.

    ``scores`` has the columns of ``SCORE_SCHEMA`` with canonical contigs; ``bases`` gives the reference's bases of a
    contig from a start to an end (both included; empty where it has none). An indel whose alleles both fit the
    reference, such as C and CT before a T, tells no REF and is left out, as are alleles where the reference has N.
    """
    schema = {name: POSITION_SCHEMA[name] for name in ("contig", "pos", "ref", "alts")}
    if bases is None:
        return pl.DataFrame(schema=schema)
    rows = scores.filter(pl.col("not_scorable").is_null()).unique(["contig", "pos", "effect_allele", "other_allele"])
    rows = rows.select("contig", "pos", "effect_allele", "other_allele").sort(pl.all())
    found = []
    for contig, pos, effect, other in rows.iter_rows():
        alleles = [effect, other] if other else [effect]
        sequence = bases(contig, pos, pos + max(map(len, alleles)) - 1)
        if all(len(allele) == 1 for allele in alleles):
            base = sequence[:1]
            if base and base in "ACGT":
                found.append((contig, pos, base, [allele for allele in alleles if allele != base]))
        elif len(alleles) == 2 and sequence.startswith(effect) != sequence.startswith(other):
            ref = effect if sequence.startswith(effect) else other
            found.append((contig, pos, ref, [allele for allele in alleles if allele != ref]))
    return pl.DataFrame(found, schema=schema, orient="row")


def panel_positions(panel: Path) -> pl.DataFrame:
    """Sites of a reference panel, ``ancestry.npz`` of its folder: rows of ``contig pos ref alts needed_by``."""
    with np.load(panel) as held:
        columns = {name: held[name].tolist() for name in ("contig", "pos", "ref", "alt")}
    sites = pl.DataFrame(columns, schema={"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String})
    return sites.select("contig", "pos", "ref", alts=pl.concat_list("alt"), needed_by=pl.lit(ANCESTRY))


def needed_positions(of_genes: pl.DataFrame, of_scores: pl.DataFrame, contigs: list[str]) -> pl.DataFrame:
    """All positions under the run's contig names, sorted, with the columns of :data:`NEEDED_SCHEMA`.

    ``of_genes`` may say in ``end`` up to which base a position must be reference to count as such, else it is the last
    of its REF (1-based). ``alt`` says how a person's reference genotype is written: null for a record without an
    alternate, an allele for an insertion or deletion, of which a record without an alternate says nothing.
    ``never_assumed`` says that a site without a record is not taken for reference there. ``needed_by`` names who needs
    a position: definitions of pharmacogenes, scores, or what ``of_genes`` says instead.
    """
    names = {name for frame in (of_genes, of_scores) for name in frame["contig"].unique()}
    own = {canonical(found): name for name, found in reconcile(contigs, names).items()}
    sizes = pl.col("ref").str.len_bytes().cast(pl.Int64)
    longer = pl.col("alts").list.eval(pl.element().filter(pl.element().str.len_bytes() > 1)).list.first()
    of_length = pl.coalesce(longer, pl.when(sizes > 1).then(pl.col("alts").list.first()))
    given = {"end": pl.Int64, "needed_by": pl.String, "never_assumed": pl.Boolean}
    frames = []
    for use, frame in ((DEFINITIONS, of_genes), (SCORES, of_scores)):
        absent = [pl.lit(None, kind).alias(name) for name, kind in given.items() if name not in frame.columns]
        by = pl.col("needed_by").fill_null(use)
        frames.append(frame.with_columns(absent).select(*_PLACE, "end", "never_assumed", alt=of_length, needed_by=by))
    both = pl.concat(frames)
    both = both.filter(pl.col("contig").is_in([*own]) & pl.col("ref").str.contains(_BASES)).with_columns(
        contig=pl.col("contig").replace(own), end=pl.max_horizontal("end", pl.col("pos") + sizes - 1)
    )
    order = pl.DataFrame({"contig": contigs, "_order": range(len(contigs))}, schema_overrides={"_order": pl.Int64})
    one_record = both.with_columns(_ref=pl.when(pl.col("alt").is_not_null()).then("ref"))
    merged = one_record.group_by("contig", "pos", "_ref", "alt").agg(
        pl.col("ref").sort_by(pl.col("ref").str.len_bytes(), "ref").last(),
        pl.col("alts").list.explode().drop_nulls().unique().sort(),
        pl.col("end").max(),
        pl.col("needed_by").unique().sort(),
        pl.col("never_assumed").fill_null(False).any(),
    )
    merged = merged.with_columns(alts=pl.col("alts").list.filter(pl.element() != ""))
    merged = merged.join(order, on="contig").sort("_order", "pos", "ref", "alt", nulls_last=False)
    return merged.select(pl.col(name).cast(kind) for name, kind in NEEDED_SCHEMA.items())


def needed_on(positions: pl.DataFrame | None, contig: str) -> pl.DataFrame:
    """The needed positions of one contig; none without a table."""
    table = pl.DataFrame(schema=POSITION_SCHEMA) if positions is None else positions
    return table.filter(pl.col("contig") == contig)
