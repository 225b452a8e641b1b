"""Genotypes that nobody wrote down: blocks, callable regions and assumptions against what a person truly carries."""

import gzip

import polars as pl
import pysam
import pytest

from permed.evidence.known import Wanted
from permed.evidence.positions import POSITION_SCHEMA
from permed.normalise.contig import normalise_contig
from permed.observations.bounds import Bounds
from permed.scores.match import match_contig
from permed.scoring_files import SCORE_SCHEMA

HEADER = """##fileformat=VCFv4.2
##contig=<ID={contig},length=100000>
##INFO=<ID=END,Number=1,Type=Integer,Description="End">
##ALT=<ID=NON_REF,Description="Any">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">
"""
GOOD, THIN, UNSURE = "30:99", "5:9", "30:5"


@pytest.fixture
def make_file(tmp_path):
    """Write a file from rows ``(pos, ref, alt, end or None, cells…)``; a cell is GT:DP:GQ."""

    def make(name, samples, rows, contig="chr1"):
        text = HEADER.format(contig=contig)
        text += "\t".join([*"#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT".split(), *samples]) + "\n"
        for pos, ref, alt, end, *cells in rows:
            info = f"END={end}" if end else "."
            text += "\t".join([contig, str(pos), ".", ref, alt, ".", ".", info, "GT:DP:GQ", *cells]) + "\n"
        (tmp_path / name).write_text(text)
        path = tmp_path / f"{name}.gz"
        pysam.tabix_compress(str(tmp_path / name), str(path), force=True)
        pysam.tabix_index(str(path), preset="vcf", force=True)
        return path

    return make


@pytest.fixture
def normalise(tmp_path):
    """Normalise files with needed positions ``(pos, ref, alts)``; give rows by (pos, ref, alt) and what was done."""

    def run(files, samples, needed=(), contig="chr1", **options):
        folder = tmp_path / "work"
        folder.mkdir(exist_ok=True)
        rows = [
            (contig, pos, ref, alts.split(","), pos + len(ref) - 1, *(shown_alt or [None]))
            for pos, ref, alts, *shown_alt in needed
        ]
        wanted = Wanted(positions=pl.DataFrame(rows, schema=POSITION_SCHEMA, orient="row"), **options)
        done = normalise_contig(files, contig, list(samples), None, tmp_path / "out.bcf", folder, wanted)
        with pysam.VariantFile(str(tmp_path / "out.bcf")) as file:
            found = {(r.pos, r.ref, r.alts[0] if r.alts else "."): [shown(c) for c in r.samples.values()] for r in file}
        assert list(found) == sorted(found, key=lambda key: key[0])
        return found, done

    return run


def shown(call) -> str:
    """The genotype, with a question mark where it is not believed."""
    text = ("|" if call.phased and len(call["GT"]) > 1 else "/").join("." if a is None else str(a) for a in call["GT"])
    return text + "?" * bool(call.get("OBS") or 0)


def bed(tmp_path, text, name="callable.bed"):
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return tmp_path / name


NEEDED = [(5, "A", "G"), (15, "C", "T"), (25, "G", "A"), (35, "T", "C")]


def test_one_persons_gvcf_gives_needed_positions_by_its_blocks(make_file, normalise):
    rows = [
        (1, "A", "<NON_REF>", 9, f"0/0:{GOOD}"),
        (10, "A", "<NON_REF>", 19, f"0/0:{THIN}"),
        (20, "A", "<NON_REF>", 29, f"0/0:{UNSURE}"),
        (30, "T", "G,<NON_REF>", None, f"0/1:{GOOD}"),
    ]
    found, done = normalise([make_file("a.vcf", ["S1"], rows)], ["S1"], NEEDED)
    thin = {(15, "C", "."): ["0/0?"], (25, "G", "."): ["0/0?"]}
    assert found == {(5, "A", "."): ["0/0"], **thin, (30, "T", "G"): ["0/1"]}
    assert (done.counts["filled_reference"], done.counts["added"]) == (1, 3)
    found, _ = normalise([make_file("a.vcf", ["S1"], rows)], ["S1"], NEEDED, absent_sites="reference")
    assert found == {
        (5, "A", "."): ["0/0"],
        **thin,
        (30, "T", "G"): ["0/1"],
        (35, "T", "."): ["./."],
    }, "what no block covers is missing whatever absent_sites says"
    found, _ = normalise([make_file("a.vcf", ["S1"], rows)], ["S1"], NEEDED, bounds=Bounds(5, 5))
    assert {key for key, cells in found.items() if cells == ["0/0"]} == {(5, "A", "."), (15, "C", "."), (25, "G", ".")}


