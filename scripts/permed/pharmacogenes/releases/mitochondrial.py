"""Rows of a gene of mitochondrial DNA: alleles and risks from its phenotype table, places from the supplement."""

from permed.errors import Fault
from permed.pharmacogenes.releases import declared
from permed.pharmacogenes.releases.supplement import Supplement

CONTIG = "chrM"
REFERENCE = "Reference"


def mitochondrial_rows(phenotype: dict, spare: Supplement) -> dict[str, list[tuple]]:
    """Rows by table of a gene that the allele definitions lack; each allele is one change of rCRS, by its name.

    An allele whose place the supplement does not give on both builds, such as ``m.961T>del+Cn`` with its unknown
    count of bases, is known by name and never found in variants.
    """
    gene = phenotype["gene"]
    named = (declared.CLINPGX_PHENOTYPES, phenotype["version"], declared.CLINPGX_LICENCE)
    laid = (declared.PYPGX, declared.PYPGX_VERSION, declared.PYPGX_LICENCE)
    names = [allele["name"] for allele in phenotype["namedAlleles"]]
    places = {name: place for name in names if (place := _place(spare, gene, name))}
    sites: dict[tuple[int, str], list[tuple[str, str]]] = {}
    for name, (pos, ref, alt) in places.items():
        sites.setdefault((pos, ref), []).append((alt, name))
    proof = f"{declared.PYPGX} {declared.PYPGX_VERSION} ({declared.PYPGX_LICENCE}): the same variant on both builds"
    positions, cells = [], []
    for (pos, ref), changes in sorted(sites.items()):
        alts, hgvs = ",".join(alt for alt, _ in changes), "; ".join(name for _, name in changes)
        elsewhere = (CONTIG, str(pos), ref, alts, f"{proof}; REF seen")
        flags = (None, "no", "definition", "no", hgvs)
        positions.append((gene, CONTIG, str(pos), ref, alts, *flags, *elsewhere, "no", None, *laid))
        cells.append((gene, REFERENCE, str(pos), ref, *laid))
    cells += [(gene, name, str(pos), alt, *laid) for name, (pos, _, alt) in places.items()]
    defined = {REFERENCE, *places}
    functions = {allele["name"]: allele["functionValue"] for allele in phenotype["namedAlleles"]}
    flag = {True: "yes", False: "no"}
    return {
        "genes": [
            (gene, CONTIG, REFERENCE, "mitochondrial", "no", "function", "no", "top", *declared.loss(gene), *named)
        ],
        "positions": positions,
        "alleles": [
            (gene, name, name, flag[name == REFERENCE], flag[name in defined], function, None, *named)
            for name, function in functions.items()
        ],
        "allele_variants": cells,
        "phenotypes": [
            (gene, function, None, None, answer, *named)
            for function, answer in sorted(_answers(phenotype, functions).items())
        ],
    }


def _place(spare: Supplement, gene: str, name: str) -> tuple[int, str, str] | None:
    """Position, REF and ALT of an allele of one change, which must be the same on both builds."""
    here, there = spare.core.get((gene, name), ([], []))
    if not here and not there:
        return None
    if here != there or len(here) != 1:
        raise Fault(f"{gene} {name}: the builds do not give one and the same change", file="allele-table.csv")
    return here[0]


def _answers(phenotype: dict, functions: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in phenotype["diplotypes"]:
        (name,) = row["diplotypekey"]
        if found.setdefault(functions[name], row["phenotype"]) != row["phenotype"]:
            raise Fault(f"{phenotype['gene']}: {functions[name]} has two phenotypes")
    return found
