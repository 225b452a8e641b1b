"""Advise on drugs and doses from the calls of pharmacogenes."""

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from permed.drugs.ages import load_ages, with_ages
from permed.drugs.cells import Domain
from permed.drugs.converted import advise_with_medicines
from permed.drugs.doses import doses_of, with_own_starts
from permed.drugs.dosing.patients import Dosing
from permed.drugs.guidance import load_guidance
from permed.drugs.medicines import MedicineNames
from permed.drugs.phenoconversion import Phenoconversion
from permed.drugs.readings import read_medicines
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
    dosing: list[Path],
    ages: Path | None = None,
    *,
    advice: Path,
    doses: Path,
    entries: Path | None = None,
    year: int | None = None,
) -> None:
    """Write what the guidance in ``tables`` says to each person in the list ``consent``, a few people at a time.

    ``calls`` are the calls of pharmacogenes, ``samples`` the table of admitted people with their medicines and
    ``phenotypes`` the phenotype table of the pharmacogenes; ``medicines`` are the tables of names of medicines, of
    their interactions and of what these do to phenotypes, ``dosing`` those of dose equations, each in one folder.
    ``ages`` is the table of what goes by age whatever the genotype. ``doses`` has what the equations give, ``entries``
    how the sheet's medicines were read; ages and times since a stop are counted in ``year``, the times else in that of
    the newest guideline.
    """
    guidance, domain = load_guidance(tables), Domain.read(phenotypes)
    names = MedicineNames.load(medicines[0].parent, year or guidance.newest)
    conversion = Phenoconversion.load(medicines[0].parent, phenotypes.parent)
    equations = Dosing.load(dosing[0].parent)
    agreed = pl.DataFrame({"sample": consent.read_text(encoding="utf-8").splitlines()}, schema={"sample": pl.String})
    people = agreed.join(read_table(samples), on="sample", how="left", maintain_order="left")
    by_age = load_ages(ages) if ages else []
    called, rows = read_table(calls), 0
    outputs = {"advice": advice, "doses": doses} | ({"entries": entries} if entries else {})
    with TemporaryDirectory(dir=advice.parent) as folder:
        parts: dict[str, list[Path]] = {name: [] for name in outputs}
        for start in range(0, max(people.height, 1), PEOPLE_AT_ONCE):
            some = people.slice(start, PEOPLE_AT_ONCE)
            own = called.filter(pl.col("sample").is_in(some["sample"].implode()))
            frame = with_own_starts(advise_with_medicines(own, some, guidance, domain, names, conversion), some)
            frame = with_ages(frame, some, by_age, guidance, year)
            computed = doses_of(own, some, equations, names, conversion, year)
            made = {"advice": frame, "doses": computed}
            made |= {"entries": read_medicines(frame, some, names, conversion)} if entries else {}
            for name, part in made.items():
                parts[name].append(Path(folder) / f"{name}-{start:09d}.parquet")
                write_table(part, parts[name][-1])
            rows += frame.height
        for name, path in outputs.items():
            with atomic(path) as beside:
                pl.scan_parquet(parts[name]).sink_parquet(beside, compression="zstd", maintain_order=True)
    log.info("%d rows of advice on %d drugs for %d people", rows, len(guidance.drugs), people.height)
