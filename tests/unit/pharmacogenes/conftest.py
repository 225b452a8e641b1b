"""Small VCFs over a gene's definition, and normalised copies of the shared ones."""

from pathlib import Path

import pysam.bcftools
import pytest

from permed.pharmacogenes.calling.gene import call_gene
from permed.pharmacogenes.definitions import load_genes
from permed.pharmacogenes.known import read_known
from permed.pharmacogenes.outside.hla import guided_alleles
from permed.pharmacogenes.outside.words import no_result_words
from permed.pharmacogenes.reading.files import read_genotypes
from permed.pharmacogenes.releases.importer import import_definitions
from permed.tables import write_table


@pytest.fixture(scope="session")
def tables(root) -> Path:
    """The committed tables."""
    return root / "resources" / "pharmacogenes"


@pytest.fixture(scope="session")
def genes(tables) -> dict:
    """Every gene by its name."""
    return {gene.name: gene for gene in load_genes(tables)}


@pytest.fixture(scope="session")
def tables_of_2025(shared, tmp_path_factory) -> Path:
    """The tables of the published files alone, release 2025-11-05, from which the reference implementation answered."""
    source, folder = shared / "real" / "pgx", tmp_path_factory.mktemp("2025")
    files = source / "pharmcat_definitions"
    for name, frame in import_definitions(files / "alleles", files / "phenotype", source / "pypgx_tables").items():
        write_table(frame, folder / f"{name}.tsv")
    return folder


@pytest.fixture(scope="session")
def genes_of_2025(tables_of_2025) -> dict:
    """Every gene of the release 2025-11-05 by its name."""
    return {gene.name: gene for gene in load_genes(tables_of_2025)}


@pytest.fixture(scope="session")
def paths(tables) -> list[Path]:
    """The tables as the steps are given them."""
    return sorted(tables.glob("*.tsv"))


@pytest.fixture(scope="session")
def known(paths):
    """The genes that calls made elsewhere may name."""
    return read_known(paths)


@pytest.fixture(scope="session")
def guided(paths):
    """The HLA alleles with guidance, by gene."""
    return guided_alleles(paths)


@pytest.fixture(scope="session")
def words(paths):
    """The words of callers for no result."""
    return no_result_words(paths)


@pytest.fixture
def call(genes, make_vcf):
    """Call one gene from the genotypes of its positions.

    ``given`` maps a position's name to a genotype, or to a list of (REF, ALT, genotype) records as they stand in a
    normalised file; positions that are not in it are ``rest``, or without a record where that is None.
    """

    def run(name, given=None, rest="0/0", absent_sites="missing", formats="GT", extra=(), contig=None):
        gene, given = genes[name], given or {}
        contig = contig or gene.contig
        rows = [(contig, pos, ref, alt, genotype) for pos, ref, alt, genotype in extra]
        for position in gene.positions:
            records = given.get(position.name, rest)
            if isinstance(records, str):
                records = [(position.ref, position.alts[0], records)]
            rows += [(contig, position.pos, ref, alt, genotype) for ref, alt, genotype in records or []]
        path = make_vcf(sorted(rows, key=lambda row: row[1]), contigs=[(contig, 250_000_000)], formats=formats)
        genotypes = read_genotypes([path], gene, ["S1"], absent_sites=absent_sites)
        return call_gene(gene, ["S1"], genotypes).row(0, named=True)

    return run


@pytest.fixture(scope="session")
def normalise(shared, tmp_path_factory):
    """Normalise a VCF as the workflow does and give the path of the indexed BCF."""
    folder = tmp_path_factory.mktemp("normalised")
    reference = shared / "real" / "pgx" / "grch38_pgx_sparse.fa.gz"

    def run(path: Path, *options: str) -> Path:
        to = folder / f"{path.parent.name}.{path.name}.bcf"
        common = ["-m", "-any", "-c", "w", "-f", str(reference), "-Ob", "-o", str(to)]
        pysam.bcftools.norm(*common, *options, str(path), catch_stdout=False)
        pysam.bcftools.index("-f", str(to), catch_stdout=False)
        return to

    return run


@pytest.fixture(scope="session")
def unordered():
    """A list of diplotypes as a set of unordered pairs; a strand with several alleles, ``[a + b]``, is one name."""

    def pairs(text: str | None, between: str) -> set[tuple[str, ...]]:
        found = set()
        for diplotype in (text or "").split(between):
            if diplotype:
                names, depth = [""], 0
                for letter in diplotype:
                    depth += (letter == "[") - (letter == "]")
                    if letter == "/" and not depth:
                        names.append("")
                    else:
                        names[-1] += letter
                found.add(tuple(sorted(names)))
        return found

    return pairs
