"""Other callers' output, in lines as their own pages and tests show them (docs/outside_calls.md says which)."""

import json

import pytest

from permed.errors import Fault
from permed.pharmacogenes.outside.files import read_outside
from permed.pharmacogenes.outside.formats import NAMES, read_format


@pytest.fixture
def read(tmp_path, known, guided, words):
    """Read a file of some people; ``of`` is the person of its name. Calls by (sample, gene) as text."""

    def run(text, wanted=("S1",), of="", name="calls.tsv", form="auto"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        found = read_outside([(path, of)], list(wanted), known, guided, words, form)
        told = {}
        for call in found.calls:
            shown = "/".join(" + ".join(strand) for strand in call.strands) or "/".join(t.name for t in call.typed)
            shown = shown or (f"none: {call.no_result}" if call.no_result else f"unread: {call.unread.split('.')[0]}")
            told.setdefault((call.sample, call.gene), []).append(shown)
        return told, found

    return run


CYRIUS = """\
Sample\tGenotype\tFilter
S1\t*1/*4\tPASS
S2\tNone\tNot_assigned_to_haplotypes
S3\t*1/*46;*43/*45\tMore_than_one_possible_genotype
S4\t*1_*2_*68\tNot_assigned_to_haplotypes
S5\t*2x4/*4\tLowQ_high_CN
S6\tNone\tNone
"""


def test_cyrius(read):
    told, found = read(CYRIUS, wanted=["S1", "S2", "S3", "S4", "S5", "S6"])
    assert told == {
        ("S1", "CYP2D6"): ["*1/*4"],
        ("S2", "CYP2D6"): ["none: None"],
        ("S3", "CYP2D6"): ["*1/*46", "*43/*45"],
        ("S4", "CYP2D6"): ["unread: the alleles of *1_*2_*68 are not assigned to the two chromosomes"],
        ("S5", "CYP2D6"): ["*2x4/*4"],
        ("S6", "CYP2D6"): ["none: None"],
    }
    doubted = [(call.sample, call.said) for call in found.calls if call.doubted]
    assert doubted == [("S5", ("Cyrius marks it LowQ_high_CN.",))] and not found.faults
    assert [call.line for call in found.calls] == [2, 3, 4, 4, 5, 6, 7]


PYPGX = """\
\tGenotype\tPhenotype\tHaplotype1\tHaplotype2\tAlternativePhase\tVariantData\tCNV
S1\t*1/*21\tIntermediate Metabolizer\t*21;*2;\t*1;\t;\t*21:22-42524213-C-CG:0.378;*2:default;\tNormal
S2\t*2x2/*71\tIndeterminate\t*71;*1;\t*2;\t;\t*71:22-42526669-C-T:0.433;*2:default;\tDuplication
S3\tIndeterminate\tIndeterminate\t*1;\t*1;\t;\t*1:22-42522613-G-C,22-42523943-A-G:1.0,1.0;\tUnknown1
"""


def test_pypgx_has_its_gene_in_the_files_name(read):
    told, found = read(PYPGX, wanted=["S1", "S2", "S3"], name="grch37-CYP2D6-results.tsv")
    assert told == {
        ("S1", "CYP2D6"): ["*1/*21"],
        ("S2", "CYP2D6"): ["*2x2/*71"],
        ("S3", "CYP2D6"): ["none: Indeterminate"],
    }
    assert [call.phenotype for call in found.calls] == ["Intermediate Metabolizer", None, None]
    (fault,) = read(PYPGX, wanted=["S1", "S2"])[1].faults
    assert "name no gene" in fault.fault and fault.remedy


ALDY = """\
#Sample\tGene\tSolutionID\tMajor\tMinor\tCopy\tAllele\tLocation\tType\tCoverage\tEffect\tdbSNP\tCode\tStatus
#Solution 1: *1 +42528223:SNP.GA, *4AW, *4N -42522391:SNP.GA
S1\tCYP2D6\t1\t*1/*4+*4\t1;4AW;4N\t0\t1\t42528223\tSNP.GA\t-1\tNEUTRAL\trs28588594\t-1426:C>T
S1\tCYP2D6\t1\t*1/*4+*4\t1;4AW;4N\t1\t4AW\t42522391\tSNP.GA\t-1\tNEUTRAL\trs28371738\t4401:C>T
#Solution 2: *1, *4AW +42528223:SNP.GA, *4N -42522391:SNP.GA
S1\tCYP2D6\t2\t*1/*4+*4\t1;4AW;4N\t0\t1
"""


def test_aldy_has_a_line_for_each_variant_and_solutions_that_may_differ(read):
    assert read(ALDY)[0] == {("S1", "CYP2D6"): ["*1/*4x2"]}
    two = ALDY.replace("S1\tCYP2D6\t2\t*1/*4+*4", "S1\tCYP2D6\t2\t*4/*1+*4")
    assert (
        read(two)[0] == {("S1", "CYP2D6"): ["*1/*4x2", "*4/*1 + *4"]} or read(two)[0][("S1", "CYP2D6")][0] == "*1/*4x2"
    )
    told, found = read(ALDY.replace("*1/*4+*4", "*10/*36.ALDY+*10"))
    assert told == {("S1", "CYP2D6"): ["*10/*36 + *10"]} and found.calls[0].doubted
    novel = read(ALDY.replace("*1/*4+*4", "*2/*41+rs368858603"))[0]
    assert novel == {("S1", "CYP2D6"): ["unread: CYP2D6 has no allele *41+rs368858603"]}
    assert read(ALDY.split("\n")[0] + "\n")[1].empty


STELLARPGX = """\
S1\t*71/*2x2
S2\t[*1/*31]\tPossible novel allele or suballele present: interpret with caution
S3\tNo_call
"""


def test_stellarpgx_is_read_where_it_is_named(read):
    told, found = read(STELLARPGX, wanted=["S1", "S2", "S3"], name="cyp2d6_summary.txt", form="stellarpgx")
    assert told == {
        ("S1", "CYP2D6"): ["*71/*2x2"],
        ("S2", "CYP2D6"): ["*1/*31"],
        ("S3", "CYP2D6"): ["none: No_call"],
    }
    assert [call.doubted for call in found.calls] == [False, True, False]
    assert "Possible novel allele" in found.calls[1].said[0]


OPTITYPE = """\
\tA1\tA2\tB1\tB2\tC1\tC2\tReads\tObjective
0\tA*31:01\tA*68:03\tB*57:01\tB*35:01\tC*07:02\tC*07:02\t10191.0\t9915.832999999959
1\tA*31:01\tA*68:03\tB*57:02\tB*35:01\tC*07:02\tC*07:02\t10191.0\t9900.1
"""


def test_optitype(read):
    told, found = read(OPTITYPE)
    assert told == {("S1", "HLA-A"): ["*31:01/*68:03"], ("S1", "HLA-B"): ["*57:01/*35:01"]}
    assert [*found.unknown.values()] == [["HLA-C"]]
    few = "\tA1\tA2\tB1\tB2\tC1\tC2\tReads\tObjective\n0\t\t\tB*57:01\t\tC*06:04\tC*06:04\t4.0\t3.99\n"
    assert read(few)[0] == {("S1", "HLA-A"): ["none: ./."], ("S1", "HLA-B"): ["*57:01"]}
    equal = OPTITYPE.replace("9900.1", "9915.832999999959")
    assert read(equal)[0]["S1", "HLA-B"] == ["*57:01/*35:01", "*57:02/*35:01"]


HLA_HD = """\
A\tHLA-A*24:02:01\tHLA-A*33:03:01
B\tHLA-B*58:01:01\t-
C\tHLA-C*03:02:01\tHLA-C*04:01:01
DRB1\tNot typed\tNot typed
"""


def test_hla_hd(read):
    told, found = read(HLA_HD)
    assert told == {("S1", "HLA-A"): ["*24:02:01/*33:03:01"], ("S1", "HLA-B"): ["*58:01:01/*58:01:01"]}
    assert [*found.unknown.values()] == [["HLA-C", "HLA-DRB1"]]
    candidates = "B\tHLA-B*58:01:01\tHLA-B*15:01:01\tHLA-B*57:01:01\tHLA-B*15:01:01\nA\tNot typed\tNot typed\n"
    assert read(candidates)[0] == {
        ("S1", "HLA-B"): ["*58:01:01/*15:01:01", "*57:01:01/*15:01:01"],
        ("S1", "HLA-A"): ["none: Not typed/Not typed"],
    }


ARCASHLA = '{"A": ["A*01:01:01", "A*03:01:01"],\n "B": ["B*39:01:01"],\n "DRB1": ["DRB1*10:01:01", "DRB1*14:02:01"]}\n'


def test_arcashla(read):
    told, found = read(ARCASHLA, name="S1.genotype.json")
    assert told == {("S1", "HLA-A"): ["*01:01:01/*03:01:01"], ("S1", "HLA-B"): ["*39:01:01"]}
    assert [call.line for call in found.calls] == [1, 2]


STARPHASE = {
    "pbstarphase_version": "0.8.0-fa50d82",
    "database_metadata": {"cpic_version": "API-2023-12-19T16:11:50.938951041Z"},
    "gene_details": {
        "CYP4F2": {"diplotypes": [{"hap1": "*5", "hap2": "*4", "diplotype": "*5/*4"}]},
        "CYP2B6": {"diplotypes": [{"diplotype": "*1/*6"}, {"diplotype": "*4/*9"}]},
        "CYP2D6": {"diplotypes": [{"diplotype": "*4.001+*68/*4.001"}]},
        "CYP2C19": {"diplotypes": [{"diplotype": "NO_READS/NO_READS"}]},
        "DPYD": {"diplotypes": []},
        "HLA-A": {"diplotypes": [{"diplotype": "01:01:01:01/26:01:01:01"}]},
    },
}


def test_starphase(read):
    told, found = read(json.dumps(STARPHASE, indent=2), name="S1.json")
    assert told == {
        ("S1", "CYP4F2"): ["*5/*4"],
        ("S1", "CYP2B6"): ["*1/*6", "*4/*9"],
        ("S1", "CYP2D6"): ["*4 + *68/*4"],
        ("S1", "CYP2C19"): ["none: NO_READS/NO_READS"],
        ("S1", "DPYD"): ["none: NO_MATCH/NO_MATCH"],
        ("S1", "HLA-A"): ["*01:01:01:01/*26:01:01:01"],
    }
    assert found.calls[0].line > 5


FILES = {
    "cyrius": CYRIUS,
    "pypgx": PYPGX,
    "aldy": ALDY,
    "optitype": OPTITYPE,
    "hla-hd": HLA_HD,
    "stellarpgx": STELLARPGX,
    "starphase": json.dumps(STARPHASE),
    "arcashla": ARCASHLA,
}


@pytest.mark.parametrize("name", NAMES)
def test_each_format_is_its_own_and_no_other(tmp_path, name):
    path = tmp_path / "x"
    assert read_format(FILES[name], path, name)
    for other in set(NAMES) - {name, "stellarpgx"}:
        with pytest.raises(Fault, match=f"not of the format {other}"):
            read_format(FILES[name], path, other)
    if name != "stellarpgx":
        assert read_format(FILES[name], path) == read_format(FILES[name], path, name)
    assert read_format(FILES[name], path, "pharmcat") is None


@pytest.mark.parametrize(
    "text",
    [
        "CYP2D6\t*1/*4\n",
        "S1\tCYP2D6\t*1/*4\n",
        "#gene\tdiplotype\nCYP2B6\tMultiple/Multiple\n",
        "HLA-B\t*57:01/*07:02\n",
    ],
)
def test_pharmcats_lines_are_taken_for_no_other_format(tmp_path, text):
    assert read_format(text, tmp_path / "x") is None


def test_json_of_no_format_is_refused(read):
    for text in ('{"sample": 1}', "[1, 2]", '{"A": '):
        (fault,) = read(text)[1].faults
        assert fault.remedy and ("no format" in fault.fault or "no JSON" in fault.fault)


def test_whose_a_file_is(read):
    """The person of the name counts for one sample under any name of the caller's, but not for another person's."""
    one = "Sample\tGenotype\tFilter\nS1.bam\t*1/*4\tPASS\n"
    assert read(one, wanted=["S1", "S2"], of="S1")[0] == {("S1", "CYP2D6"): ["*1/*4"]}
    assert read(CYRIUS, wanted=["S1", "S3"], of="S3")[0] == {("S3", "CYP2D6"): ["*1/*46", "*43/*45"]}
    (fault,) = read(one.replace("S1.bam", "S2"), wanted=["S1", "S2"], of="S1")[1].faults
    assert "named for S1, and holds S2" in fault.fault
    (fault,) = read(HLA_HD, wanted=["S1", "S2"])[1].faults
    assert "names no sample" in fault.fault
    told, found = read(CYRIUS, wanted=["S1", "S9"])
    assert [*told] == [("S1", "CYP2D6")] and found.others == {"S2", "S3", "S4", "S5", "S6"}
