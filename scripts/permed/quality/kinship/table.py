"""The kinship table of a cohort."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genotypes.store import GenotypeStore
from permed.quality.kinship.admixture import (
    EXCESS_SITES,
    MANY_PEOPLE,
    UNSURE,
    Mixture,
    excess_heterozygosity,
    excess_of_many,
    unequal,
    unequal_heterozygosity,
)
from permed.quality.kinship.estimates import INTERVAL, kinship, site_variance, standard_error
from permed.quality.kinship.first_degree import IS_PARENT, IS_SIBLING, IS_UNCLEAR, first_degree
from permed.quality.kinship.kernels import BOTH_HET, FIRST_HET, IBS0, SECOND_HET, SITES
from permed.quality.kinship.pairs import (
    FURTHEST,
    SCREEN_SITES,
    chance_errors,
    count_pairs,
    find_related,
    heterozygosity,
    screen_related,
    unrelated_error,
)
from permed.quality.kinship.places import MAX_FAMILY
from permed.quality.kinship.relations import (
    BOUNDS,
    DUPLICATE,
    NOT_ASSESSABLE,
    PARENT_CHILD,
    is_close,
    is_related,
    may_be_one,
    may_be_parent,
    relations,
)
from permed.quality.kinship.sites import KinshipSites

ALL_UP_TO = 5000
EXCESS_HET = 1.5  # times the cohort's median: two people's reads together, not descent, which stays below
LOWERED = 1.5  # kinship that errors take, a share of heterozygous sites that they make opposite homozygotes: where d of
# the heterozygous sites lose an allele these are d/2, and a parent has 1/2 - (1 + 2 d) / (4 - 4 d) instead of 1/4
PARENTS = 0.25
MOST_ERRORS = 0.35  # of the opposite homozygotes of strangers: more are no errors; second degree has a half
PART = 1 << 17
SCHEMA = {
    "sample1": pl.String,
    "sample2": pl.String,
    "n_sites": pl.Int64,
    "ibs0": pl.Float64,
    "kinship": pl.Float64,
    "relation": pl.String,
    "kinship_low": pl.Float64,
    "kinship_high": pl.Float64,
    "n_ibs0": pl.Int64,
    "n_het_het": pl.Int64,
    "kinship_adjusted": pl.Float64,
    "reason": pl.String,
    "chance_error": pl.Float64,
}
COLUMNS = [*list(SCHEMA)[:-2], "found_by", "expected", "agrees", "reason"]


@dataclass(frozen=True)
class Kinship:
    """Pairs with the columns of :data:`SCHEMA`, and people not compared, by name, with the reason.

    ``screened`` says that pairs were found on part of the sites.
    """

    pairs: pl.DataFrame
    held_out: dict[str, str]
    screened: bool


def hold_out(
    store: GenotypeStore,
    rows: np.ndarray,
    call_rates: dict[str, float | None],
    least: float,
    contamination: dict[str, float | None] | None = None,
    most: float = 1.0,
) -> dict[str, str]:
    """People whose kinship would mislead, with the reason.

    Missing genotypes are seldom missing at random, so somebody with few calls looks related to many; so does somebody
    whose sample holds two people's DNA, which makes one heterozygous where they differ: by its share of
    ``contamination`` above ``most``, or by heterozygosity.
    """
    found = {}
    for name, share in (contamination or {}).items():
        if share is not None and share > most:
            found[name] = f"contamination {share:.3f} is above {most}: DNA of two people looks like both's relative"
    for name in store.samples:
        rate = call_rates.get(name)
        if name not in found and rate is not None and rate < least:
            found[name] = f"call_rate {rate:.4f} is below {least}"
    if not len(rows):
        return found
    het = heterozygosity(store, rows)
    judged = [n for n, name in enumerate(store.samples) if name not in found and not np.isnan(het[n])]
    if len(judged) < 2:
        return found
    middle = float(np.sort(het[judged])[(len(judged) - 1) // 2])
    for n in judged:
        if middle and het[n] > EXCESS_HET * middle:
            times = f"{het[n] / middle:.2f} times the median of those compared, more than {EXCESS_HET}"
            found[store.samples[n]] = (
                f"heterozygosity is {times}: the DNA of two people may be mixed, which looks like kinship"
            )
    return found


def estimate_pairs(
    store: GenotypeStore,
    sites: KinshipSites,
    families: dict[str, str | None],
    held_out: dict[str, str],
    *,
    every: bool,
    screen_above: int,
    fewest: int,
    declared: Collection[tuple[str, str]] = (),
    same: Collection[tuple[str, str, str]] = (),
    mixture: Mixture | None = None,
) -> Kinship:
    """Kinship and relation of related pairs and of all pairs within a family of the sheet, or of ``every`` pair.

    ``declared`` are the names of parents and children in the sheet, whose pairs are listed whatever their families, and
    ``same`` names that the sheet declares to be of one genome, and as what. ``mixture`` is what people's ancestry lets
    expect of unrelated ones; without it intervals widen where heterozygosity shows a mixture.

    Of people in ``held_out`` only pairs within a family are listed, without kinship. With more than ``screen_above``
    people candidates come from a screen.
    """
    if every and len(store.samples) > ALL_UP_TO:
        fault = (
            f"quality.kinship_pairs is all, with {len(store.samples)} people; at most {ALL_UP_TO} can have all pairs"
        )
        raise Fault(fault, remedy="Set it to related")
    size = Counter(families.get(name) for name in store.samples)
    families = {name: family for name, family in families.items() if family and size[family] <= MAX_FAMILY}
    usable = np.array([name not in held_out for name in store.samples], bool)
    screened = not every and int(usable.sum()) > screen_above
    hets = heterozygosity(store, sites.rows, EXCESS_SITES) if mixture is None and len(sites.rows) else None
    if every and not sites.biased:
        found = np.argwhere(np.triu(usable[:, None] & usable, 1))
    elif sites.problem:
        found = np.zeros((0, 2), np.int64)
    else:
        expected = mixture or unequal(hets)
        found = (screen_related if screened else find_related)(store, sites, usable, expected)
    stated = _numbered(store.samples, [*declared, *((one, other) for one, other, _ in same)])
    pairs = np.unique(np.concatenate([found, _family_pairs(store.samples, families), stated]), axis=0)
    found_by, errors = "screen" if screened else "all pairs", chance_errors(int(usable.sum()))
    parts = []
    for start in range(0, max(1, len(pairs)), PART):
        rows = _rows(store, sites, pairs[start : start + PART], held_out, fewest, mixture, hets)
        rows = _against_sheet(rows, families, found_by)
        rows = _against_parents(rows, declared) if declared else rows
        rows = _against_same(rows, same) if same else rows
        parts.append(_beyond_chance(rows, errors) if screened else rows)
    return Kinship(pl.concat(parts).select(COLUMNS), held_out, screened)


def _beyond_chance(frame: pl.DataFrame, errors: float) -> pl.DataFrame:
    """Of candidates those that :func:`permed.quality.kinship.pairs.find_related` would find, and pairs of a family."""
    kinship = pl.coalesce("kinship_adjusted", "kinship")
    certain = (kinship >= FURTHEST) & (kinship >= errors * pl.col("chance_error"))
    return frame.filter(certain | (pl.col("found_by") == "family"))


def unseen(people: int, sites: KinshipSites, screened: bool) -> str:
    """In words, which relatives so many people and these sites leave unseen."""
    least = chance_errors(people) * unrelated_error(sites.frequency) * sites.crowding**0.5
    words = f"of {people} people, pairs with a kinship below {least:.3f} cannot be told from chance and are not listed"
    if screened:
        words += f"; candidates come from {SCREEN_SITES} sites, which miss about 1 in 100 third-degree relatives"
    return words


def _family_pairs(samples: list[str], families: dict[str, str]) -> np.ndarray:
    """All pairs of people of the store who share a family, the first before the second."""
    members: dict[str, list[int]] = {}
    for n, name in enumerate(samples):
        if name in families:
            members.setdefault(families[name], []).append(n)
    pairs = [pair for own in members.values() for pair in combinations(own, 2)]
    return np.array(pairs, np.int64).reshape(-1, 2)


def _numbered(samples: list[str], pairs: Collection[tuple[str, str]]) -> np.ndarray:
    """Pairs of names as numbers of the store, the first before the second."""
    place = {name: n for n, name in enumerate(samples)}
    numbers = [sorted((place[one], place[other])) for one, other in pairs if one in place and other in place]
    return np.array(numbers, np.int64).reshape(-1, 2)


def _rows(
    store: GenotypeStore,
    sites: KinshipSites,
    pairs: np.ndarray,
    held: dict,
    fewest: int,
    mixture: Mixture | None,
    hets: np.ndarray | None,
) -> pl.DataFrame:
    counts = count_pairs(store, sites, pairs)
    total = counts.sum(axis=1, dtype=np.int64)
    away = np.array([name in held for name in store.samples], bool)[pairs].any(axis=1) | sites.biased
    value, error = (np.where(away, np.nan, found) for found in (kinship(total), standard_error(counts, sites)))
    adjusted, low, high = _for_ancestry(store, sites, pairs, value, error, total, mixture, hets)
    decides = np.where(np.isnan(adjusted), value, adjusted)
    high, first = _with_errors(decides, low, high, error, counts, sites)
    shared = np.where(total[:, SITES] > 0, total[:, SITES], np.nan)
    names = pl.Series(store.samples, dtype=pl.String)
    frame = pl.DataFrame(
        {
            "sample1": names.gather(pairs[:, 0]),
            "sample2": names.gather(pairs[:, 1]),
            "n_sites": total[:, SITES],
            "ibs0": total[:, IBS0] / shared,
            "kinship": value,
            "relation": pl.Series(relations(low, high, first), dtype=pl.String),
            "kinship_low": low,
            "kinship_high": high,
            "n_ibs0": total[:, IBS0],
            "n_het_het": total[:, BOTH_HET],
            "kinship_adjusted": adjusted,
            "chance_error": np.sqrt(site_variance(total) * sites.crowding),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))
    frame = frame.with_columns(reason=_reason(held, sites, fewest))
    told = pl.when(pl.col("reason").is_null()).then("relation").otherwise(pl.lit(NOT_ASSESSABLE))
    return frame.with_columns(relation=told).select(*SCHEMA)


def _for_ancestry(
    store: GenotypeStore, sites: KinshipSites, pairs: np.ndarray, value, error, total, mixture: Mixture | None, hets
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Kinship adjusted for ancestry, NaN where nothing is to be adjusted, and the ends of the kinships' intervals.

    Where no panel tells people's ancestry, the lower end allows for people of mixed descent, who are more heterozygous
    than a population makes them, and the upper for two of different descent.
    """
    one, other = pairs.T
    spread = INTERVAL * error
    if mixture is not None:
        expected = mixture.expected(one, other)
        scale = mixture.scale(one, other)
        adjusted = np.where(expected != 0, (value - expected) * scale, np.nan)
        middle, spread = np.where(expected != 0, adjusted, value), spread * scale + UNSURE * np.abs(expected)
        return adjusted, middle - spread, middle + spread
    own = total[:, BOTH_HET, None] + total[:, [FIRST_HET, SECOND_HET]]
    too_low = unequal_heterozygosity(own[:, 0], own[:, 1])
    excess = np.zeros(len(store.samples))
    if len(pairs) and not sites.problem and len(store.samples) > MANY_PEOPLE:
        excess = excess_of_many(hets, sites.frequency)
    elif len(pairs) and not sites.problem:
        excess = excess_heterozygosity(store, sites.rows, pairs[value >= BOUNDS[1]].tolist())
    too_high = (excess[one] + excess[other]) / 2
    return np.full(len(value), np.nan), value - spread - too_high, value + spread + too_low


