"""Cohorts as BCF, written byte by byte, since a benchmark's input should not take longer than the benchmark."""

from pathlib import Path

import numpy as np
import pysam.bcftools

BATCH = 1 << 23  # genotypes
BASES = "ACGT"
_READS = [
    f'##FORMAT=<ID={name},Number={number},Type=Integer,Description="{name}">'
    for name, number in (("AD", "R"), ("DP", "1"), ("GQ", "1"), ("PL", "G"))
]


def write_cohort(path: Path, samples: int, sites: int, seed: int = 1, missing: float = 0.01) -> None:
    """Write a BCF of one contig: biallelic SNVs in Hardy-Weinberg proportions, their index beside it.

    Minor allele frequencies are log-uniform between 0.001 and 0.5, genotypes unphased and ``missing`` of them missing;
    sites lie 50 bases apart, from position 1000 on.
    """
    rng = np.random.default_rng(seed)
    alleles = rng.integers(0, 4, sites), rng.integers(1, 4, sites)
    with pysam.BGZFile(str(path), "wb") as out:
        out.write(header(samples, 1000 + 50 * sites))
        step = max(1, BATCH // samples)
        for first in range(0, sites, step):
            rows = min(step, sites - first)
            out.write(_records(rng, first, rows, samples, missing, alleles).tobytes())
    pysam.bcftools.index("-f", str(path), catch_stdout=False)


def write_reference(path: Path, length: int, seed: int = 1) -> None:
    """Write an indexed FASTA of one contig, ``chr1``, of random bases with runs of short repeats."""
    rng = np.random.default_rng(seed)
    bases = rng.integers(0, 4, length)
    for start in rng.integers(0, max(1, length - 40), length // 200):
        unit = int(rng.integers(1, 5))
        bases[start : start + 30] = np.resize(bases[start : start + unit], len(bases[start : start + 30]))
    text = np.frombuffer(BASES.encode(), np.uint8)[bases].tobytes().decode()
    lines = "\n".join(text[start : start + 100] for start in range(0, length, 100))
    path.write_text(f">chr1\n{lines}\n")
    pysam.faidx(str(path))


def write_indels(path: Path, reference: Path, samples: int, sites: int, seed: int = 1, reads: bool = False) -> None:
    """Write an indexed VCF of SNVs, indels not left-aligned and multiallelic sites, whose REF is the reference's.

    With ``reads`` genotypes have reads by allele, depth, quality and likelihoods: GT:AD:DP:GQ:PL.
    """
    rng = np.random.default_rng(seed)
    with pysam.FastaFile(str(reference)) as fasta:
        sequence = fasta.fetch("chr1")
    step = (len(sequence) - 200) // sites
    people = "\t".join(f"S{n}" for n in range(samples))
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID=chr1,length={len(sequence)}>"]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">']
    lines += _READS if reads else []
    lines += [f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{people}"]
    for number in range(sites):
        pos = 100 + number * step
        ref, alts = _spelled(rng, sequence, pos)
        drawn = rng.random((samples, 2)) < rng.choice([0.002, 0.02, 0.2])
        calls = np.where(drawn, rng.integers(1, len(alts) + 1, (samples, 2)), 0)
        genotypes = "\t".join(_with_reads(rng, calls, len(alts)) if reads else (f"{a}/{b}" for a, b in calls.tolist()))
        layout = "GT:AD:DP:GQ:PL" if reads else "GT"
        lines.append(f"chr1\t{pos}\t.\t{ref}\t{','.join(alts)}\t.\tPASS\t.\t{layout}\t{genotypes}")
    plain = path.with_suffix("")
    plain.write_text("\n".join(lines) + "\n")
    pysam.tabix_compress(str(plain), str(path), force=True)
    plain.unlink()
    pysam.tabix_index(str(path), preset="vcf", force=True)


def _with_reads(rng, calls: np.ndarray, alts: int) -> list[str]:
    """Cells of genotypes with reads that fit them, about thirty each."""
    depth = rng.poisson(30, len(calls)) + 2
    cells = []
    for (a, b), total in zip(calls.tolist(), depth.tolist(), strict=True):
        counts = [0] * (alts + 1)
        counts[a] += total - total // 2
        counts[b] += total // 2
        best = b * (b + 1) // 2 + a if a <= b else a * (a + 1) // 2 + b
        likelihoods = [0 if k == best else 3 * total for k in range((alts + 1) * (alts + 2) // 2)]
        told = ",".join(map(str, counts)), str(total), str(min(99, 3 * total)), ",".join(map(str, likelihoods))
        cells.append(":".join([f"{a}/{b}", *told]))
    return cells


def write_gvcf(path: Path, reference: Path, records: int, seed: int = 1) -> None:
    """Write an indexed gVCF of one person as HaplotypeCaller does: reference blocks, and a variant every twentieth."""
    rng = np.random.default_rng(seed)
    with pysam.FastaFile(str(reference)) as fasta:
        sequence = fasta.fetch("chr1")
    lines = ["##fileformat=VCFv4.2", f"##contig=<ID=chr1,length={len(sequence)}>"]
    lines += ['##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">', *_READS]
    lines += ['##FORMAT=<ID=MIN_DP,Number=1,Type=Integer,Description="Least depth">']
    lines += ['##INFO=<ID=END,Number=1,Type=Integer,Description="End">', '##ALT=<ID=NON_REF,Description="Any">']
    lines += ["#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS0"]
    step = (len(sequence) - 200) // records
    low = rng.random(records) < 0.1
    for number in range(records):
        pos = 100 + number * step
        ref = sequence[pos - 1]
        if number % 20:
            quality, depth = (9, 4) if low[number] else (90, 30)
            values = f"0/0:{depth}:{quality}:{depth}:0,{quality},{15 * depth}"
            end = f"END={pos + step - 1}"
            lines.append(f"chr1\t{pos}\t.\t{ref}\t<NON_REF>\t.\t.\t{end}\tGT:DP:GQ:MIN_DP:PL\t{values}")
        else:
            alt = "ACGT"["ACGT".index(ref) - 1]
            values = "0/1:15,15,0:30:99:300,0,300,345,345,690"
            lines.append(f"chr1\t{pos}\t.\t{ref}\t{alt},<NON_REF>\t500\t.\t.\tGT:AD:DP:GQ:PL\t{values}")
    plain = path.with_suffix("")
    plain.write_text("\n".join(lines) + "\n")
    pysam.tabix_compress(str(plain), str(path), force=True)
    plain.unlink()
    pysam.tabix_index(str(path), preset="vcf", force=True)


def _spelled(rng, sequence: str, pos: int) -> tuple[str, list[str]]:
    """REF and alternates at a 1-based position: half SNVs, a tenth of them with two alternates, else indels."""
    here = sequence[pos - 1 : pos + 20]
    others = [base for base in BASES if base != here[0]]
    kind = rng.random()
    if kind < 0.5:
        return here[0], others[: 2 if kind < 0.05 else 1]
    size = int(rng.integers(1, 6))
    if kind < 0.75:
        return here[: size + 3], [here[0] + here[size + 1 : size + 3]]
    return here[:3], [here[0] + here[1 : 1 + size] + here[1:3]]


def header(samples: int, length: int, contig: str = "chr1") -> bytes:
    """Start of a BCF of one contig with unphased or phased GT and people S0, S1, …"""
    people = "".join(f"\tS{n}" for n in range(samples))
    text = (
        '##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description="All filters passed",IDX=0>\n'
        f"##contig=<ID={contig},length={length},IDX=0>\n"
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype",IDX=1>\n'
        f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT{people}\n"
    ).encode() + b"\0"
    return b"BCF\2\2" + len(text).to_bytes(4, "little") + text


def _records(rng, first: int, rows: int, samples: int, missing: float, alleles) -> np.ndarray:
    """Records of the BCF specification, one a row of bytes: 8 + 31 of the site, 3 + 2 x samples of the genotypes."""
    record = np.zeros((rows, 42 + 2 * samples), np.uint8)
    record[:, 0], record[:, 4:8] = 31, np.frombuffer((3 + 2 * samples).to_bytes(4, "little"), np.uint8)
    site = record[:, 8:39]
    pos = 999 + 50 * np.arange(first, first + rows, dtype="<i4")
    site[:, 4:8] = pos.view(np.uint8).reshape(-1, 4)
    site[:, 8] = 1
    site[:, 12:16] = np.frombuffer((0x7F800001).to_bytes(4, "little"), np.uint8)  # no QUAL
    site[:, 18], site[:, 23] = 2, 1
    site[:, 20:23] = np.frombuffer(samples.to_bytes(3, "little"), np.uint8)
    letters = np.frombuffer(BASES.encode(), np.uint8)
    ref, other = (values[first : first + rows] for values in alleles)
    site[:, 24], site[:, 25], site[:, 27] = 0x07, 0x17, 0x17
    site[:, 26], site[:, 28] = letters[ref], letters[(ref + other) % 4]
    site[:, 29:31] = 0x11, 0  # FILTER: PASS
    record[:, 39:42] = 0x11, 1, 0x21
    frequency = np.exp(rng.uniform(np.log(0.001), np.log(0.5), (rows, 1))).astype(np.float32)
    drawn = rng.random((rows, 2 * samples), dtype=np.float32) < frequency
    calls = record[:, 42:]
    calls[:] = 2 + 2 * drawn
    lost = rng.random((rows, samples), dtype=np.float32) < missing
    calls[np.repeat(lost, 2, axis=1)] = 0
    return record
