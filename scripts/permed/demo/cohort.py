"""The demo cohort as a whole: draws everything from one seed and keeps the truth beside it."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from permed.demo.findings import plant_hits
from permed.demo.genes import CARRIERS, RARE, Gene, make_genes, plant_variants
from permed.demo.inheritance import draw_founders, drop_absent_copies, inheritance_of, pass_on
from permed.demo.people import Simulated
from permed.demo.pharmacogenes import Definition, draw_pair
from permed.demo.reads import draw_missing, draw_reads
from permed.demo.reference import Islands
from permed.demo.scores import OFTEN_MISSING_RATE, ScoreVariant, often_missing, plan_scores
from permed.demo.sites import AFTER, BEFORE, Place, Site, assign_kinds, draw_places, make_sites

CONTIGS = tuple(f"chr{name}" for name in "1 2 4 6 7 8 10 12 13 16 19 22 X Y M".split())  # those with genotypes
N_SITES = 12_000  # besides those of pharmacogenes and gene models
KEEP_OFF = 3_000  # bases around pharmacogenes and gene models without other sites
FLANK = 40  # bases of sequence around a pharmacogene position
TWO_HITS = {"DEMO2": ("stop_gained", "stop_gained"), "DEMO3": ("frameshift", "splice_donor")}  # one person each


@dataclass(frozen=True)
class Demo:
    """A simulated cohort. ``alleles`` (sites, people, 2), ``missing`` (sites, people), ``reads`` (sites, people, 4).

    ``pairs`` holds the planted alleles by (person, gene), as indexes into the definition; those of a child in the
    order father, mother. People who are nowhere (parents without a sample) are in every array, but not in
    ``columns``, the people of the VCF in its order.
    """

    people: list[Simulated]
    lengths: dict[str, int]
    islands: Islands
    sites: list[Site]
    alleles: np.ndarray
    missing: np.ndarray
    reads: np.ndarray
    genes: list[Gene]
    definitions: dict[str, Definition]
    pairs: dict[tuple[int, str], tuple[int, ...]]
    scores: dict[str, list[ScoreVariant]]
    columns: list[int]


def simulate(
    people: list[Simulated],
    definitions: Mapping[str, Definition],
    lengths: dict[str, int],
    seed: int,
    n_sites: int = N_SITES,
    contigs: Sequence[str] = CONTIGS,
) -> Demo:
    """Simulate the cohort on ``contigs``; the reference has all of ``lengths``. The same seed gives the same cohort.

    Every part draws from a stream of its own, so that a change in one does not stir the others.
    """

    def stream(name: str):
        return np.random.default_rng([seed, zlib.crc32(name.encode())])

    definitions = {gene: d for gene, d in definitions.items() if d.sites[0].contig in contigs}
    genes = make_genes(contigs, stream("genes"))
    fixed = [site for definition in definitions.values() for site in definition.sites]
    reserved = [(s.contig, s.pos - KEEP_OFF, s.pos + len(s.ref) + KEEP_OFF) for s in fixed]
    reserved += [(g.contig, g.start - KEEP_OFF, g.end + KEEP_OFF) for g in genes]
    used = {name: lengths[name] for name in contigs}
    kinds = assign_kinds(draw_places(used, n_sites, reserved, stream("places")), stream("kinds"))
    islands = Islands(_intervals(fixed, genes, kinds), lengths, stream("islands"))
    for site in fixed:
        islands.paint(site.contig, site.pos, site.ref)
    for gene in genes:
        islands.paint(gene.contig, gene.start, gene.genomic)

    populations = sorted({p.population for p in people})
    sites = make_sites(kinds, islands, len(populations), stream("sites"))
    planted = stream("variants")
    sites += fixed + [site for gene in genes for site in plant_variants(gene, planted)]
    order = {name: n for n, name in enumerate(lengths)}
    sites.sort(key=lambda site: (order[site.contig], site.pos))

    alleles = draw_founders(sites, people, populations, stream("founders"))
    pairs = _plant_diplotypes(alleles, sites, people, definitions, stream("diplotypes"))
    _plant_carriers(alleles, sites, people, genes, stream("carriers"))
    plant_hits(alleles, sites, people, stream("hits"))
    _link_records(alleles, sites)
    drop_absent_copies(alleles, sites, people)
    copies = pass_on(alleles, sites, people, stream("meiosis"))
    _inherit_pairs(pairs, copies, people, definitions)

    missing = draw_missing(sites, people, stream("missing"))
    scores = plan_scores(sites, alleles, n_sites / N_SITES, stream("scores"))
    often = stream("often_missing")
    for variants in scores.values():
        for row in often_missing(variants):
            missing[row] |= often.random(len(people)) < OFTEN_MISSING_RATE
    reads = draw_reads(sites, alleles, people, stream("reads"))
    columns = [n for n, p in enumerate(people) if p.presence != "nowhere"][::-1]  # not in the order of the sheet
    return Demo(people, lengths, islands, sites, alleles, missing, reads, genes, definitions, pairs, scores, columns)


def _intervals(fixed: Sequence[Site], genes: Sequence[Gene], kinds: Mapping[Place, str]) -> list[tuple[str, int, int]]:
    """Where the reference has bases; a record is planted on N where it has none."""
    intervals = [(s.contig, s.pos - FLANK, s.pos + len(s.ref) + FLANK) for s in fixed]
    intervals += [(g.contig, g.start - FLANK, g.end + FLANK) for g in genes]
    return intervals + [(c, pos - BEFORE, pos + AFTER) for (c, pos), kind in kinds.items() if kind != "ref_on_n"]


def _plant_diplotypes(alleles, sites, people, definitions, rng) -> dict[tuple[int, str], tuple[int, ...]]:
    """Lay two drawn alleles of every pharmacogene on every founder."""
    rows: dict[str, list[int]] = {gene: [] for gene in definitions}
    for row, site in enumerate(sites):
        if site.block in rows:
            rows[site.block].append(row)
    pairs = {}
    for gene, definition in definitions.items():
        for n, person in enumerate(people):
            if person.is_founder:
                haploid = person.sex == "XY" and inheritance_of(definition.sites[0]) == "chrX"
                given = person.diplotypes.get(gene)
                pairs[n, gene], laid = draw_pair(definition, haploid, person.phased, rng, given)
                alleles[rows[gene], n] = laid
    return pairs


def _plant_carriers(alleles, sites, people, genes: Sequence[Gene], rng) -> None:
    """Give each coding variant to founders, one variant of a gene to a person, so that each keeps its consequence.

    The exceptions are those of :data:`TWO_HITS`, whose genotypes are phased, one variant on each chromosome.
    """
    for gene in genes:
        rows = [row for row, site in enumerate(sites) if site.block == gene.name]
        first = {sites[row].kind: row for row in reversed(rows)}
        founders = [n for n, person in enumerate(people) if person.is_founder and person.presence == "sheet"]
        free = [founders[n] for n in rng.permutation(len(founders))]
        alleles[rows] = 0
        if gene.name in TWO_HITS:
            someone = next(n for n in free if people[n].phased)
            free.remove(someone)
            for copy, kind in enumerate(TWO_HITS[gene.name]):
                alleles[first[kind], someone, copy] = 1
        x_linked = inheritance_of(sites[rows[0]]) == "chrX"
        for row in rows:
            for _ in range(CARRIERS.get(sites[row].kind, RARE)):
                carrier = free.pop()
                copies = 1 if x_linked and people[carrier].sex == "XY" else 2
                alleles[row, carrier, int(rng.integers(copies))] = 1


def _link_records(alleles, sites: Sequence[Site]) -> None:
    """Make records that describe the same bases agree: repeated ones, and `*` where a deletion takes the base."""
    for row, site in enumerate(sites):
        if site.kind == "duplicate_record":
            alleles[row] = alleles[row - 1]
        elif site.kind == "star":
            deleted = alleles[row - 1] == 1
            alleles[row] = np.where(deleted, site.alts.index("*") + 1, np.minimum(alleles[row], 1))


def _inherit_pairs(pairs, copies, people: Sequence[Simulated], definitions: Mapping[str, Definition]) -> None:
    """Name the alleles that children and duplicates received, in place."""
    index = {p.sample: n for n, p in enumerate(people)}
    for gene, definition in definitions.items():
        x_linked = inheritance_of(definition.sites[0]) == "chrX"
        for n, person in enumerate(people):
            if person.father is not None:
                from_father, from_mother = copies[n, gene]
                paternal, maternal = pairs[index[person.father], gene], pairs[index[person.mother], gene]
                if x_linked and person.sex == "XY":
                    pairs[n, gene] = (maternal[from_mother],)
                else:
                    pairs[n, gene] = (paternal[0 if x_linked else from_father], maternal[from_mother])
        for n, person in enumerate(people):
            if person.duplicate_of is not None:
                pairs[n, gene] = pairs[index[person.duplicate_of], gene]
