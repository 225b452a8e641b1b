"""Advise on drugs and doses from the calls of pharmacogenes."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from permed.drugs.cells import Domain
from permed.drugs.converted import advise_with_medicines
from permed.drugs.guidance import load_guidance
from permed.drugs.medicines import MedicineNames
from permed.drugs.phenoconversion import Phenoconversion
from permed.step import log, step
from permed.tables import atomic, read_table, write_table

PEOPLE_AT_ONCE = 2000


@step
def advise_drugs(
    calls: Path,
    samples: Path,
    consent: Path,
    tables: list[Path],
    phenotypes: Path,
    medicines: list[Path],
    *,
    advice: Path,
) -> None:
    """Write what the guidance in ``tables`` says to each person in the list ``consent``, a few people at a time.

    ``calls`` are the calls of pharmacogenes, ``samples`` the table of admitted people with their medicines and
    ``phenotypes`` the phenotype table of the pharmacogenes; ``medicines`` are the tables of names of
    medicines, of their interactions and of what these do to phenotypes, in one folder.
    """
    guidance, domain = load_guidance(tables), Domain.read(phenotypes)
    names = MedicineNames.load(medicines[0].parent)
    conversion = Phenoconversion.load(medicines[0].parent, phenotypes.parent)
    agreed = pl.DataFrame({"sample": consent.read_text(encoding="utf-8").splitlines()}, schema={"sample": pl.String})
    people = agreed.join(read_table(samples), on="sample", how="left", maintain_order="left")
    called, rows = read_table(calls), 0
    with atomic(advice) as beside, TemporaryDirectory(dir=advice.parent) as folder:
        parts = []
        for start in range(0, max(people.height, 1), PEOPLE_AT_ONCE):
            some = people.slice(start, PEOPLE_AT_ONCE)
            own = called.filter(pl.col("sample").is_in(some["sample"].implode()))
            frame = advise_with_medicines(own, some, guidance, domain, names, conversion)
            parts.append(Path(folder) / f"{start:09d}.parquet")
            write_table(frame, parts[-1])
            rows += frame.height
        pl.scan_parquet(parts).sink_parquet(beside, compression="zstd", maintain_order=True)
    log.info("%d rows of advice on %d drugs for %d people", rows, len(guidance.drugs), people.height)
