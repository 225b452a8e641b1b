"""Fields of unusual definitions, and values that do not fit theirs, as programs write them."""

import codecs
import gzip

import pysam
import pysam.bcftools
import pytest

from permed.errors import Fault
from permed.inputs.fields import READ, changes_needed, unread_formats
from permed.inputs.genotype_files import look

GT = '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">'


def defined(name: str, number: str, kind: str = "Integer") -> str:
    return f'##FORMAT=<ID={name},Number={number},Type={kind},Description="d">'


def text(*rows, header=(), people=("S1",), contigs=("chr1",)) -> bytes:
    """Rows of (POS, REF, ALT, FORMAT, a cell a person), or of all cells."""
    columns = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split()
    whole = [row if len(row) > 8 else ("chr1", row[0], ".", row[1], row[2], ".", "PASS", ".", *row[3:]) for row in rows]
    lines = ["##fileformat=VCFv4.5", '##FILTER=<ID=PASS,Description="p">', GT, *header]
    lines += [f"##contig=<ID={name},length=4000>" for name in contigs]
    return "\n".join([*lines, *("\t".join(map(str, row)) for row in ([*columns, *people], *whole)), ""]).encode()


@pytest.fixture
def taken(cohort, take):
    """Take a file in one of the kinds; give what its samples hold, record by record."""

    def run(content: bytes, kind: str = "plain", people=("S1",)):
        path = cohort.folder / ("c.vcf" if kind == "plain" else "c.bcf" if kind == "bcf" else "c.vcf.gz")
        if kind == "bcf":
            plain = cohort.write("plain.vcf", content)
            pysam.bcftools.view("--no-version", "-Ob", "-o", str(path), str(plain), catch_stdout=False)
        else:
            cohort.write(path.name, gzip.compress(content) if kind == "gzip" else content, packed=kind == "bgzf")
        looked = look(str(path))
        assert [str(fault) for fault in looked.faults] == []
        run.notes = " ".join(looked.notes)
        run.lacks = looked.lacks
        take(path, list(people), reference=None)
        run.done = take.done
        with pysam.VariantFile(str(take.place)) as file:
            run.header = file.header.copy()
            return [
                {name: {field: call[field] for field in record.format} for name, call in record.samples.items()}
                for record in file
            ]

    return run


KINDS = ["plain", "gzip", "bgzf", "bcf"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", ["P", "LA", "LR", "LG", "M"])
def test_numbers_of_newer_versions_are_taken_used_or_not(taken, number, kind):
    header = [defined("XX", number), defined("YY", number, "String"), defined("DP", "1")]
    (record,) = taken(text((100, "A", "C,G", "GT:XX:DP", "0/2:1,2:7"), header=header), kind)
    assert (record["S1"]["GT"], record["S1"]["DP"]) == ((0, 2), 7)
    assert {field.number for field in taken.header.formats.values()} <= {1, "."}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("listed", "lgt", "lad", "genotype", "depths"),
    [
        ("LAA=2,3", "1|2", "0,7,9", (2, 3), (0, None, 7, 9)),
        ("LAA=3", "0/1", "5,6", (0, 3), (5, None, None, 6)),
        ("LAA=.", "0/0", "30", (0, 0), (30, None, None, None)),
        ("LA=0,2", "1/1", "1,20", (2, 2), (1, None, 20, None)),
        ("LA=0", "0/0", "30", (0, 0), (30, None, None, None)),
        ("LAA=1", "./.", ".", (None, None), (None,)),
        ("LAA=1", "0/2", "5,6", (0, None), (5, 6, None, None)),
        ("LAA=9", "0/1", "5,6", (0, None), (None,)),
        ("LAA=3", "1", "0,6", (3,), (0, None, None, 6)),
    ],
)
def test_genotypes_and_depths_of_local_alleles(taken, kind, listed, lgt, lad, genotype, depths):
    name, alleles = listed.split("=")
    header = [defined(name, "."), defined("LGT", "1", "String"), defined("LAD", "LR"), defined("LPL", "LG")]
    row = (100, "A", "C,G,T", f"{name}:LGT:LAD:LPL", f"{alleles}:{lgt}:{lad}:.")
    (record,) = taken(text(row, header=header), kind)
    assert (record["S1"]["GT"], record["S1"]["AD"]) == (genotype, depths)
    assert "LGT" not in record["S1"]
    assert "AD" not in taken.lacks
    assert "local alleles" in taken.notes
    counts = taken.done["counts"]
    assert counts["genotypes read from local alleles (LGT)"] == 1
    named = listed in ("LAA=9",) or lgt == "0/2"
    assert bool(counts["genotypes of local alleles that name no ALT, taken as missing"]) == named


