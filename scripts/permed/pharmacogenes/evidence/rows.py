"""Why a call is what it is: what was read at each position, what was not, and which diplotypes were weighed."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from permed.pharmacogenes.calling.answers import Answers
from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF, Gene
from permed.pharmacogenes.evidence.explaining import (
    ASSUMED,
    HALF_CALLED,
    TEMPLATE,
    UNDOCUMENTED,
    VARIANT,
    Explainer,
)
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.depths import UNKNOWN

SCHEMA = {
    "sample": pl.String,
    "gene": pl.String,
    "kind": pl.String,
    "position": pl.String,
    "contig": pl.String,
    "pos": pl.Int32,
    "genotype": pl.String,
    "depth": pl.Int32,
    "allele_depths": pl.String,
    **{name: kind for name, kind in TEMPLATE.items() if name not in ("kind", "at")},
    "consequence": pl.String,
}
PEOPLE = 1000  # whose rows are laid out together


def evidence_rows(
    gene: Gene, samples: list[str], genotypes: GeneGenotypes, some: slice, answers: Answers
) -> Iterator[pl.DataFrame]:
    """Rows of :data:`SCHEMA` for the people ``some`` of all ``samples``, whose answers these are, by sample.

    ``kind`` is one of

    - ``variant``, ``undocumented``, ``half_called``: a position with another than the reference base, with an unknown
      base, with one strand only. ``genotype`` has the bases, ``A|G`` where the file phases them; ``depth`` and
      ``allele_depths`` the reads, where the file has them; ``supports`` the alleles that define these bases.
    - ``missing``: a position without a genotype, and in ``hides`` the alleles that it could hide given all that was
      read; the positions that hide nothing, and a gene of which nothing was read, are one row that counts them.
    - ``reference``: one row for the ``positions`` that were read with the reference base only; ``depth`` is the lowest
      and ``position`` where. ``assumed``: those without a record that were taken for reference. Where that is
      another base than the definition's (GRCh37), the position has a row of its own, as a ``variant`` has.
    - ``diplotype``: what explains the genotypes best; ``alternative``: what explains them too, ``behind`` by so many
      points; ``possible``: what unread positions could make of it; ``nearly``: where nothing fits, what explains all
      positions but this one. With the phenotype that each would give.

    ``contig`` and ``pos`` are the definition's (GRCh38, 1-based); lists are joined by ``; ``. ``consequence`` is of
    rows that :class:`permed.pharmacogenes.beside.telling.Beside` adds: ``also_carried`` and ``also_doubted``, a null
    variant beside the definitions (``position`` is its name) in a genotype that is believed or is not.
    """
    explainer = Explainer(gene, genotypes.assumed)
    for first in range(some.start, some.stop, PEOPLE):
        last = min(first + PEOPLE, some.stop)
        which = answers.which[first - some.start : last - some.start]
        used, own = np.unique(which, return_inverse=True)
        rows = [explainer.rows(answers.distinct[i]) for i in used]
        starts = np.cumsum([0, *map(len, rows)])
        template = pl.DataFrame([row for some_rows in rows for row in some_rows], schema=TEMPLATE, orient="row")
        counts = np.diff(starts)[own]
        who = np.repeat(np.arange(last - first), counts)
        within = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
        yield _of_people(gene, samples, genotypes, first, who, template[np.repeat(starts[:-1][own], counts) + within])


def _of_people(
    gene: Gene, samples: list[str], genotypes: GeneGenotypes, first: int, who: np.ndarray, rows: pl.DataFrame
) -> pl.DataFrame:
    """Template rows, each for the sample ``first + who``, with what differs between people of one pattern."""
    who = who + first
    at, kind = rows["at"].to_numpy().copy(), rows["kind"].to_numpy()
    depth = np.full(len(rows), UNKNOWN, np.int32)
    allele_depths: list[str | None] = [None] * len(rows)
    if genotypes.depths is not None and len(rows):
        reads = genotypes.depths.of_alleles(int(who[0]), int(who[-1]) + 1)
        if reads:
            allele_depths = [reads.get(pair) for pair in zip(who.tolist(), at.tolist(), strict=True)]
    if genotypes.depths is not None and genotypes.depths.total is not None:
        summed = np.flatnonzero(kind == "reference")
        at[summed], depth[summed] = _lowest(genotypes, who[summed])
        placed = np.flatnonzero((at >= 0) & (kind != "reference"))
        depth[placed] = genotypes.depths.total[who[placed], at[placed]]
    shown = np.flatnonzero((at >= 0) & np.isin(kind, [VARIANT, UNDOCUMENTED, HALF_CALLED, ASSUMED]))
    texts = np.full(len(rows), None, object)
    texts[shown] = written_bases(gene, genotypes, who[shown], at[shown])
    names = pl.Series([*(position.name for position in gene.positions), None], dtype=pl.String)
    places = pl.Series([*(position.pos for position in gene.positions), None], dtype=pl.Int32)
    columns = {
        "sample": pl.Series(samples, dtype=pl.String)[who],
        "gene": pl.Series([gene.name], dtype=pl.String).new_from_index(0, len(rows)),
        "position": names[at],
        "contig": pl.Series([*[gene.contig] * len(gene.positions), None], dtype=pl.String)[at],
        "pos": places[at],
        "genotype": pl.Series(texts.tolist(), dtype=pl.String),
        "depth": pl.Series(depth).replace(UNKNOWN, None),
        "allele_depths": pl.Series(allele_depths, dtype=pl.String),
        "consequence": pl.lit(None, pl.String),
    }
    return rows.with_columns(**columns).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _lowest(genotypes: GeneGenotypes, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position (-1: none known) and depth of the shallowest position that was read as reference, for each sample."""
    codes, depth = genotypes.codes[who], genotypes.depths.total[who].astype(np.int32)
    plain = (codes[:, :, 0] == REF) & ((codes[:, :, 1] == REF) | (codes[:, :, 1] == NO_STRAND))
    none = np.iinfo(np.int32).max
    depth = np.where(plain & (depth != UNKNOWN), depth, none)
    at = depth.argmin(axis=1)
    least = depth[np.arange(len(who)), at]
    return np.where(least == none, -1, at), np.where(least == none, UNKNOWN, least)


def written_bases(gene: Gene, genotypes: GeneGenotypes, who: np.ndarray, at: np.ndarray) -> list[str]:
    """Genotypes in bases: ``A/G`` unphased, ``A|G`` in the strands' order where phased, one base where haploid."""
    pairs = genotypes.codes[who, at].astype(int).tolist()
    phased = (genotypes.blocks[who, at] != 0).tolist()
    written: dict[tuple, str] = {}
    for key in {(place, *pair, known) for place, pair, known in zip(at.tolist(), pairs, phased, strict=True)}:
        place, one, other, known = key
        position = gene.positions[place]
        names = dict(enumerate((position.ref, *position.alts))) | {MISSING: "."}
        strands = [one] if other == NO_STRAND else [one, other]
        strands = strands if known else sorted(strands, key=lambda code: (code < REF, code))
        written[key] = ("|" if known else "/").join(names.get(code, "?") for code in strands)
    return [written[place, *pair, known] for place, pair, known in zip(at.tolist(), pairs, phased, strict=True)]
