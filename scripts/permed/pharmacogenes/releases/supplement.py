"""PyPGx's tables: functions and score bands that the phenotype tables lack, and what it has on both builds."""

import csv
from pathlib import Path

from permed.errors import Fault
from permed.pharmacogenes.releases import declared
from permed.pharmacogenes.releases.placing import Evidence

NEEDED = {
    "allele-table.csv": "Gene StarAllele Function ActivityScore GRCh37Core GRCh38Core GRCh37Tag GRCh38Tag".split(),
    "gene-table.csv": [
        "Gene",
        "GRCh37Default",
        *(f"{build}Exon{end}" for build in ("GRCh37", "GRCh38") for end in ("Starts", "Ends")),
    ],
    "equation-table.csv": ["Gene", "Phenotype", "Equation"],
}


class Supplement:
    """Functions by allele name or by defining variants, and score bands.

    ``builds`` holds what is given on both builds, ``core`` each allele's variants as (position, REF, ALT) on GRCh37 and
    on GRCh38.
    """

    def __init__(self, folder: Path) -> None:
        self.by_name: dict[tuple[str, str], tuple[str, str]] = {}
        self.by_variants: dict[tuple[str, str], tuple[str, str]] = {}
        self.core: dict[tuple[str, str], tuple[list, list]] = {}
        alleles = _read_csv(folder / "allele-table.csv")
        genes = {row["Gene"]: row for row in _read_csv(folder / "gene-table.csv")}
        self.builds = {gene: Evidence(_exon_ends(row)) for gene, row in genes.items()}
        for row in alleles:
            evidence = self.builds[row["Gene"]]
            core = _variants(row["GRCh37Core"]), _variants(row["GRCh38Core"])
            self.core[row["Gene"], row["StarAllele"]] = core
            _add_variants(evidence, row)
            if row["StarAllele"] == genes[row["Gene"]]["GRCh37Default"] and row["GRCh37Core"] == "N/A":
                # The allele that GRCh37 itself carries: what it has over GRCh38 is the reference base there.
                evidence.carried.update(_variants(row["GRCh38Core"]))
        for row in alleles:
            function = declared.SUPPLEMENT_FUNCTIONS.get(row["Function"])
            if row["Gene"] not in declared.SUPPLEMENTED or function is None:
                continue
            score = row["ActivityScore"]
            value = declared.NOT_AVAILABLE if score == "N/A" else str(float(score))
            self.by_name[row["Gene"], row["StarAllele"]] = (function, value)
            if row["GRCh38Core"] != "N/A":
                self.by_variants[row["Gene"], row["GRCh38Core"]] = (function, value)
        self.bands = [(r["Gene"], r["Phenotype"], r["Equation"]) for r in _read_csv(folder / "equation-table.csv")]

    def function(self, gene: str, allele: str, variants: str) -> tuple[str, str] | None:
        """Function and activity value; the variants serve where two sources name one allele differently."""
        return self.by_name.get((gene, allele)) or self.by_variants.get((gene, variants))

    def names(self, gene: str) -> list[str]:
        """Alleles of the gene, in the supplement's order."""
        return [allele for of, allele in self.by_name if of == gene]

    def phenotype(self, gene: str, score: float) -> str:
        """Phenotype of an activity score by the gene's bands, such as ``0.25 <= score < 1.25``."""
        for of, phenotype, band in self.bands:
            if of == gene and _inside(band, score):
                return phenotype
        raise Fault(f"{gene}: no band holds the activity score {score}", file="equation-table.csv")


def _inside(band: str, score: float) -> bool:
    parts = band.replace("==", "=").split()
    at = parts.index("score")
    compare = {"<": float.__lt__, "<=": float.__le__, "=": float.__eq__}
    below = at == 0 or compare[parts[at - 1]](float(parts[at - 2]), score)
    return below and (at == len(parts) - 1 or compare[parts[at + 1]](score, float(parts[at + 2])))


def _exon_ends(row: dict) -> list[tuple[int, int]]:
    """Ends of the exons on both builds, less the outer ends: those follow the version of the transcript.

    Empty where the builds do not have the same exons.
    """
    names = [f"{build}Exon{end}" for end in ("Starts", "Ends") for build in ("GRCh37", "GRCh38")]
    if "N/A" in (row[name] for name in names):
        return []
    starts37, starts38, ends37, ends38 = ([int(n) for n in row[name].strip(",").split(",")] for name in names)
    if not len(starts37) == len(starts38) == len(ends37) == len(ends38):
        return []
    # Starts are 0-based in this table, as in its source (UCSC refGene).
    starts = [(a + 1, b + 1) for a, b in zip(starts37[1:], starts38[1:], strict=True)]
    return [*starts, *zip(ends37[:-1], ends38[:-1], strict=True)]


def _add_variants(evidence: Evidence, row: dict) -> None:
    """Take an allele's variants: pairs where both builds list equally many and the alleles are the same."""
    for kind in ("Core", "Tag"):
        here, there = (_variants(row[f"{build}{kind}"]) for build in ("GRCh37", "GRCh38"))
        evidence.variants.update(here)
        if len(here) == len(there):
            for (pos37, *alleles37), (pos38, *alleles38) in zip(here, there, strict=True):
                if alleles37 == alleles38 and evidence.pairs.setdefault(pos38, pos37) != pos37:
                    evidence.pairs[pos38] = -1  # two answers: none is taken


def _variants(cell: str) -> list[tuple[int, str, str]]:
    parts = [] if cell == "N/A" else [variant.split("-") for variant in cell.split(",")]
    return [(int(pos), ref, alt) for _, pos, ref, alt in parts]


def _read_csv(path: Path) -> list[dict]:
    if not path.exists():
        raise Fault("the file is not there", file=path, remedy="Give the folder of the supplement's tables")
    with path.open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file)
        absent = [name for name in NEEDED[path.name] if name not in (table.fieldnames or [])]
        if absent:
            remedy = f"The tables of PyPGx {declared.PYPGX_VERSION} have it"
            raise Fault(f"no column {', '.join(absent)}", file=path, remedy=remedy)
        return list(table)
