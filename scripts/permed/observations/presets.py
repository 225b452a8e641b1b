"""What an assay bears on: what genotypes need to be believed, and what an absent site can be."""

import csv
from pathlib import Path

KEYS = {
    "min_depth": "min_depth",
    "min_genotype_quality": "min_quality",
    "min_probability": "min_probability",
    "min_gencall_score": "min_gencall",
}


TARGETED = ("exome", "targeted", "array")  # assays that look at a part of the genome


def absent_sites_of(cohort: dict, assays: set[str | None]) -> str:
    """What a site without a record is: ``missing`` or ``reference``.

    Of an assay that looks at a part of the genome the user's word that absent sites are reference holds for that part
    alone, and only ``callable`` regions tell which it is.
    """
    asked = cohort["absent_sites"]
    return "missing" if asked == "reference" and assays & set(TARGETED) and not cohort["callable"] else asked


def bounds_of(cohort: dict, preset: str | None, table: Path | str) -> dict[str, float]:
    """The numbers of :class:`permed.observations.bounds.Bounds` by name.

    ``cohort`` is that section of the configuration, where null stands for what the table ``bounds.tsv`` has for the
    ``preset`` (an assay), or for any assay. What neither has is not asked.
    """
    with open(table, encoding="utf-8", newline="") as rows:
        told = {(row["assay"], row["key"]): float(row["value"]) for row in csv.DictReader(rows, delimiter="\t")}
    found = {}
    for key, name in KEYS.items():
        value = cohort[key]
        if value is None:
            value = told.get((preset, key), told.get(("general", key), 0.0))
        found[name] = int(value) if float(value).is_integer() else value
    return found
