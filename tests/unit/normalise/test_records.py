"""Genotypes and fields that do not fit a record's alleles are refused, left out or set aside, and never split as they
stand: bcftools norm gives 0/3 at two ALT as reference, and values that are missing to nobody."""

import numpy as np
import pysam
import pysam.bcftools
import pytest

from permed.errors import Fault
from permed.inputs.genotype_files import look
from permed.normalise.contig import normalise_contig
from permed.observations.codes import CONTRADICTED, ONE_ALLELE, UNREADABLE
from permed.records.fitting import check_records
from permed.records.kernels import _count_copies, _count_pairs

HEAD = [
    "##fileformat=VCFv4.3",
    "##contig=<ID=chr1,length=248956422>",
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">',
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">',
    '##FORMAT=<ID=AF,Number=A,Type=Float,Description="f">',
    '##FORMAT=<ID=DS,Number=A,Type=Float,Description="f">',
    '##FORMAT=<ID=GP,Number=G,Type=Float,Description="p">',
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="p">',
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="d">',
]


@pytest.fixture
def vcf(tmp_path):
    """Write an indexed VCF of rows (pos, ref, alt, FORMAT, two people's values)."""

    def write(*rows):
        lines = [*HEAD, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2"]
        lines += [f"chr1\t{pos}\t.\t{ref}\t{alt}\t.\t.\t.\t{fields}\t{a}\t{b}" for pos, ref, alt, fields, a, b in rows]
        path = tmp_path / "c.vcf.gz"
        with pysam.BGZFile(str(path), "w") as out:
            out.write(("\n".join(lines) + "\n").encode())
        pysam.bcftools.index("-c", "-f", str(path), catch_stdout=False)
        return path

    return write


@pytest.fixture
def normalised(tmp_path):
    def run(path):
        out, folder = tmp_path / "out.bcf", tmp_path / "work"
        folder.mkdir(exist_ok=True)
        done = normalise_contig([path], "chr1", ["S1", "S2"], None, out, folder)
        return done, [line.split("\t") for line in pysam.bcftools.view("-H", str(out)).splitlines()]

    return run


WRONG = {
    "an allele beyond ALT": ((100, "C", "T,G", "GT", "0/1", "0/3"), "allele 3", "S2"),
    "an allele beyond the only ALT": ((100, "C", "T", "GT", "2/2", "0/0"), "allele 2", "S1"),
    "DS with too many values": ((100, "C", "T", "GT:DS", "0/1:.", "0/1:0.3,0.4"), "DS at chr1:100", "S2"),
}


@pytest.mark.parametrize(
    ("alts", "one", "two", "unread"),
    [
        ("T,G", "0/1:13,14", "0/1:13,14,0", "S1"),
        ("T", "0/1:13,14", "0/1:13,14,0", "S2"),
        ("T", "0/0/1:13,14", "0/1:13,14", "S1"),
        ("T,G", "0/1:13,14,0", "0/1/2/2:13,14,5", "S2"),
    ],
)
def test_a_genotype_that_does_not_fit_is_unknown_counted_and_the_others_are_read(
    vcf, normalised, alts, one, two, unread
):
    path = vcf((100, "C", alts, "GT:AD", one, two), (200, "C", "T", "GT:AD", "0/1:13,14", "0/1:13,14"))
    assert look(str(path)).faults == []
    done, rows = normalised(path)
    observed = {row[1]: [cell.split(":")[-1] for cell in row[9:]] for row in rows if "OBS" in row[8]}
    assert observed == {"100": ["7" if name == unread else "0" for name in ("S1", "S2")]}
    assert any("c.vcf.gz: 1 genotype" in note and f"({unread})" in note for note in done.notes)


@pytest.mark.parametrize("reads", ["13,14,0", "13", "13,14,0,0"])
def test_files_of_different_people_are_merged_though_reads_by_allele_do_not_fit(tmp_path, reads):
    for name, cell in (("S1", f"0/1:{reads}"), ("S2", "0/1:13,14")):
        lines = [*HEAD, f"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{name}"]
        lines += [f"chr1\t{pos}\t.\tC\tT\t.\t.\t.\tGT:AD\t{cell}" for pos in (100, 200)]
        with pysam.BGZFile(str(tmp_path / f"{name}.vcf.gz"), "w") as out:
            out.write(("\n".join(lines) + "\n").encode())
        pysam.bcftools.index("-c", "-f", str(tmp_path / f"{name}.vcf.gz"), catch_stdout=False)
    folder = tmp_path / "work"
    folder.mkdir()
    files = [tmp_path / "S1.vcf.gz", tmp_path / "S2.vcf.gz"]
    done = normalise_contig(files, "chr1", ["S1", "S2"], None, tmp_path / "out.bcf", folder)
    rows = [line.split("\t") for line in pysam.bcftools.view("-H", str(tmp_path / "out.bcf")).splitlines()]
    cells = [dict(zip(rows[0][8].split(":"), cell.split(":"), strict=False)) for cell in rows[0][9:]]
    assert [cell["GT"] for cell in cells] == ["0/1", "0/1"]
    assert (cells[0]["OBS"], cells[1]["AD"], cells[1].get("OBS", ".")) == (str(UNREADABLE), "13,14", ".")
    assert done.counts["misfits"] == 2


@pytest.mark.parametrize(("fields", "more"), [("GT", ""), ("GT:AD", ":.")])
@pytest.mark.parametrize(("one", "other"), [("0", "0/0"), ("1", "0/1"), ("0", "1"), (".", "0/1")])
def test_one_allele_where_everybody_has_two_copies_is_not_believed(vcf, normalised, fields, more, one, other):
    _, (row,) = normalised(vcf((100, "C", "T", fields, one + more, other + more)))
    cells = [dict(zip(row[8].split(":"), cell.split(":"), strict=False)) for cell in row[9:]]
    assert [cell["GT"] for cell in cells] == [one, other], "it stays as it is written"
    doubts = [int(cell.get("OBS", 0)) for cell in cells]
    assert doubts == [ONE_ALLELE if genotype in "01" else 0 for genotype in (one, other)]


@pytest.mark.parametrize(
    ("cell", "doubted"),
    [
        ("0/0:0,9", True),
        ("0/0:0,3", True),
        ("0/0:0,2", False),
        ("0/0:1,8", False),
        ("0/0:4,6", True),
        ("1/1:4,0", True),
        ("0/1:9,0", False),
        ("0/1:10,0", True),
    ],
)
def test_a_homozygote_of_which_no_read_has_its_allele_needs_few_reads_to_be_contradicted(
    vcf, normalised, cell, doubted
):
    genotype, reads = cell.split(":")
    likely = {"0/0": "0,60,90", "0/1": "60,0,90", "1/1": "90,60,0"}[genotype]
    path = vcf((100, "C", "T", "GT:AD:PL", f"{genotype}:{reads}:{likely}", "0/0:30,0:0,90,900"))
    _, (row,) = normalised(path)
    told = row[9].split(":")[row[8].split(":").index("OBS")] if "OBS" in row[8] else "0"
    assert told == (str(CONTRADICTED) if doubted else "0")


def test_reads_by_allele_of_one_value_are_those_of_the_alternate_and_say_nothing(vcf, normalised):
    done, (row,) = normalised(vcf((100, "C", "T", "GT:AD", "0/1:3", "0/1:4")))
    assert done.counts["misfits"] == 2
    assert row[8] == "GT:OBS"


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_number_of_alleles_or_values_is_refused_when_checked_and_when_normalised(vcf, normalised, kind):
    row, said, sample = WRONG[kind]
    path = vcf(row)
    (fault,) = look(str(path)).faults
    with pytest.raises(Fault) as stopped:
        normalised(path)
    for found in (fault, stopped.value):
        assert said in found.fault
        assert (found.file, found.sample) == (str(path), sample)
        assert found.remedy
    late = vcf(*((n, "C", "T", "GT", "0/0", "0/1") for n in range(1, 2100)), (3000, *row[1:]))
    assert look(str(late)).faults == [], "the check reads the first 2000 records"
    with pytest.raises(Fault, match="chr1:3000"):
        normalised(late)


def test_what_is_missing_or_right_passes(vcf, tmp_path):
    rows = [
        (100, "C", "T,G", "GT:AD:AF:PL", "0/1:1,2,3:0.1,0.2:1,2,3,4,5,6", "./.:.:.:."),
        (200, "C", "T", "GT:AD:PL", "1:0,5:9,0", "0/1:.,.:9,0,9"),
        (300, "C", ".", "GT:AD:PL", "0/0:5:0", "0/0:.:."),
        (400, "C", "T", "AD:PL", "1,2:1,2,3", "1,2:1,2"),
    ]
    pysam.bcftools.view("-Ob", "-o", str(tmp_path / "c.bcf"), str(vcf(*rows)), catch_stdout=False)
    found = check_records(tmp_path / "c.bcf", "c.vcf.gz")
    assert (found.fields, found.nameless) == (set(), set())


@pytest.mark.parametrize(("genotype", "values"), [("0/1", "1,2"), ("1", "1,2,3"), ("0/1", "1,2,3,4")])
def test_probabilities_of_another_number_are_left_out_and_the_rest_stays(vcf, normalised, genotype, values):
    path = vcf((100, "C", "T", "GT:DP:GP", f"{genotype}:17:{values}", "0/0:18:0,9,9"))
    assert any("GP" in note and "left out" in note for note in look(str(path)).notes)
    done, (row,) = normalised(path)
    single = genotype == "1"  # where everybody has two copies
    told = ["GT:DP:OBS", f"1:17:{ONE_ALLELE}", "0/0:18:0"] if single else ["GT:DP", f"{genotype}:17", "0/0:18"]
    assert row[8:] == told
    assert any("GP" in note for note in done.notes)


def test_records_that_cannot_be_read_are_set_aside(vcf, normalised):
    rows = [
        (100, "C", "T", "GT", "0/1", "0/0"),
        (200, "C", "T", "DP", "1", "2"),
        (300, "C", "R", "GT", "0/1", "0/0"),
        (400, "S", "T", "GT", "0/1", "0/0"),
        (500, "C", ".", "GT", "0/1", "0/0"),
        (600, "C", ".", "GT", "0/0", "0/0"),
    ]
    done, kept = normalised(vcf(*rows))
    assert [row[1] for row in kept] == ["100", "600"]
    aside = done.frame()
    assert aside["pos"].to_list() == [200, 300, 400, 500]
    assert aside["samples"].to_list() == [None, ["S1"], None, None], "an alternate with another letter: its carrier"
    counts = [done.counts[name] for name in ("without_genotypes", "not_bases", "nameless_alleles")]
    assert counts == [1, 2, 1]


def test_the_fields_of_real_files_fit_their_alleles(shared):
    files = sorted(path for path in (shared / "real").rglob("*.vcf*") if not path.name.endswith((".tbi", ".csi")))
    seen = 0
    for path in files:
        if {"hts-specs", "bcftools-norm", "bcftools-csq"} & set(path.parts) or "/f/" in str(path):
            continue
        looked = look(str(path))
        wrong = [fault.fault for fault in looked.faults if " has " in fault.fault and "needs" in fault.fault]
        assert wrong == []
        seen += bool(looked.samples)
    assert seen > 5


def test_pairs_of_bytes_are_counted_as_genotypes_of_any_size_are():
    values = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 0x7F, 0x80, 0x81], np.uint8)
    pairs = np.stack(np.meshgrid(values, values), axis=-1).reshape(-1, 2)
    for alleles in (1, 2, 3):
        for pair in pairs:
            quick, slow = np.empty(1, np.int64), np.empty(1, np.int64)
            doubtful = _count_pairs(pair, 0, alleles, quick)
            sample, _ = _count_copies(pair, 0, 2, 1, alleles, slow)
            assert doubtful or (sample < 0 and quick[0] == slow[0]), (alleles, pair)
            assert not doubtful or (pair[pair < 0x80] >> 1).max() > alleles, (alleles, pair)


def test_an_alternate_of_another_row_of_the_site_has_no_reads_of_the_reference(vcf, normalised):
    """bcftools norm splits 1/2 into 1/0 and 0/1, each with the reads of REF and of its own alternate."""
    rows = [(100, "C", "T", "GT:AD", "1/0:0,15", "0/0:30,0"), (100, "C", "G", "GT:AD", "0/1:0,15", "0/0:30,0")]
    _, split = normalised(vcf(*rows, (200, "C", "T", "GT:AD", "0/1:0,15", "0/0:30,0")))
    told = {(row[1], row[4]): row[9].split(":")[row[8].split(":").index("OBS")] for row in split if "OBS" in row[8]}
    assert told == {("200", "T"): str(CONTRADICTED)}
