"""Which files list only what their people carry: told from what callers write, and never of files that say more."""

import gzip

import pysam
import pysam.bcftools
import pytest

from permed.inputs.genotype_files import look
from permed.inputs.variants_only import find_variant_only, variant_only_notes

HEADER = """##fileformat=VCFv4.2
##FILTER=<ID=RefCall,Description="x">
##ALT=<ID=NON_REF,Description="x">
##contig=<ID=chr1,length=248956422>
##INFO=<ID=END,Number=1,Type=Integer,Description="x">
##FORMAT=<ID=GT,Number=1,Type=String,Description="x">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">
"""
RECORDS = 300


def write(path, people, cells, filters=lambda n: "PASS", alt=lambda n: "G", info=lambda n: ".", records=RECORDS):
    """A VCF of substitutions whose cells, FILTER, ALT and INFO depend on the record's number."""
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split()
    lines = [HEADER + "\t".join([*columns, *people])]
    for n in range(records):
        fixed = ["chr1", str(1000 + 10 * n), ".", "A", alt(n), "50", filters(n), info(n), "GT:DP"]
        lines.append("\t".join([*fixed, *cells(n)]))
    path.write_text("\n".join(lines) + "\n")
    return path


def carried(n):
    return ["0/1:30" if n % 3 else "1/1:30"]


def one_of(people):
    """Merged from files of variants: who does not carry a site has no genotype there."""
    return lambda n: ["0/1:30" if n % people == own else "./.:." for own in range(people)]


def phased_haploid(n):
    return [("0|1:30", "1|0:30", "1:15", "1|2:30")[n % 4]]


SINGLE, MERGED, NEITHER = "single", "merged", None
FILES = {
    "one person's variants": (SINGLE, "A", {"cells": carried}),
    "phased, haploid, two ALT": (SINGLE, "A", {"cells": phased_haploid, "alt": lambda n: "G,T"}),
    "DeepVariant's, whose RefCall records failed": (
        SINGLE, "A",
        {"cells": lambda n: ["0/0:9"] if n % 2 else carried(n), "filters": lambda n: ["PASS", "RefCall"][n % 2]},
    ),
    "some reference at forced sites": (SINGLE, "A", {"cells": lambda n: ["0/0:30"] if n % 50 == 0 else carried(n)}),
    "merged of four": (MERGED, "ABCD", {"cells": one_of(4)}),
    "merged of two with shared sites": (
        MERGED, "AB", {"cells": lambda n: [("0/1:30", "./.:."), ("./.:.", "1/1:30"), ("0/1:9", "0/1:9")][n % 3]},
    ),
    "merged, missing as one dot": (MERGED, "AB", {"cells": lambda n: ["0/1:30", "."][:: 1 if n % 2 else -1]}),
    "merged with missing taken for reference": (
        NEITHER, "ABCD", {"cells": lambda n: ["0/1:30" if n % 4 == own else "0/0:." for own in range(4)]},
    ),
    "called together": (NEITHER, "AB", {"cells": lambda n: ["0/1:30", ("0/0:30", "0/1:30", "1/1:30")[n % 3]]}),
    "twins called together": (NEITHER, "AB", {"cells": lambda n: ["0/1:30", "0/1:30"]}),
    "one person at chosen sites": (NEITHER, "A", {"cells": lambda n: [("0/0:30", "0/0:30", "0/1:30")[n % 3]]}),
    "a gVCF": (
        NEITHER, "A",
        {"cells": lambda n: ["0/0:30"] if n == 7 else carried(n),
         "alt": lambda n: "<NON_REF>" if n == 7 else "G,<NON_REF>",
         "info": lambda n: f"END={1000 + 10 * n + 5}" if n == 7 else "."},
    ),
    "too short to tell": (NEITHER, "A", {"cells": carried, "records": 99}),
    "all missing": (NEITHER, "AB", {"cells": lambda n: ["./.:.", "./.:."]}),
    "nothing believed": (NEITHER, "A", {"cells": carried, "filters": lambda n: "RefCall"}),
    "no record": (NEITHER, "A", {"cells": carried, "records": 0}),
}  # fmt: skip


