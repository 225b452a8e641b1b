"""Where each person stands: Z and percentile among the most similar population, or why there is none."""

import numpy as np
import polars as pl

from permed.scores.calibration.distribution import percentiles, standard_scores
from permed.scores.calibration.normalise import COMPONENTS, fit_normalisation
from permed.scores.calibration.panel import COHORT

MOST_LACKING = 0.1  # share of the matched variants' variance that the reference may lack
SCHEMA = {
    "sample": pl.String,
    "score": pl.String,
    "z": pl.Float64,
    "percentile": pl.Float64,
    "population": pl.String,
    "z_norm1": pl.Float64,
    "z_norm2": pl.Float64,
    "reference_people": pl.Int64,
    "reference_mean": pl.Float64,
    "reference_sd": pl.Float64,
    "reliability": pl.Float64,
    "share_read": pl.Float64,
    "percentile_reason": pl.String,
}


def standings(
    reference: pl.DataFrame,
    comparable: pl.DataFrame,
    shares: pl.DataFrame,
    minimum: int,
    components: tuple[pl.DataFrame, pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """A row a score and person of ``comparable``, columns :data:`SCHEMA`.

    ``reference`` and ``comparable`` are sums (columns ``SUMS`` of :mod:`permed.scores.calibration.reference`) over the
    variants that both have, ``shares`` the variance shares of each score. A population of fewer than ``minimum``
    reference people gives nothing. ``components`` (``sample pcs``) of the reference people and of the cohort give
    ``z_norm1`` and ``z_norm2``.
    """
    parts = [pl.DataFrame(schema=SCHEMA)]
    of_score = reference.partition_by("score", as_dict=True)
    about = {row["score"]: row for row in shares.iter_rows(named=True)}
    for (score,), people in comparable.group_by("score", maintain_order=True):
        trained, share = of_score.get((score,), reference.clear()), about[score]
        lacking = _lacking(share)
        people = people.join(_normalised(trained, people, None if lacking else components), on="sample", how="left")
        for (population,), group in people.group_by("population", maintain_order=True):
            own = trained.filter(pl.col("population") == population)["sum"].to_numpy()
            reason = lacking or _too_few(own, population, minimum)
            parts.append(_standing(group, own, share["reliability"], reason))
    return pl.concat(parts)


def _standing(group: pl.DataFrame, own: np.ndarray, reliability: float | None, reason: str | None) -> pl.DataFrame:
    """Rows of people of one population; nobody has a number where there is a ``reason`` against it, nor has a person
    of whom some variants count as nothing, whose sum is shifted."""
    nothing = np.full(len(group), np.nan)
    z = nothing if reason else standard_scores(group["sum"].to_numpy(), own)
    place = nothing if reason else percentiles(group["sum"].to_numpy(), own)
    shifted = pl.col("left_out") > 0
    said = pl.format("{} of its variants have no genotype here and no known frequency", "left_out")
    frame = group.with_columns(
        z=pl.Series(z),
        percentile=pl.Series(place),
        reference_people=pl.lit(len(own), pl.Int64),
        reference_mean=pl.lit(None if reason else float(own.mean()), pl.Float64),
        reference_sd=pl.lit(None if reason else float(own.std()), pl.Float64),
        reliability=pl.lit(reliability, pl.Float64),
        percentile_reason=pl.when(shifted & pl.lit(reason is None)).then(said).otherwise(pl.lit(reason, pl.String)),
    )
    numbers = ("z", "percentile", "z_norm1", "z_norm2")
    frame = frame.with_columns(pl.when(~shifted).then(pl.col(name).fill_nan(None)).alias(name) for name in numbers)
    return frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _lacking(share: dict) -> str | None:
    """Why nobody has a place for this score."""
    if share["lacking"] is None or share["lacking"] <= MOST_LACKING:
        return None
    return (
        f"the reference lacks variants that carry {share['lacking']:.0%} of the variance of what matched, "
        f"more than {MOST_LACKING:.0%}"
    )


def _too_few(own: np.ndarray, population: str, minimum: int) -> str | None:
    of = "usable people of this cohort" if population == COHORT else f"reference people of {population}"
    if len(own) < minimum:
        return f"there are {len(own)} {of} to compare with, fewer than {minimum}"
    if np.isnan(standard_scores(own[:1], own)[0]):
        return f"the score does not vary among the {of}"
    return None


def _normalised(
    trained: pl.DataFrame, people: pl.DataFrame, components: tuple[pl.DataFrame, pl.DataFrame] | None
) -> pl.DataFrame:
    """``sample z_norm1 z_norm2`` of the people whose components are known; empty without a reference's."""
    schema = {"sample": pl.String, "z_norm1": pl.Float64, "z_norm2": pl.Float64}
    if components is None:
        return pl.DataFrame(schema=schema)
    of_reference, of_cohort = (
        frame.join(known.select("sample", "pcs"), on="sample", how="inner").filter(
            pl.col("pcs").list.len() >= COMPONENTS
        )
        for frame, known in zip((trained, people), components, strict=True)
    )
    if of_reference.is_empty() or of_cohort.is_empty():
        return pl.DataFrame(schema=schema)
    model = fit_normalisation(of_reference["sum"].to_numpy(), _pcs(of_reference))
    if model is None:
        return pl.DataFrame(schema=schema)
    sums, pcs = of_cohort["sum"].to_numpy(), _pcs(of_cohort)
    return pl.DataFrame(
        {"sample": of_cohort["sample"], "z_norm1": model.z_norm1(sums, pcs), "z_norm2": model.z_norm2(sums, pcs)},
        schema=schema,
    )


def _pcs(frame: pl.DataFrame) -> np.ndarray:
    return np.array(frame["pcs"].list.head(COMPONENTS).to_list(), float)
