"""Gene models with sequence of their own, and coding variants of every kind planted in them.

A gene is built in the direction of its transcript and laid on either strand. Offsets are 0-based along the gene's
transcript direction, positions 1-based on the genome.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from permed.demo.sites import Site
from permed.variants import complement

LOCI = [  # gene, contig, first position, strand, coding bases of each exon
    ("DEMO1", "chr1", 50_000_000, "+", (120, 180, 96, 204)),
    ("DEMO2", "chr2", 60_000_000, "-", (131, 170, 154, 145)),
    ("DEMO3", "chr6", 70_000_000, "+", (88, 203, 211, 128)),
    ("DEMO4", "chr12", 60_000_000, "-", (147, 166, 139, 178)),
    ("DEMO5", "chr16", 50_000_000, "+", (101, 194, 160, 175)),
    ("DEMO6", "chrX", 50_000_000, "-", (152, 133, 187, 158)),
]
SKIPS_EXON = ("DEMO1", 2)  # this gene has a second transcript without this exon
UTR5, UTR3, INTRON = 60, 90, (150, 400)
SPACE = 4  # codons between planted variants
EDGE = 10  # bases between a planted coding variant and the end of its exon
CODONS = ["".join(bases) for bases in product("TCAG", repeat=3)]
AMINO_ACID = dict(zip(CODONS, "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG", strict=True))
CARRIERS = {  # how many founders carry one such variant; any other kind is rare
    "synonymous": 4,
    "missense": 3,
    "intron": 6,
    "5_prime_utr": 3,
    "3_prime_utr": 3,
}
RARE = 1
PLANTED = (
    *("synonymous", "synonymous", "missense", "missense", "missense", "stop_gained", "frameshift", "frameshift"),
    *("inframe_deletion", "splice_donor", "splice_acceptor", "intron", "5_prime_utr", "3_prime_utr"),
)
ONLY_IN = {"start_lost": ("DEMO1", "DEMO4"), "stop_lost": ("DEMO3", "DEMO2")}


@dataclass(frozen=True)
class Gene:
    """A gene: ``sequence`` in transcript direction, ``exons`` as (first, end) offsets, ``coding`` likewise."""

    name: str
    contig: str
    start: int
    strand: str
    sequence: str
    exons: tuple[tuple[int, int], ...]
    coding: tuple[tuple[int, int], ...]

    @property
    def end(self) -> int:
        """Last position on the genome."""
        return self.start + len(self.sequence) - 1

    @property
    def transcript(self) -> str:
        """Identifier of the main transcript."""
        return f"{self.name}T1"

    @cached_property
    def genomic(self) -> str:
        """The gene's sequence on the forward strand."""
        return self.sequence if self.strand == "+" else complement(self.sequence)

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Positions (first, last) of the offsets ``first`` to ``end`` - 1."""
        if self.strand == "+":
            return self.start + first, self.start + end - 1
        return self.end - end + 1, self.end - first

    def bases(self, pos: int, size: int = 1) -> str:
        """Forward-strand bases at a position."""
        return self.genomic[pos - self.start : pos - self.start + size]


def make_genes(contigs: Iterable[str], rng) -> list[Gene]:
    """The genes whose contig is wanted."""
    wanted = set(contigs)
    return [_make_gene(*locus, rng) for locus in LOCI if locus[1] in wanted]


def plant_variants(gene: Gene, rng) -> list[Site]:
    """Variants of every kind in a gene; ``kind`` is the consequence in the words of ``bcftools csq``."""
    used: list[int] = []
    sites = []
    wanted = [*PLANTED, *(kind for kind, genes in ONLY_IN.items() if gene.name in genes)]
    for number, kind in enumerate(wanted):
        pos, ref, alt = _find(gene, kind, wanted[:number].count(kind), used, rng)
        sites.append(Site(gene.contig, pos, ref, (alt,), kind, block=gene.name))
    return sorted(sites, key=lambda site: site.pos)


def to_gff3(genes: Iterable[Gene], lengths: dict[str, int]) -> str:
    """The genes as GFF3 in Ensembl's style, in the order of the genome."""
    order = list(lengths)
    genes = sorted(genes, key=lambda gene: (order.index(gene.contig), gene.start))
    lines = ["##gff-version 3"]
    lines += [f"##sequence-region {name} 1 {lengths[name]}" for name in order if name in {g.contig for g in genes}]
    for gene in genes:
        lines += [_line(gene, "gene", 0, len(gene.sequence), f"ID=gene:{gene.name}G;{_names(gene.name)}")]
        lines += _transcript(gene, gene.transcript, range(len(gene.exons)), "basic,Ensembl_canonical,MANE_Select")
        if gene.name == SKIPS_EXON[0]:
            kept = [n for n in range(len(gene.exons)) if n != SKIPS_EXON[1]]
            lines += _transcript(gene, f"{gene.name}T2", kept, "basic")
        lines.append("###")
    return "\n".join(lines) + "\n"


