"""Reads of a person mixed with another's, and the genotypes that a plain caller makes of them."""

from dataclasses import dataclass

import numpy as np

CALLER_ERROR = 0.01  # rate of wrong bases that the caller reckons with
MOST_QUALITY = 99
CONTAMINANTS = ("stranger", "parent", "sibling")


@dataclass(frozen=True)
class Calls:
    """Genotypes at sites, an element each: copies of ALT (3 for missing), reads of REF and ALT, and quality (GQ)."""

    copies: np.ndarray
    ref: np.ndarray
    alt: np.ndarray
    quality: np.ndarray

    def kept(self, least_quality: int) -> "Calls":
        """What a laboratory's filter leaves: of genotypes of a lower quality neither alleles nor reads."""
        low = self.quality < least_quality
        copies = np.where(low, 3, self.copies)
        return Calls(copies, *(np.where(low, -1, each) for each in (self.ref, self.alt, self.quality)))

    def listed(self) -> "Calls":
        """What a file of variants alone holds: nothing where the person was called reference."""
        absent = self.copies == 0
        return Calls(
            np.where(absent, 3, self.copies), *(np.where(absent, -1, n) for n in (self.ref, self.alt, self.quality))
        )

    def cells(self) -> list[str]:
        """The genotypes as text of GT:AD:DP:GQ."""
        words = np.array(["0/0", "0/1", "1/1", "./."])[self.copies].tolist()
        rows = zip(words, self.ref.tolist(), self.alt.tolist(), self.quality.tolist(), strict=True)
        return [f"{gt}:{ref},{alt}:{ref + alt}:{gq}" if ref >= 0 else "./.:.:.:." for gt, ref, alt, gq in rows]


def person_and_contaminant(
    rng: np.random.Generator, frequency: np.ndarray, contaminant: str = "stranger", inbreeding: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Copies of ALT of a person and of whose reads are mixed in, at unlinked sites of a frequency of ALT.

    ``inbreeding`` is the share of the genome at which the person has one ancestor's allele twice.
    """
    sites = np.arange(len(frequency))
    parents = rng.random((2, 2, len(frequency))) < frequency  # of father and mother, two each

    def child() -> np.ndarray:
        return np.stack([parents[n, rng.integers(0, 2, len(sites)), sites] for n in range(2)])

    person = child()
    person[1] = np.where(rng.random(len(sites)) < inbreeding, person[0], person[1])
    others = {"stranger": rng.random((2, len(sites))) < frequency, "parent": parents[0], "sibling": child()}
    return person.sum(axis=0), others[contaminant].sum(axis=0)


def read(
    rng: np.random.Generator,
    copies: np.ndarray,
    other: np.ndarray,
    share: float,
    depth: float,
    error: np.ndarray | float = 0.001,
    bias: float = 0.5,
    spread: float = 0.0,
) -> tuple[np.ndarray, np.ndarray]:
    """Reads of REF and ALT where a ``share`` comes from ``other`` and a base is wrong at the rate ``error``.

    ``bias`` is the share of ALT reads that a heterozygote shows, ``spread`` its standard deviation over sites.
    """
    shown = (1 - share) * copies / 2 + share * other / 2
    favour = np.clip(bias + spread * rng.standard_normal(len(copies)), 0.02, 0.98)
    shown = shown * favour / (shown * favour + (1 - shown) * (1 - favour))
    total = rng.poisson(depth, len(copies))
    alt = rng.binomial(total, shown * (1 - error) + (1 - shown) * error)
    return total - alt, alt


def call(ref: np.ndarray, alt: np.ndarray) -> Calls:
    """The likeliest of three genotypes, and by how much it is likelier than the next, as GQ."""
    wrong, right = -10 * np.log10(CALLER_ERROR), -10 * np.log10(1 - CALLER_ERROR)
    half = -10 * np.log10(0.5)
    cost = np.stack([ref * right + alt * wrong, (ref + alt) * half, ref * wrong + alt * right])
    order = np.sort(cost, axis=0)
    quality = np.minimum(np.rint(order[1] - order[0]), MOST_QUALITY).astype(np.int64)
    copies = np.where(ref + alt > 0, cost.argmin(axis=0), 3)
    return Calls(copies, ref, alt, quality)
