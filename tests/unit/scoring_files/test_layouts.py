"""Scoring files of other programs, of R and of spreadsheet programs: the same rows, or the question which are meant."""

import gzip

import pytest

from permed.scoring_files import check_scoring_file, read_scoring_file
from permed.scoring_files.checks import check_scores

PLAIN = "chr_name chr_position effect_allele other_allele effect_weight"
GOOD = [("chr22", 20000000, "A", "G", 0.5), ("chr22", 20000100, "C", "T", -0.25)]
R = "\n".join([" ".join(f'"{name}"' for name in PLAIN.split()), '22 20000000 "A" "G" 0.5', '22 20000100 "C" "T" -0.25'])


def rows_of(path, columns=None):
    file = read_scoring_file(path, "GRCh38", columns=columns)
    assert not file.faults, file.faults
    return file.rows.select("contig", "pos", "effect_allele", "other_allele", "weight").rows()


def plain(table, contig="22"):
    return table(PLAIN, f"{contig} 20000000 A G 0.5", f"{contig} 20000100 C T -0.25")


def ldpred(weights="raw_beta ldpred_beta", values=("0.9 0.5", "0.8 -0.25")):
    head = f"chrom pos sid nt1 nt2 {weights}"
    text = [head, f"chrom_22 20000000 rs1 A G {values[0]}", f"chrom_22 20000100 rs2 C T {values[1]}"]
    return "\n".join(line.replace(" ", "    ") for line in text) + "\n"


SAME = {
    "R's write.table": R.replace(" ", "\t"),
    "R's write.table with blanks": R,
    "R's write.csv with row names": '"",' + R.replace(" ", ",").replace("\n22", '\n"1",22'),
    "CR line ends": R.replace(" ", "\t").replace("\n", "\r"),
    "a quoted header": '"#pgs_id=PGS1, of me"\n"#genome_build=GRCh38",,,,\n' + R.replace(" ", ","),
    "names in other cases": R.replace(" ", "\t").replace("effect_allele", "Effect_Allele").replace("chr_n", "CHR_N"),
    "names behind #": "#" + R.replace(" ", "\t").replace('"', ""),
    "UTF-16": R.replace(" ", "\t").encode("utf-16"),
    "gzip without the ending": gzip.compress(R.encode()),
    "PRS-CS": "22\trs1\t20000000\tA\tG\t5.0e-01\n22\trs2\t20000100\tC\tT\t-2.5e-01\n",
    "PRSice": "SNP CHR BP A1 A2 BETA\nrs1 22 20000000 A G 0.5\nrs2 22 20000100 C T -0.25\n",
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_rows_whoever_wrote_the_file(write, name):
    assert rows_of(write(SAME[name])) == GOOD


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        (ldpred(), {"effect_allele": "nt1", "other_allele": "nt2", "effect_weight": "ldpred_beta"}),
        ("chr pos a0 a1 beta b2\n22 20000000 G A 1 0.5\n22 20000100 T C 1 -0.25\n", {"effect_weight": "b2"}),
        ("chr pos A1 A2 beta\n22 20000000 A G 0.5\n22 20000100 C T -0.25\n", {"effect_weight": "beta"}),
        (
            "SNP CHR BP A1 A2 BETA SE P\nr1 22 20000000 A G 0.5 1 1\nr2 22 20000100 C T -0.25 1 1\n",
            {"effect_weight": "BETA"},
        ),
        (
            f"{PLAIN} mine\n22 20000000 A G 9 0.5\n22 20000100 C T 9 -0.25\n",
            {"effect_weight": "mine"},
        ),
        (
            "c p x y w\n22 20000000 A G 0.5\n22 20000100 C T -0.25\n",
            dict(zip(PLAIN.split(), "cpxyw", strict=True)),
        ),
    ],
)
def test_the_user_says_which_columns_are_meant(write, text, chosen):
    path = write(text, "weights.txt")
    assert rows_of(path, {"weights.txt": chosen}) == GOOD
    assert rows_of(path, {str(path): chosen}) == GOOD


