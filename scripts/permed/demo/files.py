"""Write the demo's genotypes and text files, compressed, always with the same bytes."""

import gzip
from pathlib import Path

import pysam

from permed.demo.cohort import Demo
from permed.demo.reads import genotype_texts, vcf_lines
from permed.tables import atomic


def write_cohort(demo: Demo, vcf: Path, index: Path) -> None:
    """Write the cohort as bgzipped VCF with a tabix index; people who are nowhere have no column."""
    columns = demo.columns
    people = [demo.people[n] for n in columns]
    cells = genotype_texts(
        demo.sites, demo.alleles[:, columns], demo.missing[:, columns], demo.reads[:, columns], people
    )
    with atomic(vcf) as beside, atomic(index) as index_beside:
        with pysam.BGZFile(str(beside), "wb") as out:
            for line in vcf_lines(demo.sites, cells, [p.sample for p in people], demo.lengths):
                out.write(line.encode())
        pysam.tabix_index(str(beside), preset="vcf", index=str(index_beside), force=True)


def write_gzip(text: str, path: Path) -> None:
    """Write text with gzip, without its name and time."""
    with atomic(path) as beside, open(beside, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write(text.encode())
