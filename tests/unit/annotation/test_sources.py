"""Annotation databases: the right rows and only those, whatever their spelling; nothing said where nobody looked."""

import gzip

import polars as pl
import pysam
import pytest
import yaml

from permed.annotation.sources.building import build_source
from permed.annotation.sources.joining import join_source
from permed.annotation.sources.mapping import read_mapping
from permed.downloads import Lock, digest
from permed.errors import Fault
from permed.evidence.intervals import Intervals
from permed.variants import variant_keys

#            1234567890123456789012345678901234567890
SEQUENCE = "ACGTACGTTTTTTTGACCAGCAGCAGTTACGGATCCATGCATGCAT" + "ACGTTGCA" * 20
OTHER = "TGCATGCAAAAAAACTGGTCGTCGTCAATGCCTAGGTACGTACGTA" + "TGCAACGT" * 20
INFO = {
    "CLNSIG": "String",
    "CLNREVSTAT": "String",
    "CLNDN": "String",
    "CLNSIGCONF": "String",
    "AF": "Float",
    "AC": "Integer",
    "faf95_afr": "Float",
    "faf95_eas": "Float",
    "SpliceAI": "String",
}


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "reference.fa"
    path.write_text(f">chr1\n{SEQUENCE}\n>chr2\n{OTHER}\n")
    pysam.faidx(str(path))
    return path


@pytest.fixture
def vcf(tmp_path):
    def write(rows, name="source.vcf", contigs=("1", "2"), date="2026-11-01", number="A"):
        lines = ["##fileformat=VCFv4.1", f"##fileDate={date}"]
        lines += [f"##contig=<ID={c},length={len(SEQUENCE)}>" for c in contigs]
        lines += ['##FILTER=<ID=AC0,Description="x">']
        for key, kind in INFO.items():
            how = "." if kind == "String" else number
            lines.append(f'##INFO=<ID={key},Number={how},Type={kind},Description="x">')
        lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
        lines += ["\t".join([c, str(p), i, r, a, ".", f, info]) for c, p, i, r, a, f, info in rows]
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def snv(contig, pos, info, sequence=SEQUENCE):
    """A row of a change of one base."""
    ref = sequence[pos - 1]
    return (contig, pos, str(pos), ref, "ACGT"["ACGT".index(ref) - 1], "PASS", info)


def sites(*rows) -> pl.DataFrame:
    frame = pl.DataFrame(
        rows, schema={"contig": pl.String, "pos": pl.Int64, "ref": pl.String, "alt": pl.String}, orient="row"
    )
    return frame.with_columns(key=variant_keys(frame))


def built(path, kind, fasta, tmp_path, contigs=("chr1", "chr2"), build="GRCh38"):
    files = path if isinstance(path, list) else [path]
    parquet = tmp_path / "built.parquet"
    about = build_source(files, read_mapping(kind), list(contigs), build, fasta, parquet)
    return parquet, about


def joined(asked, path, kind, fasta, tmp_path, regions=None, **options):
    parquet, about = built(path, kind, fasta, tmp_path, **options)
    return join_source(asked, "x", parquet, about, regions).to_dicts(), about


def test_clinvar_rows_are_found_by_their_alleles_in_any_spelling(vcf, fasta, tmp_path):
    rows = [
        ("1", 5, "11", "A", "G", ".", "CLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel;CLNDN=A_disease|B"),
        # one T of the run at 8..14 deleted, written at its right end; normalised at 7
        ("1", 13, "12", "TT", "T", ".", "CLNSIG=Benign;CLNREVSTAT=criteria_provided,_single_submitter"),
        ("2", 5, "13", "T", "C", ".", "CLNSIG=Likely_benign;CLNREVSTAT=no_assertion_criteria_provided"),
    ]
    asked = sites(("chr1", 5, "A", "G"), ("chr1", 5, "A", "T"), ("chr1", 7, "GT", "G"))
    found, about = joined(asked, vcf(rows), "clinvar", fasta, tmp_path)
    assert [row["x_state"] for row in found] == ["found", "absent", "found"]
    assert (found[0]["x_significance"], found[0]["x_stars"]) == ("Pathogenic", 3)
    assert (found[0]["x_conditions"], found[0]["x_variation_id"]) == ("A disease|B", "11")
    assert (found[2]["x_significance"], found[2]["x_stars"]) == ("Benign", 1)
    assert found[1]["x_significance"] is None
    assert (about["release"], about["rows"], about["contigs"]) == ("2026-11-01", 3, ["chr1", "chr2"])


