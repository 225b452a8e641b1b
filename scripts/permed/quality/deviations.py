"""How far a sample's metric lies from its cohort's, in median absolute deviations, with ancestry taken out."""

import numpy as np

MAD_TO_SD = 1.4826


def deviations(
    values: np.ndarray, components: np.ndarray | None = None, errors: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Deviations of each value, and what was expected of it; NaN for values that are NaN.

    What is expected is the median, or the values' regression on principal ``components`` (samples x components) plus
    the median of what that leaves; samples without components get the plain median's. A deviation is the distance
    divided by the median absolute one, scaled to a standard deviation, or by the value's own sampling error
    (``errors``) where that is larger; NaN where both are 0.
    """
    expected = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    if known.any():
        expected[known] = np.median(values[known])
    usable = known if components is None else known & ~np.isnan(components).any(axis=1)
    if components is not None and usable.sum() >= 3 * (components.shape[1] + 1):
        terms = np.column_stack([np.ones(usable.sum()), components[usable]])
        fitted = terms @ np.linalg.lstsq(terms, values[usable], rcond=None)[0]
        expected[usable] = fitted + np.median(values[usable] - fitted)
    distance = values - expected
    spread = np.full(len(values), MAD_TO_SD * np.median(np.abs(distance[known])) if known.any() else np.nan)
    if errors is not None:
        spread = np.fmax(spread, errors)
    return np.divide(distance, spread, out=np.full(len(values), np.nan), where=spread > 0), expected
