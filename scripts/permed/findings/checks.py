"""Checks of the lists of genes and of the phenotypes that a run is given, before anything is computed."""

from collections.abc import Callable, Iterable
from pathlib import Path

from permed.errors import Fault
from permed.findings.compare import read_outcome
from permed.findings.lists import SHIPPED, read_carriers, read_secondary
from permed.findings.ontology import read_ontology
from permed.findings.phenotypes import read_phenotypes, wrong_identifiers
from permed.samples import Person

READERS: dict[str, Callable] = {"secondary": read_secondary, "carriers": read_carriers, "phenotypes": read_phenotypes}
READERS["ontology"] = read_ontology


def check_findings(
    settings: dict, results: Path, people: Iterable[Person] = (), sheet: Path | str | None = None
) -> list[Fault]:
    """Whether the lists that the configuration's ``findings`` names can be read, and the earlier run has results.

    ``results`` is the folder of this run, which cannot be compared with itself. Of ``people`` (of the sample sheet) who
    agreed to findings the identifiers of phenotypes are looked at; words that are no term are no fault, since the
    column serves other stages too.
    """
    faults = []
    read = {}
    for name, reader in READERS.items():
        path = settings.get(name)
        if not path or path == SHIPPED:
            continue
        if not Path(path).is_file():
            faults.append(Fault("the file is not there", path, remedy=f"Check findings.{name} in the config"))
            continue
        try:
            read[name] = reader(Path(path))
        except Fault as fault:
            faults.append(fault)
    if settings.get("ontology") and not settings.get("phenotypes"):
        remedy = "Name HPO's genes_to_phenotype.txt in findings.phenotypes, or leave the ontology out"
        fault = "an ontology without a table of phenotypes has no genes"
        faults.append(Fault(fault, settings["ontology"], remedy=remedy))
    if "ontology" in read and "phenotypes" in read:
        try:
            read_phenotypes(Path(settings["phenotypes"]), read["ontology"])
        except Fault as fault:
            faults.append(fault)
    for person in people if "phenotypes" in read else ():
        wrong = wrong_identifiers(person.phenotypes, read.get("ontology")) if "findings" in person.consent else []
        faults += [Fault(fault, sheet, person.sample, person.line, remedy) for fault, remedy in wrong]
    if settings.get("previous"):
        try:
            if Path(settings["previous"]).resolve() == Path(results).resolve():
                remedy = "Give this run another outdir, or move the earlier results"
                raise Fault("findings.previous is the folder of this run", settings["previous"], remedy=remedy)
            read_outcome(Path(settings["previous"]))
        except Fault as fault:
            faults.append(fault)
    return faults
