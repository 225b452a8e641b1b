"""The null variants of a gene among a run's sites that are no part of the definitions of its alleles."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from permed.annotation.choosing import MANE_RANKS
from permed.null_variants import SPLICE, START, TRUNCATING, is_null, split_terms
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.reading.records import Interpreter
from permed.pharmacogenes.spelling import change_of


@dataclass(frozen=True)
class NullVariant:
    """A normalised variant (1-based, on the build of the run) that may abolish the gene's product.

    ``consequence`` has csq's terms on the gene's transcript of choice, ``name`` is HGVS where that is known, else the
    place and the bases.
    """

    contig: str
    pos: int
    ref: str
    alt: str
    consequence: str
    name: str

    @property
    def words(self) -> str:
        """What makes it a null variant, in words."""
        terms = self.consequence.lstrip("*").split("&")
        return " and ".join(term.replace("_", " ") for term in terms if term in (*TRUNCATING, *SPLICE, START))


class Known:
    """The changes by which the alleles of a gene are defined, on the build of ``gene`` (:meth:`Gene.placed`)."""

    def __init__(self, gene: Gene) -> None:
        self._interpreter = Interpreter(gene)
        self._bases = {
            (position.pos + i, base)
            for position in gene.positions
            for alt in position.alts
            if len(alt) == len(position.ref)
            for i, base in enumerate(alt)
            if base != position.ref[i]
        }

    def has(self, pos: int, ref: str, alt: str) -> bool:
        """Whether a variant is one of them, however it is written; of several bases if each that changes is one."""
        if change_of(pos, ref, alt) in self._interpreter.documented or self._interpreter.defined(pos, ref, alt):
            return True
        if len(ref) != len(alt):
            return False
        return all((pos + i, base) in self._bases for i, base in enumerate(alt) if base != ref[i])


def null_variants(rows: Path, models: pl.DataFrame, gene: Gene, contig: str, build: str) -> list[NullVariant]:
    """The gene's null variants beside its definitions, by position; none where the gene models do not have the gene.

    ``rows`` is the annotation's table of variants on transcripts of ``contig``, ``models`` that of transcripts
    (``contig gene name chosen_by``). What a variant does counts on the gene's transcript of choice: MANE Select, else
    MANE Plus Clinical, else the canonical one, else the one with the longest coding sequence.
    """
    own = models.filter(contig=contig, gene=gene.name).filter(pl.col("chosen_by").is_not_null())
    rank = pl.col("chosen_by").replace_strict(MANE_RANKS, return_dtype=pl.Int64)
    speaking = own.filter(rank == rank.min())["name"]
    of_gene = (pl.col("gene") == gene.name) & pl.col("transcript").is_in(speaking.implode())
    site = ["pos", "ref", "alt"]
    columns = [*site, "consequence", "hgvs_c", "hgvs_p"]
    touched = pl.scan_parquet(rows).filter(of_gene).select(*columns).with_columns(terms=split_terms())
    found = touched.filter(is_null()).select(columns).collect().unique(site).sort(site)
    known = Known(gene.placed(build)[0])
    return [
        NullVariant(contig, pos, ref, alt, consequence, _name(contig, pos, ref, alt, coding, protein, build))
        for pos, ref, alt, consequence, coding, protein in found.rows()
        if not known.has(pos, ref, alt)
    ]


def _name(contig: str, pos: int, ref: str, alt: str, coding: str | None, protein: str | None, build: str) -> str:
    if coding is None:
        return f"{contig}:{pos} {ref}>{alt} ({build})"
    return " ".join(filter(None, [coding, protein]))
