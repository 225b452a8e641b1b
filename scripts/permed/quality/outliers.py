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
BY_HETS = ("het_rate", "inbreeding")
BY_ANCESTRY = (*BY_HETS, "het_hom_alt", "n_singleton")
MINORITY = 3  # people who deviate alike, without a population in the sheet: perhaps one of their own
LOST_ALT = 0.9  # of the usual share of homozygous ALT genotypes: two people's DNA makes heterozygotes of the others
LABEL = "Give population in the sample sheet, or a reference panel"


@dataclass(frozen=True)
class _Alike:
    """Places of people who can be compared, what to call them, and their principal components if they have any."""

    members: list[int]
    words: str
    components: np.ndarray | None


@dataclass(frozen=True)
class _Deviation:
    """A value so many deviations (``far``) from the ``usual`` one of its metric; so many ``alike`` to that side."""

    metric: str
    value: float
    far: float
    usual: float
    limit: float
    alike: int

    @property
    def within(self) -> float:
        """Inbreeding beyond the usual one, as that of a person within a population (Wright)."""
        return 1 - (1 - self.value) / (1 - self.usual)

    @property
    def lack(self) -> float:
        """The share of the usual heterozygotes that is lacking."""
        return 1 - self.value / self.usual if self.usual > 0 else float("nan")


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
                    few = f"heterozygosity: {known.sum()} people for {alike.words}, {least} are needed"
                    yield from ((n, "unknown", few) for n, there in zip(alike.members, known, strict=True) if there)
                continue
            away, expected = deviations(values, alike.components, _errors(metric, own, values))
            usual_alt = float(np.median([_alt_share(row) for row in own]))
            limit = limits[alike.members[0]][key]
            for n, row, *deviation in zip(alike.members, own, values, away, expected, strict=True):
                found = _Deviation(
                    metric, *deviation, limit, int(np.count_nonzero(np.sign(deviation[1]) * away > limit))
                )
                mixed = found.far > 0 and _alt_share(row) < LOST_ALT * usual_alt
                if abs(found.far) > limit and (low_too or found.far > 0):
                    yield from ((n, *told) for told in _tell(found, row, alike, limits[n]["max_inbreeding"], mixed))


def _alike(rows: list[dict]) -> Iterator[_Alike]:
    """People of one group and batch; of those without components only those of one population of the sheet."""
    groups: dict[tuple, list[int]] = {}
    for n, row in enumerate(rows):
        groups.setdefault((row["group"], row.get("batch")), []).append(n)
    several = len(groups) > 1
    for (_, batch), members in groups.items():
        words = f"the median of {batch}" if several and batch else "the cohort's median"
        components = _components([rows[n]["pcs"] for n in members])
        labels = dict.fromkeys(rows[n].get("population_reported") for n in members)
        if components is not None or len(labels) == 1:
            yield _Alike(members, words, components)
            continue
        for label in labels:
            own = [n for n in members if rows[n].get("population_reported") == label]
            yield _Alike(own, f"the median of population {label}" if label else f"{words} without a population", None)


def _without_runs(metric: str, row: dict) -> float:
    """The value of a metric; of heterozygosity and inbreeding that outside of runs of homozygosity."""
    value, froh = row[metric], row.get("froh")
    if value is None:
        return np.nan
    if metric not in BY_HETS or froh is None or froh >= 1:
        return value
    return value / (1 - froh) if metric == "het_rate" else (value - froh) / (1 - froh)


def _tell(found: _Deviation, row: dict, alike: _Alike, most: float, mixed: bool) -> Iterator[tuple[str, str]]:
    """What kind of reason a deviation is, and its words; nothing for one of inbreeding up to ``most``.

    ``mixed`` says that the person has fewer homozygous ALT genotypes than usual, as two people's DNA does.
    """
    alone = alike.components is None or row["pcs"] is None
    than = alike.words if alone else "what its ancestry predicts,"
    text = f"{abs(found.far):.1f} deviations from {than} {found.usual:.4f}, more than {found.limit}"
    if found.metric == "inbreeding":
        if abs(found.within) <= most:
            return
        text = f"inbreeding {found.value:.3f} is {text}, and {found.within:.3f} within, beyond ±{most}"
    else:
        text = f"{found.metric} {found.value:.4f} is {text}"
    unlabelled = alone and not row.get("population_reported") and found.metric in BY_ANCESTRY
    if unlabelled and found.alike >= MINORITY and not mixed:
        yield "notes", f"{text}: {found.alike} people deviate so, perhaps by ancestry. {LABEL}"
    elif found.metric == "het_rate" and found.far < 0 and row.get("froh") is None and found.lack <= most:
        yield "notes", f"{text}: a lack of {found.lack:.3f}, as children of relatives (of first cousins 0.0625) have it"
    elif found.metric == "het_rate":
        why = "mixed DNA or wrong genotypes" if found.far > 0 else "alleles that are not seen, or related parents"
        yield "warnings", f"{text}: {why}{f'. If it is ancestry: {LABEL}' if unlabelled else ''}"
    else:
        yield "warnings", text


def _alt_share(row: dict) -> float:
    return row["n_alt"] / row["n_called"] if row["n_called"] else 0.0


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