def test_a_genotype_of_all_alleles_stands_beside_depths_of_local_ones(taken):
    """As DRAGEN's and bcftools' merged files have them."""
    header = [defined("LAA", "."), defined("LAD", "."), defined("LPL", ".")]
    rows = [(100, "A", "C,G", "GT:LAA:LAD:LPL", "0/2:2:5,6:9,0,9", "0/0:.:30:.")]
    (record,) = taken(text(*rows, header=header, people=("S1", "007")), "bgzf", ("S1", "007"))
    assert (record["S1"]["GT"], record["S1"]["AD"]) == ((0, 2), (5, None, 6))
    assert (record["007"]["GT"], record["007"]["AD"]) == ((0, 0), (30, None, None))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("number", "type_"), [("1", "String"), (".", "String"), ("1", "Float"), ("P", "String")])
def test_phase_sets_of_any_type_are_numbers_and_distinct_where_they_were(taken, kind, number, type_):
    sets = ["100", "100", "250", "250", "."] if type_ == "Float" else ["PATMAT", "PATMAT", "250", "chr1_9_A", "."]
    rows = [(100 + n, "A", "C", "GT:PS", f"0|1:{value}") for n, value in enumerate(sets)]
    values = [record["S1"]["PS"] for record in taken(text(*rows, header=[defined("PS", number, type_)]), kind)]
    assert values[0] == values[1]
    assert values[4] is None
    assert len(set(values)) == len(set(sets))
    assert values[2] == 250
    assert taken.header.formats["PS"].type == "Integer"


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzf"])
def test_a_field_that_no_header_defines_is_read_if_it_can_be(taken, kind):
    rows = [(100, "A", "C", "GT:GQ:PS:DP", "0|1:9.7:PATMAT:x"), (110, "A", "C", "GT:GQ:PS:DP", "1|0:12:B:7")]
    one, two = (record["S1"] for record in taken(text(*rows), kind))
    assert (one["GQ"], two["GQ"]) == (9, 12)
    assert one["PS"] != two["PS"]
    assert "DP" not in one
    assert "DP" not in taken.header.formats
    assert "DP" in taken.lacks
    assert "whose values are not of its type: DP" in taken.notes


def test_phase_sets_that_are_lists_join_nothing(taken):
    rows = [(100 + n, "A", "C", "GT:PS", "0|1:7,8") for n in range(2)]
    one, two = (record["S1"]["PS"] for record in taken(text(*rows, header=[defined("PS", ".", "String")])))
    assert one != two


@pytest.mark.parametrize(
    ("name", "number", "kind", "given", "read"),
    [
        ("GQ", "1", "Float", "35.7", 35),
        ("GQ", "1", "String", "99", 99),
        ("GQ", "1", "Float", "1e2", 100),
        ("GQ", "1", "Float", "nan", None),
        ("DP", "1", "Float", "12.0", 12),
        ("DP", "1", "String", "12", 12),
        ("AD", ".", "Integer", "3,4", (3, 4)),
        ("AD", "R", "Float", "3.0,4.0", (3, 4)),
        ("PL", ".", "Integer", "9,0,9", (9, 0, 9)),
        ("DS", "1", "String", "1.5", (1.5,)),
        ("DS", "1", "Integer", "1", (1.0,)),
        ("FT", "1", "Integer", "7", "7"),
    ],
)
@pytest.mark.parametrize("kind_of_file", ["plain", "bgzf", "bcf"])
def test_fields_that_are_read_have_the_type_of_the_specification(taken, name, number, kind, given, read, kind_of_file):
    row = (100, "A", "C", f"GT:{name}", f"0/1:{given}")
    (record,) = taken(text(row, header=[defined(name, number, kind)]), kind_of_file)
    assert record["S1"].get(name) == (read if isinstance(read, str) else pytest.approx(read))
    expected = {"GQ": "Integer", "DP": "Integer", "AD": "Integer", "PL": "Integer", "DS": "Float", "FT": "String"}
    assert taken.header.formats[name].type == expected[name]


