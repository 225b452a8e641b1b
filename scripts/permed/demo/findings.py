"""What the demo's databases say of the planted variants of its gene models, which genes are looked at, and the lists.

Every coding variant has a class with two stars, so that the truth does not rest on the criteria of this project.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pysam

from permed.demo.genes import Gene
from permed.demo.inheritance import inheritance_of
from permed.demo.people import Simulated
from permed.demo.sites import Site
from permed.tables import atomic

SOURCE, VERSION, LICENCE = "simulated for the demo cohort", "1", "CC0-1.0"
# gene, condition, inheritance, rule of the list of genes to report
SECONDARY = (
    ("DEMO1", "simulated dominant condition", "AD", "any"),
    ("DEMO2", "simulated recessive condition", "AR", "biallelic"),
    ("DEMO3", "simulated recessive condition", "AR", "biallelic"),
    ("DEMO4", "simulated condition of shortened proteins", "AD", "truncating"),
    ("DEMO5", "simulated dominant condition", "AD", "any"),
    ("DEMO6", "simulated X-linked condition", "XL", "hemizygous_or_biallelic"),
)
RECESSIVE = ("DEMO2", "DEMO3", "DEMO6")
NOT_COVERED = ("DEMO5",)
TRUNCATING = ("stop_gained", "frameshift", "splice_donor", "splice_acceptor")
PATHOGENIC, UNCERTAIN, BENIGN = "Pathogenic", "Uncertain_significance", "Benign"
# Classes of the missense variants of each gene, by position; of the rest the kind decides.
MISSENSE = {
    "DEMO2": ("Likely_pathogenic", BENIGN, BENIGN),
    "DEMO4": (PATHOGENIC, UNCERTAIN, BENIGN),
    "DEMO6": (UNCERTAIN, BENIGN, PATHOGENIC),
}
OTHER_MISSENSE = (BENIGN, UNCERTAIN, BENIGN)
COMMON = 0.12  # frequency of benign variants; the others were never seen
TERMS = (
    ("DEMO1", "HP:9990001", "coronary artery disease"),
    ("DEMO1", "HP:9990009", "Autosomal dominant inheritance"),
    ("DEMO2", "HP:9990002", "type 2 diabetes"),
    ("DEMO2", "HP:9990008", "Autosomal recessive inheritance"),
    ("DEMO3", "HP:9990002", "type 2 diabetes"),
    ("DEMO3", "HP:9990003", "epilepsy"),
    ("DEMO3", "HP:9990008", "Autosomal recessive inheritance"),
    ("DEMO4", "HP:9990004", "colorectal cancer"),
    ("DEMO4", "HP:9990009", "Autosomal dominant inheritance"),
    ("DEMO5", "HP:9990001", "coronary artery disease"),
    ("DEMO5", "HP:9990005", "hypertension"),
    ("DEMO5", "HP:9990009", "Autosomal dominant inheritance"),
    ("DEMO6", "HP:9990003", "epilepsy"),
    ("DEMO6", "HP:9990007", "X-linked inheritance"),
)
# Two variants of a gene in one person each: on which copies, whether the person's genotypes are phased.
HITS = (
    ("DEMO3", {"stop_gained": 0, "splice_acceptor": 1}, False),
    ("DEMO2", {"splice_donor": 0, "stop_gained": 1}, True),
    ("DEMO2", {"splice_donor": 1, "splice_acceptor": 1}, True),
)


def planted_classes(sites: Sequence[Site], genes: Iterable[Gene]) -> dict[int, str]:
    """What ClinVar says of each coding variant of the gene models, by row of ``sites``."""
    names = {gene.name for gene in genes}
    classes: dict[int, str] = {}
    missense: dict[str, int] = {}
    for row, site in enumerate(sites):
        if site.block not in names:
            continue
        if site.kind in TRUNCATING:
            classes[row] = PATHOGENIC
        elif site.kind == "missense":
            nth = missense[site.block] = missense.get(site.block, -1) + 1
            classes[row] = MISSENSE.get(site.block, OTHER_MISSENSE)[nth]
        elif site.kind == "synonymous":
            classes[row] = BENIGN
        elif site.kind in ("inframe_deletion", "start_lost", "stop_lost"):
            classes[row] = UNCERTAIN
    return classes


def plant_hits(alleles: np.ndarray, sites: Sequence[Site], people: Sequence[Simulated], rng) -> None:
    """Give single people of good quality, without relatives here, the pairs of :data:`HITS`, in place."""
    kin = {name for p in people for name in (p.father, p.mother, p.duplicate_of)}
    alone = [p.presence == "sheet" and p.is_founder and p.sample not in kin for p in people]
    fair = [p.missing_rate < 0.05 and not p.contamination for p in people]
    for gene, copies, phased in HITS:
        rows = [row for row, site in enumerate(sites) if site.block == gene]
        first = {sites[row].kind: row for row in reversed(rows)}
        free = [
            n
            for n, person in enumerate(people)
            if alone[n] and fair[n] and person.phased == phased and not (alleles[rows, n] == 1).any()
        ]
        if free and set(copies) <= set(first):
            someone = free[int(rng.integers(len(free)))]
            for kind, copy in copies.items():
                alleles[first[kind], someone, copy] = 1


def write_sources(demo, clinvar: Path, population: Path) -> None:
    """The demo's ClinVar and gnomAD, as bgzipped VCF of the variants of its gene models."""
    classes = planted_classes(demo.sites, demo.genes)
    contigs = [f"##contig=<ID={name},length={length}>" for name, length in demo.lengths.items()]
    fields = [
        ("CLNSIG", ".", "String"),
        ("CLNREVSTAT", ".", "String"),
        ("CLNDN", ".", "String"),
        ("ORIGIN", ".", "String"),
        ("CLNSIGCONF", ".", "String"),
    ]
    status = "criteria_provided,_multiple_submitters,_no_conflicts"
    conditions = {gene: condition.replace(" ", "_") for gene, condition, *_ in SECONDARY}
    rows = []
    for number, (row, significance) in enumerate(classes.items(), 1):
        site = demo.sites[row]
        about = f"CLNSIG={significance};CLNREVSTAT={status};CLNDN={conditions[site.block]};ORIGIN=1"
        rows.append((site.contig, site.pos, str(number), site.ref, site.alts[0], about))
    _write_vcf(["##fileDate=2026-01-01", *contigs], fields, rows, clinvar)
    seen = [row for row, significance in classes.items() if significance == BENIGN]
    fields = [("AF", "A", "Float"), ("AC", "A", "Integer"), ("AN", "1", "Integer"), ("nhomalt", "A", "Integer")]
    fields.append(("fafmax_faf95_max", "A", "Float"))
    people = 50_000
    counts = f"AF={COMMON};AC={round(2 * people * COMMON)};AN={2 * people};nhomalt={round(people * COMMON**2)};"
    about = f"{counts}fafmax_faf95_max={COMMON - 0.002:g}"
    sites = [demo.sites[row] for row in seen]
    _write_vcf(contigs, fields, [(s.contig, s.pos, ".", s.ref, s.alts[0], about) for s in sites], population)


