"""The gate: stop at faults, else list the people who agreed to each purpose."""

from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.inputs.withdrawal import remove_reports
from permed.pedigree import with_pedigree
from permed.samples import consenting, read_samples
from permed.step import log, step
from permed.tables import read_json, write_table, write_text

NUMBERS = {"birth_year": pl.Int64, "height_cm": pl.Float64, "weight_kg": pl.Float64}
OTHERS = ("mother", "father", "twin_of", "replicate_of")  # columns that name other samples
SCHEMA = {
    name: NUMBERS.get(name, pl.String)
    for name in (
        *("sample", "sex", "birth_year", "consent", "medications", "height_cm", "weight_kg", "population", "family"),
        *("phenotypes", "group", "family_history", "mother", "father"),
        *("twin_of", "replicate_of", "karyotype", "transplant", "smoking"),
    )
}


@step
def admit_samples(
    report: Path,
    sheet: Path | None,
    *,
    consents: list[Path],
    samples: Path,
    fam: Path,
    pedigree: Path | None = None,
    reports: Path | None = None,
) -> None:
    """Write one list of names a purpose (named ``{purpose}.txt``) and the table of everybody who agreed to anything.

    Parents, sexes and families that a ``pedigree`` adds stand in the table; a parent, twin or replicate who did not
    agree is not named.

    Raises every fault of the report; then nothing is written and nothing downstream can run. Under ``reports``, where
    earlier runs wrote them, the reports of people who are no longer admitted are removed, whatever else is faulty: a
    withdrawal waits for nothing but a sheet that can be read.
    """
    checked = read_json(report)
    people, unreadable = read_samples(sheet) if sheet is not None else ([], [])
    if reports is not None and people and not unreadable:
        for name in remove_reports(reports, consenting(people, "any")):
            log.info("removed the reports of %s, who is no longer admitted", name)
    if checked["faults"]:
        raise ExceptionGroup("faulty input", [Fault(**row) for row in checked["faults"]])
    if not consenting(people, "any"):
        raise Fault("nobody agreed to anything", sheet, remedy="Fill in the column consent")
    for path in consents:
        write_text("".join(f"{name}\n" for name in consenting(people, path.stem)), path)
    people, _, _ = with_pedigree(people, sheet, pedigree)
    admitted = [person for person in people if person.consent]
    names = {person.sample for person in admitted}
    rows = [
        {
            "sample": p.sample,
            "sex": p.sex,
            "birth_year": p.birth_year,
            "consent": ",".join(sorted(p.consent)),
            "medications": ";".join(p.medications),
            "height_cm": p.height_cm,
            "weight_kg": p.weight_kg,
            "population": p.population,
            "family": p.family,
            "phenotypes": ";".join(p.phenotypes),
            "group": p.group,
            "family_history": ";".join(p.family_history),
            **{name: getattr(p, name) if getattr(p, name) in names else None for name in OTHERS},
            "karyotype": p.karyotype,
            "transplant": p.transplant,
            "smoking": p.smoking,
        }
        for p in admitted
    ]
    write_table(pl.DataFrame(rows, schema=SCHEMA), samples)
    sexes = {"XX": "2", "XY": "1", "NA": "0"}
    write_text("".join(f"0\t{p.sample}\t0\t0\t{sexes[p.sex]}\t-9\n" for p in admitted), fam)
    log.info("%d people admitted", len(admitted))
