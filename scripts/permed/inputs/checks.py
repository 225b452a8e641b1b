"""Every check of the user's files, made before any computing; all faults are found at once."""

from pathlib import Path

import pysam

from permed.chain import Chain
from permed.errors import Fault
from permed.genome import reconcile
from permed.inputs.builds import check_build
from permed.inputs.genotype_files import DEPTH_AND_QUALITY, Looked, look
from permed.inputs.header_builds import length_fault
from permed.inputs.known_sites import KnownTables
from permed.inputs.told import share_among_people, unchecked_notes
from permed.near_names import NearNames
from permed.reference import Reference
from permed.samples import Person, commented_names


def check_genotypes(
    files: list[tuple[str, str | None]],
    contigs: list[str],
    build: str,
    reference: Reference | None,
    samples: list[str] | None = None,
    chain: Chain | None = None,
    known: KnownTables | None = None,
) -> tuple[list[Looked], list[Fault], list[str]]:
    """Look at genotype files, given as (path, contig or None), and compare them with build and reference.

    ``samples`` names the one person of each file, empty for those that name people themselves. With a ``chain`` files
    of the other build are no fault: they are marked to be lifted. ``known`` are the tables that tell bases where there
    is no reference.
    Gives what was seen in each file, the faults and notes.
    """
    looks, faults, notes = [], [], []
    for (path, contig), sample in zip(files, samples or [""] * len(files), strict=True):
        looked = look(path, sample or None, build, reference, chain, known)
        looks.append(looked)
        faults += looked.faults
        if looked.faults:
            notes += looked.notes
            continue
        wanted = [contig] if contig else contigs
        faults += _contig_faults(looked, wanted, reference)
        wrong = check_build(looked, contigs, build, reference, chain)
        looked.told.refused = bool(wrong)
        faults += wrong
        notes += looked.notes
    share_among_people(looks)
    notes += unchecked_notes(looks, build)
    for field in DEPTH_AND_QUALITY:
        without = [looked.path for looked in looks if field in looked.lacks]
        if without:
            notes.append(f"{field} is not in {_some(without, 2)}: what needs it is not assessed")
    return looks, faults, notes


def check_people(people: list[Person], sheet: str, looks: list[Looked], files: list[tuple[str, str | None]], contigs):
    """Compare the sample sheet with the files: (faults, names in the files that the sheet does not have)."""
    whole = [(looked, contig) for looked, (_, contig) in zip(looks, files, strict=True) if not looked.faults]
    refused = {sample for looked in looks if looked.faults for sample in looked.samples}  # the file's fault is enough
    faults = []
    for contig in contigs if any(contig for _, contig in whole) else [None]:
        here = [looked for looked, only in whole if only in (None, contig)]
        faults += _clashes(here, contig)
        have = {sample for looked in here for sample in looked.samples}
        names = ", ".join(sorted({looked.path for looked in here})[:3])
        near, other = NearNames(sorted(have)), "Correct the name or take the line out of the sheet"
        fault = f"the sample is not in the genotype file {names}"
        faults += [
            Fault(fault, sheet, person.sample, person.line, near.remedy(person.sample, other))
            for person in people
            if person.sample and person.consent and here and person.sample not in have | refused
        ]
        faults += _commented_out(sheet, have)
    sheet_names = {person.sample for person in people}
    others = sorted({sample for looked, _ in whole for sample in looked.samples} - sheet_names)
    return _once(faults), others


def check_reference(path: str, contigs: list[str], build: str, reference: Reference) -> list[Fault]:
    """Whether the reference has the contigs, with the lengths of the build."""
    missing = [contig for contig in contigs if contig not in reference.lengths]
    faults = [
        Fault(
            f"the reference has no contig {_some(missing)}", path, remedy="Correct genome.contigs or genome.reference"
        )
    ] * bool(missing)
    for contig, length in reference.lengths.items():
        if wrong := length_fault(path, contig, length, build):
            faults.append(wrong)
            break
    return faults


def check_genes(path: str, reference: str | None) -> list[Fault]:
    """Whether gene models are there and look like GFF3."""
    if not Path(path).is_file():
        return [Fault("the file is not there", path, remedy="Check annotation.genes in the config")]
    if reference is None:
        remedy = "Set genome.reference, or annotation.genes to null"
        return [Fault("annotation needs a reference, and genome.reference is null", path, remedy=remedy)]
    try:
        with pysam.BGZFile(path, "r") if path.endswith("gz") else open(path, "rb") as handle:
            rows = (row for row in handle if row.strip() and not row.startswith(b"#"))
            first = next(rows, b"").split(b"\t")
    except OSError:
        return [Fault("the file cannot be read", path, remedy="Give GFF3, plain or compressed")]
    if len(first) != 9:
        return [Fault("the file is not GFF3", path, remedy="Give gene models as GFF3, as Ensembl publishes them")]
    return []


def check_pharmacogenes(asked: list[str], known: list[str]) -> list[Fault]:
    """Whether every gene asked for can be called."""
    unknown = [gene for gene in asked if gene not in known]
    remedy = f"Known are {', '.join(known)}"
    return [Fault(f"pharmacogenes.genes: {_some(unknown)} is not known", remedy=remedy)] if unknown else []


def _contig_faults(looked: Looked, wanted: list[str], reference: Reference | None) -> list[Fault]:
    if not looked.contigs or reconcile(wanted, looked.contigs):
        return []
    of = "the reference" if reference is not None else "genome.contigs"
    fault = f"contig names {_some(list(looked.contigs))} do not match those of {of} ({_some(wanted)})"
    return [
        Fault(fault, looked.path, remedy="Rename them, with bcftools annotate --rename-chrs, or correct the config")
    ]


def _clashes(looks: list[Looked], contig: str | None) -> list[Fault]:
    """People in several files whose people differ; files of the very same people are joined and are no clash."""
    faults = []
    for n, one in enumerate(looks):
        for other in looks[n + 1 :]:
            both = set(one.samples) & set(other.samples)
            if both and set(one.samples) != set(other.samples):
                fault = f"the sample is also in {other.path}, whose people are not the same"
                faults.append(Fault(fault, one.path, sorted(both)[0], remedy="Keep each person in one set of files"))
    return faults


def _commented_out(sheet: str, have: set[str]) -> list[Fault]:
    """Faults of lines that are taken for comments though a file has a sample of that name."""
    if not any(name.startswith("#") for name in have):
        return []
    fault = "the line begins with # and is left out as a comment, but the genotype file has a sample of this name"
    remedy = "Rename the sample in the file, with bcftools reheader, and in the sheet"
    found = commented_names(Path(sheet)) if sheet else {}
    return [Fault(fault, sheet, name, line, remedy) for name, line in found.items() if name in have]


def _once(faults: list[Fault]) -> list[Fault]:
    return list({str(fault): fault for fault in faults}.values())


def _some(names: list[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