def _with_errors(
    value: np.ndarray, low: np.ndarray, high: np.ndarray, error: np.ndarray, counts: np.ndarray, sites: KinshipSites
) -> tuple[np.ndarray, np.ndarray]:
    """The upper ends of the kinships' intervals, and which of the first degree those are that reach it.

    Errors of genotyping lower kinship. Opposite homozygotes of parents with children are nothing but errors: their own
    widen the interval of a pair that may be such, and those of all that are every other's.
    """
    first = np.full(len(value), IS_UNCLEAR)
    near = high >= BOUNDS[2]
    if near.any():
        first[near] = first_degree(counts[near], sites.frequency, sites.contig, sites.build)
    total = counts.sum(axis=1, dtype=np.int64)
    wrong, hets = total[:, IBS0], total[:, BOTH_HET] + np.minimum(total[:, FIRST_HET], total[:, SECOND_HET])
    apart = 2 * np.mean(np.square(sites.frequency * (1 - sites.frequency))) if len(sites.frequency) else 0.0
    strangers = apart * total[:, SITES]
    may_be_errors = near & (value < BOUNDS[0]) & (wrong <= MOST_ERRORS * strangers + 2 * np.sqrt(strangers))
    first[near & ~may_be_errors & (first == IS_PARENT)] = IS_UNCLEAR
    parents = may_be_errors & (first == IS_PARENT)
    everywhere = wrong[parents].sum() / max(1, hets[parents].sum())
    reach = np.minimum(high + LOWERED * wrong / np.maximum(1, hets), PARENTS + INTERVAL * error)
    own = np.where(may_be_errors & (first != IS_SIBLING), np.maximum(high, reach), high)
    return np.maximum(own, high + LOWERED * everywhere), first


