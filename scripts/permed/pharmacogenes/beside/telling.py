"""What is carried beside the alleles, in the calls and in their evidence."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from permed.pharmacogenes import names
from permed.pharmacogenes.beside.carriers import HETEROZYGOUS, Observed
from permed.pharmacogenes.beside.copies import copy_of
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.evidence.doubted import doubt_sentences
from permed.pharmacogenes.evidence.rows import SCHEMA, written_bases
from permed.pharmacogenes.reading.assembling import ALT, GeneGenotypes
from permed.pharmacogenes.reading.depths import UNKNOWN

CARRIED, DOUBTED = "also_carried", "also_doubted"  # kinds of evidence
ALSO = "{variant} ({what}, {zygosity})"
SENTENCE = "Carries also {also}, {beyond}: function may be lost{where}."
BEYOND = "not in the definitions"
BEYOND_PLACED = "not in the definitions that have a place on {build}"
ON_COPY, ON_ONE = "; it lies on the copy of {allele}", "; it lies on one of two copies of {allele}"
UNKNOWN_COPY = "; which copy is not known"
PSEUDOGENE = "Reads of the pseudogene {pseudogene} may have been taken for those of {gene}: have it confirmed."


@dataclass(frozen=True)
class Beside:
    """What the ``samples`` carry beside the alleles of ``gene``; nothing where it was not looked for.

    ``read`` are the genotypes of the gene's positions as the file has them, ``build`` is that of the files.
    """

    gene: Gene
    samples: list[str]
    read: GeneGenotypes
    build: str
    observed: list[Observed] = field(default_factory=list)

    def with_evidence(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """Rows of evidence of the gene, some people a frame, with those of what is carried beside."""
        own = [frame for one in self.observed for frame in self._rows(one)]
        more = pl.concat(own) if own else None
        for frame in frames:
            if more is not None:
                frame = pl.concat([frame, more.filter(pl.col("sample").is_in(frame["sample"].implode()))])
            yield frame

    def with_calls(self, calls: pl.DataFrame) -> pl.DataFrame:
        """Calls of the gene in which carriers have ``also_carried``, the reason and no certain phenotype."""
        if not self.observed:
            return calls
        doubts = [doubt_sentences(one.gene, one.genotypes, len(self.samples)) for one in self.observed]
        concerned = np.logical_or.reduce([one.carried | one.doubted for one in self.observed])
        index = {self.samples[i]: i for i in np.flatnonzero(concerned).tolist()}
        rows = calls.filter(pl.col("sample").is_in([*index])).iter_rows(named=True)
        told = [(row["sample"], *self._told(index[row["sample"]], row, doubts)) for row in rows]
        own = pl.DataFrame(told, dict.fromkeys(("sample", "_also", "_said"), pl.String), orient="row")
        joined = calls.join(own, on="sample", how="left", maintain_order="left")
        return joined.with_columns(
            also_carried=pl.col("_also"),
            phenotype_certain=pl.col("phenotype_certain") & pl.col("_also").is_null(),
            reason=pl.concat_str("reason", "_said", separator=" ", ignore_nulls=True),
        ).select(calls.columns)

    def _told(self, sample: int, row: dict, doubts: list[list[str]]) -> tuple[str | None, str]:
        """What a person carries, and the sentences on it and on what is not believed; ``doubts`` are those of each."""
        carried = [one for one in self.observed if one.carried[sample]]
        also = names.THEN.join(_also(one, sample) for one in carried) or None
        said = [self._sentence(one, sample, row) for one in carried]
        if carried and self.gene.pseudogene:
            said.append(PSEUDOGENE.format(pseudogene=self.gene.pseudogene, gene=self.gene.name))
        for one, of_all in zip(self.observed, doubts, strict=True):
            if one.doubted[sample]:
                said.append(f"{of_all[sample].removesuffix('.')} ({one.variant.words}, {self._beyond}).")
        return also, " ".join(said)

    def _sentence(self, one: Observed, sample: int, row: dict) -> str:
        where = ""
        if one.zygosity(sample) == HETEROZYGOUS:
            strand = int(one.genotypes.codes[sample, 0, 1] == ALT)
            diplotype = row["diplotype"] if row["state"] == "called" else None
            own = self.read.codes[sample], self.read.blocks[sample]
            allele = copy_of(self.gene, diplotype, *own, strand, int(one.genotypes.blocks[sample, 0]))
            alike = len(set((diplotype or "").split("/"))) == 1
            where = (ON_ONE if alike else ON_COPY).format(allele=allele) if allele else UNKNOWN_COPY
        return SENTENCE.format(also=_also(one, sample), beyond=self._beyond, where=where)

    @property
    def _beyond(self) -> str:
        unplaced = self.gene.unplaced(self.build).any()
        return BEYOND_PLACED.format(build=self.build) if unplaced else BEYOND

    def _rows(self, one: Observed) -> Iterator[pl.DataFrame]:
        for kind, which in ((CARRIED, one.carried), (DOUBTED, one.doubted)):
            who = np.flatnonzero(which)
            if not len(who):
                continue
            depths = one.genotypes.depths
            total = [UNKNOWN] * len(who) if depths.total is None else depths.total[who, 0].tolist()
            reads = depths.of_alleles(0, len(self.samples))
            # Evidence has places of GRCh38, as the definitions have them; on another build the name tells the place.
            placed = self.build == self.gene.build
            columns = {
                "sample": [self.samples[i] for i in who],
                "gene": self.gene.name,
                "kind": kind,
                "position": one.variant.name,
                "contig": self.gene.contig if placed else None,
                "pos": one.variant.pos if placed else None,
                "genotype": written_bases(one.gene, one.genotypes, who, np.zeros(len(who), np.int64)),
                "depth": [None if depth == UNKNOWN else depth for depth in total],
                "allele_depths": [reads.get((i, 0)) for i in who.tolist()],
                "consequence": one.variant.consequence,
            }
            yield pl.DataFrame(dict.fromkeys(SCHEMA) | columns, schema=SCHEMA)


def _also(one: Observed, sample: int) -> str:
    return ALSO.format(variant=one.variant.name, what=one.variant.words, zygosity=one.zygosity(sample))
