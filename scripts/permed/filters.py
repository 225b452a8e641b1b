"""Which records are believed, by their FILTER."""

from collections.abc import Collection, Iterable

# RefCall: DeepVariant's word for a candidate that is reference. MONOALLELIC: GLnexus' for one alternate of a region
# whose others could not be put in one record with it; no failure.
BELIEVED = ("PASS", ".", "RefCall", "MONOALLELIC")
REFERENCE_ONLY = ("RefCall",)  # believed of reference genotypes only
ANY = "any"


def failed(filters: Iterable[str], believed: Collection[str]) -> bool:
    """Whether a record's FILTER values (none where it is missing) are not all among those with which it is believed.

    A dot in ``believed`` stands for a missing FILTER, :data:`ANY` for whatever there is.
    """
    names = set(filters) or {"."}
    return ANY not in believed and not names <= set(believed)
