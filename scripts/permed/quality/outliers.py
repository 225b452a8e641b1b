"""Samples that lie far from those who are like them in a metric: of their group, batch and ancestry.

Two files list different sites, and populations differ in heterozygosity: neither is a fault of a sample. People are
compared with those of the same group and batch, with ancestry taken out by principal components where they are known,
else with those whom the sample sheet gives the same population. Where parents are related, runs of homozygosity are
taken out, or the lack of heterozygotes is told as what it may be.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from permed.quality.deviations import deviations

# Metric: (its threshold, the smallest group, whether too little counts as too much does)
METRICS = {
    "het_rate": ("het_rate_deviations", "min_cohort", True),
    "inbreeding": ("het_rate_deviations", "min_cohort", True),
    "het_hom_alt": ("ratio_deviations", "min_deviation_cohort", False),
    "ti_tv": ("ratio_deviations", "min_deviation_cohort", True),
    "insertion_deletion": ("ratio_deviations", "min_deviation_cohort", True),
    "indel_snv": ("ratio_deviations", "min_deviation_cohort", True),
    "n_singleton": ("singleton_deviations", "min_deviation_cohort", False),
}
MINORITY = 3  # people who lack heterozygotes alike, without a population in the sheet: perhaps one of their own
BY_HETS = ("het_rate", "inbreeding")


@dataclass(frozen=True)
class _Alike:
    """Places of people who can be compared, what to call them, and their principal components if they have any."""

    members: list[int]
    words: str
    components: np.ndarray | None


def find_outliers(rows: list[dict], limits: list[dict]) -> Iterator[tuple[int, str, str]]:
    """The place of each sample, ``warnings``, ``notes`` or ``unknown``, and the reason, metric by metric.

    ``rows`` have the metrics, ``group batch population_reported froh``, ``pcs`` (principal components, or None) and,
    for ratios, ``{metric}_counts``; ``limits`` the thresholds of each.
    """
    for alike in _alike(rows):
        own = [rows[n] for n in alike.members]
        for metric, (key, fewest, low_too) in METRICS.items():
            values = np.array([_without_runs(metric, row) for row in own], float)
            known = ~np.isnan(values)
            least = limits[alike.members[0]][fewest]
            if known.sum() < least:
                if metric == "het_rate" and len(rows) >= least and known.any():
                    few = f"heterozygosity: {known.sum()} people {alike.words} to compare with, {least} are needed"
                    yield from ((n, "unknown", few) for n, there in zip(alike.members, known, strict=True) if there)
                continue
            away, expected = deviations(values, alike.components, _errors(metric, own, values))
            lacking = int(np.count_nonzero(away < -limits[alike.members[0]][key]))
            for n, row, value, far, usual in zip(alike.members, own, values, away, expected, strict=True):
                if far > limits[n][key] or (low_too and far < -limits[n][key]):
                    told = _tell(metric, row, value, far, usual, alike, limits[n], key, lacking)
                    if told:
                        yield n, *told


def _alike(rows: list[dict]) -> Iterator[_Alike]:
    """People of one group and batch; of those without components only those of one population of the sheet."""
    groups: dict[tuple, list[int]] = {}
    for n, row in enumerate(rows):
        groups.setdefault((row["group"], row.get("batch")), []).append(n)
    several = len(groups) > 1
    for (_, batch), members in groups.items():
        words = f"of {batch}" if several and batch else "of the cohort"
        components = _components([rows[n]["pcs"] for n in members])
        labels = dict.fromkeys(rows[n].get("population_reported") for n in members)
        if components is not None or len(labels) == 1:
            yield _Alike(members, words, components)
            continue
        for label in labels:
            own = [n for n in members if rows[n].get("population_reported") == label]
            yield _Alike(own, f"of the population {label}" if label else f"{words} without a population", None)


def _without_runs(metric: str, row: dict) -> float:
    """The value of a metric; of heterozygosity and inbreeding that outside of runs of homozygosity."""
    value, froh = row[metric], row.get("froh")
    if value is None:
        return np.nan
    if metric not in BY_HETS or froh is None or froh >= 1:
        return value
    return value / (1 - froh) if metric == "het_rate" else (value - froh) / (1 - froh)


def _tell(metric, row, value, far, usual, alike, limits, key, lacking) -> tuple[str, str] | None:
    """What kind of reason a deviation is, and its words; None for one that is of no matter."""
    alone = alike.components is None or row["pcs"] is None
    than = f"the median {alike.words}" if alone else "what its ancestry predicts,"
    than = than.replace("the median of the cohort", "the cohort's median")
    text = f"{abs(far):.1f} deviations from {than} {usual:.4f}, more than {limits[key]}"
    if metric == "inbreeding":
        within = 1 - (1 - value) / (1 - usual)
        if abs(within) <= limits["max_inbreeding"]:
            return None
        return "warnings", f"inbreeding {value:.3f} is beyond ±{limits['max_inbreeding']} and {text}"
    if metric != "het_rate":
        return "warnings", f"{metric} {value:.4f} is {text}"
    hint, unlabelled = "", alone and not row.get("population_reported")
    if unlabelled:
        hint = ". Other ancestry does that too: give population in the sample sheet, or a reference panel"
    if far < 0 and usual > 0 and 1 - value / usual <= limits["max_inbreeding"]:
        lack = f"a lack of {1 - value / usual:.3f}"
        if row.get("froh") is None:
            cousins = (
                "as children of relatives have it (of first cousins 0.0625), or as alleles that are not seen make it"
            )
            return "notes", f"het_rate {value:.4f} is {text}: {lack}, {cousins}{hint}"
        if unlabelled and lacking >= MINORITY:
            return "notes", f"het_rate {value:.4f} is {text}: {lack}, which {lacking} people have{hint}"
    why = "mixed DNA or wrong genotypes" if far > 0 else "alleles that are not seen, or parents who are related"
    return "warnings", f"het_rate {value:.4f} is {text}: {why}{hint}"


def _errors(metric: str, rows: list[dict], values: np.ndarray) -> np.ndarray | None:
    """The sampling error of each value: of a ratio of two counts, of a count; None of a rate over all sites."""
    if metric == "n_singleton":
        return np.full(len(values), np.sqrt(max(1.0, np.nanmedian(values))))
    if f"{metric}_counts" not in rows[0]:
        return None
    counts = np.array([row.get(f"{metric}_counts") or (1, 1) for row in rows], float)
    return values * np.sqrt((1 / np.maximum(counts, 1)).sum(axis=1))


def _components(pcs: list[list[float] | None]) -> np.ndarray | None:
    """Principal components of the samples, NaN for those without, as many as a tenth of the samples can bear."""
    known = [own for own in pcs if own is not None]
    width = min(min((len(own) for own in known), default=0), len(known) // 10)
    if not width:
        return None
    return np.array([[np.nan] * width if own is None else own[:width] for own in pcs], float)
