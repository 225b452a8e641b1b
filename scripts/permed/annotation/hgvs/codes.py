"""Genetic codes and the names of residues, from resources/annotation."""

from functools import cache
from itertools import product
from pathlib import Path

from permed.genome import canonical
from permed.tables import read_table

RESOURCES = Path(__file__).resolve().parents[4] / "resources" / "annotation"
AT_ONCE = 3 * 64  # bases that are translated before a stop codon is looked for
NAMES = {row["letter"]: row["name"] for row in read_table(RESOURCES / "residues.tsv").iter_rows(named=True)}


@cache
def _codons(code: str) -> dict[str, str]:
    rows = read_table(RESOURCES / "genetic_codes.tsv").filter(name=code)
    codons = ("".join(bases) for bases in product("TCAG", repeat=3))
    return dict(zip(codons, rows["residues"].item(), strict=True))


def genetic_code(contig: str) -> str:
    """Name of the code by which a contig's genes are translated."""
    return "mitochondrial" if canonical(contig) == "chrM" else "standard"


def csq_code(contig: str) -> str:
    """What bcftools csq calls the code of a contig."""
    rows = read_table(RESOURCES / "genetic_codes.tsv")
    return rows.filter(name=genetic_code(contig))["csq_code"].item()


def translate(bases: str, code: str) -> str:
    """Residues of whole codons up to the first stop (``*``), which is the last letter; X for a codon with N."""
    codons, made = _codons(code), ""
    for start in range(0, len(bases) - 2, AT_ONCE):
        end = min(start + AT_ONCE, len(bases) - 2)
        made += "".join([codons.get(bases[place : place + 3], "X") for place in range(start, end, 3)])
        if "*" in made:
            return made[: made.index("*") + 1]
    return made
