"""A table of later changes of the definitions changes what it says and nothing else; what contradicts is named."""

import copy

import pytest

from permed.errors import Fault
from permed.pharmacogenes.releases.answers import read_newer, read_newer_phenotypes
from permed.pharmacogenes.releases.importer import Newer, import_definitions
from permed.pharmacogenes.releases.updates import COLUMNS, update_definitions


def site(pos, ref, *alts):
    return {
        "chromosome": "chr1",
        "position": pos,
        "rsid": f"rs{pos}",
        "ref": ref,
        "alts": list(alts),
        "chromosomeHgvsName": f"g.{pos}",
    }


def allele(name, *bases):
    return {"name": name, "alleles": list(bases), "reference": name == "*1"}


GENE = {
    "gene": "ABC1",
    "chromosome": "chr1",
    "version": "2025",
    "suballelesMap": {},
    "variants": [site(100, "A", "G"), site(300, "CT", "C", "CTT")],
    "namedAlleles": [allele("*1", "A", "CT"), allele("*2", "G", None), allele("*3", None, "CTT")],
}
RELEASE = {"change": "release"}
POSITION = {"change": "position", "pos": "200", "ref": "T", "alts": "C", "rsid": "rs200", "hgvs": "g.200T>C"}
NEW = {"change": "allele", "allele": "*4", "pos": "200", "base": "C"}


@pytest.fixture
def update(tmp_path):
    """Apply rows to a copy of the definitions above; gives the gene, the exemptions and what was withdrawn."""

    def run(*rows, gene="ABC1", version="2026"):
        path = tmp_path / "definition_updates.tsv"
        given = {"gene": gene, "source": "a source", "version": version, "licence": "its terms"}
        lines = ["\t".join((given | row).get(name, "") or "" for name in COLUMNS) for row in rows]
        path.write_text("\n".join(["\t".join(COLUMNS), *lines]) + "\n")
        genes, exemptions = {"ABC1": copy.deepcopy(GENE)}, {"ABC1": {"amp1Positions": [100]}}
        withdrawn = update_definitions(path, genes, exemptions)
        return genes, exemptions, withdrawn

    return run


def cells(gene):
    return {a["name"]: a["alleles"] for a in gene["namedAlleles"]}


def test_a_new_position_and_a_new_allele(update):
    genes, _, withdrawn = update(NEW, POSITION, RELEASE)  # in any order
    gene = genes["ABC1"]
    assert [v["position"] for v in gene["variants"]] == [100, 200, 300]
    expected = {"*1": ["A", "T", "CT"], "*2": ["G", None, None], "*3": [None, None, "CTT"], "*4": [None, "C", None]}
    assert cells(gene) == expected
    assert gene["variants"][1]["rsid"] == "rs200" and withdrawn == {"ABC1": set()}
    assert gene["version"] == "2026" and gene["provenance"] == ("a source", "2026", "its terms")


def test_another_alternate_of_a_known_position(update):
    more = {"change": "position", "pos": "100", "ref": "A", "alts": "G,T", "rsid": "rs100", "hgvs": "g.100"}
    genes, *_ = update(RELEASE, more, NEW | {"pos": "100", "base": "T"})
    assert genes["ABC1"]["variants"][0]["alts"] == ["G", "T"] and cells(genes["ABC1"])["*4"] == ["T", None]


def test_an_allele_that_admits_several_bases_and_one_that_is_withdrawn(update):
    wobble = {"change": "base", "allele": "*2", "pos": "300", "base": "CT,CTT"}
    genes, exemptions, withdrawn = update(
        RELEASE, wobble, {"change": "withdrawn", "allele": "*3"}, {"change": "amp_tier1", "pos": "300"}
    )
    assert cells(genes["ABC1"]) == {"*1": ["A", "CT"], "*2": ["G", "CT or CTT"]}
    assert withdrawn == {"ABC1": {"*3"}} and exemptions["ABC1"]["amp1Positions"] == [100, 300]


