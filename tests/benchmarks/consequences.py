"""Consequences: a cohort's sites on simulated gene models, against snpEff with a database of the same models."""

import gzip
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import polars as pl
import pysam
import pysam.bcftools
from timing import ROOT, Contender, arguments, compare, folder, said, step

from permed.variants import complement, variant_keys

LENGTH = 60_000_000
HEADER = f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length={LENGTH}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
SENSE = [a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT" if a + b + c not in ("TAA", "TAG", "TGA")]
ONLY = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
import polars as pl
from permed.annotation.choosing import touched
from permed.tables import read_table, write_table
variants, reference, models, out = map(Path, sys.argv[1:])
write_table(pl.concat(touched(variants, "chr1", reference, read_table(models), models)), out)
"""


def simulate(work: Path, count: int, rng: random.Random) -> str:
    """A reference with genes on both strands, and their models; gives the bases."""
    bases = bytearray("".join(rng.choices("ACGT", k=LENGTH)), "ascii")
    lines = ["##gff-version 3"]
    room = LENGTH // count
    for number in range(count):
        start, strand = number * room + 1000, rng.choice("+-")
        sizes = [rng.randint(60, 300) for _ in range(rng.randint(2, 14))]
        message = _message(sum(sizes), rng)
        gaps = [rng.randint(200, 1200) for _ in sizes[1:]]
        exons, place = [], start
        for size, gap in zip(sizes, [*gaps, 0], strict=True):
            exons.append((place, place + size - 1))
            place += size + gap
        spliced = message if strand == "+" else complement(message)
        done = 0
        for first, last in exons:
            bases[first - 1 : last] = spliced[done : done + last - first + 1].encode()
            done += last - first + 1
        for (_, last), (first, _) in pairwise(exons):
            pair = ("GT", "AG") if strand == "+" else ("CT", "AC")
            bases[last : last + 2], bases[first - 3 : first - 1] = (site.encode() for site in pair)
        lines += _models(number, strand, exons)
    text = bases.decode()
    (work / "reference.fa").write_text(f">chr1\n{text}\n")
    pysam.faidx(str(work / "reference.fa"))
    (work / "genes.gff3").write_text("\n".join(lines) + "\n")
    return text


def _message(size: int, rng: random.Random) -> str:
    lead = 40 + (size - 100) % 3
    codons = (size - lead - 60) // 3 - 2
    body = "ATG" + "".join(rng.choices(SENSE, k=codons)) + "TAA"
    text = "".join(rng.choices("ACGT", k=lead)) + body
    return text + "".join(rng.choices("ACGT", k=size - len(text)))


def _models(number: int, strand: str, exons: list[tuple[int, int]]) -> list[str]:
    size = sum(b - a + 1 for a, b in exons)
    lead = 40 + (size - 100) % 3
    end = lead + 3 * ((size - lead - 60) // 3)
    rows = [("gene", exons[0][0], exons[-1][1], ".", f"ID=gene:G{number};Name=G{number};biotype=protein_coding")]
    tag = (
        f"ID=transcript:T{number};Parent=gene:G{number};biotype=protein_coding;tag=MANE_Select;transcript_id=T{number}"
    )
    rows.append(("mRNA", exons[0][0], exons[-1][1], ".", f"{tag};version=1"))
    rows += [("exon", a, b, ".", f"Parent=transcript:T{number}") for a, b in exons]
    done, passed = 0, 0
    for a, b in exons if strand == "+" else exons[::-1]:
        low, high = max(done, lead), min(done + b - a + 1, end)
        if low < high:
            span = (a + low - done, a + high - done - 1) if strand == "+" else (b - high + done + 1, b - low + done)
            rows.append(("CDS", *span, (3 - passed % 3) % 3, f"ID=CDS:P{number};Parent=transcript:T{number}"))
            passed += high - low
        done += b - a + 1
    return [f"chr1\tsim\t{f}\t{a}\t{b}\t.\t{strand}\t{p}\t{more}" for f, a, b, p, more in rows]


def write_variants(work: Path, bases: str, count: int, rng: random.Random) -> None:
    """Sites all over, one in ten an insertion or deletion, as a cohort's BCF, a VCF and the site table."""
    rows = []
    for pos in sorted(rng.sample(range(1000, LENGTH - 1000), count)):
        ref, kind = bases[pos - 1], rng.random()
        if kind < 0.05:
            rows.append((pos, bases[pos - 1 : pos + rng.randint(1, 3)], ref))
        elif kind < 0.1:
            rows.append((pos, ref, ref + "".join(rng.choices("ACGT", k=rng.randint(1, 3)))))
        if kind >= 0.1 or rows[-1][1] == rows[-1][2]:
            rows = rows[: len(rows) - (kind < 0.1)]
            rows.append((pos, ref, rng.choice([b for b in "ACGT" if b != ref])))
    with gzip.open(work / "plain.vcf.gz", "wt") as out:
        out.write(HEADER + "".join(f"chr1\t{p}\t.\t{r}\t{a}\t.\tPASS\t.\n" for p, r, a in rows))
    pysam.bcftools.norm(
        "-f", str(work / "reference.fa"), "-d", "exact", "-Ob", "-o", str(work / "chr1.bcf"),
        str(work / "plain.vcf.gz"), catch_stdout=False,
    )  # fmt: skip
    pysam.bcftools.view("-Ov", "-o", str(work / "cohort.vcf"), str(work / "chr1.bcf"), catch_stdout=False)
    with pysam.VariantFile(str(work / "chr1.bcf")) as records:
        kept = [("chr1", r.pos, r.ref, r.alts[0]) for r in records]
    sites = pl.DataFrame(kept, schema=["contig", "pos", "ref", "alt"], orient="row")
    sites.with_columns(key=variant_keys(sites)).write_parquet(work / "sites.parquet")


def build_snpeff(work: Path) -> list:
    """A snpEff database of the models; gives the command that annotates."""
    home = work / "snpeff" / "sim"
    home.mkdir(parents=True)
    (home / "sequences.fa").write_bytes((work / "reference.fa").read_bytes())
    (home / "genes.gff").write_bytes((work / "genes.gff3").read_bytes())
    config = work / "snpEff.config"
    config.write_text(f"data.dir = {work}/snpeff/\nsim.genome : sim\ncodon.Standard : {_codons()}\n")
    words = ["snpEff", "build", "-c", config, "-gff3", "-noCheckCds", "-noCheckProtein", "sim"]
    subprocess.run([str(word) for word in words], check=True, capture_output=True)
    return ["snpEff", "ann", "-c", config, "-noStats", "-noLog", "-ud", "0", "sim", work / "cohort.vcf"]


def _codons() -> str:
    letters = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
    names = [a + b + c for a in "TCAG" for b in "TCAG" for c in "TCAG"]
    return ", ".join(f"{n}/{x}{'+' if n == 'ATG' else ''}" for n, x in zip(names, letters, strict=True))


def main() -> None:
    """Simulate and compare."""
    size = arguments(__doc__, sites=200_000, transcripts=2_000)
    with folder() as work:
        rng = random.Random(1)
        bases = said("simulating genes", simulate, work, size.transcripts, rng)
        said("drawing variants", write_variants, work, bases, size.sites, rng)
        said("reading gene models", subprocess.run, step(
            "prepare_genes", genes=work / "genes.gff3", contigs=["chr1"], build_name="GRCh38",
            transcripts=work / "transcripts.parquet",
        ), check=True)  # fmt: skip
        peer = said("building snpEff's database", build_snpeff, work)
        program = work / "only.py"
        program.write_text(ONLY.format(root=str(ROOT / "scripts")))
        names = [work / name for name in ("chr1.bcf", "reference.fa", "transcripts.parquet", "out.parquet")]
        whole = step(
            "annotate_sites", variants=names[0], sites=work / "sites.parquet", reference=[names[1]], models=names[2],
            genes=work / "genes.gff3", contig="chr1", build_name="GRCh38", annotation=work / "annotation.parquet",
            transcripts=work / "rows.parquet",
        )  # fmt: skip
        contenders = [
            Contender("snpEff ann", [peer], "snpEff"),
            Contender("permed, consequences", [[sys.executable, program, *names]]),
            Contender("permed, with HGVS and details", [whole]),
        ]
        compare(f"Consequences of {size.sites} sites on {size.transcripts} transcripts", contenders, size.repeats)


if __name__ == "__main__":
    main()
