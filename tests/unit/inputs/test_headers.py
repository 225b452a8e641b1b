"""Names that a header lacks are defined when the file is taken; records and genotypes stay as they are."""

import gzip

import pysam
import pysam.bcftools
import pytest

from permed.errors import Fault
from permed.inputs.genotype_files import look
from permed.inputs.headers import read_through

FIELDS = "GT:AD:DP:GQ:PL:DS:GP:HDS:PS:MIN_DP:OWN"
VALUES = "0|1:3,4:7:50:9,0,9:1.5:0.1,0.5,0.4:0.7,0.8:100:6:a,b"
ROW = ["chr1", "100", ".", "A", "<NON_REF>", ".", "q10;other", "END=120;OWN=x;MINE", FIELDS, VALUES]


def text(*rows, header=()) -> bytes:
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", "S1"]
    return "\n".join(["##fileformat=VCFv4.2", *header, *("\t".join(row) for row in (columns, *rows)), ""]).encode()


def bare(cohort) -> bytes:
    """The cohort's VCF without a definition."""
    lines = cohort.text().decode().splitlines()
    kept = [line for line in lines if not line.startswith(("##contig", "##FORMAT"))]
    return "\n".join([*(line.replace("\t.\t.\t.\tGT", "\t.\tlow\tXX=1;YY\tGT") for line in kept), ""]).encode()


@pytest.mark.parametrize("kind", ["plain", "gzip", "bgzf", "crlf"])
def test_a_file_without_any_definition_gives_the_same_records(cohort, take, truth, kind):
    content = bare(cohort)
    content = {"gzip": gzip.compress(content), "crlf": content.replace(b"\n", b"\r\n")}.get(kind, content)
    path = cohort.write("c.vcf" if kind in ("plain", "crlf") else "c.vcf.gz", content, packed=kind == "bgzf")
    looked = look(str(path), reference=cohort.reference)
    assert looked.faults == []
    assert any("header does not define" in note and "FORMAT GT" in note for note in looked.notes)
    assert take(path).records() == truth
    assert take.done["header_completed"] == {
        "contig": ["chr1", "chr2"], "FILTER": ["low"], "INFO": ["XX", "YY"], "FORMAT": ["GT"]
    }  # fmt: skip


def test_unsorted_records_and_names_that_only_late_records_use(cohort, take, truth):
    rows = cohort.rows()[::-1]
    rows[-1] = rows[-1].replace("\tGT\t", "\tGT:LATE\t")
    path = cohort.write("c.vcf.gz", cohort.text(rows), packed=True)
    assert take(path).records() == truth
    assert take.done["header_completed"] == {"FORMAT": ["LATE"]}
    assert take.done["how"] == "sorted"


def test_reserved_names_have_their_type_and_other_values_are_kept(cohort, take):
    path = cohort.write("c.vcf", text(ROW))
    take(path, ["S1"])
    with pysam.VariantFile(str(take.place)) as file:
        (record,) = file
        call = record.samples["S1"]
        assert record.stop == 120, "END reaches to the end of the block"
        assert list(record.filter) == ["q10", "other"]
        assert (call["GT"], call.phased, call["AD"], call["DP"], call["GQ"]) == ((0, 1), True, (3, 4), 7, 50)
        assert (call["PL"], call["DS"], call["PS"], call["MIN_DP"]) == ((9, 0, 9), (1.5,), 100, 6)
        assert call["HDS"] == pytest.approx((0.7, 0.8))
        assert call["OWN"] == ("a", "b")


def test_a_field_without_definition_whose_values_are_not_of_its_type_is_left_out(cohort, take):
    row = [*ROW[:8], "GT:GQ:DP", "0/1:high:7"]
    take(cohort.write("c.vcf", text(row)), ["S1"])
    with pysam.VariantFile(str(take.place)) as file:
        (record,) = file
        assert (record.samples["S1"]["GT"], record.samples["S1"]["DP"], record.stop) == ((0, 1), 7, 120)
        assert "GQ" not in record.format


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [(0, "chr 1", "chr 1"), (6, "my filter", "my filter"), (6, "0", "0"), (8, "GT:1X", "1X")],
)
def test_a_name_that_the_specification_forbids_is_a_fault_with_its_line(cohort, take, column, value, name):
    row = [*ROW[:8], "GT:XX", "0/1:1"]
    row[column] = value
    with pytest.raises(Fault) as stopped:
        take(cohort.write("c.vcf", text(ROW, row)), ["S1"])
    assert (stopped.value.line, stopped.value.file) == (4, str(cohort.folder / "c.vcf"))
    assert f'"{name}"' in stopped.value.fault
    assert not list((cohort.folder / "ours").iterdir())


def test_a_line_that_is_no_record_is_a_fault_with_its_line(cohort):
    path = cohort.write("c.vcf", text(ROW, ["chr1", "200"]))
    with pytest.raises(Fault, match="fewer than 8 columns") as stopped:
        read_through(path)
    assert stopped.value.line == 4


def test_a_bcf_whose_records_use_numbers_without_a_definition_is_refused(cohort, tmp_path, run_step):
    plain = cohort.write("c.vcf", cohort.text().replace(b"##FORMAT", b'##FILTER=<ID=bad,Description="b">\n##FORMAT'))
    lines = plain.read_text().replace("\t.\t.\tGT", "\tbad\t.\tGT")
    plain.write_text(lines)
    pysam.bcftools.view("--no-version", "-Ou", "-o", str(tmp_path / "raw.bcf"), str(plain), catch_stdout=False)
    raw = gzip.decompress((tmp_path / "raw.bcf").read_bytes()).replace(b"##FILTER=<ID=bad", b"##OTHERS=<ID=bad")
    path = cohort.write("c.bcf", raw, packed=True)
    (tmp_path / "any.txt").write_text("S1\n")
    link = tmp_path / "ours" / "c.bcf"
    outputs = {"linked_genotypes": [link], "indexes": [tmp_path / "ours" / "c.bcf.csi"], "taken": tmp_path / "t.json"}
    with pytest.raises(Fault) as stopped:
        run_step("index_inputs")([path], tmp_path / "any.txt", ["chr1"], **outputs)
    assert stopped.value.file == str(path)