def test_a_contig_that_the_source_lacks_is_not_covered(vcf, fasta, tmp_path):
    path = vcf([("1", 5, ".", "A", "G", "PASS", "AF=0.1")])
    asked = sites(("chr2", 5, "T", "C"))
    for regions in (None, Intervals.of([1], [5000])):
        found, _ = joined(asked, path, "gnomad", fasta, tmp_path, regions=regions)
        assert found[0]["x_state"] == "not_covered"


def test_regions_tell_what_was_looked_at(vcf, fasta, tmp_path):
    path = vcf([("1", 5, ".", "A", "G", "PASS", "AF=0.1")])
    asked = sites(("chr1", 4, "T", "C"), ("chr1", 20, "C", "T"), ("chr1", 9, "TT", "T"))
    found, _ = joined(asked, path, "gnomad", fasta, tmp_path, regions=Intervals.of([1], [9]))
    assert [row["x_state"] for row in found] == ["absent", "not_covered", "not_covered"]


def test_multiallelic_records_give_each_allele_its_own_values_and_the_largest_filtering_frequency(vcf, fasta, tmp_path):
    path = vcf([("1", 5, ".", "A", "C,G", "AC0", "AF=0.1,0.2;AC=1,2;faf95_afr=0.01,0.3;faf95_eas=0.02,0.1")])
    found, _ = joined(sites(("chr1", 5, "A", "C"), ("chr1", 5, "A", "G")), path, "gnomad", fasta, tmp_path)
    assert [(r["x_af"], r["x_ac"], r["x_filtering_af"], r["x_filters"]) for r in found] == [
        (pytest.approx(0.1), 1, pytest.approx(0.02), "AC0"),
        (pytest.approx(0.2), 2, pytest.approx(0.3), "AC0"),
    ]
    assert found[0]["x_homozygotes"] is None, "the header has no nhomalt: not known, and not 0"


def test_scores_of_several_genes_give_the_largest(vcf, fasta, tmp_path):
    rows = [
        ("1", 5, ".", "A", "G", ".", "SpliceAI=G|ONE|0.01|0.02|0.50|0.00|1|2|3|4"),
        ("1", 5, ".", "A", "G", ".", "SpliceAI=G|TWO|0.01|0.91|0.00|.|1|2|3|4"),
    ]
    found, about = joined(sites(("chr1", 5, "A", "G")), vcf(rows), "spliceai", fasta, tmp_path)
    assert found[0]["x_score"] == pytest.approx(0.91)
    assert found[0]["x_gene"] == "ONE|TWO"
    assert about["rows_listed_again"] == 1


def test_a_source_of_another_build_is_refused(vcf, fasta, tmp_path):
    wrong = [snv("1", pos, "AF=0.1", OTHER) for pos in range(5, 40)]
    with pytest.raises(Fault, match="REF is not what the reference has") as told:
        built(vcf(wrong), "gnomad", fasta, tmp_path)
    assert "GRCh38" in told.value.remedy
    assert not (tmp_path / "built.parquet").exists()


def test_single_wrong_rows_are_left_out_and_counted(vcf, fasta, tmp_path):
    good = [snv("1", pos, "AF=0.5") for pos in range(1, 200)]
    rows = [*good, ("2", 6, ".", "A", "C", "PASS", "AF=0.1")]
    _, about = built(vcf(rows), "gnomad", fasta, tmp_path)
    assert (about["rows"], about["rows_with_another_ref"]) == (199, 1)


def test_long_alleles_with_one_key_are_told_apart(fasta, tmp_path, vcf, monkeypatch):
    inserted = ["ACGTACGTACGTA", "CCGTACGTACGTC"]
    rows = [("1", 4, ".", "T", f"T{text}", "PASS", f"AF=0.{n + 1}") for n, text in enumerate(inserted)]
    import permed.variants as variants

    monkeypatch.setattr(variants.zlib, "crc32", lambda text: 7)
    found, _ = joined(
        sites(*[("chr1", 4, "T", f"T{text}") for text in (*inserted, "GGGGGGGGGGGGGGG")]),
        vcf(rows),
        "gnomad",
        fasta,
        tmp_path,
    )
    assert [row["x_af"] for row in found[:2]] == [pytest.approx(0.1), pytest.approx(0.2)]
    assert found[2]["x_state"] == "not_covered", "another allele of the same key is not the variant"


