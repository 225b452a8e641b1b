"""PyPGx's tables, for functions and score bands of genes that the phenotype tables lack."""

import csv
from pathlib import Path

from permed.errors import Fault
from permed.pharmacogenes import declared


class Supplement:
    """Functions by allele name or by defining variants, and score bands, for genes the phenotype tables lack."""

    def __init__(self, folder: Path) -> None:
        self.by_name: dict[tuple[str, str], tuple[str, str]] = {}
        self.by_variants: dict[tuple[str, str], tuple[str, str]] = {}
        for row in _read_csv(folder / "allele-table.csv"):
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


def _read_csv(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
