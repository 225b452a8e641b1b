"""Without a FASTA array text is read where tables know the bases: never with a wrong REF, a wrong strand or a guess."""

import itertools
import random

import pysam
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permed.inputs.arrays import ArrayCalls, array_faults, place, read_array
from permed.inputs.convert import take_file
from permed.inputs.genotype_files import look
from permed.inputs.known_sites import OPEN, OUTSIDE, KnownTables, may_stay_open
from permed.variants import complement

CONTIGS = ["chr1", "chr2", "chrX", "chrM"]
POSITIONS = "gene\tcontig\tpos\tref\talts\trsid\tcontig37\tpos37\tref37\talts37\n"
ROWS = [
    "G\tchr1\t1000\tA\tG\trs1\tchr1\t1100\tG\tA\n",  # REF is another on the other build
    "G\tchr1\t2000\tC\tT,A\trs2\tchr1\t2100\tC\tT,A\n",
    "G\tchr1\t3000\tCTT\tC\trs3\tchr1\t3100\tCTT\tC\n",
    "G\tchr2\t4000\tA\tT\t\tchr2\t4100\tA\tT\n",
    "G\tchr2\t4500\tG\tA\trs45\t\t\t\t\n",  # not on GRCh37
    "M\tchrM\t1555\tA\tG\trsM\tchrM\t1555\tA\tG\n",
]
COMMON = "contig\tpos\tref\talt\taf\nchr1\t5000\tG\tA\t0.3\nchr2\t6000\tT\tC\t0.2\nchrX\t5000000\tC\tT\t0.2\n"
SCORE = "#genome_build=GRCh38\nrsID\tchr_name\tchr_position\teffect_allele\tother_allele\teffect_weight\n"
SCORE += "rs7\t1\t7000\tT\tC\t0.1\nrs8\t1\t7100\tA\tT\t0.1\nrs9\t1\t7200\tA\tAT\t0.1\nrs10\t1\t1000\tG\tA\t0.1\n"
SCORE += "rs11\t1\t5000\tC\tG\t0.1\nrs12\t1\t7300\tG\t\t0.1\n"


@pytest.fixture
def tables(tmp_path):
    def make(build: str = "GRCh38", **given) -> KnownTables:
        files = {"positions.tsv": POSITIONS + "".join(ROWS), "common.tsv": COMMON, "score.txt": SCORE}
        for name, text in files.items():
            (tmp_path / name).write_text(text.replace("GRCh38", build))
        own = {"positions": tmp_path / "positions.tsv", "common": tmp_path / "common.tsv"}
        return KnownTables(build, **own | {"scores": (tmp_path / "score.txt",)} | given)

    return make


def placed(tables: KnownTables, *rows):
    found, counts = place(ArrayCalls(rows=[(c, p, "rs0", a) for c, p, a in rows]), CONTIGS, tables.on(CONTIGS))
    return {(one.contig, one.pos): (one.alleles, one.genotype) for one in found}, counts


def test_what_the_tables_know_of_the_reference(tables):
    sites = tables().on(CONTIGS)
    assert [sites.bases("chr1", pos, pos) for pos in (999, 1000, 2000, 3000, 3002, 3003)] == [
        "",
        "A",
        "C",
        "C",
        "T",
        "",
    ]
    assert sites.bases("chr1", 3000, 3002) == "CTT" and sites.bases("chr1", 3000, 3003) == ""
    assert [sites.alternates("chr1", pos) for pos in (1000, 2000, 3000, 5000)] == ["G", "AT", "", "AC"]
    on_37 = tables("GRCh37").on(CONTIGS)
    assert (on_37.bases("chr1", 1100, 1100), on_37.bases("chr1", 1000, 1000)) == ("G", "")
    assert on_37.bases("chr2", 4500, 4500) == ""


def test_tables_that_contradict_each_other_tell_nothing(tables, tmp_path):
    made = tables()
    (tmp_path / "common.tsv").write_text(COMMON + "chr1\t1000\tT\tG\t0.2\n")
    assert made.on(CONTIGS).bases("chr1", 1000, 1000) == ""


@pytest.mark.parametrize(
    ("place", "letters", "found"),
    [
        (("chr1", 1000), "AA", (("A",), (0, 0))),
        (("chr1", 1000), "AG", (("A", "G"), (0, 1))),
        (("chr1", 1000), "GG", (("A", "G"), (1, 1))),
        (("chr1", 1000), "CT", (("A", "G"), (0, 1))),  # the other strand is the only way to read it
        (("chr1", 1000), "", (("A",), (-1, -1))),
        (("chr1", 1000), "TT", (("A",), (-1, -1))),  # another allele, or the other strand: nobody knows
        (("chr1", 1000), "CC", (("A",), (-1, -1))),
        (("chr1", 1000), "AC", (("A",), (-1, -1))),
        (("chr1", 2000), "AA", (("C", "A"), (1, 1))),
        (("chr1", 2000), "AT", (("C",), (-1, -1))),
        (("chr1", 5000), "CC", (("G", "C"), (1, 1))),  # the scoring file knows this alternate
        (("chr2", 4000), "TT", (("A", "T"), (1, 1))),
        (("chrM", 1555), "GG", (("A", "G"), (1,))),
        (("chrX", 5000000), "T", (("C", "T"), (1,))),
        (("chr1", 3000), "DI", (("C",), (-1, -1))),
    ],
)
def test_a_genotype_where_ref_is_known(tables, place, letters, found):
    assert placed(tables(), (*place, letters))[0].get(place) == found


