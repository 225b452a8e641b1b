"""Reading scoring files: what is in them, and what is wrong with them, by file and line."""

import gzip

import pytest

from permed.errors import Fault
from permed.scoring_files import check_scoring_file, read_header, read_scores

PLAIN = "chr_name chr_position effect_allele other_allele effect_weight"
HARMONISED = f"rsID {PLAIN} hm_source hm_rsID hm_chr hm_pos"
HEADER = "###PGS CATALOG SCORING FILE\n#format_version=2.0\n#pgs_id=PGS9\n#pgs_name=Tall\n#genome_build=hg19\n"


@pytest.fixture
def write(tmp_path):
    def make(text, name="height.txt"):
        path = tmp_path / name
        content = text.encode() if isinstance(text, str) else text
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") and isinstance(text, str) else content)
        return path

    return make


def table(*rows):
    return "".join("\t".join("" if cell == "_" else cell for cell in row.split()) + "\n" for row in rows)


def test_a_harmonised_file_gives_positions_of_the_run_and_the_names_of_its_header(write):
    above = HEADER + "#HmPOS_build=GRCh38\n"
    rows = [HARMONISED, "rs1 1 100 a G 0.5 liftover rs1 1 200", "rs2 MT 7 C T -1e-3 Unknown _ _ _"]
    path = write(above + table(*rows), "PGS9_hmPOS_GRCh38.txt.gz")
    assert read_header(path)["pgs_name"] == "Tall"
    first, second = read_scores(path, "GRCh38").rows(named=True)
    assert (first["score"], first["line"], first["contig"], first["pos"]) == ("PGS9", 8, "chr1", 200)
    assert (first["effect_allele"], first["weight"], first["effect_type"]) == ("A", 0.5, "additive")
    assert first["not_scorable"] is None
    assert second["not_scorable"] == "the harmonisation found no position"
    assert [row["pos"] for row in read_scores(path, "GRCh37").rows(named=True)] == [100, 7]


def test_a_plain_file_is_named_by_itself_and_an_accession_names_row_by_row(write):
    plain = write(table(PLAIN, "chr2 5 A G 1"), "my.height.v2.txt")
    assert read_scores(plain, "GRCh38")["score"].to_list() == ["my.height.v2"]
    several = write(table(f"{PLAIN} effect_type accession", "2 5 A G 1 recessive S1", "2 6 A G 1 additive S2"))
    scores = read_scores(several, "GRCh38")
    assert scores["score"].to_list() == ["S1", "S2"]
    assert scores["effect_type"].to_list() == ["recessive", "additive"]


def test_effect_types_and_other_alleles(write):
    columns = f"{PLAIN} is_dominant is_recessive hm_inferOtherAllele"
    rows = ["1 1 A _ 1 True False G", "1 2 A . 1 FALSE TRUE G/T", "1 3 A C 1 _ _ G", "1 4 A C 1 TRUE TRUE _"]
    scores = read_scores(write(table(columns, *rows)), "GRCh38")
    assert scores["effect_type"].to_list()[:3] == ["dominant", "recessive", "additive"]
    assert scores["other_allele"].to_list() == ["G", None, "C", "C"]
    assert scores["not_scorable"].to_list() == [None, None, None, "both dominant and recessive"]


def test_rows_that_cannot_be_scored_are_told_apart_and_never_crash(write):
    columns = f"rsID {PLAIN} is_haplotype is_diplotype is_interaction is_dominant"
    rows = [
        "_ 6 _ HLA-DQB1*02:01 _ 1.194 FALSE _ _ _",
        "_ 6 _ HLA-A*24 _ 1.194 TRUE _ _ _",
        "_ 6 _ DR3/DR4 _ 1 _ TRUE _ _",
        "_ 6 _ A _ words TRUE _ _ _",
        "_ 6 5 A _ 1 TRUE _ _ _",
        "rs1 19 4 A G 1 _ 1 true _",
        "rs1;rs2 19 4;5 A;C G;T 1 TRUE _ _ TRUE",
        "rs2 1 _ A G 1 _ _ _ _",
        "rs3 1 9 A A 1 _ _ _ _",
        "rs4 MT 9 A G 1 _ _ _ _",
        "rs5 1 9 T - 1 _ _ _ _",
        "rs6 22_KI270879v1_alt 9 T C 1 _ _ _ _",
        "_ 19 4;5 A;C/G;T _ 1 _ TRUE _ _",
        "_ 19 4 A_x_C _ 1 _ _ TRUE _",
    ]
    assert read_scores(write(table(columns, *rows)), "GRCh38")["not_scorable"].to_list() == [
        "an HLA allele, which genotypes of single sites do not tell: HLA-DQB1*02:01",
        "an HLA allele, which genotypes of single sites do not tell: HLA-A*24",
        "diplotype of alleles that single sites do not tell: DR3/DR4",
        "haplotype without a position and alleles for each of its sites",
        "haplotype of a single site",
        "both diplotype and interaction",
        "several sites with an effect that is not additive",
        "no position",
        "effect and other allele are the same",
        "haploid on chrM",
        "allele is not of ACGT: -",
        "22_KI270879v1_alt is no chromosome of the primary assembly",
        "diplotype: its alleles on either chromosome differ at several sites, which needs their phase",
        "interaction without a position and alleles for each of its sites",
    ]


