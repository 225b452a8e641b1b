"""Who is asked about which genes: by consent, by the lists of the run and by each person's phenotypes."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from permed.findings.lists import CARRIERS, DIAGNOSTIC, SECONDARY, listed_genes, read_carriers, read_secondary
from permed.findings.lists import SCHEMA as LIST_SCHEMA
from permed.findings.ontology import read_ontology
from permed.findings.phenotypes import NO_GENE, Told, find_terms, read_phenotypes
from permed.findings.ranking import Ranking
from permed.tables import read_table

TOLD_SCHEMA = {
    **dict.fromkeys(("sample", "phenotype", "term", "name", "reason", "matching"), pl.String),
    **{"genes": pl.Int64, "looked_at": pl.Int64},
}


@dataclass(frozen=True)
class Asked:
    """Whom a run tells of which genes.

    ``findings`` and ``carriers`` are the people who agreed to each, in order; ``secondary`` and ``recessive`` the lists
    (None without one); ``ranks`` the genes of each person's phenotypes, ``told`` (:data:`TOLD_SCHEMA`) what was made
    of each phenotype.
    """

    findings: list[str]
    carriers: list[str]
    secondary: pl.DataFrame | None = None
    recessive: pl.DataFrame | None = None
    ranks: dict[str, dict[str, dict]] = field(default_factory=dict)
    told: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=TOLD_SCHEMA))

    @property
    def people(self) -> list[str]:
        """Everybody who is told anything."""
        return list(dict.fromkeys([*self.findings, *self.carriers]))

    @property
    def genes(self) -> list[str]:
        """Every gene of any list."""
        of_phenotypes = {gene for ranks in self.ranks.values() for gene in ranks}
        return sorted({*listed_genes([self.secondary, self.recessive]), *of_phenotypes})

    @property
    def residues(self) -> dict[str, set[int]]:
        """By gene the residues of the changes that alone are reported of it, numbered from 1."""
        found: dict[str, set[int]] = {}
        table = self.secondary if self.secondary is not None else pl.DataFrame(schema=LIST_SCHEMA)
        for gene, change in table.select("gene", "only_hgvs_p").drop_nulls().iter_rows():
            found.setdefault(gene, set()).update(int(number) for number in re.findall(r"\d+", change)[:1])
        return found

    def about(self, gene: str) -> frozenset[str]:
        """Everybody who is asked about a gene."""
        of_lists, by_phenotype = self._whose
        people = [agreed for genes, agreed in of_lists if gene in genes]
        own = by_phenotype.get(gene)
        return people[0] if len(people) == 1 and not own else frozenset().union(*people, own or ())

    @cached_property
    def _whose(self) -> tuple[list[tuple[set[str], frozenset[str]]], dict[str, list[str]]]:
        lists = ((self.secondary, self.findings), (self.recessive, self.carriers))
        of_lists = [(set(table["gene"]), frozenset(people)) for table, people in lists if table is not None]
        by_phenotype: dict[str, list[str]] = {}
        for sample, genes in self.ranks.items():
            for gene in genes:
                by_phenotype.setdefault(gene, []).append(sample)
        return of_lists, by_phenotype

    def rows(self) -> pl.DataFrame:
        """A row a person, list and gene: ``sample list gene by_rule`` as :func:`gene_states` takes them."""
        parts = []
        for people, name, table in (
            (self.findings, SECONDARY, self.secondary),
            (self.carriers, CARRIERS, self.recessive),
        ):
            if table is not None:
                ruled = (pl.col("reportable_when") != "any") | pl.col("only_hgvs_p").is_not_null()
                always = ruled.any() & (pl.lit(name) == SECONDARY)
                genes = table.group_by("gene").agg(by_rule=always).sort("gene").with_columns(list=pl.lit(name))
                parts.append(pl.DataFrame({"sample": people}, schema={"sample": pl.String}).join(genes, how="cross"))
        told = [(sample, gene) for sample in self.findings for gene in self.ranks.get(sample, {})]
        own = pl.DataFrame(told, schema={"sample": pl.String, "gene": pl.String}, orient="row")
        parts.append(own.with_columns(by_rule=pl.lit(False), list=pl.lit(DIAGNOSTIC)))
        return pl.concat([part.select("sample", "list", "gene", "by_rule") for part in parts])


def read_asked(
    samples: Path,
    findings: Path,
    carriers: Path,
    secondary: Path | None,
    recessive: Path | None,
    phenotypes: Path | None,
    ontology: Path | None = None,
) -> Asked:
    """Who is asked about which genes, from the sample table, the lists of consent and the lists of genes of a run."""
    agreed = findings.read_text(encoding="utf-8").split()
    ranks, told = {}, []
    if phenotypes is not None:
        known = read_ontology(ontology) if ontology else None
        table = read_phenotypes(phenotypes, known)
        ranking = Ranking(table, known, phenotypes.name)
        sheet = dict(read_table(samples).select("sample", "phenotypes").iter_rows())
        for sample in agreed:
            texts = [text.strip() for text in (sheet.get(sample) or "").split(";") if text.strip()]
            entries = find_terms(texts, table, known)
            terms = list(dict.fromkeys(entry.term for entry in entries if entry.term))
            ranked, every = ranking.rank(terms) if terms else ({}, 0)
            if ranked:
                ranks[sample] = ranked
            told += [_row(sample, entry, ranking, every, len(ranked)) for entry in entries]
    return Asked(
        agreed,
        carriers.read_text(encoding="utf-8").split(),
        read_secondary(secondary) if secondary else None,
        read_carriers(recessive) if recessive else None,
        ranks,
        pl.DataFrame(told, schema=TOLD_SCHEMA, orient="row"),
    )


def _row(sample: str, told: Told, ranking: Ranking, genes: int, looked_at: int) -> tuple:
    reason = told.reason
    if told.term and not len(ranking.shared(told.term)):
        reason = "; ".join(filter(None, [reason, NO_GENE]))
    return (sample, told.text, told.term, told.name, reason, ranking.matching, genes, looked_at)
