"""Agreement with the reference implementation on the cases of its own tests, each with its own options."""

import pytest

from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.reading.files import read_genotypes
from permed.tables import read_table

# Cases whose answer is another, and why ours is meant. All are of the research mode that combines alleles, which never
# gives a call here.
ARGUED = {
    # Its research mode calls NAT2 although a position is missing that it requires otherwise.
    ("NamedAlleleMatcherTest.requiredPosition.0156", "NAT2"): {"diplotypes"},
    # Half a genotype is written as an unknown change of the strand; here it is no evidence of anything.
    ("NamedAlleleMatcherTest.testPartialMissingAllele_combination1.0161", "CYP2B6"): {"diplotypes"},
    # Combinations are listed where both strands are known; without phase it lays out every arrangement.
    ("NamedAlleleMatcherTest.testCombo3WithPhaseSet.0163", "CYP2B6"): {"diplotypes"},
    ("NamedAlleleMatcherTest.sortException.0194", "CYP2B6"): {"diplotypes"},
    ("NamedAlleleMatcherTest.sortException.0194", "CYP2D6"): {"diplotypes"},
    # An allele whose positions all belong to a larger one that fits is not combined; the change is named instead.
    ("NamedAlleleMatcherTest.testNat2Combination.0184", "NAT2"): {"diplotypes"},
    # A record whose REF is longer than the definition's and agrees with it is evidence of the reference base.
    ("NamedAlleleMatcherTest.sortException.0194", "RYR1"): {"positions_present"},
    # TPMT counts an unknown alternate as reference; its research mode does not.
    ("PipelineTest.testUndocumentedVariationsWithTreatAsReferenceAndCombo.0213", "TPMT"): {"diplotypes"},
}


@pytest.fixture(scope="module")
def genes(genes_of_2025):
    """The reference implementation answered from this release; what later ones change is in test_later_release.py."""
    return genes_of_2025


@pytest.fixture(scope="module")
def cases(shared):
    rows = read_table(shared / "real" / "pgx" / "pharmcat_cases.tsv").fill_null("")
    return list(rows.iter_rows(named=True))


def test_every_case_has_the_answer_of_the_reference_implementation(
    shared, cases, genes, normalise, unordered, tmp_path
):
    normalised, different = {}, {}
    for row in cases:
        if row["vcf"] not in normalised:
            normalised[row["vcf"]] = normalise(tidied(shared / "real" / "pgx" / row["vcf"], tmp_path))
        gene, sample = genes[row["gene"]], [row["sample"]]
        genotypes = read_genotypes([normalised[row["vcf"]]], gene, sample, absent_sites="missing")
        ours = call_gene(gene, sample, genotypes).row(0, named=True)
        if columns := differences(ours, row, unordered):
            different[row["case"], row["gene"]] = columns
    assert len(cases) == 190
    assert different == ARGUED


def test_every_case_of_the_standard_mode_agrees(cases):
    modes = {(row["case"], row["gene"]): row["mode"] for row in cases}
    assert {modes[key] for key in ARGUED} == {"combinations"}
    assert list(modes.values()).count("standard") > 150


def differences(ours, theirs, unordered) -> set[str]:
    """The columns in which a call is not the answer of a case; a case names either diplotypes or haplotypes."""
    pairs = {"positions_present": (ours["positions_present"], int(theirs["n_positions_present"]))}
    if theirs["expected_haplotypes_unphased_lowest_function"]:
        listed = sorted(theirs["expected_haplotypes_unphased_lowest_function"].split(" | "))
        pairs["haplotypes"] = (sorted(ours["alleles_found"].split("; ")), listed)
    else:
        pairs["diplotypes"] = diplotypes(ours, theirs, unordered)
    if theirs["lookup_diplotype"]:
        pairs["lookup"] = (unordered(ours["lookup_diplotype"], " OR "), unordered(theirs["lookup_diplotype"], " | "))
    for column in ("phenotype", "activity_score"):
        pairs[column] = values(column, ours, theirs)
    return {name for name, (one, other) in pairs.items() if one != other}


def diplotypes(ours, theirs, unordered) -> tuple[set, set]:
    """What fits, ours and theirs: the best; also what fits less well or is combined where the case has it listed."""
    answer = "" if theirs["expected_diplotypes"] == "NO_CALL" else theirs["expected_diplotypes"]
    best = unordered(ours["diplotype"], " OR ")
    others = unordered(ours["alternatives"], "; ") | unordered(ours["research_combinations"], "; ")
    expected = unordered(answer, " | ")
    combining = theirs["mode"] == "combinations" and ours["state"] in ("no_call", "called")
    if theirs["top_candidate_only"] == "false" and ours["state"] in ("called", "multiple"):
        return best | others, expected
    if combining and best != expected and ours["alleles_found"] is None:
        return best | others, expected
    if theirs["top_candidate_only"] == "false":
        # Where missing positions leave doubt the alternatives are what those could give, not what fits less well.
        return best - expected, set()
    return best, expected


def values(column: str, ours, theirs) -> tuple[set, set]:
    """Phenotypes or scores, of what is looked up where the case says that; of DPYD else it says those of no pair."""
    looked_up = theirs[f"lookup_{column}"]
    answer = looked_up or theirs[f"expected_{column}"]
    if not answer.strip(" /") or (not looked_up and theirs["gene"] in ("DPYD", "RYR1")):
        return set(), set()
    if ours["state"] == "no_call" and theirs["expected_diplotypes"] == "NO_CALL":
        return set(), set()
    found, expected = set((ours[column] or "").split(" OR ")) - {""}, set(answer.split(" / ")) - {""}
    # Where all that fit are listed theirs has the phenotypes of all, ours those of the best.
    return (found - expected, set()) if theirs["top_candidate_only"] == "false" else (found, expected)


def tidied(path, folder):
    """A copy of an old case with the header lines that it lacks, records in order and no INFO."""
    lines = path.read_text().splitlines()
    header = [line for line in lines if line.startswith("##")]
    records = [line.split("\t") for line in lines if line and not line.startswith("#")]
    order = list(dict.fromkeys(fields[0] for fields in records))
    needed = {f"##contig=<ID={name}": f"##contig=<ID={name}>" for name in order}
    needed["##FORMAT=<ID=GT"] = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">'
    needed["##FORMAT=<ID=PS"] = '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">'
    header += [line for start, line in needed.items() if not any(known.startswith(start) for known in header)]
    records.sort(key=lambda fields: (order.index(fields[0]), int(fields[1])))
    body = ["\t".join([*fields[:7], ".", *fields[8:]]) for fields in records]
    columns = next(line for line in lines if line.startswith("#CHROM"))
    copy = folder / path.name
    copy.write_text("\n".join([*header, columns, *body]) + "\n")
    return copy
