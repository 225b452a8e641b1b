"""What of a gene's call may be computed with: calls that are not settled, or for research only, are not known."""

RELIABLE = ("called", "multiple")
OR = " OR "  # between equally good results; each column lists its own distinct ones
NOT_AVAILABLE = "n/a"


def is_reliable(call: dict | None) -> bool:
    """Whether diplotype, phenotype and score of a call may be relied on."""
    if call is None or call["state"] not in RELIABLE:
        return False
    return not (call.get("research") or call.get("contradicted"))


def is_settled(call: dict | None) -> bool:
    """Whether a call may be computed with: it is reliable, and nothing is carried beside it that may lower it."""
    return is_reliable(call) and not call.get("also_carried")


def diplotypes_of(call: dict | None) -> tuple[str, ...]:
    """Every equally good diplotype; empty where it is not known."""
    return _texts(call["diplotype"]) if is_settled(call) else ()


def phenotypes_of(call: dict | None) -> tuple[str, ...]:
    """Every equally good phenotype, also the one that all possibilities of an unsettled call share; empty else."""
    if is_settled(call):
        return _texts(call["phenotype"])
    if call is None or not call.get("phenotype_certain"):
        return ()
    if any(call.get(name) for name in ("research", "contradicted", "also_carried")):
        return ()
    shared = _texts(call["phenotype"])
    return shared if len(shared) == 1 else ()


def scores_of(call: dict | None) -> tuple[str, ...]:
    """Every equally good activity score as text (``1.0``, ``≥3.0``, ``n/a``); empty where there is none."""
    return _texts(call.get("activity_score")) if is_settled(call) else ()


def why_not(gene: str, call: dict | None) -> str:
    """Why a gene is not known, in words."""
    if call is None:
        return f"{gene} was not called"
    if call.get("research"):
        return f"the call of {gene} is for research only"
    if is_reliable(call) and call.get("also_carried"):
        return f"{gene} may have lost function by a variant beside its alleles"
    return f"the result of {gene} is not known"


def _texts(cell: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (text.strip() for text in (cell or "").split(OR))))
