"""People whose genotypes list only what they carry, as those of variant-only files merged with others do.

Everybody is homozygous for REF at many of the sites at which somebody else of a cohort carries ALT. Who has hardly any
such genotype, and many missing ones, was not looked at there: the missing genotypes are other people's sites, and say
nothing of the sample.
"""

import numpy as np
from numpy.typing import ArrayLike

# Of called genotypes. A child jointly called with a parent has about a quarter, people of unlike origins more than a
# tenth; of variant-only files only the other rows of a site with several ALT are left.
MAX_REFERENCE = 0.1
REMEDIES = (
    "cohort.callable (a BED of where every site was looked at)",
    "gVCFs",
    "or cohort.absent_sites: reference where every site was looked at",
)


def lists_carried_only(
    called: int, het: int, alt: int, total: int, fewest: int, least_call_rate: float, files: bool = False
) -> bool:
    """Whether genotypes are missing at others' sites rather than for the sample's quality, by counts over sites.

    ``called`` of ``total`` genotypes are there, ``het`` heterozygous and ``alt`` homozygous ALT; ``files`` says that
    the person's files are known to be of variants only, whatever records that failed a filter add. False where there
    are fewer than ``fewest``, or where the call rate is ``least_call_rate`` or more and needs no excuse.
    """
    if called < fewest or called >= least_call_rate * total:
        return False
    return files or bool(carries_only(called, het, alt))


def carries_only(called: ArrayLike, het: ArrayLike, alt: ArrayLike) -> np.ndarray:
    """Whether hardly any of the called genotypes is reference, whatever is missing; bool, an element a person."""
    called = np.asarray(called)
    return (called > 0) & (called - het - alt < MAX_REFERENCE * called)


def why_no_call_rate(called: int, het: int, alt: int) -> str:
    """Why call rate says nothing of such a person."""
    return (
        f"the genotypes list only what the person carries ({called - het - alt} of {called} are homozygous reference), "
        "so that the missing ones are other people's sites"
    )


def remedy() -> str:
    """What would let such a person be judged by call rate, and tell what is reference."""
    return f"Give {', '.join(REMEDIES)}, or set quality.preset: variants"
