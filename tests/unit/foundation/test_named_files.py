"""What the tests of faults look for: our own intermediate files, which no fault may name."""

import pytest

from permed.errors import Fault


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("results/variants/chr1.bcf: the file is cut off", ["results/variants/chr1.bcf"]),
        (
            'cohort.vcf.gz line 7: see "/tmp/x/results/variants/index/00000.vcf.gz".',
            ["/tmp/x/results/variants/index/00000.vcf.gz"],
        ),
        ("cohort.vcf.gz line 7: POS is 0. Correct the line", []),
        ("/tmp/x/file: results cannot be written: it is a file and no folder", []),
        ("results/scores/catalog/PGS1.txt.gz: its SHA-256 has changed. Remove it; it is downloaded again", []),
        ("results/samples/A1/report.html, sample A1: the report was changed after it was written", []),
        ("results/variants/chr22.bcf: it is cut short. Delete it and run again", []),
        ("results/annotation/sources/own.parquet: the database was built on GRCh37", []),
    ],
)
def test_our_own_files_are_found_and_the_users_are_not(ours_named, line, named):
    assert ours_named(line, given="built: results/annotation/sources/own.parquet") == named


def test_another_folder_of_results(ours_named):
    assert ours_named("second/genotypes/chr1.bed: it is cut off", "second") == ["second/genotypes/chr1.bed"]


def test_a_fault_that_names_what_the_configuration_names(named_by_user):
    named_by_user.append("built: results/annotation/sources/own.parquet")
    Fault("the database was built on GRCh37", "results/annotation/sources/own.parquet")