def test_what_no_table_knows_is_left_out_and_counted(tables):
    found, counts = placed(tables(), ("chr1", 1001, "AA"), ("chr1", 999, "AG"), ("chr2", 9, ""), ("chr1", 1000, "AA"))
    assert set(found) == {("chr1", 1000)}
    assert (counts[OUTSIDE], counts["kept"]) == (3, 1)


def test_a_pair_of_a_scoring_file_without_ref_is_left_out_unless_nothing_takes_it_for_one(tables):
    rows = [("chr1", 7000, "CT"), ("chr1", 7100, "AT"), ("chr1", 7200, "AA"), ("chr1", 7300, "GG")]
    assert placed(tables(), *rows)[0] == {}
    found, counts = placed(tables(open_pairs=True), *rows)
    assert found == {("chr1", 7000): (("C", "T"), (0, 1))}, "no A/T, no indel, no allele without its other one"
    assert (counts[OPEN], counts[OUTSIDE]) == (1, 3)


@pytest.mark.parametrize(
    ("letters", "codes"),
    [
        ("CC", (0, 0)),
        ("TC", (0, 1)),
        ("TT", (1, 1)),
        ("", (-1, -1)),
        ("AG", (-1, -1)),
        ("GG", (-1, -1)),
        ("CA", (-1, -1)),
    ],
)
def test_a_genotype_of_an_open_pair_holds_both_alleles(tables, letters, codes):
    assert placed(tables(open_pairs=True), ("chr1", 7000, letters))[0] == {("chr1", 7000): (("C", "T"), codes)}


def test_several_pairs_at_a_place_tell_nothing(tables, tmp_path):
    (tmp_path / "more.txt").write_text(SCORE.split("rs7")[0] + "rs7\t1\t7000\tG\tC\t0.2\n")
    made = tables(open_pairs=True, scores=(tmp_path / "score.txt", tmp_path / "more.txt"))
    assert placed(made, ("chr1", 7000, "CC"))[0] == {}


def test_an_allele_stays_open_only_where_nothing_takes_it_for_the_reference():
    assert may_stay_open(["array", "array"], "missing", [None, None])
    assert may_stay_open(["bed"], "missing", [None])
    assert not may_stay_open(["array", "vcf"], "missing", [None])
    assert not may_stay_open(["array", "bed"], "missing", [None])
    assert not may_stay_open(["array"], "reference", [None])
    assert not may_stay_open(["array"], "missing", ["callable.bed"])


def test_markers_by_rsid_tell_the_build(tables):
    def faults(build_of_file, *rows):
        return array_faults("f.txt", ArrayCalls(build_of_file, list(rows)), "GRCh38", None, tables().on(CONTIGS))

    assert faults(None, ("chr1", 1000, "rs1", "AA")) == []
    (fault,) = faults(None, ("chr1", 1100, "rs1", "AA"), ("chr1", 2100, "rs2", "CC"))
    assert "where the other build has them" in fault.fault
    (fault,) = faults("GRCh38", ("chr1", 1100, "rs1", "AA"))
    assert "where the other build has them" in fault.fault, "whatever the file says"
    (fault,) = faults("GRCh37", ("chr1", 1000, "rs1", "AA"))
    assert "says that it is of GRCh37" in fault.fault
    (fault,) = faults(None, ("chr1", 77, "rs0", "AA"))
    assert "nothing tells of which build" in fault.fault and "# build 38" in fault.remedy
    assert faults("GRCh38", ("chr1", 77, "rs0", "AA")) == []


def test_a_file_of_the_other_strand_is_refused(tables):
    rows = [("chr1", 1000, "rs1", "CT"), ("chr1", 2000, "rs2", "TT"), ("chr1", 5000, "rs5", "TC")]
    assert array_faults("f.txt", ArrayCalls("GRCh38", rows), "GRCh38", None, tables().on(CONTIGS))
    turned = [(c, p, m, complement(a)) for c, p, m, a in rows]
    assert array_faults("f.txt", ArrayCalls("GRCh38", turned), "GRCh38", None, tables().on(CONTIGS)) == []