def test_people_in_gvcfs_of_their_own_are_reference_at_each_others_variants(make_file, normalise):
    one = [(1, "A", "<NON_REF>", 4, f"0/0:{GOOD}"), (5, "A", "G,<NON_REF>", None, f"0/1:{GOOD}")]
    one += [(6, "A", "<NON_REF>", 40, f"0/0:{GOOD}")]
    two = [(1, "A", "<*>", 14, f"0/0:{GOOD}"), (15, "C", "T,<*>", None, f"1/1:{GOOD}")]
    two += [(16, "A", "<*>", 29, f"0/0:{THIN}"), (30, "A", "C,<*>", None, f"./.:{GOOD}")]
    three = [(5, "A", "T", None, f"0/1:{GOOD}"), (30, "A", "C", None, f"0/1:{GOOD}")]
    files = [make_file(f"{n}.vcf", [f"S{n}"], rows) for n, rows in enumerate((one, two, three), 1)]
    found, _ = normalise(files, ["S1", "S2", "S3"], NEEDED)
    assert found == {
        (5, "A", "G"): ["0/1", "0/0", "0/0"],  # the third's file is no gVCF, and calls another alternate there
        (5, "A", "T"): ["0/0", "0/0", "0/1"],  # so does the first's
        (15, "C", "T"): ["0/0", "1/1", "./."],
        (25, "G", "."): ["0/0", "0/0?", "./."],
        (30, "A", "C"): ["0/0", "./.", "0/1"],  # the second says itself that it is missing
        (35, "T", "."): ["0/0", "./.", "./."],
    }


def test_a_gvcf_of_several_people_keeps_their_blocks_apart(make_file, normalise):
    rows = [(1, "A", "<NON_REF>", 9, f"0/0:{GOOD}", f"0/0:{THIN}"), (10, "A", "G,<NON_REF>", None, "0/1", "./.")]
    found, _ = normalise([make_file("a.vcf", ["S1", "S2"], rows)], ["S2", "S1"], NEEDED)
    assert found == {(5, "A", "."): ["0/0?", "0/0"], (10, "A", "G"): ["./.", "0/1"]}


def test_a_block_covers_an_indel_only_as_a_whole(make_file, normalise):
    rows = [(1, "A", "<NON_REF>", 6, f"0/0:{GOOD}"), (20, "A", "<NON_REF>", 30, f"0/0:{GOOD}")]
    found, _ = normalise([make_file("a.vcf", ["S1"], rows)], ["S1"], [(5, "ATT", "A"), (21, "ATT", "A,AT")])
    assert found == {(21, "A", "."): ["0/0"]}


def test_a_haploid_block_gives_a_haploid_genotype(make_file, normalise):
    rows = [(1, "A", "<NON_REF>", 9, f"0:{GOOD}"), (10, "A", "G,<NON_REF>", None, f"1:{GOOD}")]
    two = [(1, "A", "<NON_REF>", 40, f"0/0:{GOOD}")]
    files = [make_file("x.vcf", ["S1"], rows, "chrX"), make_file("y.vcf", ["S2"], two, "chrX")]
    found, _ = normalise(files, ["S1", "S2"], NEEDED, contig="chrX")
    assert found == {
        (5, "A", "."): ["0", "0/0"],
        (10, "A", "G"): ["1", "0/0"],
        (15, "C", "."): ["./.", "0/0"],
        (25, "G", "."): ["./.", "0/0"],
        (35, "T", "."): ["./.", "0/0"],
    }


@pytest.mark.parametrize("absent", ["missing", "reference"])
def test_inside_callable_regions_absent_is_reference_and_outside_missing(make_file, normalise, tmp_path, absent):
    rows = [(15, "C", "T", None, "./.:.:.", "0/1:30:99")]
    path = make_file("a.vcf", ["S1", "S2"], rows)
    regions = {"S1": bed(tmp_path, "chr1\t4\t5\nchr1\t10\t25\n"), "S2": bed(tmp_path, "1\t0\t9\n", "two.bed.gz")}
    found, _ = normalise([path], ["S1", "S2"], NEEDED, callable=regions, absent_sites=absent)
    expected = {
        (5, "A", "."): ["0/0", "0/0"],
        (15, "C", "T"): ["./.", "0/1"],  # given as missing: that stays
        (25, "G", "."): ["0/0", "./."],
    }
    assert found == expected | ({(35, "T", "."): ["./.", "./."]} if absent == "reference" else {})


def test_at_others_variants_callable_people_are_reference(make_file, normalise, tmp_path):
    files = [
        make_file("1.vcf", ["S1"], [(5, "A", "G", None, "0/1:30:99")]),
        make_file("2.vcf", ["S2"], [(15, "C", "T", None, "0/1:30:99")]),
    ]
    regions = dict.fromkeys(["S1", "S2"], bed(tmp_path, "chr1\t0\t10\n"))
    found, done = normalise(files, ["S1", "S2"], NEEDED, callable=regions)
    assert found == {(5, "A", "G"): ["0/1", "0/0"], (15, "C", "T"): ["./.", "0/1"]}
    assert done.counts["filled_reference"] == 1