def callable_bed(genes: Iterable[Gene], lengths: dict[str, int]) -> str:
    """The gene models that were looked at, as BED."""
    order = {name: n for n, name in enumerate(lengths)}
    kept = sorted((g for g in genes if g.name not in NOT_COVERED), key=lambda g: (order[g.contig], g.start))
    return "".join(f"{g.contig}\t{g.start - 1}\t{g.end}\n" for g in kept)


def gene_lists() -> dict[str, pl.DataFrame]:
    """The demo's lists: ``secondary``, ``recessive`` and ``phenotypes``, of simulated genes."""
    about = (SOURCE, VERSION, LICENCE)
    columns = ["gene", "condition", "inheritance", "reportable_when", "source", "version", "licence"]
    secondary = pl.DataFrame([(*row, *about) for row in SECONDARY], schema=columns, orient="row")
    recessive = secondary.filter(pl.col("gene").is_in(RECESSIVE)).drop("reportable_when")
    names = ["ncbi_gene_id", "gene_symbol", "hpo_id", "hpo_name", "frequency", "disease_id"]
    rows = [(gene.removeprefix("DEMO"), gene, term, name, "-", "DEMO:1") for gene, term, name in TERMS]
    return {
        "secondary": secondary,
        "recessive": recessive,
        "phenotypes": pl.DataFrame(rows, schema=names, orient="row"),
    }


def true_findings(demo) -> pl.DataFrame:
    """What is to be reported of whom, by what was planted, whoever agreed: ``sample gene list reportable``.

    Two variants count as possible where the person's genotypes are not phased, whatever chromosomes they lie on, and
    where phased genotypes that name no phase set have them on one chromosome.
    """
    classes = planted_classes(demo.sites, demo.genes)
    bad = [row for row, text in classes.items() if text in (PATHOGENIC, "Likely_pathogenic")]
    rows = []
    for n in sorted(demo.columns):
        person = demo.people[n]
        for gene, _, _, rule in SECONDARY:
            own = [row for row in bad if demo.sites[row].block == gene and (demo.alleles[row, n] == 1).any()]
            if not own:
                continue
            copies = _copies(demo, own, n)
            told = own if rule != "truncating" else [row for row in own if demo.sites[row].kind in TRUNCATING]
            if rule in ("any", "truncating") and told:
                rows.append((person.sample, gene, "secondary", "yes"))
            elif rule in ("biallelic", "hemizygous_or_biallelic") and copies != "one":
                rows.append((person.sample, gene, "secondary", "yes" if copies == "all" else "possible"))
            if gene in RECESSIVE:
                rows.append((person.sample, gene, "carriers", "yes"))
    return pl.DataFrame(rows, schema=["sample", "gene", "list", "reportable"], orient="row")


def true_genes(demo) -> pl.DataFrame:
    """Which gene models were looked at: ``gene covered``."""
    names = [gene.name for gene in demo.genes]
    return pl.DataFrame({"gene": names, "covered": ["no" if name in NOT_COVERED else "yes" for name in names]})


def _copies(demo, rows: list[int], n: int) -> str:
    """Whether all copies of a gene carry one of some variants (``all``), perhaps (``unknown``), or not (``one``)."""
    hit = demo.alleles[rows, n] == 1
    single = inheritance_of(demo.sites[rows[0]]) == "chrX" and (demo.alleles[rows, n][:, 1] < 0).all()
    if single or hit.all(axis=1).any():
        return "all"
    if len(rows) == 1:
        return "one"
    return "all" if demo.people[n].phased and hit.any(axis=0).all() else "unknown"


def _write_vcf(header: list[str], fields: list[tuple[str, str, str]], rows: list[tuple], path: Path) -> None:
    lines = ["##fileformat=VCFv4.3", f"##source={SOURCE}", *header]
    lines += [
        f'##INFO=<ID={name},Number={number},Type={kind},Description="Simulated">' for name, number, kind in fields
    ]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    lines += ["\t".join([c, str(pos), name, ref, alt, ".", "PASS", info]) for c, pos, name, ref, alt, info in rows]
    with atomic(path) as beside, pysam.BGZFile(str(beside), "wb") as out:
        out.write(("\n".join(lines) + "\n").encode())
