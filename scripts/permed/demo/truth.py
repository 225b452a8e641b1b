"""What was planted in the demo cohort, as tables for tests and for the curious."""

import numpy as np
import polars as pl

from permed.demo.cohort import Demo
from permed.demo.findings import planted_classes, true_findings, true_genes
from permed.demo.genes import Gene
from permed.demo.inheritance import inheritance_of
from permed.demo.people import true_relations
from permed.demo.pharmacogenes import alternatives
from permed.demo.scores import true_sums

TABLES = (
    *("people", "kinship", "quality", "sites", "pharmacogenes", "consequences", "carriers", "score_variants", "scores"),
    *("findings", "genes"),
)


def truth_tables(demo: Demo) -> dict[str, pl.DataFrame]:
    """Every table of :data:`TABLES` by name; people in the order of ``resources/demo/people.tsv``."""
    makers = (_people, _kinship, _quality, _sites, _pharmacogenes, _consequences, _carriers, _score_variants, _scores)
    makers += (true_findings, true_genes)
    return {name: maker(demo) for name, maker in zip(TABLES, makers, strict=True)}


def _present(demo: Demo) -> list[int]:
    return sorted(demo.columns)


def _people(demo: Demo) -> pl.DataFrame:
    """Everybody, those without genotypes (parents of siblings) too."""
    names = "sample population sex father mother duplicate_of presence phased contamination".split()
    names += ["family", "reported_family"]
    text = dict.fromkeys(("father", "mother", "duplicate_of", "family", "reported_family"), pl.String)
    columns = {name: [getattr(p, name) for p in demo.people] for name in names}
    columns["phased"] = ["yes" if phased else "no" for phased in columns["phased"]]
    return pl.DataFrame(columns, schema_overrides=text).rename({"sex": "sex_true"})


def _kinship(demo: Demo) -> pl.DataFrame:
    """Every related pair with genotypes; all other pairs are unrelated."""
    return pl.DataFrame(true_relations(demo.people), schema=["sample1", "sample2", "relation", "kinship"], orient="row")


def _quality(demo: Demo) -> pl.DataFrame:
    """Over the records of autosomes as they stand in the file: how many, how many missing, planted rates."""
    rows = np.array([site.contig[3:].isdigit() for site in demo.sites])
    present = _present(demo)
    missing = demo.missing[rows].sum(axis=0)[present]
    people = [demo.people[n] for n in present]
    return pl.DataFrame(
        {
            "sample": [p.sample for p in people],
            "records": [int(rows.sum())] * len(present),
            "missing": missing.astype(np.int64),
            "call_rate": 1 - missing / rows.sum(),
            "missing_rate_planted": [p.missing_rate for p in people],
            "contamination_planted": [p.contamination for p in people],
        }
    )


def _sites(demo: Demo) -> pl.DataFrame:
    """Every record that is not an ordinary change of one base, with its normalised form where that differs."""
    listed = [site for site in demo.sites if site.kind != "snv" and site.block not in demo.definitions]
    listed = [site for site in listed if site.block not in {gene.name for gene in demo.genes}]
    normal = [site.normal or (None, None, None) for site in listed]
    return pl.DataFrame(
        {
            "contig": [site.contig for site in listed],
            "pos": [site.pos for site in listed],
            "ref": [site.ref for site in listed],
            "alts": [",".join(site.alts) for site in listed],
            "kind": [site.kind for site in listed],
            "normal_pos": [n[0] for n in normal],
            "normal_ref": [n[1] for n in normal],
            "normal_alt": [n[2] for n in normal],
        }
    )


def _pharmacogenes(demo: Demo) -> pl.DataFrame:
    """Planted diplotypes; ``allele2`` is empty for one copy. ``alternatives`` explain the genotypes equally well."""
    rows_of: dict[str, list[int]] = {gene: [] for gene in demo.definitions}
    for row, site in enumerate(demo.sites):
        if site.block in rows_of:
            rows_of[site.block].append(row)
    rows = []
    for n in _present(demo):
        person = demo.people[n]
        for gene, definition in demo.definitions.items():
            pair = demo.pairs[n, gene]
            others = alternatives(definition, pair, demo.alleles[rows_of[gene], n], person.phased)
            names = [definition.names[allele] for allele in pair] + [None]
            ambiguous = "yes" if others else "no"
            rows.append((person.sample, gene, names[0], names[1], ambiguous, ";".join(others) or None))
    columns = ["sample", "gene", "allele1", "allele2", "ambiguous", "alternatives"]
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")


def _coding(demo: Demo) -> list[tuple[int, Gene]]:
    genes = {gene.name: gene for gene in demo.genes}
    return [(row, genes[site.block]) for row, site in enumerate(demo.sites) if site.block in genes]


def _consequences(demo: Demo) -> pl.DataFrame:
    """Consequence of each planted variant on its gene's main transcript, in the words of ``bcftools csq``."""
    rows, classes = [], planted_classes(demo.sites, demo.genes)
    for row, gene in _coding(demo):
        site = demo.sites[row]
        of_gene = (gene.name, site.kind, gene.transcript, gene.strand)
        rows.append((site.contig, site.pos, site.ref, site.alts[0], *of_gene, classes.get(row)))
    columns = ["contig", "pos", "ref", "alt", "gene", "consequence", "transcript", "strand", "clinvar"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _carriers(demo: Demo) -> pl.DataFrame:
    """Who carries which planted variant of a gene model: heterozygous, homozygous or hemizygous."""
    rows = []
    for n in _present(demo):
        for row, gene in _coding(demo):
            copies = demo.alleles[row, n]
            if (copies == 1).any():
                single = inheritance_of(demo.sites[row]) == "chrX" and copies[1] < 0
                state = "hemizygous" if single else "homozygous" if (copies == 1).all() else "heterozygous"
                site = demo.sites[row]
                rows.append(
                    (demo.people[n].sample, gene.name, site.contig, site.pos, site.ref, site.alts[0], site.kind, state)
                )
    columns = ["sample", "gene", "contig", "pos", "ref", "alt", "consequence", "zygosity"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _score_variants(demo: Demo) -> pl.DataFrame:
    """Planted class of every line of the scoring files, and how many genotypes its site lacks."""
    rows = []
    for name, variants in demo.scores.items():
        for v in variants:
            effect = None if v.effect_is_alt is None else "alt" if v.effect_is_alt else "ref"
            lacking = None if v.row is None else int(demo.missing[v.row, demo.columns].sum())
            place = (v.chr_name, v.chr_position or None, v.effect_allele, v.other_allele or None)
            rows.append((name, *place, v.effect_weight, v.kind, effect, lacking))
    columns = ["score", "chr_name", "chr_position", "effect_allele", "other_allele", "effect_weight"]
    columns += ["class", "effect_is", "missing_genotypes"]
    return pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)


def _scores(demo: Demo) -> pl.DataFrame:
    """Sum over matched and flipped variants; a missing genotype adds nothing to the sum or to the denominator."""
    sums = {name: true_sums(variants, demo.alleles, demo.missing) for name, variants in demo.scores.items()}
    rows = [
        (demo.people[n].sample, name, float(total[n]), int(alleles[n]), float(total[n] / max(alleles[n], 1)))
        for n in _present(demo)
        for name, (total, alleles) in sums.items()
    ]
    return pl.DataFrame(rows, schema=["sample", "score", "sum", "denominator", "average"], orient="row")