def _reason(held: dict[str, str], sites: KinshipSites, fewest: int) -> pl.Expr:
    """Why a pair's relation cannot be told, or null."""
    words = {name: f"{name}: {reason}" for name, reason in held.items()}
    own = [
        pl.col(name).replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
        for name in ("sample1", "sample2")
    ]
    few = pl.format("too few sites: {} called in both, {} are needed", "n_sites", pl.lit(fewest))
    reason = pl.when(own[0].is_not_null() | own[1].is_not_null()).then(
        pl.concat_str(own, separator="; ", ignore_nulls=True)
    )
    reason = reason.when(pl.lit(sites.problem is not None)).then(pl.lit(sites.problem, pl.String))
    reason = reason.when(pl.col("n_sites") < fewest).then(few)
    return reason.when(pl.col("kinship").is_null()).then(pl.lit("one of them has no heterozygous site"))


def _against_sheet(frame: pl.DataFrame, families: dict[str, str], found_by: str) -> pl.DataFrame:
    """Add how the pair was found and whether the sheet's families agree.

    ``expected`` is ``same family``, ``different families`` or ``not stated``. ``agrees`` is null where the sheet cannot
    be wrong: members of a family who are no relatives may be married, distant relatives may be unknown.
    """
    one, other = (
        pl.col(name).replace_strict(list(families), list(families.values()), default=None, return_dtype=pl.String)
        for name in ("sample1", "sample2")
    )
    same = (one == other).fill_null(False)
    stated = pl.when(one.is_null() | other.is_null()).then(pl.lit("not stated")).otherwise(pl.lit("different families"))
    kinds = frame["relation"].unique().to_list()
    related = pl.col("relation").is_in([kind for kind in kinds if is_related(kind)])
    close = pl.col("relation").is_in([kind for kind in kinds if is_close(kind)])
    return frame.with_columns(
        found_by=pl.when(same).then(pl.lit("family")).otherwise(pl.lit(found_by)),
        expected=pl.when(same).then(pl.lit("same family")).otherwise(stated),
        agrees=pl.when(same & related).then(True).when(~same & close).then(False),
    )