def test_where_records_were_set_aside_nobody_named_is_reference(make_file, normalise, tmp_path):
    rows = [(4, "A", "<DEL>", 20, "0/1:30:99", "0/0:30:99")]
    regions = dict.fromkeys(["S1", "S2"], bed(tmp_path, "chr1\t0\t100\n"))
    found, _ = normalise([make_file("a.vcf", ["S1", "S2"], rows)], ["S1", "S2"], NEEDED, callable=regions)
    assert [found[pos, ref, "."] for pos, ref, _ in NEEDED] == [["./.", "0/0"]] * 2 + [["0/0", "0/0"]] * 2
    lost = [{"pos": 24, "end": 26, "ref": "GAT", "alt": "G", "samples": None}]
    found, _ = normalise(
        [make_file("a.vcf", ["S1", "S2"], rows)],
        ["S1", "S2"],
        NEEDED,
        callable=regions,
        lost=lost,
        absent_sites="reference",
    )
    assert found[25, "G", "."] == ["./.", "./."]


def test_under_ones_own_deletion_nothing_is_reference_unless_the_definition_knows_it(make_file, normalise, tmp_path):
    rows = [(14, "ACA", "A", None, "0/1:30:99", "0/0:30:99"), (24, "AGC", "A", None, "0/1:30:99", "0/0:30:99")]
    regions = dict.fromkeys(["S1", "S2"], bed(tmp_path, "chr1\t0\t100\n"))
    path = make_file("a.vcf", ["S1", "S2"], rows)
    found, _ = normalise([path], ["S1", "S2"], [*NEEDED, (24, "AGC", "A")], callable=regions)
    assert found[15, "C", "."] == ["./.", "0/0"]
    assert found[25, "G", "."] == ["0/0", "0/0"]


def test_a_record_of_the_base_before_a_deletion_does_not_tell_of_the_deletion(make_file, normalise, tmp_path):
    path = make_file("a.vcf", ["S1", "S2"], [(25, "G", "T", None, f"0/1:{GOOD}", f"0/0:{GOOD}")])
    regions = {name: bed(tmp_path, f"chr1\t0\t{end}\n", f"{name}.bed") for name, end in (("S1", 29), ("S2", 28))}
    found, _ = normalise([path], ["S1", "S2"], [(25, "GAGTT", "G")], callable=regions)
    assert found == {(25, "G", "T"): ["0/1", "0/0"], (25, "G", "."): ["0/0", "./."]}


@pytest.mark.parametrize("sex", ["XX", "XY"])
def test_callable_positions_have_the_copies_of_the_persons_sex(make_file, normalise, tmp_path, sex):
    path = make_file("a.vcf", ["S1"], [(90, "A", "C", None, "./.:1:1")], "chrX")
    options = {"callable": {"S1": bed(tmp_path, "chrX\t0\t200000\n")}, "sexes": {"S1": sex}}
    needed = [(5, "A", "G"), (10005, "C", "T")]  # the second in the region that X and Y share
    found, _ = normalise([path], ["S1"], needed, contig="chrX", **options)
    assert [found[5, "A", "."], found[10005, "C", "."]] == [["0" if sex == "XY" else "0/0"], ["0/0"]]


def test_own_records_tell_the_copies_better_than_the_sheet(make_file, normalise, tmp_path):
    path = make_file("a.vcf", ["S1"], [(90, "A", "C", None, "0/1:30:99")], "chrX")
    options = {"callable": {"S1": bed(tmp_path, "chrX\t0\t20\n")}, "sexes": {"S1": "XY"}}
    found, _ = normalise([path], ["S1"], [(5, "A", "G")], contig="chrX", **options)
    assert found[5, "A", "."] == ["0/0"]


def test_merged_files_of_variants_alone_are_one_cohort_where_absent_sites_are_reference(make_file, normalise):
    rows = [(5, "A", "G", None, "0/1:30:99", "0/0:30:99"), (15, "C", "T", None, "0/0:30:99", "./.:30:99")]
    rows += [(25, "G", "A", None, "0/0:30:99", "1/1:30:99")]
    whole, _ = normalise([make_file("a.vcf", ["S1", "S2"], rows)], ["S1", "S2"], absent_sites="reference")
    own = [
        [(pos, ref, alt, None, cells[n]) for pos, ref, alt, _, *cells in rows if not cells[n].startswith("0/0")]
        for n in (0, 1)
    ]
    files = [make_file(f"{n}.vcf", [f"S{n + 1}"], own[n]) for n in (0, 1)]
    merged, _ = normalise(files, ["S1", "S2"], absent_sites="reference")
    assert merged == whole
    missing, _ = normalise(files, ["S1", "S2"])
    assert missing == {(5, "A", "G"): ["0/1", "./."], (15, "C", "T"): ["./.", "./."], (25, "G", "A"): ["./.", "1/1"]}