@pytest.mark.parametrize("kind", ["plain", "bgzf", "bcf"])
def test_depths_of_the_alternate_alone_are_no_depths_of_all_alleles(taken, kind):
    """VarScan's AD."""
    header = [defined("RD", "1"), defined("AD", "1"), defined("DP", "1")]
    (record,) = taken(text((100, "A", "C", "GT:DP:RD:AD", "0/1:20:9:11"), header=header), kind)
    assert "AD" not in record["S1"]
    assert record["S1"]["DP"] == 20
    assert "AD are defined as something else" in taken.notes
    assert "AD" in taken.lacks


def test_a_file_as_the_specification_has_it_is_linked(taken):
    header = [
        defined("AD", "R"),
        defined("GQ", "1"),
        defined("PS", "1"),
        defined("PL", "G"),
        defined("DS", "1", "Float"),
    ]
    row = (100, "A", "C", "GT:AD:GQ:PS:PL:DS", "0|1:3,4:50:100:9,0,9:1")
    for kind in ("bgzf", "bcf"):
        taken(text(row, header=header), kind)
        assert taken.done["how"] == "linked"


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzf"])
@pytest.mark.parametrize(
    ("fields", "cell", "says"),
    [
        ("GT:GQ", "0/1:high", 'GQ at chr1:104 is "high", which is no number'),
        ("GT:DP", "0/1:12x", "which is no number"),
        ("GT:AD", "0/1:3,x", "which is no number"),
        ("GT:GQ", "A/G:5", 'GT at chr1:104 is "A/G", which is no genotype'),
        ("GT:GQ", "0/1:5:7", "has 3 fields, and FORMAT names 2"),
        ("GT:GQ:GQ", "0/1:5:7", "FORMAT has GQ twice"),
    ],
)
def test_a_value_that_is_not_of_its_type_is_a_fault_with_line_and_sample(cohort, take, kind, fields, cell, says):
    header = [defined("GQ", "1"), defined("DP", "1"), defined("AD", "R")]
    rows = [(100 + n, "A", "C", fields if n == 4 else "GT:GQ", cell if n == 4 else "0/1:5") for n in range(6)]
    content = text(*rows, header=header)
    path = cohort.folder / ("c.vcf" if kind == "plain" else "c.vcf.gz")
    cohort.write(path.name, gzip.compress(content) if kind == "gzip" else content, packed=kind == "bgzf")
    line = 1 + content[: content.index(b"chr1\t104")].count(b"\n")
    with pytest.raises(Fault) as stopped:
        take(path, ["S1"])
    faults = [*look(str(path)).faults, stopped.value]
    if "fields" in says:  # htslib reads over the last of them: only what else is wrong with a file tells
        faults = faults[1:] if kind == "plain" else faults
    assert faults
    for fault in faults:
        assert says in fault.fault
        assert (fault.file, fault.line) == (str(path), line)
        assert fault.sample == (None if "twice" in says else "S1")


def test_values_of_fields_that_nobody_reads_end_no_run(taken):
    header = [defined("XX", "1"), defined("YY", "1", "Float"), defined("GQ", "1")]
    (record,) = taken(text((100, "A", "C", "GT:XX:GQ:YY", "0/1:abc:31.5:none"), header=header))
    assert record["S1"] == {"GT": (0, 1), "GQ": 31}


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzf"])
@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("chr1", "104", ".", "A", "C", ".", ".", ".", "GT", "0/1", "0/1"), "11 columns, and the header names 10"),
        (("chr1", "104", ".", "A", "C", ".", ".", ".", "GT"), "9 columns, and the header names 10"),
        (("chr1", "104", ".", "A"), "fewer than 8 columns"),
        (("chr1", "1e6", ".", "A", "C", ".", ".", ".", "GT", "0/1"), 'position "1e6" is no number'),
        (("chr1", "", ".", "A", "C", ".", ".", ".", "GT", "0/1"), 'position "" is no number'),
        (("chr1", "-5", ".", "A", "C", ".", ".", ".", "GT", "0/1"), 'position "-5" is no number'),
        (("chr1 104 . A C . . . GT 0/1",), "fewer than 8 columns"),
    ],
)
def test_a_line_that_does_not_fit_the_header_is_a_fault_with_its_number(cohort, kind, row, says):
    content = text((100, "A", "C", "GT", "0/1"), ("chr1", 102, ".", "A", "C", ".", ".", ".", "GT", "0/1"))
    line = content.count(b"\n") + 1
    content += "\t".join(row).encode() + b"\n"
    path = cohort.folder / ("c.vcf" if kind == "plain" else "c.vcf.gz")
    cohort.write(path.name, gzip.compress(content) if kind == "gzip" else content, packed=kind == "bgzf")
    (fault,) = look(str(path)).faults
    assert says in fault.fault
    assert (fault.file, fault.line) == (str(path), line)


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzf"])
def test_empty_lines_and_empty_cells_at_the_end_are_no_fault(taken, kind):
    content = text((100, "A", "C", "GT", "0/1")) + b"\n" + text((105, "A", "C", "GT", "1/1\t")).splitlines()[-1]
    assert [record["S1"]["GT"] for record in taken(content + b"\n\n", kind)] == [(0, 1), (1, 1)]


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzf"])
def test_a_byte_order_mark_is_read_over(taken, kind):
    records = taken(codecs.BOM_UTF8 + text((100, "A", "C", "GT", "0/1")), kind)
    assert [record["S1"]["GT"] for record in records] == [(0, 1)]