def _against_parents(frame: pl.DataFrame, declared: Collection[tuple[str, str]]) -> pl.DataFrame:
    """The same of pairs that the sheet declares as parent and child, whatever their families are."""
    both = {key for one, other in declared for key in (f"{one}\t{other}", f"{other}\t{one}")}
    stated = pl.concat_str("sample1", "sample2", separator="\t").is_in(list(both))
    kinds = frame["relation"].unique().to_list()
    other = [kind for kind in kinds if kind != NOT_ASSESSABLE and not may_be_parent(kind)]
    fits = pl.when(pl.col("relation") == PARENT_CHILD).then(True).when(pl.col("relation").is_in(other)).then(False)
    return frame.with_columns(
        found_by=pl.when(stated).then(pl.lit("family")).otherwise("found_by"),
        expected=pl.when(stated).then(pl.lit("parent-child")).otherwise("expected"),
        agrees=pl.when(stated).then(fits).otherwise("agrees"),
    )


def _against_same(frame: pl.DataFrame, same: Collection[tuple[str, str, str]]) -> pl.DataFrame:
    """The same of pairs that the sheet declares to be identical twins or one person."""
    said = {key: word for one, other, word in same for key in (f"{one}\t{other}", f"{other}\t{one}")}
    pair = pl.concat_str("sample1", "sample2", separator="\t")
    word = pair.replace_strict(list(said), list(said.values()), default=None, return_dtype=pl.String)
    kinds = frame["relation"].unique().to_list()
    other = [kind for kind in kinds if kind != NOT_ASSESSABLE and not may_be_one(kind)]
    fits = pl.when(pl.col("relation") == DUPLICATE).then(True).when(pl.col("relation").is_in(other)).then(False)
    return frame.with_columns(
        found_by=pl.when(word.is_not_null()).then(pl.lit("family")).otherwise("found_by"),
        expected=pl.coalesce(word, "expected"),
        agrees=pl.when(word.is_not_null()).then(fits).otherwise("agrees"),
    )
