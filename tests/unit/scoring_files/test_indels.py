"""Insertions and deletions of scores lie where those of normalised genotypes lie: bcftools norm is the judge."""

import random

import polars as pl

from permed.bcftools import bcftools
from permed.scoring_files import SCORE_SCHEMA
from permed.scoring_files.indels import left_align


def rows(*places):
    full = [
        dict.fromkeys(SCORE_SCHEMA) | {"contig": "chr1", "pos": pos, "effect_allele": effect, "other_allele": other}
        for pos, effect, other in places
    ]
    return pl.DataFrame(full, schema=SCORE_SCHEMA)


def test_as_bcftools_normalises_them(tmp_path):
    draw = random.Random(3)
    sequence = "".join(draw.choice("AC") for _ in range(300)) + "GT" * 20
    (tmp_path / "r.fa").write_text(f">chr1\n{sequence}\n")
    records = []
    for _ in range(300):
        pos, size = draw.randint(1, 320), draw.randint(1, 4)
        long = sequence[pos - 1 : pos + size]
        if draw.random() < 0.5:
            records.append((pos, long, long[0]))
        else:
            records.append((pos, long[0], long[0] + "".join(draw.choice("ACGT") for _ in range(size))))
    head = f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length={len(sequence)}>\n"
    head += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    lines = [f"chr1\t{pos}\tv{n}\t{ref}\t{alt}\t.\t.\t.\n" for n, (pos, ref, alt) in enumerate(records)]
    (tmp_path / "in.vcf").write_text(head + "".join(lines))
    bcftools("norm", "-f", tmp_path / "r.fa", "-o", tmp_path / "out.vcf", tmp_path / "in.vcf")
    cells = [line.split("\t")[1:5] for line in (tmp_path / "out.vcf").read_text().splitlines() if line[0] != "#"]
    expected = {name: (int(pos), ref, alt) for pos, name, ref, alt in cells}
    assert len(expected) == 300 and sum(expected[f"v{n}"] != place for n, place in enumerate(records)) > 100
    for turned in (False, True):
        given = [(pos, alt, ref) if turned else (pos, ref, alt) for pos, ref, alt in records]
        found = left_align(rows(*given), lambda contig, start, end: sequence[max(0, start - 1) : end])
        places = found.select("pos", "effect_allele", "other_allele").rows()
        wanted = [expected[f"v{n}"] for n in range(300)]
        assert places == [(pos, alt, ref) if turned else (pos, ref, alt) for pos, ref, alt in wanted]


def test_what_does_not_fit_the_reference_stays():
    given = rows((3, "GA", "G"), (3, "A", None), (3, "AAA", None), (3, "C", "T"))
    found = left_align(given, lambda contig, start, end: "CCCCCCCC"[start - 1 : end])
    assert found.equals(given)
