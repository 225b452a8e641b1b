"""Where each person stands: Z and percentile among the most similar population, or why there is none."""

import numpy as np
import polars as pl

from permed.scores.calibration.distribution import counts_below, percentiles, standard_scores
from permed.scores.calibration.normalise import COMPONENTS, fit_normalisation
from permed.scores.calibration.shared import COHORT, MOST_LACKING, SEXES

MOST_UNKNOWN = 0.05  # share of reference people whose sum is not known whole: more, and the others are no fair sample
SCHEMA = {
    "sample": pl.String,
    "score": pl.String,
    "z": pl.Float64,
    "percentile": pl.Float64,
    "population": pl.String,
    "z_norm1": pl.Float64,
    "z_norm2": pl.Float64,
    "reference_people": pl.Int64,
    "reference_lower": pl.Int64,
    "reference_sex": pl.String,
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
    reference people gives nothing; where a score is compared by sex (``reference_sex``), the people of one sex count.
    ``reference_lower`` is how many of the reference people have a smaller sum. ``components`` (``sample pcs``) of the
    reference people and of the cohort give ``z_norm1`` and ``z_norm2``.
    """
    parts = [pl.DataFrame(schema=SCHEMA)]
    of_key = reference.partition_by("score", "sex", as_dict=True)
    about = {row["score"]: row for row in shares.iter_rows(named=True)}
    for (score, sex), people in comparable.group_by("score", "sex", maintain_order=True):
        of_score, share = of_key.get((score, sex), reference.clear()), about[score]
        reason = _lacking(share) or _no_sex(sex)
        trained = _whole(of_score)
        usable = reason is None and _biased(of_score, "reference people") is None
        people = people.join(_normalised(trained, people, components if usable else None), on="sample", how="left")
        for (population,), group in people.group_by("population", maintain_order=True):
            theirs, own = (table.filter(pl.col("population") == population) for table in (of_score, trained))
            of = _named(population, sex)
            said = reason or _biased(theirs, of) or _too_few(own["sum"].to_numpy(), of, minimum)
            parts.append(_standing(group, own["sum"].to_numpy(), share["reliability"], said))
    return pl.concat(parts)


def _whole(sums: pl.DataFrame) -> pl.DataFrame:
    """Those whose sum is known but for a small part: others' would be shifted, or drawn to the mean."""
    return sums.filter((pl.col("left_out") == 0) & (pl.col("share_read") >= 1 - MOST_LACKING))


def _standing(group: pl.DataFrame, own: np.ndarray, reliability: float | None, reason: str | None) -> pl.DataFrame:
    """Rows of people of one population and sex; nobody has a number where there is a ``reason`` against it, nor has a
    person of whom some variants count as nothing, whose sum is shifted, or too much counts as the mean."""
    sums = group["sum"].to_numpy()
    places = {"z": standard_scores, "percentile": percentiles, "reference_lower": counts_below}
    its_own = _of_person()
    frame = group.with_columns(
        *(pl.lit(None).alias(name) if reason else pl.Series(name, place(sums, own)) for name, place in places.items()),
        reference_people=pl.lit(len(own), pl.Int64),
        reference_sex=pl.when(pl.col("sex").is_in(SEXES)).then("sex"),
        reference_mean=pl.lit(None if reason else float(own.mean()), pl.Float64),
        reference_sd=pl.lit(None if reason else float(own.std()), pl.Float64),
        reliability=pl.lit(reliability, pl.Float64),
        percentile_reason=pl.lit(reason, pl.String) if reason else its_own,
    )
    numbers = (*places, "z_norm1", "z_norm2")
    frame = frame.with_columns(pl.when(its_own.is_null()).then(name).alias(name) for name in numbers)
    frame = frame.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())
    return frame.with_columns(pl.col(pl.Float64).fill_nan(None))


def _of_person() -> pl.Expr:
    """Why one person has no place, null for who has."""
    unknown = pl.format(
        "{} of the score's variants and terms are not known in this person: no genotype and no frequency to stand for "
        "it, or the chromosomes of a term of several variants cannot be told apart",
        "left_out",
    )
    unread = pl.format(
        "the variants without a genotype in this person carry {}% of the variance of what is compared, more than {}%",
        (100 * (1 - pl.col("share_read"))).round(1),
        pl.lit(f"{100 * MOST_LACKING:g}"),
    )
    too_little = pl.col("share_read") < 1 - MOST_LACKING
    return pl.when(pl.col("left_out") > 0).then(unknown).when(too_little).then(unread)


def _lacking(share: dict) -> str | None:
    """Why nobody has a place for this score."""
    if share["lacking"] is None or share["lacking"] <= MOST_LACKING:
        return None
    return (
        f"the reference lacks variants that carry {share['lacking']:.1%} of the variance of what matched, "
        f"more than {MOST_LACKING:.0%}"
    )


def _no_sex(sex: str | None) -> str | None:
    """Why people of no known sex have no place for a score that is compared by sex (else None)."""
    if sex is None or sex in SEXES:
        return None
    return (
        "the score has variants on chrX, for which people with XX and with XY are compared apart, and it is not known "
        "that this person has either"
    )


def _named(population: str, sex: str | None) -> str:
    """The reference people in words."""
    of = "usable people of this cohort" if population == COHORT else f"reference people of {population}"
    return of if sex is None else f"{of} with {sex}"


def _biased(everybody: pl.DataFrame, of: str) -> str | None:
    """Why those of the reference whose sum is known do not stand for all: who has a haplotype of unknown phase differs
    from who does not."""
    unknown = int((everybody["left_out"] > 0).sum())
    if unknown <= MOST_UNKNOWN * len(everybody):
        return None
    return (
        f"the score is not known whole in {unknown} of the {len(everybody)} {of}, more than {MOST_UNKNOWN:.0%}, and "
        "the others may differ from them"
    )


def _too_few(own: np.ndarray, of: str, minimum: int) -> str | None:
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
