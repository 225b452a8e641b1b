"""A small demo cohort, simulated once for all tests of the demo, in memory and as files."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from permed.demo.cohort import Demo, simulate
from permed.demo.files import write_cohort, write_gzip
from permed.demo.genes import to_gff3
from permed.demo.people import simulated_people
from permed.demo.pharmacogenes import read_definitions
from permed.demo.reference import write_reference
from permed.demo.scores import to_scoring_file
from permed.demo.truth import truth_tables
from permed.genome import lengths
from permed.tables import read_table

N_SITES = 2500


@dataclass(frozen=True)
class Files:
    """Where the written demo lies."""

    reference: Path
    cohort: Path
    genes: Path
    scores: dict[str, Path]


def draw(root: Path, seed: int = 1) -> Demo:
    """A small demo from the committed tables."""
    tables = [read_table(root / f"resources/pharmacogenes/{n}.tsv") for n in ("genes", "positions", "alleles")]
    tables.append(read_table(root / "resources/pharmacogenes/allele_variants.tsv"))
    people = simulated_people(read_table(root / "resources/demo/people.tsv"))
    return simulate(people, read_definitions(*tables), lengths("GRCh38"), seed, N_SITES)


def write(demo: Demo, folder: Path) -> Files:
    """Write everything but the truth."""
    reference, cohort, genes = folder / "reference.fa.gz", folder / "cohort.vcf.gz", folder / "genes.gff3.gz"
    write_reference(demo.islands, reference, folder / "reference.fa.gz.fai", folder / "reference.fa.gz.gzi")
    write_cohort(demo, cohort, folder / "cohort.vcf.gz.tbi")
    write_gzip(to_gff3(demo.genes, demo.lengths), genes)
    scores = {name: folder / f"{name}.txt.gz" for name in demo.scores}
    for name, path in scores.items():
        write_gzip(to_scoring_file(name, demo.scores[name]), path)
    return Files(reference, cohort, genes, scores)


@pytest.fixture(scope="session")
def demo(root) -> Demo:
    """The cohort in memory."""
    return draw(root)


@pytest.fixture(scope="session")
def truth(demo):
    """The truth tables."""
    return truth_tables(demo)


@pytest.fixture(scope="session")
def files(demo, tmp_path_factory) -> Files:
    """The cohort as files."""
    return write(demo, tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def redraw(root, tmp_path_factory):
    """Simulate and write the cohort anew, with a seed."""

    def again(seed: int) -> Files:
        return write(draw(root, seed), tmp_path_factory.mktemp("again"))

    return again
