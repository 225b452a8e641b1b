"""The table of scores: sums, standings and risks together, with the columns that people read first."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import polars as pl

from permed.scores.calibration.shared import COHORT
from permed.scores.calibration.standing import SCHEMA as STANDING
from permed.scores.risk.assess import SCHEMA as RISK
from permed.scores.risk.assess import Person
from permed.scores.risk.factors import Finding

LEADING = "sample score sum denominator average z percentile population absolute_risk population_risk status".split()
OUTSIDE = "outside the panel"


def calibrated(
    sums: pl.DataFrame,
    standing: pl.DataFrame,
    risks: pl.DataFrame,
    ancestry: pl.DataFrame | None,
    withheld: Collection[str] = (),
) -> pl.DataFrame:
    """The rows of ``sums`` in their order, completed. ``ancestry`` tells why a person has no population to compare.

    Of the people ``withheld`` no population is told either: their genotypes may be somebody else's.
    """
    key = ["sample", "score"]
    new = [name for name in (*STANDING, *RISK) if name not in key]
    whole = sums.drop(new, strict=False).join(standing, on=key, how="left", maintain_order="left")
    whole = whole.join(risks, on=key, how="left", maintain_order="left")
    if ancestry is None:
        told = (
            sums.select("sample")
            .unique()
            .with_columns(
                _population=pl.lit(COHORT),
                _why=pl.lit(None, pl.String),
                population_probability=pl.lit(None, pl.Float64),
            )
        )
    else:
        probability = "probability" if "probability" in ancestry.columns else pl.lit(None, pl.Float64)
        told = ancestry.select("sample", _population="population", _why="reason", population_probability=probability)
    told = told.filter(~pl.col("sample").is_in(list(withheld)))
    whole = whole.join(told, on="sample", how="left", maintain_order="left")
    known = pl.col("sum").is_not_null()
    kept = ("population", "percentile_reason", "risk_reason")
    no_sum = pl.lit("the score was not computed for this person")
    reason = pl.when(~known).then(no_sum).when(pl.col("reference_people").is_null()).then(_nowhere())
    no_risk = pl.concat_str(pl.lit("without a percentile there is no risk: "), reason)
    told_population = pl.coalesce("_population", "population")
    whole = whole.with_columns(
        *(pl.when(known).then(name).alias(name) for name in new if name not in kept),
        population=pl.when(pl.col("reference_people") > 0).then("population").otherwise(told_population),
        percentile_reason=pl.coalesce(reason, "percentile_reason"),
        risk_reason=pl.coalesce(no_risk, "risk_reason"),
    )
    return whole.select(*LEADING, *(name for name in whole.columns if name not in LEADING and name[0] != "_"))


def _nowhere() -> pl.Expr:
    """Why a person with a sum is compared with nobody."""
    why = pl.coalesce("_why", pl.lit("how similar this person is to the panel's populations is not known"))
    outside = pl.concat_str(pl.lit("outside the panel, which has nobody to compare with: "), why)
    return pl.when(pl.col("_population") == OUTSIDE).then(outside).otherwise(why)


def read_components(panel: Path) -> pl.DataFrame:
    """``sample pcs`` of the panel's people from its ``ancestry.npz``."""
    with np.load(panel, allow_pickle=False) as held:
        return pl.DataFrame({"sample": held["samples"].tolist(), "pcs": held["coordinates"].tolist()})


def people_of(samples: pl.DataFrame, quality: pl.DataFrame, findings: pl.DataFrame | None = None) -> dict[str, Person]:
    """What of each person bears on a risk. The sexes of sheet and genotypes have to agree, or one of them is enough.

    ``findings`` is the table of findings, of people whose findings may be used for their risks.
    """
    sexes = {row["sample"]: _sex(row) for row in quality.iter_rows(named=True)}
    carried = {} if findings is None else _by_person(findings)
    return {
        row["sample"]: Person(
            sexes.get(row["sample"], "the sex is not known"),
            row["birth_year"],
            _words(row.get("phenotypes")),
            tuple(entry for entry in _words(row.get("family_history")) if entry != "none"),
            carried.get(row["sample"], ()),
        )
        for row in samples.iter_rows(named=True)
    }


def _by_person(findings: pl.DataFrame) -> dict[str, tuple[Finding, ...]]:
    """One finding a gene, its conditions together, certain where one of its rows is."""
    genes = findings.group_by("sample", "gene", maintain_order=True).agg(
        pl.col("condition").drop_nulls().unique(maintain_order=True).str.join("; "),
        certain=(pl.col("reportable") == "yes").any(),
        carrier=(pl.col("list") == "carriers").all(),
    )
    people: dict[str, tuple[Finding, ...]] = {}
    for sample, *finding in genes.iter_rows():
        people[sample] = (*people.get(sample, ()), Finding(*finding))
    return people


def _sex(row: dict) -> str:
    reported, inferred = (row.get(name) or "NA" for name in ("sex_reported", "sex_inferred"))
    known = {sex for sex in (reported, inferred) if sex in ("XX", "XY")}
    if len(known) == 1:
        return known.pop()
    if known:
        return f"recorded is {reported}, the genotypes say {inferred}"
    return "the sex is not known"


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(";") if part.strip())
