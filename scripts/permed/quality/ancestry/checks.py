"""Checks of what the configuration says of a reference panel, made before any computing."""

from pathlib import Path

from permed.errors import Fault
from permed.quality.ancestry.folders import PANEL_FILE
from permed.quality.ancestry.labels import read_labels, read_sexes
from permed.quality.ancestry.panel import read_panel


def check_panel(genotypes: list[str], labels: str | None, built: dict[str, str | None], build: str) -> list[Fault]:
    """Faults of the panel to build (``genotypes``, ``labels``) and of ``built`` ones, folders by configuration key."""
    faults = [_not_there(path, "panel.genotypes") for path in genotypes if not Path(path).is_file()]
    if bool(genotypes) != bool(labels):
        lacks = "panel.labels" if genotypes else "panel.genotypes"
        faults.append(Fault(f"{lacks} is not set", remedy="A panel needs both genotypes and labels"))
    if labels and not Path(labels).is_file():
        faults.append(_not_there(labels, "panel.labels"))
    elif labels:
        faults += _raised(read_labels, Path(labels)) or _raised(read_sexes, Path(labels))
    for key, folder in built.items():
        path = Path(folder) / PANEL_FILE if folder else None
        if path and not path.is_file():
            faults.append(_not_there(str(path), key))
        elif path:
            faults += _raised(read_panel, path, build)
    return faults


def _not_there(path: str, key: str) -> Fault:
    return Fault("the file is not there", path, remedy=f"Check {key} in the config")


def _raised(read, *words) -> list[Fault]:
    try:
        read(*words)
    except Fault as fault:
        return [fault]
    return []
