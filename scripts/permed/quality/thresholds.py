"""The thresholds that hold for a sample: those of the configuration, of its group, of the assay's preset."""

import csv
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from permed.errors import Fault

PRESETS = Path(__file__).resolve().parents[3] / "resources" / "quality" / "presets.tsv"
OF_ASSAY = ("min_ti_tv", "max_ti_tv", "max_het_hom_alt")  # null in the configuration: those of the preset
REASON = "no_"


@cache
def presets() -> dict[str, dict[str, float | str]]:
    """By assay: thresholds, and under a key that starts with ``no_`` why a metric cannot be judged there."""
    found: dict[str, dict[str, float | str]] = {}
    with open(PRESETS, encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            value = row["value"] if row["key"].startswith(REASON) else float(row["value"])
            found.setdefault(row["preset"], {})[row["key"]] = value
    return found


def thresholds_of(quality: dict, group: str | None = None) -> dict:
    """The thresholds of a sample of a group, or of one without; ``quality`` is that section of the configuration.

    What a group says comes first, then its preset's, then what the configuration says, then the general preset's. A
    group is an entry of ``quality.groups`` or the name of a preset.
    """
    own = dict((quality.get("groups") or {}).get(group) or ({"preset": group} if group in presets() else {}))
    general = presets().get(quality.get("preset"), {})
    specific = presets().get(own.get("preset"), {})
    plain = {name: value for name, value in quality.items() if name not in ("groups", "preset")}
    if "preset" in own:
        general = {}
        plain |= dict.fromkeys(OF_ASSAY)
    filled = {name: general.get(name) if value is None else value for name, value in plain.items()}
    reasons = {name: value for name, value in general.items() if name.startswith(REASON)}
    return {**filled, **reasons, **specific, **{name: value for name, value in own.items() if name != "preset"}}


def group_preset(quality: dict, group: str | None) -> str | None:
    """The preset of a group of samples: that which the configuration gives it, or its own name if that is one."""
    return ((quality.get("groups") or {}).get(group) or {}).get("preset") or (group if group in presets() else None)


def group_faults(groups: Iterable[tuple[str, str | None, int]], quality: dict, sheet: Path) -> list[Fault]:
    """Groups of the sample sheet, as (sample, group, line), that neither the configuration nor a preset has."""
    known = [*(quality.get("groups") or {}), *presets()]
    remedy = f"Write one of {', '.join(known)}, or describe it under quality.groups"
    return [
        Fault(f'group "{group}" is not known', sheet, sample, line, remedy)
        for sample, group, line in groups
        if group is not None and group not in known
    ]