def test_a_new_gene(update):
    new = {"change": "gene", "allele": "reference", "contig": "chr5"}
    genes, *_ = update(new, POSITION, NEW | {"allele": "variant"}, gene="DEF2")
    assert genes["ABC1"] == GENE
    assert cells(genes["DEF2"]) == {"reference": ["T"], "variant": ["C"]}
    assert [a["reference"] for a in genes["DEF2"]["namedAlleles"]] == [True, False]
    assert genes["DEF2"]["chromosome"] == genes["DEF2"]["variants"][0]["chromosome"] == "chr5"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([RELEASE, POSITION, NEW | {"base": "G"}], r"G is no allele of 200 \(T>C\)"),
        ([RELEASE, NEW], "no position 200"),
        ([RELEASE, POSITION, NEW, NEW], "given twice"),
        ([RELEASE, POSITION, POSITION, NEW], "given twice"),
        ([RELEASE, RELEASE], "given twice"),
        ([RELEASE, POSITION], "no allele has C at 200"),
        ([RELEASE, NEW | {"allele": "*2", "pos": "300", "base": "C"}], r"\*2 is known already"),
        ([RELEASE, {"change": "base", "allele": "*9", "pos": "100", "base": "G"}], r"\*9 is not known already"),
        ([RELEASE, {"change": "base", "allele": "*2", "pos": "100", "base": "G"}], "has G at 100 already"),
        ([RELEASE, NEW | {"pos": "100", "base": "G"}], r"\*4 has the bases of \*2"),
        ([RELEASE, {"change": "withdrawn", "allele": "*9"}], "could be withdrawn"),
        ([RELEASE, {"change": "withdrawn", "allele": "*1"}], "could be withdrawn"),
        ([RELEASE, POSITION | {"pos": "300", "ref": "CT", "alts": "C"}], "takes away"),
        ([RELEASE, POSITION | {"pos": "100", "ref": "C", "alts": "G"}], "takes away"),
        ([RELEASE, POSITION | {"alts": "C,C"}, NEW], "not all different"),
        (
            [RELEASE, {"change": "position", "pos": "100", "ref": "A", "alts": "G", "rsid": "rs100", "hgvs": "g.100"}],
            "that already",
        ),
        ([RELEASE, {"change": "amp_tier1", "pos": "200"}], "no position 200"),
        ([POSITION, NEW], "no row release"),
        ([RELEASE, POSITION, NEW | {"version": "2027"}], "of 2026 by its first row, here of 2027"),
        ([RELEASE, {"change": "moved", "pos": "100"}], "'moved' is no change"),
        ([RELEASE, {"change": "allele", "allele": "*4"}], "no pos, base"),
        ([RELEASE | {"licence": ""}], "no licence"),
        ([{"change": "gene", "allele": "*1", "contig": "chr1"}], "ABC1 is known already"),
        ([RELEASE | {"gene": "XYZ9"}], "XYZ9 is unknown"),
    ],
)
def test_contradictions_are_named(update, rows, said):
    with pytest.raises(Fault, match=said) as raised:
        update(*rows)
    assert raised.value.file.endswith("definition_updates.tsv") and raised.value.remedy


def test_another_layout_is_refused(tmp_path):
    path = tmp_path / "definition_updates.tsv"
    path.write_text("gene\tchange\nABC1\trelease\n")
    with pytest.raises(Fault, match="the columns are not gene change"):
        update_definitions(path, {}, {})


def test_two_functions_or_phenotypes_for_one_thing_are_named(tmp_path):
    path = tmp_path / "function_updates.tsv"
    head, row = "gene\tallele\tfunction\tactivity_value\tsource\tversion\tlicence\n", "A\t*1\t{}\t\ts\tv\tl\n"
    path.write_text(head + row.format("No function") + row.format("Normal function"))
    with pytest.raises(Fault, match=r"line 3: A \*1 has two functions"):
        read_newer(path)
    path = tmp_path / "phenotype_updates.tsv"
    head = "gene\tfunction1\tfunction2\tactivity_score\tphenotype\tsource\tversion\tlicence\n"
    path.write_text(head + "A\tx\ty\t\tPoor\ts\tv\tl\n" + "A\ty\tx\t\tNormal\ts\tv\tl\n")
    with pytest.raises(Fault, match="line 3: A: two phenotypes"):
        read_newer_phenotypes(path)
    for odd in ("\t\t", "x\t\t1.0", "\ty\t1.0"):
        path.write_text(head + f"A\t{odd}\tPoor\ts\tv\tl\n")
        with pytest.raises(Fault, match="one or two functions, or a score"):
            read_newer_phenotypes(path)


def test_the_committed_tables_name_the_release_of_every_gene(tables):
    lines = (tables / "definition_updates.tsv").read_text().splitlines()
    genes = {line.split("\t")[0] for line in lines[1:] if line.split("\t")[1] in ("gene", "release")}
    assert genes == {line.split("\t")[0] for line in lines[1:]}
    assert {"CYP2C9", "CYP2D6", "CYP3A4", "CYP3A5", "NUDT15", "F2", "F5"} <= genes


def test_newer_answers_must_be_of_known_genes_and_functions(shared, tmp_path):
    source = shared / "real" / "pgx"
    files = source / "pharmcat_definitions"
    for name in ("alleles/ABCG2_translation.json", "phenotype/ABCG2.json", "alleles/exemptions.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((files / name).read_bytes())
    folders = tmp_path / "alleles", tmp_path / "phenotype", source / "pypgx_tables"
    path = tmp_path / "function_updates.tsv"
    path.write_text("gene\tallele\tfunction\tactivity_value\tsource\tversion\tlicence\nCYP9Z9\t*1\tx\t\ts\tv\tl\n")
    with pytest.raises(Fault, match="no definitions for CYP9Z9"):
        import_definitions(*folders, Newer(path))
    path = tmp_path / "phenotype_updates.tsv"
    head = "gene\tfunction1\tfunction2\tactivity_score\tphenotype\tsource\tversion\tlicence\n"
    path.write_text(head + "ABCG2\tNormal function\tBest function\t\tPoor\ts\tv\tl\n")
    with pytest.raises(Fault, match="ABCG2: a phenotype for Best function and Normal function, which no alleles have"):
        import_definitions(*folders, Newer(phenotypes=path))
    path.write_text(head + "ABCG2\tNormal function\tNormal function\t\tBest\ts\tv\tl\n")
    frame = import_definitions(*folders, Newer(phenotypes=path))["phenotypes"]
    assert frame.filter(version="v").select("function1", "phenotype").rows() == [("Normal function", "Best")]
    assert frame.height == 3
