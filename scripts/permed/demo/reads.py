"""Reads, qualities and missing genotypes of the simulated cohort, and its VCF as text."""

from collections.abc import Iterator, Sequence

import numpy as np

from permed.demo.people import Simulated
from permed.demo.sites import Site

DEPTH = 30.0  # reads at two copies
LOW_DEPTH = 11.0  # the same where many genotypes are missing
FEWEST, ENOUGH = 4, 8  # reads of a genotype, and of one that is to be believed by its quality
ERROR = 0.002  # of reads that show another allele
FORMATS = [
    ("GT", "1", "String", "Genotype"),
    ("DP", "1", "Integer", "Reads"),
    ("GQ", "1", "Integer", "Quality of the genotype"),
    ("AD", "R", "Integer", "Reads of each allele"),
]
INFOS = [
    ("END", "1", "Integer", "Last position of the variant"),
    ("SVTYPE", "1", "String", "Type of structural variant"),
    ("SVLEN", "1", "Integer", "Length of the structural variant"),
]


def draw_missing(sites: Sequence[Site], people: Sequence[Simulated], rng) -> np.ndarray:
    """Which genotypes are missing, shape (sites, people); never in pharmacogenes and gene models."""
    rates = np.array([p.missing_rate for p in people])
    return (rng.random((len(sites), len(people))) < rates) & ~_is_complete(sites)


def _is_complete(sites: Sequence[Site]) -> np.ndarray:
    """Sites of pharmacogenes and gene models, (sites, 1): of everybody they have a genotype that is believed."""
    return np.array([bool(site.block) for site in sites])[:, None]


def draw_reads(sites: Sequence[Site], alleles: np.ndarray, people: Sequence[Simulated], rng) -> np.ndarray:
    """Reads of each allele, int16 of shape (sites, people, 4).

    A contaminated sample shows other people's alleles in its homozygous genotypes, as often as they have them.
    """
    first, second = alleles[..., 0], alleles[..., 1]
    copies = (alleles >= 0).sum(axis=2)
    depth = np.array([LOW_DEPTH if p.missing_rate > 0.05 else DEPTH for p in people])
    total = np.maximum(rng.poisson(depth * copies / 2), np.where(_is_complete(sites), ENOUGH, FEWEST))
    heterozygous = (copies == 2) & (first != second)
    alternate = np.where(first == 0, 1, 0)  # what a stray read shows
    stray = ERROR + np.array([p.contamination for p in people]) * _share_of_others(alleles)
    other = rng.binomial(total, np.where(heterozygous, 0.5, stray))
    reads = np.zeros((*first.shape, 4), np.int16)
    np.put_along_axis(reads, np.maximum(first, 0)[..., None].astype(np.int64), (total - other)[..., None], 2)
    shown = np.where(heterozygous, second, alternate)
    np.put_along_axis(reads, shown[..., None].astype(np.int64), other[..., None], 2)
    return reads


def _share_of_others(alleles: np.ndarray) -> np.ndarray:
    """How frequent in the cohort the allele is that a stray read shows: ALT beside REF, REF beside any ALT."""
    known = np.maximum((alleles >= 0).sum(axis=(1, 2)), 1)
    reference = (alleles == 0).sum(axis=(1, 2)) / known
    return np.where(alleles[..., 0] == 0, 1 - reference[:, None], reference[:, None])


def genotype_texts(sites, alleles, missing, reads, people) -> np.ndarray:
    """The cells of the VCF, object array of shape (sites, people). Each distinct cell is put into words once."""
    fields = np.array([1 if site.alts == (".",) else len(site.alts) + 1 for site in sites])
    phased = np.array([p.phased for p in people])
    code = np.zeros(missing.shape, np.int64)
    pair = np.where(phased[None, :, None] | (alleles[..., 1:] < 0), alleles, np.sort(alleles, axis=2))
    for part, bits in [
        (np.broadcast_to(fields[:, None], missing.shape), 3),
        (np.broadcast_to(phased, missing.shape), 1),
        (missing, 1),
        (pair[..., 0] + 1, 3),
        (pair[..., 1] + 1, 3),
        *((reads[..., n].clip(0, 127), 7) for n in range(4)),
    ]:
        code = code << bits | part.astype(np.int64)
    distinct, inverse = np.unique(code, return_inverse=True)
    texts = np.array([_cell(value) for value in distinct.tolist()], object)
    return texts[inverse.reshape(code.shape)]


def _cell(code: int) -> str:
    parts = []
    for bits in (7, 7, 7, 7, 3, 3, 1, 1, 3):
        parts.append(code & (1 << bits) - 1)
        code >>= bits
    *reads, second, first, missing, phased, fields = parts
    reads = reads[::-1][:fields]
    copies = [n - 1 for n in (first, second) if n]
    separator = "|" if phased else "/"
    if missing or not copies:
        return separator.join("." * max(len(copies), 1))
    depth = sum(reads)
    counts = ",".join(map(str, reads))
    return f"{separator.join(map(str, copies))}:{depth}:{min(99, 3 * depth)}:{counts}"


def vcf_lines(
    sites: Sequence[Site], cells: np.ndarray, samples: Sequence[str], lengths: dict[str, int]
) -> Iterator[str]:
    """The VCF, line by line with line ends; ``cells`` has shape (sites, samples)."""
    yield "##fileformat=VCFv4.3\n##source=permed_demo, simulated genotypes\n"
    yield '##FILTER=<ID=PASS,Description="All filters passed">\n##ALT=<ID=DEL,Description="Deletion">\n'
    for field, rows in (("INFO", INFOS), ("FORMAT", FORMATS)):
        for name, number, kind, text in rows:
            yield f'##{field}=<ID={name},Number={number},Type={kind},Description="{text}">\n'
    for contig, length in lengths.items():
        yield f"##contig=<ID={contig},length={length},assembly=GRCh38>\n"
    yield "\t".join(["#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".replace(" ", "\t"), *samples]) + "\n"
    formats = ":".join(name for name, *_ in FORMATS)
    for site, row in zip(sites, cells, strict=True):
        fixed = [site.contig, str(site.pos), site.name, site.ref, ",".join(site.alts), ".", "PASS", site.info, formats]
        yield "\t".join([*fixed, *row]) + "\n"