@pytest.mark.parametrize(
    ("text", "words", "remedy"),
    [
        (
            ldpred(),
            "several columns of weights: raw_beta, ldpred_beta",
            "{weights.txt: {effect_allele: nt1, other_allele: nt2, effect_weight: ldpred_beta}}",
        ),
        ("chr pos a0 a1 beta_inf beta_auto\n22 5 G A 1 2\n", "several columns", "effect_weight: beta_auto}}"),
        ("chr pos a0 a1 beta\n22 5 G A 1\n", "effect_weight, which beta may be", "{effect_weight: beta}}"),
        (
            f"{PLAIN}_1 effect_weight_2\n22 5 A G 1 2\n",
            "effect_weight_1, effect_weight_2",
            "effect_weight: effect_weight_2",
        ),
        ("SNP CHR BP A1 A2 OR SE P\nr1 22 5 A G 1.1 1 1\n", "a study's summary statistics", "scores.train"),
        ("SNP CHR BP A1 A2 BETA OR\nr1 22 5 A G 0.1 1.1\n", "several columns of weights: BETA, OR", "scores.columns"),
        ("SNP A1 A2 BETA\nrs1 A G 0.5\n", "rsIDs and no positions", "harmonised to GRCh38"),
        ("CHR BP SNP P\n22 5 rs1 1\n", "columns are missing: effect_allele, effect_weight", "scores.columns"),
        (
            f"{PLAIN} OR HR\n".replace("effect_weight ", "") + "22 5 A G 1 2\n",
            "several columns of weights: OR, HR",
            "say",
        ),
    ],
)
def test_what_is_not_decided_is_asked(write, text, words, remedy):
    (fault,) = check_scoring_file(path := write(text, "weights.txt"), "GRCh38")
    assert words in fault.fault and remedy.lower() in fault.remedy.lower() and fault.file == str(path)


def test_what_the_fault_proposes_can_be_written_as_it_stands(write):
    yaml = pytest.importorskip("yaml")
    (fault,) = check_scoring_file(path := write(ldpred(), "weights.txt"), "GRCh38")
    chosen = yaml.safe_load(fault.remedy.partition("scores.columns: ")[2])
    assert rows_of(path, chosen) == GOOD


def test_a_column_of_ratios_is_no_weight_even_if_the_user_names_it(write):
    path = write("SNP CHR BP A1 A2 OR SE P\nr1 22 5 A G 1.1 1 1\n", "weights.txt")
    (fault,) = read_scoring_file(path, "GRCh38", columns={"weights.txt": {"effect_weight": "OR"}}).faults
    assert "its name is that of ratios" in fault.fault and "Name it as OR" in fault.remedy
    file = read_scoring_file(path, "GRCh38", columns={"weights.txt": {"OR": "OR"}})
    assert not file.faults and file.rows["weight"][0] == pytest.approx(0.0953, abs=1e-4) and "odds" in file.logarithms


def test_a_chosen_column_that_is_not_there_is_a_fault(write, table):
    path = write(plain(table))
    file = read_scoring_file(path, "GRCh38", columns={path.name: {"effect_weight": "weihgt"}})
    assert "no column weihgt" in file.faults[0].fault and "effect_weight" in file.faults[0].remedy
    faults, _ = check_scores([path], "GRCh38", columns={"other.txt": {}})
    assert "other.txt, which is no scoring file" in faults[0].fault


@pytest.mark.parametrize("build", ["GRCh38.p14", "hg38", "GRCh38/hg38", "GRCh38 (hg38)", "38", "b38", "grch38.P2"])
def test_a_build_is_known_with_its_patch(write, table, build):
    assert rows_of(write(f"#genome_build={build}\n{plain(table)}")) == GOOD


@pytest.mark.parametrize("build", ["GRCh37.p13", "hg19", "GRCh37/hg38", "hg18"])
def test_another_build_is_another_build(write, table, build):
    (fault,) = check_scoring_file(write(f"#genome_build={build}\n{plain(table)}"), "GRCh38")
    assert f"genome_build is {build}" in fault.fault


@pytest.mark.parametrize("contig", ["NC_000022.11", "nc_000022.11", "chrom_22", "CHR22"])
def test_chromosomes_under_other_names(write, table, contig):
    assert rows_of(write(plain(table, contig))) == GOOD


def test_an_accession_of_the_other_build_is_a_fault_with_its_line(write, table):
    faults = check_scoring_file(write(plain(table, "NC_000022.10")), "GRCh38")
    assert "NC_000022.10 is not one of GRCh38" in faults[0].fault and faults[0].line == 2


def test_an_authors_file_without_positions_points_to_the_harmonised_one(write, table):
    text = "#pgs_id=PGS000018\n#genome_build=GRCh37\n" + table("rsID effect_allele effect_weight", "rs1 A 1")
    (fault,) = check_scoring_file(write(text), "GRCh38")
    assert "PGS000018_hmPOS_GRCh38.txt.gz" in fault.remedy and "scores.catalog: [PGS000018]" in fault.remedy
    empty = table(f"rsID {PLAIN}", "rs1 _ _ A G 1", "rs2 _ _ C T 1")
    (fault,) = check_scoring_file(write(f"#pgs_id=PGS000018\n{empty}"), "GRCh38")
    assert "none of its variants has a position" in fault.fault and "PGS000018_hmPOS_GRCh38" in fault.remedy


def test_between_blanks_an_empty_cell_cannot_be_seen(write):
    (fault,) = check_scoring_file(write(f"{PLAIN}\n22  5  A    0.5\n"), "GRCh38")
    assert "4 cells under 5 columns" in fault.fault and fault.line == 2
