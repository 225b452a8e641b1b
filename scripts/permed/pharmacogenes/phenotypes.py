"""Activity scores and phenotypes of diplotypes, from the tables alone."""

from permed.pharmacogenes.definitions import Gene

NOT_AVAILABLE = "n/a"
AT_LEAST = "≥"  # before the value of an allele in so many copies or more


def least(value: str) -> float:
    """The number in an activity value or score, for ``≥3.0`` the least that it can be."""
    return float(value.removeprefix(AT_LEAST))


def add_values(values: list[str]) -> str:
    """Activity score: the sum of activity values, as text (``1.0``, ``1.25``, ``≥3.0``); ``n/a`` if any is unknown."""
    if any(value == NOT_AVAILABLE for value in values):
        return NOT_AVAILABLE
    open_ended = any(value.startswith(AT_LEAST) for value in values)
    return f"{AT_LEAST * open_ended}{sum(map(least, values))}"


def phenotype_of(gene: Gene, alleles: tuple[int, ...]) -> tuple[str | None, str | None]:
    """Activity score and phenotype of one or two alleles (indices); None where the tables have none for the gene."""
    carried = [gene.alleles[i] for i in alleles]
    if gene.activity == "score":
        values = [allele.activity_value for allele in carried]
        if None in values or len(values) != 2:
            return None, None
        score = add_values(values)
        return score, gene.phenotypes.get((None, None, score))
    functions = [allele.function for allele in carried]
    if None in functions:
        return None, None
    first, second = sorted(functions) if len(functions) == 2 else (functions[0], None)
    return None, gene.phenotypes.get((first, second, None))