def test_a_person_without_a_record_on_the_contig_is_not_refused(make_file, normalise, tmp_path):
    files = [
        make_file("1.vcf", ["S1"], [(5, "A", "G", None, "0/1:30:99")]),
        make_file("2.vcf", ["S2"], [(5, "A", "G", None, "0/1:30:99")], "chr2"),
    ]
    assert normalise(files, ["S1", "S2"])[0] == {(5, "A", "G"): ["0/1", "./."]}
    regions = dict.fromkeys(["S1", "S2"], bed(tmp_path, "chr1\t0\t20\nchr3\t0\t20\n"))
    assert normalise(files, ["S1", "S2"], callable=regions)[0] == {(5, "A", "G"): ["0/1", "0/0"]}
    found, _ = normalise(files, ["S1", "S2"], NEEDED, contig="chr3", callable=regions)
    assert found == {(5, "A", "."): ["0/0", "0/0"], (15, "C", "."): ["0/0", "0/0"]}


def test_scores_match_positions_that_evidence_gives(make_file, normalise):
    rows = [(1, "A", "<NON_REF>", 40, f"0/0:{GOOD}"), (50, "A", "G,<NON_REF>", None, f"0/1:{GOOD}")]
    needed = [(5, "A", "G"), (15, "C", "T"), (25, "GA", "G", "G")]  # the last an indel, matched by its alleles
    found, _ = normalise([make_file("a.vcf", ["S1"], rows)], ["S1"], needed)
    sites = pl.DataFrame([*found], schema=["pos", "ref", "alt"], orient="row").cast({"pos": pl.Int64})
    variants = [(5, "G", "A"), (15, "C", "T"), (25, "G", "GA"), (60, "A", "C")]
    table = [
        dict.fromkeys(SCORE_SCHEMA)
        | {"score": "P", "line": n, "pos": pos, "effect_allele": effect, "other_allele": other}
        for n, (pos, effect, other) in enumerate(variants)
    ]
    matched = match_contig(pl.DataFrame(table, schema=SCORE_SCHEMA), sites)
    assert matched["class"].to_list() == ["matched", "matched", "matched", "absent"]
    assert matched["dosage_of"].to_list() == ["alt", "ref", "alt", None]
    assert [found[key] for key in found] == [["0/0"], ["0/0"], ["0/0"], ["0/1"]]


def test_without_evidence_nothing_is_filled(make_file, normalise):
    path = make_file("a.vcf", ["S1"], [(15, "C", "T", None, "0/1:30:99")])
    for absent in ("missing", "reference"):
        assert normalise([path], ["S1"], NEEDED, absent_sites=absent)[0] == {(15, "C", "T"): ["0/1"]}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([(10, "A", ".", None, f"0/0:{GOOD}")], "./."),
        ([(10, "A", "G", None, f"0/0:{GOOD}")], "./."),
        ([(5, "A", "<NON_REF>", 10, f"0/0:{GOOD}")], "./."),
        ([(5, "A", "<NON_REF>", 11, f"0/0:{GOOD}")], "0/0"),
        ([(10, "AT", "A", None, f"0/0:{GOOD}")], "0/0"),
        ([(10, "A", "ATT", None, f"0/1:{GOOD}")], "0/0"),
    ],
)
def test_an_insertion_of_somebody_else_is_not_settled_by_its_anchor(make_file, normalise, own, expected):
    files = [make_file("a.vcf", ["S1"], [(10, "A", "AT", None, f"0/1:{GOOD}")]), make_file("b.vcf", ["S2"], own)]
    found, _ = normalise(files, ["S1", "S2"])
    assert found[10, "A", "AT"] == ["0/1", expected]


@pytest.mark.parametrize(
    ("alt", "cell", "expected"),
    [
        ("<DEL>", "0/1", "0/0?"),
        ("<DEL:ME>", "1/1", "0/0?"),
        ("<CN0>", "0/1", "0/0?"),
        ("<DEL>", "0/0", "0/0"),
        ("<DUP>", "0/1", "0/0"),
    ],
)
def test_a_genotype_under_a_carried_symbolic_deletion_is_in_doubt(make_file, normalise, alt, cell, expected):
    rows = [(10, "A", alt, 40, f"{cell}:{GOOD}"), (20, "A", "G", None, f"0/0:{GOOD}")]
    rows += [(41, "A", "G", None, f"0/0:{GOOD}")]
    found, _ = normalise([make_file("a.vcf", ["S1"], rows)], ["S1"])
    assert found == {(20, "A", "G"): [expected], (41, "A", "G"): ["0/0"]}