INFO = [
    "1000g2015aug_all=.;GERP++_RS=1;M-CAP_score=.", "Gene name=CYP2D6;DP=3", ";;DP=3;", "a,b=1;<x>=2", "=5",
    "SIFT-pred=D|T;Polyphen2 HDIV=0.1", '"quoted"=1', "AnnotSV/ranking=3", "é=1", "DP=abc;AF=high",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["plain", "bgzf"])
@pytest.mark.parametrize("defines", [True, False])
@pytest.mark.parametrize("info", INFO)
def test_info_of_annotators_ends_no_run(taken, kind, info, defines):
    names = [part.split("=")[0] for part in info.split(";")]
    header = [f'##INFO=<ID={name},Number=.,Type=String,Description="a">' for name in names if name and defines]
    row = ("chr1", "100", ".", "A", "C", ".", "PASS", f"{info};END=100", "GT", "0/1")
    assert taken(text(row, header=header), kind) == [{"S1": {"GT": (0, 1)}}]


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzf"])
@pytest.mark.parametrize(
    ("header", "used"),
    [(["chr1"], "1"), (["1"], "chr1"), (["chr1", "1"], "1"), (["chr1", "1"], "chr1"), (["Chr1", "chr1"], "1")],
)
def test_contigs_in_another_spelling_than_the_header_s_are_normalised(cohort, take, run_step, kind, header, used):
    """Taken and normalised: a header with both spellings was a file that bcftools could not read."""
    row = (used, "100", ".", cohort.bases["chr1"][99], "N", ".", "PASS", ".", "GT", "0/1")
    row = row[:4] + ("G" if row[3] != "G" else "T",) + row[5:]
    content = text(row, contigs=header)
    path = cohort.folder / ("c.vcf" if kind == "plain" else "c.vcf.gz")
    cohort.write(path.name, gzip.compress(content) if kind == "gzip" else content, packed=kind == "bgzf")
    assert look(str(path)).faults == []
    take(path, ["S1"])
    with pysam.VariantFile(str(take.place)) as file:
        assert {name: contig.length for name, contig in file.header.contigs.items()} == {used: 4000}
    (cohort.folder / "any.txt").write_text("S1\n")
    names = {"variants": "v.bcf", "index": "v.bcf.csi", "set_aside": "a.parquet", "counts": "c.json"}
    outputs = {name: cohort.folder / "ours" / file for name, file in names.items()}
    run_step("normalise_variants")(cohort.folder / "any.txt", [take.place], "chr1", **outputs)
    with pysam.VariantFile(str(outputs["variants"])) as file:
        assert [(r.chrom, r.pos, r.samples["S1"]["GT"]) for r in file] == [("chr1", 100, (0, 1))]


def test_fields_that_no_stage_reads_are_known():
    assert unread_formats(["GT", "XX", "PS", "SB", "DP"]) == ["XX", "SB"]
    assert {"GT", "AD", "DP", "GQ", "PS"} <= set(READ)


def test_a_header_s_definition_may_hold_commas_and_brackets():
    line = '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality, <as> \\"said\\", Number=3,Type=Float">'
    assert not changes_needed([line])
    changes = changes_needed([line.replace("Type=Integer,", "Type=Float,")])
    (written,) = changes.header([line])
    assert written.startswith("##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=")
    assert written.endswith('"Quality, <as> \\"said\\", Number=3,Type=Float">')
