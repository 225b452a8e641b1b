"""Three real genomes against the reference implementation and the consensus of the laboratories."""

import pytest

from call_pharmacogenes import call_pharmacogenes
from permed.tables import read_table

SAMPLES = ["NA18526", "NA18565", "NA18861"]
# The consensus writes numbers without stars, *1B for what is now *1, and *9 of this gene for c.85T>C alone. One
# sample's SLCO1B1 is settled by no laboratory; copy number of CYP2D6 cannot be seen in small variants.
SAME = {"1B": "1", ("DPYD", "9"): "c.85T>C (*9A)", ("DPYD", "1"): "Reference"}
NOT_COMPARED = {"CYP2D6", "G6PD", ("NA18861", "CYP4F2")}
# The release of 2026 has the variant with three or four repeats as *3 and no *2 any more; the reference implementation
# and the laboratories answered by earlier ones.
NOW = {("NUDT15", "*2"): "*3"}


@pytest.fixture(scope="module")
def calls(shared, root, normalise, tmp_path_factory):
    """Calls by sample and gene, for each meaning of absent sites."""
    source = shared / "real" / "pgx"
    folder = tmp_path_factory.mktemp("genomes")
    regions: dict[str, list[str]] = {}
    for line in (source / "pharmcat_definitions" / "pharmcat_regions.bed").read_text().splitlines():
        contig, start, end = line.split("\t")[:3]
        regions.setdefault(contig, []).append(f"{contig}:{int(start) - 50}-{int(end) + 50}")
    paths = {path.name.split(".")[1]: path for path in source.glob("getrm3_1kg30x_grch38/*.vcf.gz")}
    files = [normalise(path, "-r", ",".join(regions[contig])) for contig, path in sorted(paths.items())]
    agreed = folder / "consent.txt"
    agreed.write_text("\n".join(SAMPLES) + "\n")
    found = {}
    for absent in ("missing", "reference"):
        to = folder / f"{absent}.parquet"
        tables = sorted((root / "resources" / "pharmacogenes").glob("*.tsv"))
        options = {"absent_sites": absent, "contigs": sorted(paths), "genes": ["all"]}
        call_pharmacogenes(files, agreed, tables, calls=to, **options)
        found[absent] = {(row["sample"], row["gene"]): row for row in read_table(to).iter_rows(named=True)}
    return found


@pytest.mark.parametrize(("absent", "source"), [("missing", "absent sites left missing"), ("reference", "set to 0/0")])
def test_diplotypes_are_those_of_the_reference_implementation(shared, calls, unordered, absent, source):
    theirs = read_table(shared / "real" / "pgx" / "pharmcat_calls.tsv").fill_null("")
    rows = [row for row in theirs.iter_rows(named=True) if source in row["source"]]
    assert len(rows) >= 57
    for row in rows:
        answer = "" if row["diplotypes"] == "NO_CALL" else row["diplotypes"].replace(" | ", ";")
        found = calls[absent][row["sample"], row["gene"]]["diplotype"]
        theirs = {tuple(NOW.get((row["gene"], name), name) for name in pair) for pair in unordered(answer, ";")}
        assert unordered(found, " OR ") == theirs, (row["sample"], row["gene"])


def test_calls_with_absent_sites_as_reference_are_the_consensus(shared, calls, unordered):
    truth = read_table(shared / "real" / "pgx" / "getrm_truth.tsv").fill_null("")
    compared = 0
    for row in truth.iter_rows(named=True):
        sample, gene = row["sample"], row["gene"]
        found = calls["reference"].get((sample, gene))
        if found is None or {gene, (sample, gene)} & NOT_COMPARED or row["ambiguous"] == "yes":
            continue
        names = [SAME.get(name, name) for name in (row["updated_diplotype"] or row["truth_diplotype"]).split("/")]
        names = [SAME.get((gene, name), f"*{name}") for name in names]
        names = [NOW.get((gene, name), name) for name in names]
        assert found["state"] == "called", (sample, gene)
        assert unordered(found["diplotype"], " OR ") == unordered("/".join(names), " OR "), (sample, gene)
        compared += 1
    assert compared >= 20


def test_without_evidence_nobody_is_reference(calls, genes):
    unread = 0
    for (_, name), row in calls["missing"].items():
        if name not in genes:
            assert row["state"] == "not_assessable", name  # HLA types are in no variants
            continue
        gene = genes[name]
        reference = gene.alleles[gene.reference].shown
        if row["positions_present"] < row["positions"]:
            unread += 1
            assert row["state"] != "called" or reference not in row["diplotype"].split("/"), (row["sample"], name)
    assert unread > 40


def test_contigs_that_were_not_looked_at_are_missing(calls):
    for sample in SAMPLES:
        for gene in ("NAT2", "G6PD"):
            row = calls["reference"][sample, gene]
            assert (row["state"], row["diplotype"], row["positions_present"]) == ("not_assessable", None, 0)
