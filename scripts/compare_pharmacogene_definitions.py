"""Tell what another release of the pharmacogene definitions changes, in the tables and in a cohort's calls."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from call_pharmacogenes import call_pharmacogenes
from permed.errors import Fault
from permed.pharmacogenes.definitions import TABLES
from permed.pharmacogenes.releases.compare import compare_calls, compare_tables, read_release, summary
from permed.step import log, step
from permed.tables import read_table, write_table


def called(release: Path, **options) -> pl.DataFrame:
    """A cohort's calls by the tables of a release."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.parquet"
        call_pharmacogenes(tables=[release / f"{name}.tsv" for name in TABLES], calls=path, genes=["all"], **options)
        return read_table(path)


@step
def compare_pharmacogene_definitions(
    before: Path,
    after: Path,
    *,
    definitions: Path,
    changed_calls: Path | None = None,
    variants: list[Path] | None = None,
    consent: Path | None = None,
    contigs: list[str] | None = None,
    absent_sites: str = "missing",
    build: str = "GRCh38",
    set_aside: list[Path] | None = None,
) -> None:
    """Write what differs between the tables of two folders to ``definitions`` and say it in short on the log.

    With ``changed_calls`` the people in the list ``consent`` are called from the normalised files ``variants`` of
    ``contigs`` with either release, as ``call_pharmacogenes`` does, and the calls that differ are written there.
    """
    changes = compare_tables(read_release(before), read_release(after))
    write_table(changes, definitions)
    log.info("%d changes of the definitions", changes.height)
    for line in summary(changes):
        log.info("%s", line)
    if changed_calls is None:
        return
    if not (variants and consent and contigs):
        raise Fault("changed calls need genotypes", remedy="Give --variants, --contigs and --consent of a finished run")
    options = {"variants": variants, "consent": consent, "contigs": contigs, "absent_sites": absent_sites}
    options |= {"build": build, "set_aside": set_aside}
    calls = [called(release, **options) for release in (before, after)]
    changed = compare_calls(*calls)
    write_table(changed, changed_calls)
    people = changed["sample"].n_unique()
    log.info("%d of %d calls change, of %d people", changed.height, calls[1].height, people)
    for gene, count in changed["gene"].value_counts().sort("gene").iter_rows():
        log.info("%s: %d", gene, count)
