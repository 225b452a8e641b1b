"""KING-robust kinship of pairs from their counts, and how far it can be trusted."""

import numpy as np

from permed.quality.kinship.kernels import BOTH_HET, FIRST_HET, IBS0, SECOND_HET
from permed.quality.kinship.sites import KinshipSites

INTERVAL = 1.96  # standard errors either side, for 95 %


def kinship(counts: np.ndarray) -> np.ndarray:
    """KING-robust kinship from counts of the shape (..., 4 or more); NaN where one of a pair has no heterozygous site.

    1/2 - (4 IBS0 + sites heterozygous in one and homozygous in the other) / (4 x the smaller number of heterozygous
    sites), over the sites called in both: the between-family estimator of Manichaikul et al., Bioinformatics 2010, as
    PLINK 2's ``--make-king-table`` has it.
    """
    above, below = _ratio(counts)
    return 0.5 - np.divide(above, 4 * below, out=np.full(below.shape, np.nan), where=below > 0)


def site_variance(counts: np.ndarray) -> np.ndarray:
    """Variance of the kinship that independent sites give, of the ratio's linear form; NaN as in :func:`kinship`."""
    above, below = _ratio(counts)
    ratio = np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)
    own = np.minimum(counts[..., FIRST_HET], counts[..., SECOND_HET])
    other = np.maximum(counts[..., FIRST_HET], counts[..., SECOND_HET])
    spread = 16.0 * counts[..., IBS0] + other + own * (1 - ratio) ** 2 + counts[..., BOTH_HET] * ratio**2
    return spread / (16 * np.square(below, where=below > 0, out=np.full(below.shape, np.nan)))


def standard_error(by_contig: np.ndarray, sites: KinshipSites) -> np.ndarray:
    """Standard error of pairs' kinship over the whole genome, from counts of the shape (pairs, contigs, 4 or more).

    The sites' own variance, as if places 20 kb apart were independent, and for the part of the genome without sites the
    variance between autosomes beyond it: relatives share segments, and those without a site are not seen.
    """
    counts = by_contig.sum(axis=1, dtype=np.int64)
    inner = site_variance(counts) * sites.crowding
    above, below = _ratio(counts)
    ratio = np.divide(above, below, out=np.full(below.shape, np.nan), where=below > 0)
    first_is_own = counts[:, FIRST_HET] <= counts[:, SECOND_HET]
    own = np.where(first_is_own[:, None], by_contig[..., FIRST_HET], by_contig[..., SECOND_HET]).astype(np.int64)
    others = 4 * by_contig[..., IBS0].astype(np.int64) + by_contig[..., FIRST_HET] + by_contig[..., SECOND_HET]
    residual = others - ratio[:, None] * (own + by_contig[..., BOTH_HET])
    contigs = len(np.unique(sites.contig))
    outer = contigs / max(1, contigs - 1) * np.square(residual).sum(axis=1) / (16 * np.square(below))
    return np.sqrt(inner + (1 - sites.covered) * np.maximum(0, outer - inner))


def _ratio(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Squared differences between two people's allele counts, and the smaller number of heterozygous sites."""
    counts = counts.astype(np.int64)
    above = 4 * counts[..., IBS0] + counts[..., FIRST_HET] + counts[..., SECOND_HET]
    below = np.minimum(counts[..., FIRST_HET], counts[..., SECOND_HET]) + counts[..., BOTH_HET]
    return above.astype(float), below.astype(float)