def _make_gene(name: str, contig: str, start: int, strand: str, sizes: tuple[int, ...], rng) -> Gene:
    def random_bases(size: int) -> str:
        return "".join(rng.choice(list("ACGT"), size).tolist())

    sense = [codon for codon in CODONS if AMINO_ACID[codon] != "*"]
    stops = [codon for codon in CODONS if AMINO_ACID[codon] == "*"]
    codons = [sense[n] for n in rng.integers(0, len(sense), sum(sizes) // 3 - 2)]
    message = "ATG" + "".join(codons) + stops[int(rng.integers(0, len(stops)))]
    sequence, exons, coding, done = random_bases(UTR5), [], [], 0
    for number, size in enumerate(sizes):
        first = len(sequence) if number else 0
        coding.append((len(sequence), len(sequence) + size))
        sequence += message[done : done + size]
        done += size
        if number == len(sizes) - 1:
            sequence += random_bases(UTR3)
        exons.append((first, len(sequence)))
        if number < len(sizes) - 1:
            sequence += "GT" + random_bases(int(rng.integers(*INTRON))) + "AG"
    return Gene(name, contig, start, strand, sequence, tuple(exons), tuple(coding))


def _find(gene: Gene, kind: str, nth: int, used: list[int], rng) -> tuple[int, str, str]:
    """Position and alleles of a variant of a kind; ``nth`` counts those of the same kind planted before it."""
    if kind in ("synonymous", "missense", "stop_gained"):
        return _first(gene, used, rng, lambda codon: _substitution(gene, codon, kind))
    if kind == "frameshift":
        return _first(gene, used, rng, lambda codon: _insertion(gene, codon) if nth else _deletion(gene, codon + 1, 1))
    if kind == "inframe_deletion":
        return _first(gene, used, rng, lambda codon: _deletion(gene, codon, 3))
    first, last = gene.coding[0][0], gene.coding[-1][1]
    offset = {
        "start_lost": first + 1,
        "stop_lost": last - 3,
        "splice_donor": gene.exons[0][1],
        "splice_acceptor": gene.exons[2][0] - 1,
        "intron": (gene.exons[1][1] + gene.exons[2][0]) // 2,
        "5_prime_utr": first // 2,
        "3_prime_utr": (last + len(gene.sequence)) // 2,
    }[kind]
    base = gene.sequence[offset]
    return _snv(gene, offset, {"A": "G", "G": "A", "C": "T", "T": "C"}[base])


def _first(gene: Gene, used: list[int], rng, attempt: Callable) -> tuple[int, str, str]:
    """The first success among the gene's codons in random order; codons that an intron splits are not tried."""
    whole, passed = [], 0
    for first, end in gene.coding:
        frame = (3 - passed % 3) % 3
        whole += [o for o in range(first + frame, end - 2, 3) if o - first >= EDGE and end - o - 3 >= EDGE]
        passed += end - first
    for codon in rng.permutation(whole).tolist():
        near = any(abs(codon - other) < 3 * SPACE for other in used)
        found = None if near else attempt(codon)
        if found:
            used.append(codon)
            return found
    raise ValueError(f"{gene.name} has no room for another variant")


def _substitution(gene: Gene, codon: int, kind: str) -> tuple[int, str, str] | None:
    before = gene.sequence[codon : codon + 3]
    for place, base in product((2, 0, 1), "ACGT"):
        after = before[:place] + base + before[place + 1 :]
        same = AMINO_ACID[after] == AMINO_ACID[before]
        got = "synonymous" if same else "stop_gained" if AMINO_ACID[after] == "*" else "missense"
        if after != before and got == kind:
            return _snv(gene, codon + place, base)
    return None


def _snv(gene: Gene, offset: int, base: str) -> tuple[int, str, str]:
    pos, _ = gene.span(offset, offset + 1)
    return pos, gene.bases(pos), base if gene.strand == "+" else complement(base)


def _deletion(gene: Gene, offset: int, size: int) -> tuple[int, str, str] | None:
    first, _ = gene.span(offset, offset + size)
    ref = gene.bases(first - 1, size + 1)
    return None if ref[0] == ref[-1] else (first - 1, ref, ref[0])  # else it would move when left-aligned


def _insertion(gene: Gene, offset: int) -> tuple[int, str, str]:
    pos, _ = gene.span(offset + 1, offset + 2)
    ref = gene.bases(pos)
    return pos, ref, ref + {"A": "C", "C": "G", "G": "T", "T": "A"}[ref]


def _transcript(gene: Gene, name: str, kept: Iterable[int], tag: str) -> list[str]:
    kept = list(kept)
    attributes = (
        f"ID=transcript:{name};Parent=gene:{gene.name}G;{_names(name)};tag={tag};transcript_id={name};version=1"
    )
    rows = [_line(gene, "mRNA", 0, len(gene.sequence), attributes)]
    start, stop = gene.coding[0][0], gene.coding[-1][1]
    passed = 0
    for rank, number in enumerate(kept, 1):
        first, end = gene.exons[number]
        rows.append(
            _line(gene, "exon", first, end, f"Parent=transcript:{name};exon_id={gene.name}E{number + 1};rank={rank}")
        )
        if first < start:
            rows.append(_line(gene, "five_prime_UTR", first, start, f"Parent=transcript:{name}"))
        inside = gene.coding[number]
        phase = (3 - passed % 3) % 3
        rows.append(_line(gene, "CDS", *inside, f"ID=CDS:{name}P;Parent=transcript:{name};protein_id={name}P", phase))
        passed += inside[1] - inside[0]
        if end > stop:
            rows.append(_line(gene, "three_prime_UTR", stop, end, f"Parent=transcript:{name}"))
    return rows


def _line(gene: Gene, feature: str, first: int, end: int, attributes: str, phase: int | str = ".") -> str:
    low, high = gene.span(first, end)
    return "\t".join(map(str, [gene.contig, "permed_demo", feature, low, high, ".", gene.strand, phase, attributes]))


def _names(name: str) -> str:
    return f"Name={name};biotype=protein_coding"
