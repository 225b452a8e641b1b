"""Counts of reads by allele of one person, gathered into classes, and which counts the file could have shown."""

import math
from dataclasses import dataclass

import numpy as np

CLASSES = 10  # of the frequency of ALT
LEAST_SHARE = 0.3  # of ALT reads: below it callers and files differ in whether they give a site's reads at all
MIN_DEPTH, MAX_DEPTH = 10, 100  # reads at a site, as in CHARR
BALANCED = (0.35, 0.65)  # shares of ALT reads that are a heterozygote's, to see how far reads favour REF
LEAST_BIAS, MOST_BIAS = 0.4, 0.6
MAX_FILTER = 40  # a file whose lowest GQ is higher was not filtered by it: it has one for everybody, or many reads
CALLER_ERRORS = (0.001, 0.003, 0.01, 0.03)  # rates of wrong bases that callers reckon with when they give a GQ


@dataclass(frozen=True)
class Cells:
    """``cells`` (int64, rows of frequency class, reads, ALT reads) with the ``number`` of sites of each.

    ``frequency`` is that of ALT in each class, ``low`` the fewest ALT reads looked at by the number of reads, ``shown``
    (reads, ALT reads) the counts that the file can show, ``ways`` their binomial coefficients, ``bias`` the share of
    ALT reads of heterozygotes."""

    cells: np.ndarray
    number: np.ndarray
    frequency: np.ndarray
    low: np.ndarray
    shown: np.ndarray
    ways: np.ndarray
    bias: float

    @property
    def sites(self) -> int:
        """How many sites they are."""
        return int(self.number.sum())

    @property
    def depth(self) -> float:
        """Mean reads at these."""
        return float((self.number * self.cells[:, 1]).sum() / max(1, self.sites))


def gather(ref: np.ndarray, alt: np.ndarray, quality: np.ndarray, frequency: np.ndarray) -> Cells:
    """Gather the sites of one person; arrays have an element a site, -1 where there are no reads or no quality.

    Sites count that have 10 to 100 reads, at most three times the median, of which a share of at least 0.3 is ALT,
    whatever genotype was called: nearly all that are heterozygous or homozygous for ALT, and few others. ``frequency``
    is that of ALT, NaN where it is not known.
    """
    reads = np.where((ref >= 0) & (alt >= 0), ref.astype(np.int64) + alt, 0)
    low = np.ceil(LEAST_SHARE * np.arange(MAX_DEPTH + 1) - 1e-9).astype(np.int64)
    used = (reads >= MIN_DEPTH) & (reads <= MAX_DEPTH) & ~np.isnan(frequency)
    if used.any():
        used &= reads <= 3 * np.median(reads[used])
    used &= alt >= low[np.minimum(reads, MAX_DEPTH)]
    reads, alt, quality, frequency = reads[used], alt[used].astype(np.int64), quality[used], frequency[used]
    kind = np.minimum((frequency * CLASSES).astype(np.int64), CLASSES - 1)
    width = MAX_DEPTH + 1
    keys, number = np.unique((kind * width + reads) * width + alt, return_counts=True)
    cells = np.stack([keys // width**2, keys // width % width, keys % width], axis=1).astype(np.int64)
    totals = np.bincount(kind, weights=frequency, minlength=CLASSES)
    means = np.divide(totals, np.bincount(kind, minlength=CLASSES), out=np.full(CLASSES, 0.5), where=totals > 0)
    shown = _shown(cells, quality)
    return Cells(cells, number.astype(np.int64), means, low, shown, _WAYS, _bias(reads, alt))


def _bias(reads: np.ndarray, alt: np.ndarray) -> float:
    share = alt / np.maximum(reads, 1)
    balanced = (share >= BALANCED[0]) & (share <= BALANCED[1])
    return float(np.clip(share[balanced].mean(), LEAST_BIAS, MOST_BIAS)) if balanced.any() else 0.5


def _shown(cells: np.ndarray, quality: np.ndarray) -> np.ndarray:
    """Which counts the file can show: not those to which a caller gives a lower GQ than the file has anywhere.

    Callers differ in the rate of wrong bases that they reckon with: what any of them would hold for too uncertain, and
    what was not seen, may have been filtered.
    """
    shown = np.ones((MAX_DEPTH + 1, MAX_DEPTH + 1), bool)
    known = quality[quality >= 0]
    if not len(known) or known.min() > MAX_FILTER:
        return shown
    reads, alt = np.meshgrid(np.arange(MAX_DEPTH + 1), np.arange(MAX_DEPTH + 1), indexing="ij")
    for error in CALLER_ERRORS:
        wrong, right, half = -10 * np.log10([error, 1 - error, 0.5])
        het = reads * half
        homozygous = np.maximum(reads - alt, 0) * wrong + alt * right
        shown &= np.abs(het - homozygous) >= known.min()
    shown[cells[:, 1], cells[:, 2]] = True
    return shown


_WAYS = np.array([[float(math.comb(n, k)) for k in range(MAX_DEPTH + 1)] for n in range(MAX_DEPTH + 1)])
