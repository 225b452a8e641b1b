"""Functions of alleles and phenotypes of their pairs, from the published tables, the supplement and what is newer."""

import itertools
from pathlib import Path

from permed.errors import Fault
from permed.pharmacogenes.phenotypes import add_values, least
from permed.pharmacogenes.releases import declared
from permed.pharmacogenes.releases.supplement import Supplement
from permed.tables import read_table

Key = tuple[str | None, str | None, str | None]  # functions of a pair, sorted, or of one allele; or an activity score
Functions = dict[str, tuple[str | None, str | None]]


def read_newer(path: Path | None) -> dict[str, dict[str, tuple]]:
    """Function, activity value and provenance by gene and allele, of a table such as ``function_updates.tsv``."""
    found: dict[str, dict[str, tuple]] = {}
    for line, (gene, allele, *values) in enumerate(read_table(path).rows() if path else (), start=2):
        if found.setdefault(gene, {}).setdefault(allele, tuple(values)) != tuple(values):
            raise Fault(f"{gene} {allele} has two functions", file=path, line=line, remedy="Leave one row")
    return found


def read_newer_phenotypes(path: Path | None) -> dict[str, dict[Key, tuple]]:
    """Phenotype and provenance by gene and key, of a table such as ``phenotype_updates.tsv``."""
    found: dict[str, dict[Key, tuple]] = {}
    for line, (gene, first, second, score, *values) in enumerate(read_table(path).rows() if path else (), start=2):
        if (first is None) == (score is None) or (second and not first):
            raise Fault("a row has one or two functions, or a score", file=path, line=line, remedy="Correct the row")
        key = (first, second, score) if second is None else (*sorted((first, second)), score)
        if found.setdefault(gene, {}).setdefault(key, tuple(values)) != tuple(values):
            raise Fault(f"{gene}: two phenotypes for {key}", file=path, line=line, remedy="Leave one row")
    return found


def functions_of(
    definition: dict, phenotype: dict | None, spare: Supplement, newer: dict[str, tuple], withdrawn: set[str]
) -> Functions:
    """Function and activity value by allele: all of the definition's, then those with a function only."""
    gene, scored = definition["gene"], definition["gene"] in declared.SCORED
    nothing = (declared.UNASSIGNED, declared.NOT_AVAILABLE if scored else None)
    named = [allele["name"] for allele in definition["namedAlleles"]]
    if gene in declared.SUPPLEMENTED:
        found = {a["name"]: spare.function(gene, a["name"], _key(definition, a)) for a in definition["namedAlleles"]}
        ignored = {name for name, of in found.items() if of is None}
        found |= {n: spare.function(gene, n, "") for n in spare.names(gene) if n not in found and n not in ignored}
    elif phenotype is not None:
        listed = {a["name"]: (a["functionValue"], a["activityValue"]) for a in phenotype["namedAlleles"]}
        hidden = definition["suballelesMap"]
        found = {name: listed.get(hidden.get(name, name)) for name in named}
        found |= {name: of for name, of in listed.items() if name not in found}
    else:
        found = dict.fromkeys(named, nothing if newer else (None, None))
    found = {name: (of[0], of[1] if scored else None) if of else nothing for name, of in found.items()}
    found |= {name: (function, value) for name, (function, value, *_) in newer.items()}
    return {name: of for name, of in found.items() if name not in withdrawn}


def _key(definition: dict, allele: dict) -> str:
    """An allele's variants as the supplement writes them; empty for alleles the supplement always names alike."""
    contig = definition["chromosome"].removeprefix("chr")
    cells = zip(definition["variants"], allele["alleles"], strict=True)
    return ",".join(f"{contig}-{v['position']}-{v['ref']}-{base}" for v, base in cells if base and base != v["ref"])


def phenotype_rows(
    gene: str, functions: Functions, phenotype: dict | None, spare: Supplement, newer: dict[Key, tuple]
) -> list[tuple]:
    """Rows of the table of phenotypes: one for every pair of functions or activity score that alleles can have.

    What the sources leave open is ``n/a``. A gene without functions, or with none of the sources, has no rows. A fault
    names what ``newer`` has for functions or scores that no alleles of the gene have.
    """
    if gene in declared.SCORED:
        given, default = _scores(gene, functions, phenotype, spare)
        values = sorted({value for _, value in functions.values()})
        pairs = itertools.combinations_with_replacement(values, 2)
        keys = [(None, None, score) for score in sorted({add_values([a, b]) for a, b in pairs})]
    else:
        given, default = _published(gene, functions, phenotype)
        known = sorted({function for function, _ in functions.values() if function is not None})
        keys = [(a, b, None) for a, b in itertools.combinations_with_replacement(known, 2)]
        keys += [(function, None, None) for function in known if any(b is None for a, b, _ in newer if a)]
    if not default and not newer:
        return []
    for key in newer:
        if key not in keys:
            what = " and ".join(part for part in key if part)
            raise Fault(f"{gene}: a phenotype for {what}, which no alleles have", remedy="Correct the newer phenotypes")
    origin = default or next(iter(newer.values()))[1:]
    given |= newer
    return [(gene, *key, *given.get(key, (declared.NOT_AVAILABLE, *origin))) for key in keys]


def _origin(phenotype: dict) -> tuple[str, str, str]:
    return declared.CLINPGX_PHENOTYPES, phenotype["version"], declared.CLINPGX_LICENCE


def _published(gene: str, functions: Functions, phenotype: dict | None) -> tuple[dict[Key, tuple], tuple]:
    """Phenotypes by the pair of functions, and the provenance of the table even if it has none."""
    if phenotype is None:
        return {}, ()
    origin, found = _origin(phenotype), {}
    own = {allele["name"]: allele["functionValue"] for allele in phenotype["namedAlleles"]}
    for pair in _diplotypes(phenotype):
        key = (*sorted(own[name] for name in pair["names"]), None)
        if found.setdefault(key, (pair["phenotype"], *origin))[0] != pair["phenotype"]:
            raise Fault(f"{gene}: {' and '.join(key[:2])} have two phenotypes")
    return found, origin


def _scores(
    gene: str, functions: Functions, phenotype: dict | None, spare: Supplement
) -> tuple[dict[Key, tuple], tuple]:
    """Phenotypes by activity score."""
    if phenotype is None:
        origin, unknown = (declared.PYPGX, declared.PYPGX_VERSION, declared.PYPGX_LICENCE), declared.NOT_AVAILABLE
        values = {value for _, value in functions.values()}
        scores = {add_values([a, b]) for a, b in itertools.combinations_with_replacement(values, 2)}
        answers = {s: declared.INDETERMINATE if s == unknown else spare.phenotype(gene, least(s)) for s in scores}
        return {(None, None, score): (answer, *origin) for score, answer in answers.items()}, origin
    origin, answers = _origin(phenotype), {declared.NOT_AVAILABLE: declared.INDETERMINATE}
    for pair in _diplotypes(phenotype):
        score = add_values([functions[name][1] for name in pair["names"]])
        if (score, answers.setdefault(score, pair["phenotype"])) != (pair["activityScore"], pair["phenotype"]):
            raise Fault(f"{gene} {pair['diplotype']}: the activity values do not add up to the published score")
    return {(None, None, score): (answer, *origin) for score, answer in answers.items()}, origin


def _diplotypes(phenotype: dict) -> list[dict]:
    return [
        pair | {"names": [name for name, n in pair["diplotypekey"].items() for _ in range(n)]}
        for pair in phenotype["diplotypes"]
    ]
