"""Annotating: a cohort's sites with two databases, against bcftools annotate and vcfanno on the same fields."""

import random
import subprocess
import sys
from pathlib import Path

import polars as pl
import pysam
from timing import ROOT, Contender, arguments, compare, folder, said, step

from permed.variants import variant_keys

LENGTH = 60_000_000
HEADER = f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length={LENGTH}>\n"
CLINVAR = "".join(f'##INFO=<ID={n},Number=.,Type=String,Description="x">\n' for n in ("CLNSIG", "CLNREVSTAT", "CLNDN"))
KINDS = {"AF": "Float", "AC": "Integer", "AN": "Integer", "nhomalt": "Integer", "faf95_afr": "Float"}
GNOMAD = "".join(f'##INFO=<ID={n},Number=A,Type={kind},Description="x">\n' for n, kind in KINDS.items())
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
CONF = """[[annotation]]
file="{gnomad}"
fields=["AF", "AC", "AN", "nhomalt", "faf95_afr", "FILTER"]
ops=["self", "self", "self", "self", "self", "self"]
names=["af", "ac", "an", "homozygotes", "filtering_af", "filters"]
[[annotation]]
file="{clinvar}"
fields=["CLNSIG", "CLNREVSTAT", "CLNDN"]
ops=["self", "self", "self"]
names=["significance", "review", "conditions"]
"""


def write_fasta(path: Path, rng: random.Random) -> str:
    """A reference of one contig; gives its bases."""
    bases = "".join(rng.choices("ACGT", k=LENGTH // 100)) * 100
    path.write_text(f">chr1\n{bases}\n")
    pysam.faidx(str(path))
    return bases


def variants(bases: str, count: int, rng: random.Random) -> list[tuple[int, str, str]]:
    """Sorted variants, one in ten a deletion of one base."""
    rows = []
    for pos in sorted(rng.sample(range(1000, LENGTH - 1000), count)):
        ref = bases[pos - 1]
        if rng.random() < 0.1 and bases[pos] != ref:
            rows.append((pos, bases[pos - 1 : pos + 1], ref))
        else:
            rows.append((pos, ref, rng.choice([b for b in "ACGT" if b != ref])))
    return rows


def write_vcf(path: Path, header: str, rows, info) -> None:
    """A bgzipped, indexed VCF without people."""
    with pysam.BGZFile(str(path), "wb") as out:
        out.write((HEADER + header + COLUMNS).encode())
        for n, (pos, ref, alt) in enumerate(rows):
            out.write(f"chr1\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t{info(n)}\n".encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)


JOIN = """
import sys
sys.path.insert(0, {root!r})
from functools import partial
from pathlib import Path
from permed.annotation.sources.joining import Database, join_sources
from permed.tables import ROW_GROUP, read_json, read_table, write_parts
sites = read_table(Path(sys.argv[1])).select("contig", "pos", "ref", "alt", "key")
databases = [Database(Path(p).stem, Path(p), read_json(Path(p).with_suffix(".json"))) for p in sys.argv[3:]]
joined = partial(join_sources, databases=databases)
write_parts(map(joined, sites.iter_slices(ROW_GROUP)), joined(sites.head(0)).schema, Path(sys.argv[2]))
"""


def _frequency(n: int) -> str:
    return f"AF={n % 997 / 997:.6f};AC={n % 97};AN=150000;nhomalt={n % 7};faf95_afr={n % 89 / 890:.6f}"


def _verdict(n: int) -> str:
    return f"CLNSIG={'Benign' if n % 2 else 'Pathogenic'};CLNREVSTAT=reviewed_by_expert_panel;CLNDN=d{n % 50}"


def main() -> None:
    """Simulate the databases and compare."""
    size = arguments(__doc__, sites=200_000, frequencies=5_000_000, classified=300_000)
    with folder() as work:
        rng = random.Random(1)
        bases = said("writing a reference", write_fasta, work / "reference.fa", rng)
        listed = said("drawing variants", variants, bases, size.frequencies, rng)
        pick = sorted(rng.sample(range(len(listed)), size.sites // 2))
        asked = [listed[n] for n in pick]
        taken = {row[0] for row in listed}
        asked += [row for row in variants(bases, size.sites, rng) if row[0] not in taken][: size.sites - len(asked)]
        asked.sort()
        known = sorted({*rng.sample(listed, size.classified - 1000), *asked[:1000]})
        gnomad, clinvar, cohort = work / "gnomad.vcf.gz", work / "clinvar.vcf.gz", work / "cohort.vcf.gz"
        said("writing databases", write_vcf, gnomad, GNOMAD, listed, _frequency)
        write_vcf(clinvar, CLINVAR, known, _verdict)
        write_vcf(cohort, "", asked, lambda n: ".")
        sites = pl.DataFrame(asked, schema=["pos", "ref", "alt"], orient="row").with_columns(contig=pl.lit("chr1"))
        sites.with_columns(key=variant_keys(sites)).write_parquet(work / "sites.parquet")
        program = work / "join.py"
        program.write_text(JOIN.format(root=str(ROOT / "scripts")))
        conf = work / "conf.toml"
        conf.write_text(CONF.format(gnomad=gnomad, clinvar=clinvar))
        for name, path in (("gnomad", gnomad), ("clinvar", clinvar)):
            words = {"files": [path], "reference": [work / "reference.fa"], "parquet": work / f"{name}.parquet"}
            more = {"about": work / f"{name}.json", "kind": name, "contigs": ["chr1"]}
            words = step("build_source", **words, **more, build_name="GRCh38")
            said(f"building {name}", subprocess.run, words, check=True)
        first = ["bcftools", "annotate", "-a", gnomad, "-c", "INFO,FILTER", "-Ob", "-o", work / "a.bcf", cohort]
        index = ["bcftools", "index", "-f", work / "a.bcf"]
        second = ["bcftools", "annotate", "-a", clinvar, "-c", "INFO", "-Ob", "-o", work / "b.bcf", work / "a.bcf"]
        tables = [work / f"{name}.parquet" for name in ("sites", "out", "gnomad", "clinvar")]
        contenders = [
            Contender("bcftools annotate, two passes", [first, index, second], "bcftools"),
            Contender("permed, both", [[sys.executable, program, *tables]]),
            Contender("vcfanno -p 2", [["vcfanno", "-p", "2", conf, cohort]], "vcfanno"),
        ]
        title = f"Annotating {size.sites} sites from {size.frequencies} and {size.classified} rows"
        compare(title, contenders, size.repeats)


if __name__ == "__main__":
    main()