TABLE = """# a note above
chr\thg19_pos\tgrch38_pos\tref\talt\tREVEL\tEnsembl_transcriptid
1\t5\t5\tA\tG\t0.9\tENST1;ENST2
1\t40\t13\tTT\tT\t0.4\tENST1
1\t6\t.\tC\tG\t0.1\tENST1
1\t3\t3\tG\tC\t.\tENST3
"""


def test_tables_are_read_by_the_columns_of_their_build(fasta, tmp_path):
    text = TABLE.replace("\t", ",")
    path = tmp_path / "revel.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    asked = sites(("chr1", 5, "A", "G"), ("chr1", 7, "GT", "G"), ("chr1", 6, "C", "G"), ("chr1", 3, "G", "C"))
    found, _ = joined(asked, path, "revel", fasta, tmp_path)
    assert [(row["x_state"], row["x_score"]) for row in found] == [
        ("found", 0.9),
        ("found", 0.4),
        ("not_covered", None),
        ("found", None),
    ]


LAB = {
    "title": "Our laboratory",
    "role": "other",
    "format": "tsv",
    "licence": "ours",
    "covers": "listed",
    "columns": {"contig": "chrom", "pos": "pos", "ref": "ref", "alt": "alt"},
    "fields": {
        "class": {"from": "class", "required": True},
        "seen": {"from": "seen", "type": "integer", "combine": "max"},
    },
}


@pytest.fixture
def lab(tmp_path):
    def write(text="chrom\tpos\tref\talt\tclass\tseen\nchr1\t5\tA\tG\tVUS\t2\nchr1\t5\tA\tG\tbenign\t3\n", **changes):
        mapping, table = tmp_path / "lab.yaml", tmp_path / "lab.tsv"
        mapping.write_text(yaml.safe_dump({**LAB, **changes}))
        table.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return table, str(mapping)

    return write


def test_a_laboratorys_own_table_needs_a_mapping_and_nothing_else(lab, fasta, tmp_path):
    table, mapping = lab()
    found, about = joined(sites(("chr1", 5, "A", "G")), table, mapping, fasta, tmp_path)
    assert (found[0]["x_class"], found[0]["x_seen"]) == ("VUS|benign", 3)
    assert about["title"] == "Our laboratory"


def test_a_file_with_nothing_else_than_what_is_read(fasta, tmp_path):
    path = tmp_path / "x.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=1>\n"
        '##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n'
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tG\t.\tPASS\tAF=0.5\n"
    )
    found, _ = joined(sites(("chr1", 5, "A", "G")), path, "gnomad", fasta, tmp_path)
    assert found[0]["x_af"] == 0.5


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"role": "predictor"}, "predictor is missing"),
        ({"role": "oracle"}, "role is 'oracle'"),
        ({"licence": None}, "licence is missing"),
        ({"colour": 1}, "unknown keys colour"),
        ({"columns": {"contig": "chrom"}}, "columns must name"),
        ({"fields": {"key": {"from": "class"}}}, "the name is taken"),
        ({"fields": {"class": {"from": "class", "type": "date"}}}, "type is 'date'"),
        ({"fields": {"class": {"type": "string"}}}, "from is missing"),
        ({"format": "vcf"}, "from must be INFO/NAME"),
    ],
)
def test_a_faulty_mapping_says_what_is_wrong_with_it(lab, changes, fault):
    _, mapping = lab(**changes)
    with pytest.raises(Fault, match=fault):
        read_mapping(mapping)


def test_an_unknown_kind_lists_the_known_ones():
    with pytest.raises(Fault, match="there is no mapping nothing") as told:
        read_mapping("nothing")
    assert "clinvar" in told.value.remedy


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no header line"),
        ("a\tb\n1\t2\n", "no column chrom"),
        ("chrom\tpos\tref\talt\tclass\tseen\nchr1\t5\tA\tG\tVUS\t2\t9\t9\n", "not regular"),
        ("chrom\tpos\tref\talt\tclass\tseen\nchr9\t5\tA\tG\tVUS\t2\n", "no row lies on a contig"),
        (gzip.compress(b"chrom\tpos\tref\talt\tclass\n" * 4000, mtime=0)[:-9], "cut or damaged"),
        (b"chrom\tpos\tref\talt\tclass\xe9\n", "not UTF-8"),
    ],
)
def test_a_faulty_table_says_what_is_wrong_with_it(lab, fasta, tmp_path, text, fault):
    table, mapping = lab(text)
    with pytest.raises(Fault, match=fault):
        built(table, mapping, fasta, tmp_path)
    assert not (tmp_path / "built.parquet").exists()


