"""Cohorts laid down from the allele definitions of pharmacogenes, as the normalised BCFs that the workflow makes.

As in the set on which the reference implementation was timed: two named alleles a gene and person, every second person
with 60 % of the main allele and the others falling off in the order of the definition, the rest drawn from all alleles
alike; every position written out; half of the people with one X.
"""

from itertools import groupby
from pathlib import Path

import numpy as np
import pysam.bcftools
from simulating import header

from permed.genome import lengths
from permed.pharmacogenes.definitions import Gene
from permed.variants import trim

MAIN = {"CYP2C19": "*1"}  # where the definition's reference is not the allele that most people have
VECTOR_END = 0x81


def write_diplotypes(
    folder: Path, genes: list[Gene], samples: int, *, phased: bool, missing: float = 0.0, seed: int = 1
) -> dict[str, Path]:
    """Write an indexed BCF a contig and give them by contig; ``missing`` is the share of genotypes left out."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    by_contig = sorted(genes, key=lambda gene: (gene.contig, gene.positions[0].pos))
    files = {}
    for contig, there in groupby(by_contig, key=lambda gene: gene.contig):
        files[contig] = path = folder / f"{contig}.bcf"
        with pysam.BGZFile(str(path), "wb") as out:
            out.write(header(samples, lengths("GRCh38")[contig], contig))
            for gene in there:
                _write_gene(out, rng, gene, samples, phased, missing)
        pysam.bcftools.index("-f", str(path), catch_stdout=False)
    return files


def _write_gene(out, rng, gene: Gene, samples: int, phased: bool, missing: float) -> None:
    carried = np.stack([_draw(rng, gene, samples) for _ in range(2)], axis=1)
    single = (np.arange(samples) // 2 % 2 == 0) if gene.contig == "chrX" else np.zeros(samples, bool)
    for _, at in sorted((position.pos, at) for at, position in enumerate(gene.positions)):
        position = gene.positions[at]
        bits = gene.bases[carried, at]
        lowest, highest = bits & -bits, 1 << np.floor(np.log2(bits)).astype(np.int64)
        base = np.log2(np.where(rng.random(bits.shape) < 0.5, lowest, highest)).astype(np.int8)
        if not phased:
            base = np.sort(base, axis=1)
        lost = rng.random(samples) < missing
        keys = [trim(position.pos, position.ref, alt) for alt in position.alts]
        for code in sorted(range(1, len(keys) + 1), key=lambda code: keys[code - 1]):
            calls = (2 + 2 * (base == code)).astype(np.uint8)
            calls[:, 1] += phased
            calls[lost] = 0
            calls[single, 1] = VECTOR_END
            out.write(_record(keys[code - 1], calls))


def _draw(rng, gene: Gene, samples: int) -> np.ndarray:
    """An allele (index) for each person."""
    names = [allele.name for allele in gene.alleles]
    main = names.index(MAIN[gene.name]) if gene.name in MAIN else gene.reference
    weights = 1 / np.arange(1, len(names) + 1) ** 1.1
    weights[main] = 0
    weights *= 0.4 / max(weights.sum(), 1e-9)
    weights[main] = 1 - weights.sum()
    skewed = rng.choice(len(names), samples, p=weights)
    alike = rng.integers(0, len(names), samples)
    return np.where(np.arange(samples) % 2 == 0, skewed, alike)


def _record(key: tuple[int, str, str], calls: np.ndarray) -> bytes:
    pos, ref, alt = key
    numbers = np.array([0, pos - 1, len(ref), 0x7F800001, 2 << 16, len(calls) | 1 << 24], "<u4").tobytes()
    site = numbers + b"\x07" + _text(ref) + _text(alt) + b"\x11\x00"
    genotypes = b"\x11\x01\x21" + calls.tobytes()
    return np.array([len(site), len(genotypes)], "<u4").tobytes() + site + genotypes


def _text(allele: str) -> bytes:
    size = bytes([len(allele) << 4 | 7]) if len(allele) < 15 else bytes([0xF7, 0x11, len(allele)])
    return size + allele.encode()
