"""Agreement with the reference implementation on simulated genotypes, in every column of its answers."""

import pysam
import pytest

from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.reading.files import read_genotypes
from permed.tables import read_table

# Every answer of a variant, 2,400, is compared in every column that can be trusted; these are all that differ. Of a
# person with one X whose positions are mostly unread, several alleles fit: the reference implementation writes pairs
# of them, as for two copies of the gene, where one allele or the other is all that there can be.
DIFFERENT = {("f", "G6PD"): {"D046", "D050", "D085", "D102"}}
SINGLE_FILES = 12


@pytest.fixture(scope="module")
def genes(genes_of_2025):
    """The reference implementation answered from this release; what later ones change is in test_later_release.py."""
    return genes_of_2025


@pytest.fixture(scope="module")
def expected(shared):
    frame = read_table(shared / "real" / "pgx" / "differential" / "expected.tsv.gz").fill_null("")
    return {(row["variant"], row["sample"], row["gene"]): row for row in frame.iter_rows(named=True)}


def calls(genes, path, absent_sites="missing", only=None):
    with pysam.VariantFile(str(path)) as file:
        samples = list(file.header.samples)
    for name in only or [gene.name for gene in genes.values() if gene.contig != "chrM"]:
        genotypes = read_genotypes([path], genes[name], samples, absent_sites=absent_sites)
        yield from call_gene(genes[name], samples, genotypes).iter_rows(named=True)


def differences(row, theirs, unordered) -> list[str]:
    """The columns in which a call is not the reference implementation's answer."""
    status, untrusted = theirs["call_status"], theirs["untrusted"].split(",")
    pairs = {"positions_present": (row["positions_present"], int(theirs["positions_present"]))}
    pairs["missing_positions"] = (listed(row["missing_positions"]), int(theirs["missing_positions"]))
    pairs["undocumented_positions"] = (listed(row["undocumented_positions"]), int(theirs["undocumented_positions"]))
    pairs["effectively_phased"] = (str(row["phased"]).lower(), theirs["effectively_phased"])
    if status == "haplotypes":
        pairs["haplotype_matches"] = (sorted(row["alleles_found"].split("; ")), theirs["haplotype_matches"].split(";"))
    else:
        answer = theirs["source_diplotypes"] if status == "diplotype" else ""
        pairs["source_diplotypes"] = (unordered(row["diplotype"], " OR "), unordered(answer, ";"))
    looked_up = unordered(row["lookup_diplotype"], " OR "), unordered(theirs["recommendation_diplotypes"], ";")
    pairs["recommendation_diplotypes"] = looked_up
    for column in ("phenotype", "activity_score"):
        ours = set((row[column] or "").split(" OR ")) - {""}
        pairs[f"recommendation_{column}"] = (ours, several(theirs[f"recommendation_{column}"]))
        # Of the genes called from the variants of lowest function only what is looked up has a phenotype.
        if status == "diplotype" and row["gene"] not in ("DPYD", "RYR1"):
            pairs[column] = (ours, several(theirs[column]))
    trusted = {name: pair for name, pair in pairs.items() if name.removeprefix("recommendation_") not in untrusted}
    return [name for name, (ours, answer) in trusted.items() if name not in untrusted and ours != answer]


def listed(names: str | None) -> int:
    return len(names.split(",")) if names else 0


def several(text: str) -> set[str]:
    return {value for part in text.split(";") for value in part.split("|")} - {""}


@pytest.fixture(scope="module")
def together(shared, normalise, tmp_path_factory):
    """The files of one person each as one file: who has no record there has a missing genotype."""
    files = sorted((shared / "real" / "pgx" / "differential" / "f").glob("*.vcf.gz"))
    path = tmp_path_factory.mktemp("together") / "f.vcf.gz"
    pysam.bcftools.merge("-Oz", "-o", str(path), *map(str, files), catch_stdout=False)
    return path


@pytest.mark.parametrize("variant", "abcdefg")
def test_agrees_with_the_reference_implementation(shared, genes, expected, normalise, unordered, together, variant):
    path = normalise(together if variant == "f" else shared / "real" / "pgx" / "differential" / f"{variant}.vcf.gz")
    different = {}
    rows = list(calls(genes, path))
    for row in rows:
        if columns := differences(row, expected[variant, row["sample"], row["gene"]], unordered):
            different.setdefault(row["gene"], {})[row["sample"]] = columns
    assert len(rows) == 2400
    found = {(variant, gene): set(people) for gene, people in different.items()}
    argued = {key: people for key, people in DIFFERENT.items() if key[0] == variant}
    assert found == argued, table(different)


def test_nearly_all_answers_agree(genes):
    """The shares that follow from what differs: 99.5 % in each variant, and 96 % of each gene in it."""
    for (_, gene), people in DIFFERENT.items():
        assert gene in genes and len(people) / 120 < 0.04 and len(people) / 2400 < 0.005


def table(different: dict) -> str:
    """By gene, the share of the 120 people whose answers are the same, and the columns that differ."""
    rows = []
    for gene, people in sorted(different.items()):
        columns = sorted({column for of in people.values() for column in of})
        rows.append(f"{gene:8} {100 * (1 - len(people) / 120):5.1f} % {', '.join(columns)}; {', '.join(people)}")
    return "\n".join(["differs in", *rows])


def test_agrees_on_files_of_variants_only(shared, genes, expected, normalise, unordered):
    folder = shared / "real" / "pgx" / "differential" / "f"
    for path in sorted(folder.glob("*.vcf.gz"))[:SINGLE_FILES]:
        for row in calls(genes, normalise(path)):
            theirs = expected["f", row["sample"], row["gene"]]
            assert differences(row, theirs, unordered) == [], (row["sample"], row["gene"])


def test_variants_only_never_settle_on_reference(shared, genes, normalise):
    folder = shared / "real" / "pgx" / "differential" / "f"
    for path in sorted(folder.glob("*.vcf.gz"))[:SINGLE_FILES]:
        for row in calls(genes, normalise(path)):
            gene = genes[row["gene"]]
            reference = gene.alleles[gene.reference].shown
            if row["state"] == "called" and row["positions_present"] < row["positions"]:
                assert reference not in row["diplotype"].split("/"), (row["sample"], row["gene"])


def test_no_diplotype_is_called_that_was_not_laid_down(shared, genes, normalise, unordered):
    """A call on data with gaps is the simulated truth, or one that explains the same complete genotypes better."""
    source = shared / "real" / "pgx" / "differential"
    truth = read_table(source / "laid_down.tsv.gz").fill_null("")
    laid = {(r["sample"], r["gene"]): f"{r['allele1']}/{r['allele2']}".rstrip("/") for r in truth.iter_rows(named=True)}
    complete = {(r["sample"], r["gene"]): r["diplotype"] for r in calls(genes, normalise(source / "b.vcf.gz"))}
    wrong = []
    for row in calls(genes, normalise(source / "c.vcf.gz")):
        key = row["sample"], row["gene"]
        accepted = unordered(laid[key], " OR ") | unordered(complete[key], " OR ")
        if row["state"] == "called" and not unordered(row["diplotype"], " OR ") <= accepted:
            wrong.append((*key, row["diplotype"], laid[key]))
    assert wrong == []