def test_a_vcf_without_what_the_mapping_reads_is_refused(fasta, tmp_path):
    path = tmp_path / "x.vcf"
    path.write_text(
        "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tG\t.\t.\t.\n"
    )
    with pytest.raises(Fault, match="does not define what the mapping reads") as told:
        built(path, "clinvar", fasta, tmp_path)
    assert "INFO/CLNSIG" in told.value.remedy


def test_a_downloaded_file_is_what_its_lock_says_or_refused_before_anything_is_read(vcf, fasta, tmp_path):
    path = vcf([("1", 5, ".", "A", "G", "PASS", "AF=0.1")])
    lock = Lock(path.name, "https://host/source.vcf", digest(path), None, path.stat().st_size, "the configuration")
    arguments = ([path], read_mapping("gnomad"), ["chr1"], "GRCh38", fasta, tmp_path / "built.parquet", [lock])
    (file,) = build_source(*arguments)["files"]
    assert file == {
        "name": "source.vcf",
        "sha256": lock.sha256,
        "address": "https://host/source.vcf",
        "checked_by": "the configuration",
    }
    (tmp_path / "built.parquet").unlink()
    path.write_text(path.read_text().replace("AF=0.1", "AF=0.9"))
    with pytest.raises(Fault, match="its SHA-256 has changed"):
        build_source(*arguments)
    assert not (tmp_path / "built.parquet").exists()


def test_unsorted_files_and_several_files_give_the_same_table(vcf, fasta, tmp_path):
    rows = [snv("1", pos, f"AF=0.{pos}") for pos in (5, 9, 3, 30)]
    whole, _ = built(vcf(sorted(rows, key=lambda r: r[1])), "gnomad", fasta, tmp_path)
    expected = pl.read_parquet(whole)
    again, _ = built([vcf(rows[:2], "a.vcf"), vcf(rows[2:], "b.vcf")], "gnomad", fasta, tmp_path)
    assert pl.read_parquet(again).equals(expected)
    assert expected["key"].is_sorted()


def test_real_slices_of_gnomad_and_clinvar_annotate_their_own_rows(shared, tmp_path):
    """Every allele of gnomAD's PCSK9 slice is found with the AF that an independent reading gives."""
    import cyvcf2

    path = shared / "real/anno/gnomad/gnomad_v4.0_exomes_PCSK9_chr1.vcf.bgz"
    records = [(v.CHROM, v.POS, v.REF, v.ALT[0], v.INFO.get("AF")) for v in cyvcf2.VCF(str(path)) if len(v.ALT) == 1]
    start, end = records[0][1] - 20, records[-1][1] + 60
    bases = ["N"] * (end + 1)
    for _, pos, ref, _, _ in records:
        bases[pos : pos + len(ref)] = ref
    fasta = tmp_path / "slice.fa"
    fasta.write_text(f">chr1\n{''.join(bases[1:])}\n")
    pysam.faidx(str(fasta))
    parquet, about = built(path, "gnomad", fasta, tmp_path, contigs=("chr1",))
    asked = sites(*[r[:4] for r in records], ("chr1", start, "A", "C"))
    found = join_source(asked, "x", parquet, about, None)
    single = pl.Series([len(r[2]) == len(r[3]) == 1 for r in records] + [False])
    assert set(found["x_state"][:-1].filter(single[:-1])) == {"found"}
    assert found["x_state"][-1] == "not_covered", "gnomAD's files do not tell where it looked"
    found = join_source(asked, "x", parquet, about, Intervals.of([start], [start]))
    assert found["x_state"][-1] == "absent"
    wanted = [r[4] for r in records]
    kept = found[:-1].with_columns(wanted=pl.Series(wanted)).filter(single[:-1]).drop_nulls("wanted")
    assert (kept["x_af"] - kept["wanted"]).abs().max() < 1e-6
    assert kept["x_filtering_af"].max() > 0
