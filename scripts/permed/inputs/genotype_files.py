"""What the header and the first records of a genotype file say, read without believing its index."""

import gzip
import itertools
from dataclasses import dataclass, field
from pathlib import Path

import pysam

from permed.errors import Fault
from permed.inputs.bgzf import bgzf_fault

FIRST_RECORDS = 2000


@dataclass
class Looked:
    """A look at a genotype file: people, contigs with lengths (None where the header has none), first records."""

    path: str
    samples: list[str] = field(default_factory=list)
    contigs: dict[str, int | None] = field(default_factory=dict)
    first: list[tuple[str, int, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look(path: str) -> Looked:
    """Open a VCF or BCF, note what it holds, and every fault that the header and first records show."""
    looked = Looked(path)
    if not Path(path).is_file():
        looked.faults.append(Fault("the file is not there", path, remedy="Check cohort.genotypes in the config"))
        return looked
    if Path(path).stat().st_size == 0:
        looked.faults.append(Fault("the file is empty", path, remedy="Copy it again from its source"))
        return looked
    if not _is_variant_file(path):
        remedy = "Give a VCF or BCF; a VCF starts with ##fileformat=VCF"
        looked.faults.append(Fault("the file is not a VCF or BCF", path, remedy=remedy))
        return looked
    broken = bgzf_fault(path)
    if broken:
        looked.faults.append(Fault(broken[0], path, remedy=broken[1]))
        return looked
    looked.samples, repeated = _samples(path)
    for sample in repeated:
        remedy = "Rename one of them, with bcftools reheader"
        looked.faults.append(Fault("the sample is there twice", path, sample, remedy=remedy))
    if not repeated:
        _read_start(looked)
    return looked


def _is_variant_file(path: str) -> bool:
    with open(path, "rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path) if packed else open(path, "rb") as handle:
            start = handle.read(16)
    except (OSError, EOFError):
        return True  # damaged, not another format: the BGZF check says where
    return start.startswith((b"##fileformat=VCF", b"BCF\x02"))


def _samples(path: str) -> tuple[list[str], list[str]]:
    """Names in the header and those that are there twice; htslib would refuse such a file without naming it."""
    with gzip.open(path) as handle:
        if handle.peek(3)[:3] == b"BCF":
            handle.read(5)
            text = handle.read(int.from_bytes(handle.read(4), "little")).rstrip(b"\0")
            line = text.splitlines()[-1]
        else:
            line = next((row for row in handle if row.startswith(b"#CHROM")), b"")
    names = line.decode("utf-8", "replace").rstrip("\r\n").split("\t")[9:]
    return names, sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []


def _read_start(looked: Looked) -> None:
    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(looked.path) as file:
            looked.contigs = {name: contig.length for name, contig in file.header.contigs.items()}
            if "GT" not in file.header.formats:
                remedy = "Give a file with genotypes (FORMAT GT)"
                looked.faults.append(Fault("there are no genotypes", looked.path, remedy=remedy))
            for record in itertools.islice(file, FIRST_RECORDS):
                looked.first.append((record.chrom, record.pos, record.ref))
                looked.contigs.setdefault(record.chrom, None)
    except (OSError, ValueError) as error:
        remedy = "Check it with bcftools view; copy it again from its source"
        looked.faults.append(Fault(f"the file cannot be read: {error}", looked.path, remedy=remedy))
    finally:
        pysam.set_verbosity(verbosity)
    if not looked.first and not looked.faults:
        looked.notes.append(f"{looked.path} holds no record")