def test_a_file_is_taken_without_a_fasta_and_the_notes_say_what_is_left_out(tables, tmp_path):
    path = tmp_path / "Anna.txt"
    path.write_text(
        "# build 38\n# rsid\tchromosome\tposition\tgenotype\n"
        "rs1\t1\t1000\tAG\nrs2\t1\t2000\tCC\nrs5\t1\t4321\tAA\nrs45\t2\t4500\tAA\nrs7\t1\t7000\tTT\n"
    )
    looked = look(str(path), known=tables(open_pairs=True))
    assert looked.faults == []
    (note,) = [note for note in looked.notes if "without a reference" in note]
    assert "4 genotypes are read" in note and "1 markers elsewhere are left out" in note
    taken = tmp_path / "00000.Anna.bcf"
    done, _ = take_file(
        path, taken, tmp_path / "00000.Anna.bcf.csi", ["Anna"], CONTIGS, "GRCh38", known=tables(open_pairs=True)
    )
    with pysam.VariantFile(str(taken)) as file:
        found = [(r.chrom, r.pos, r.alleles, r.samples[0]["GT"]) for r in file]
    assert found == [
        ("chr1", 1000, ("A", "G"), (0, 1)),
        ("chr1", 2000, ("C",), (0, 0)),
        ("chr1", 7000, ("C", "T"), (1, 1)),
        ("chr2", 4500, ("G", "A"), (1, 1)),
    ]
    assert (done["counts"][OUTSIDE], done["counts"][OPEN]) == (1, 1)


@pytest.mark.parametrize("build", ["GRCh37", "GRCh38"])
def test_the_tables_that_ship_agree_with_each_other(root, build):
    """Each place has one REF, whichever table tells it, and it is none of its own alternates."""
    common = root / f"resources/quality/common_sites.{build}.tsv.gz"
    tables = KnownTables(build, root / "resources/pharmacogenes/positions.tsv", common)
    bases: dict[tuple[str, int], set[str]] = {}
    for contig, pos, ref, _ in itertools.chain(tables._definitions(), tables._common()):
        for n, base in enumerate(ref):
            bases.setdefault((contig, pos + n), set()).add(base)
    assert {place: found for place, found in bases.items() if len(found) > 1} == {}
    assert len(tables.sites) == len(bases) > 18_000
    assert len(tables.rsids) > 900


def test_the_tables_that_ship_have_the_reference_bases(root, shared):
    """Against the sequence of GRCh38 around the pharmacogenes."""
    path = shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz"
    tables = KnownTables(
        "GRCh38",
        root / "resources/pharmacogenes/positions.tsv",
        root / "resources/quality/common_sites.GRCh38.tsv.gz",
    )
    checked = 0
    with pysam.FastaFile(str(path)) as fasta:
        for (contig, pos), known in tables.sites.items():
            base = fasta.fetch(contig, pos - 1, pos).upper() if contig in fasta.references else "N"
            if base in ("A", "C", "G", "T"):
                assert base == known[0], (contig, pos)
                checked += 1
    assert checked > 1000


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_whatever_is_read_without_a_fasta_is_what_is_read_with_one(tmp_path_factory, seed):
    """With planted bases: each genotype that the tables give holds the person's alleles, or is missing."""
    source = random.Random(seed)
    folder = tmp_path_factory.mktemp("known")
    genome = {("chr1", pos): source.choice("ACGT") for pos in range(100, 160)}
    rows, calls, truth = [], [], {}
    for (contig, pos), ref in genome.items():
        alt = source.choice([base for base in "ACGT" if base != ref])
        pair = sorted(source.choices([ref, ref, alt], k=2))
        truth[contig, pos] = pair
        calls.append((contig, pos, "rs0", "".join(source.sample(pair, 2))))
        if source.random() < 0.5:
            rows.append(f"G\t{contig}\t{pos}\t{ref}\t{alt}\t\t\t\t\t\n")
    (folder / "p.tsv").write_text(POSITIONS + "".join(rows))
    lines = [SCORE.split("rs7")[0]]
    for (_, pos), ref in genome.items():
        if source.random() < 0.5:
            other = source.choice([base for base in "ACGT" if base != ref])
            effect, other = source.sample([ref, other], 2)
            lines.append(f"rs\t1\t{pos}\t{effect}\t{other}\t0.1\n")
    (folder / "s.txt").write_text("".join(lines))
    tables = KnownTables("GRCh38", folder / "p.tsv", None, (folder / "s.txt",), open_pairs=True)
    found, _ = place(ArrayCalls("GRCh38", calls), ["chr1"], tables.on(["chr1"]))
    assert len(found) >= len(rows)
    for one in found:
        if -1 not in one.genotype:
            assert sorted(one.alleles[code] for code in one.genotype) == truth[one.contig, one.pos]
        if not one.open:
            assert one.alleles[0] == genome[one.contig, one.pos]


def test_reading_keeps_what_the_file_says(tables, tmp_path):
    (tmp_path / "S1.txt").write_text("rsid\tchromosome\tposition\tgenotype\nrs1\t1\t1000\tAG\n")
    assert read_array(str(tmp_path / "S1.txt")).rows == [("chr1", 1000, "rs1", "AG")]