def test_lines_are_counted_over_header_blank_lines_and_windows_line_ends(write):
    text = f"\ufeff{HEADER}#HmPOS_build=GRCh37\n" + table(PLAIN, "1 5 A G 1") + "\n" + table("1 6 A G x")
    for version in (text, text.replace("\n", "\r\n")):
        (fault,) = check_scoring_file(write(version), "GRCh37")
        assert (fault.line, fault.fault) == (10, 'effect_weight "x" is not a number')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("#pgs_id=PGS1\n", "is empty"),
        (table(PLAIN), "there are no rows"),
        (table("rsID chr_name effect_allele", "rs1 1 A"), "columns are missing: effect_weight, chr_position"),
        (table("chr_name chr_position effect_allele", "1 5 A"), "the column is missing: effect_weight"),
        (table(PLAIN, "1 5 A G 1", "1 6 A G nan"), 'line 3: effect_weight "nan" is not a number'),
        (table(PLAIN, "1 5 A G _"), 'line 2: effect_weight "" is not a number'),
        (table(PLAIN, "1 5.5 A G 1"), 'line 2: the position "5.5" is not a positive integer'),
        (table(PLAIN, "21 46709984 A G 1"), "line 2: chr21:46709984 is beyond the end of the contig in GRCh38"),
        (table(PLAIN, "1 5 A G 1 more", "1 6 A G 1"), "line 2: 6 cells under 5 columns"),
        (HEADER + table(PLAIN, "1 5 A G 1"), "the run's build is GRCh38; genome_build is hg19. Take the file"),
        ("#genome_build=hg18\n" + table(PLAIN, "1 5 A G 1"), "genome_build is hg18"),
        (
            HEADER.replace("hg19", "NR") + "#HmPOS_build=GRCh37\n" + table(HARMONISED, "rs1 1 5 A G 1 _ _ 1 5"),
            "genome_build is NR, harmonised to GRCh37",
        ),
        (table("hm_chr hm_pos effect_allele effect_weight", "1 5 A 1"), "no #HmPOS_build above the table"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_remedy(write, text, message):
    path = write(text)
    faults = check_scoring_file(path, "GRCh38")
    assert message in str(faults[0])
    assert str(faults[0]).startswith(str(path)) and faults[0].remedy
    with pytest.raises(Fault):
        read_scores(path, "GRCh38")


def test_files_that_cannot_be_read(write, tmp_path):
    whole = gzip.compress(table(PLAIN, *["1 5 A G 1"] * 99).encode())
    for name, content, message in [
        ("a.txt.gz", table(PLAIN, "1 5 A G 1").encode(), "not compressed with gzip"),
        ("b.txt.gz", whole[:-20], "damaged or cut short"),
        ("c.txt.gz", whole[:30] + b"xxxx" + whole[34:], "damaged or cut short"),
    ]:
        assert message in str(check_scoring_file(write(content, name), "GRCh38")[0])
    assert "is not there" in str(check_scoring_file(tmp_path / "none.txt", "GRCh38")[0])
    assert "cannot be read" in str(check_scoring_file(tmp_path, "GRCh38")[0])


def test_many_wrong_weights_are_named_by_their_first_lines(write):
    faults = check_scoring_file(write(table(PLAIN, *["1 5 A G x"] * 10)), "GRCh38")
    assert [fault.line for fault in faults] == [2, 3, 4]
    assert faults[-1].fault.endswith("as in 7 lines below")


def test_a_build_that_is_not_reported_is_allowed(write):
    assert check_scoring_file(write(HEADER.replace("hg19", "NR") + table(PLAIN, "1 5 A G 1")), "GRCh38") == []


def test_files_of_the_catalog(shared):
    folder = shared / "real/prs/pygscatalog"
    scores = read_scores(folder / "harmonised/PGS000001_hmPOS_GRCh38.txt.gz", "GRCh38")
    assert len(scores) == 77 and scores["not_scorable"].null_count() == 77
    hla = read_scores(folder / "harmonised/complex_variants_PGS004239.txt", "GRCh37")
    assert hla["not_scorable"].is_not_null().sum() == 9
    structured = read_scores(folder / "structured/PGS001229_hmPOS_GRCh38.txt.gz", "GRCh38")
    assert structured["score"].unique().to_list() == ["PGS001229"] and len(structured) == 51209
