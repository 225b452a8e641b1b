"""Checks of the lists of genes that a run is given, before anything is computed."""

from collections.abc import Callable
from pathlib import Path

from permed.errors import Fault
from permed.findings.compare import read_outcome
from permed.findings.lists import SHIPPED, read_carriers, read_secondary
from permed.findings.phenotypes import read_phenotypes

READERS: dict[str, Callable] = {"secondary": read_secondary, "carriers": read_carriers, "phenotypes": read_phenotypes}


def check_findings(settings: dict, results: Path) -> list[Fault]:
    """Whether the lists that the configuration's ``findings`` names can be read, and the earlier run has results.

    ``results`` is the folder of this run, which cannot be compared with itself.
    """
    faults = []
    for name, reader in READERS.items():
        path = settings.get(name)
        if not path or path == SHIPPED:
            continue
        if not Path(path).is_file():
            faults.append(Fault("the file is not there", path, remedy=f"Check findings.{name} in the config"))
            continue
        try:
            reader(Path(path))
        except Fault as fault:
            faults.append(fault)
    if settings.get("previous"):
        try:
            if Path(settings["previous"]).resolve() == Path(results).resolve():
                remedy = "Give this run another outdir, or move the earlier results"
                raise Fault("findings.previous is the folder of this run", settings["previous"], remedy=remedy)
            read_outcome(Path(settings["previous"]))
        except Fault as fault:
            faults.append(fault)
    return faults
