"""Samples that lie far from those of their group in a metric, with ancestry taken out where it is known."""

from collections.abc import Iterator

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


def find_outliers(rows: list[dict], limits: list[dict]) -> Iterator[tuple[int, str]]:
    """The place of each sample and its reason, metric by metric, group by group.

    ``rows`` have the metrics, ``group``, ``pcs`` (principal components, or None) and, for ratios, ``{metric}_counts``;
    ``limits`` the thresholds of each. An inbreeding coefficient must be beyond ``max_inbreeding`` too: in a mixture of
    populations the cohort's frequencies give most people one above 0.
    """
    for group in dict.fromkeys(row["group"] for row in rows):
        own = [n for n, row in enumerate(rows) if row["group"] == group]
        components = _components([rows[n]["pcs"] for n in own])
        for metric, (key, fewest, low_too) in METRICS.items():
            values = np.array([np.nan if rows[n][metric] is None else rows[n][metric] for n in own], float)
            if (~np.isnan(values)).sum() < limits[own[0]][fewest]:
                continue
            away, expected = deviations(values, components, _errors(metric, [rows[n] for n in own], values))
            for n, value, far, usual in zip(own, values, away, expected, strict=True):
                if far > limits[n][key] or (low_too and far < -limits[n][key]):
                    alone = components is None or rows[n]["pcs"] is None
                    than = "the cohort's median" if alone else "what its ancestry predicts,"
                    text = f"{abs(far):.1f} deviations from {than} {usual:.4f}, more than {limits[n][key]}"
                    if metric != "inbreeding":
                        yield n, f"{metric} {value:.4f} is {text}"
                    elif abs(value) > limits[n]["max_inbreeding"]:
                        yield n, f"inbreeding {value:.3f} is beyond ±{limits[n]['max_inbreeding']} and {text}"


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