def as_gzip(path):
    path.with_suffix(".vcf.gz").write_bytes(gzip.compress(path.read_bytes()))
    return path.with_suffix(".vcf.gz")


def as_bgzf(path):
    pysam.tabix_compress(str(path), str(path.with_suffix(".b.vcf.gz")), force=True)
    return path.with_suffix(".b.vcf.gz")


def as_bcf(path):
    pysam.bcftools.view("--no-version", "-Ob", "-o", str(path.with_suffix(".bcf")), str(path), catch_stdout=False)
    return path.with_suffix(".bcf")


@pytest.mark.parametrize("packed", [lambda path: path, as_gzip, as_bgzf, as_bcf], ids=["vcf", "gzip", "bgzf", "bcf"])
@pytest.mark.parametrize("name", FILES)
def test_what_a_file_lists(name, packed, tmp_path):
    kind, people, content = FILES[name]
    path = packed(write(tmp_path / "x.vcf", people, **content))
    looked = look(str(path))
    assert not looked.faults
    found = find_variant_only([looked])
    assert (found.single, found.merged) == ([str(path)] * (kind == SINGLE), [str(path)] * (kind == MERGED))
    assert found.people == (list(people) if kind else [])


def test_many_people_are_told_by_the_first(tmp_path):
    people = [f"P{n}" for n in range(120)]
    looked = look(str(write(tmp_path / "x.vcf", people, one_of(120))))
    assert find_variant_only([looked]).people == people


def test_array_text_and_plink_are_none(tmp_path):
    path = tmp_path / "x.txt"
    rows = [f"rs{n}\t1\t{1000 + n}\tAG" for n in range(300)]
    path.write_text("# rsid\tchromosome\tposition\tgenotype\n" + "\n".join(rows) + "\n")
    assert find_variant_only([look(str(path), "A")]).people == []


def test_a_person_with_another_file_that_says_more_is_none(tmp_path):
    one = look(str(write(tmp_path / "chr1.vcf", "A", carried)))
    other = look(str(write(tmp_path / "chr2.vcf", "A", lambda n: [("0/0:30", "0/1:30")[n % 2]])))
    short = look(str(write(tmp_path / "chrM.vcf", "A", lambda n: ["0/0:30"], records=20)))
    assert find_variant_only([one, other]).people == []
    assert find_variant_only([one, short]).people == ["A"]


@pytest.mark.parametrize(
    ("given", "named", "unnamed"),
    [
        ({}, ["gVCFs", "cohort.callable", "cohort.alignments", "cohort.absent_sites: reference"], []),
        (
            {"alignments": "{sample}.bam"},
            ["gVCFs", "cohort.callable", "absent_sites: reference"],
            ["cohort.alignments"],
        ),
    ],
)
def test_the_note_says_what_the_files_are_and_what_would_help(given, named, unnamed, tmp_path):
    looks = [look(str(write(tmp_path / f"{name}.vcf", name, carried))) for name in "ABCDE"]
    looks.append(look(str(write(tmp_path / "all.vcf", "WXYZ", one_of(4)))))
    asked = {"absent_sites": "missing", "callable": None, "alignments": None} | given
    (note,) = variant_only_notes(find_variant_only(looks), **asked)
    assert note.count("A.vcf") == 1 and "and 2 more" in note and "all.vcf" in note
    assert "quality.preset: variants" in note
    assert all(words in note for words in named) and not any(words in note for words in unnamed)


@pytest.mark.parametrize("given", [{"absent_sites": "reference"}, {"callable": "all.bed"}])
def test_nothing_is_said_where_the_user_said_it(given, tmp_path):
    found = find_variant_only([look(str(write(tmp_path / "x.vcf", "A", carried)))])
    assert variant_only_notes(found, **{"absent_sites": "missing", "callable": None, "alignments": None} | given) == []
