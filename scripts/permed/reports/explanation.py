"""Why a pharmacogene's call is what it is, from the rows of its evidence."""

from permed.reports import wording
from permed.reports.evidence import texts

BEST = "diplotype"
THEN = ";"  # between alleles
_WEIGHED = (BEST, "alternative", "possible", "nearly")
_COUNTED = ("reference", "assumed", "missing")


def explanation(rows: list[dict]) -> dict | None:
    """The evidence of one person's gene, None without rows.

    ``positions``: those that were read with another than the reference base and those that could hide something.
    ``reference``, ``assumed`` and ``silent`` count those read as reference, taken for it, and unread ones that hide
    nothing that fits. ``diplotypes`` are those that were weighed.
    """
    if not rows:
        return None
    counted = {row["kind"]: row for row in rows if row["kind"] in _COUNTED and row["positions"] is not None}
    plain = counted.get("reference")
    best = {name for row in rows if row["kind"] == BEST for name in row["diplotype"].split("/")}
    single = [row for row in rows if row["kind"] not in _WEIGHED and row["positions"] is None]
    return {
        "positions": [_position(row, best) for row in single],
        "reference": plain["positions"] if plain else 0,
        "lowest_depth": plain["depth"] if plain else None,
        "lowest_depth_at": plain["position"] if plain else None,
        "assumed": counted["assumed"]["positions"] if "assumed" in counted else 0,
        "silent": counted["missing"]["positions"] if "missing" in counted else 0,
        "diplotypes": [_diplotype(row) for row in rows if row["kind"] in _WEIGHED],
    }


def told(explained: dict | None, value: str) -> list[str]:
    """A value of every diplotype that explains the genotypes best: ``phenotype`` or ``activity_score``."""
    rows = explained["diplotypes"] if explained else []
    return [row[value] for row in rows if row["kind"] == BEST and row[value] is not None]


def summary(explained: dict) -> str:
    """How many positions were read as reference and how deep, were taken for it, or were not read and hide nothing."""
    lowest = {"depth": explained["lowest_depth"], "position": explained["lowest_depth_at"]}
    shallow = "" if explained["lowest_depth"] is None else wording.LOWEST_DEPTH.format(**lowest)
    counts = (
        (explained["reference"], wording.READ_AS_REFERENCE + shallow),
        (explained["assumed"], wording.TAKEN_FOR_REFERENCE),
        (explained["silent"], wording.SILENT),
    )
    return "; ".join(wording.count_positions(count, words) for count, words in counts if count)


def _position(row: dict, best: set[str]) -> dict:
    return {
        "kind": row["kind"],
        "position": row["position"],
        "place": row["position"] if row["pos"] is None else f"{row['contig']}:{row['pos']}",
        "genotype": row["genotype"],
        "depth": row["depth"],
        "allele_depths": row["allele_depths"],
        # Those of the diplotypes that explain the genotypes best come first, as long lists are cut.
        "supports": sorted(texts(row["supports"], THEN), key=lambda name: name not in best),
        "hides": texts(row["hides"], THEN),
        "consequence": row.get("consequence"),
    }


def _diplotype(row: dict) -> dict:
    names = ("kind", "diplotype", "score", "behind", "position", "activity_score", "phenotype")
    return {name: row[name] for name in names}
