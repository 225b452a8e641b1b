"""Whether the folder of a built panel has what scores need of it, seen before any computing."""

from pathlib import Path

from permed.errors import Fault

PANEL_FILE = "ancestry.npz"  # all that telling ancestry needs


def genotype_faults(folder: str) -> list[Fault]:
    """What a panel's folder lacks of people to compare scores with; nothing of a folder that is no panel at all."""
    if not (Path(folder) / PANEL_FILE).is_file():
        return []
    remedy = "Give the whole folder panel of the results that built it: scores are compared with the panel's people"
    lacks = [name for name in ("samples.parquet", "labels.tsv") if not (Path(folder) / name).is_file()]
    beds = sorted(Path(folder).glob("*.bed"))
    lacks += [] if beds else ["genotypes ({contig}.bed)"]
    lacks += [table.name for bed in beds if not (table := bed.with_suffix(".sites.parquet")).is_file()]
    return [Fault(f"the reference panel's folder has no {lacks[0]}", folder, remedy=remedy)] if lacks else []
