"""What genotypes need to be believed: of the configuration, else of the assay, else in general."""

import csv
from pathlib import Path

KEYS = {
    "min_depth": "min_depth",
    "min_genotype_quality": "min_quality",
    "min_probability": "min_probability",
    "min_gencall_score": "min_gencall",
}


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
