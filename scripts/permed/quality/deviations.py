"""How far a sample's metric lies from its cohort's, in median absolute deviations, with ancestry taken out."""

import numpy as np

MAD_TO_SD = 1.4826


def deviations(
    values: np.ndarray, components: np.ndarray | None = None, errors: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Deviations of each value, and what was expected of it; NaN for values that are NaN.

    What is expected is the median, or the values' regression on principal ``components`` (samples x components) plus
    the median of what that leaves; samples without components are compared as if nobody had any. A deviation is the
    distance divided by the median absolute one, scaled to a standard deviation, or by the value's own sampling error
    (``errors``) where that is larger; NaN where both are 0.
    """
    expected, spread = np.full(len(values), np.nan), np.full(len(values), np.nan)
    known = ~np.isnan(values)
    if known.any():
        expected[known] = np.median(values[known])
        spread[known] = MAD_TO_SD * np.median(np.abs(values[known] - expected[known]))
    if components is not None:
        own = known & ~np.isnan(components).any(axis=1)
        if own.sum() >= 3 * (components.shape[1] + 1):
            terms = np.column_stack([np.ones(own.sum()), components[own]])
            fitted = terms @ np.linalg.lstsq(terms, values[own], rcond=None)[0]
            expected[own] = fitted + np.median(values[own] - fitted)
            spread[own] = MAD_TO_SD * np.median(np.abs(values[own] - expected[own]))
    if errors is not None:
        spread = np.fmax(spread, errors)
    away = np.divide(values - expected, spread, out=np.full(len(values), np.nan), where=spread > 0)
    return away, expected
