"""Files that list only what their people carry: which they seem to be, and what would say what is reference there.

A program that calls one person without a gVCF writes a record only where the person carries something. Of every other
site nobody can tell from the file whether it was looked at, so it is missing; where such files are merged, each
person's genotypes are missing at the others' sites, and call rate says nothing of the sample.
"""

import gzip
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pysam

from permed.bgzf import compression
from permed.carried import MAX_REFERENCE
from permed.inputs.evidence_files import has_reference_blocks
from permed.inputs.genotype_files import Looked

FIRST_RECORDS = 2000
PEOPLE = 50  # of a file with many: they are alike in this
FEWEST = 100  # called genotypes below which a file is too short to tell
MIN_MISSING = 0.1  # of the genotypes of a merged file; people who were called together have hardly any missing
BELIEVED = {"PASS", "."}
NAMED = 3

SINGLE = "Single-person variant-only VCFs (they list what the person carries, and no reference), as it seems: {}."
MERGED = (
    "Merged from variant-only VCFs (many genotypes are missing, hardly any is homozygous reference), as it seems: {}."
)
MEANING = (
    "What they do not list is missing, never reference: pharmacogenes and scores that need it are not assessable, and "
    "where people are merged call rate says nothing of a sample."
)
REMEDIES = {
    "gvcf": "gVCFs, whose blocks say where the person was looked at and is reference",
    "callable": "cohort.callable, a BED of where every site was looked at, in which an absent site is reference",
    "alignments": "cohort.alignments, BAM or CRAM, from which positions that pharmacogenes and scores need are read",
    "absent_sites": (
        "cohort.absent_sites: reference, your word that every site was looked at, which holds for no exome or panel"
    ),
}
PRESET = "quality.preset: variants judges such people by what they can show"


@dataclass
class Listing:
    """Which files seem to list only what is carried, and of whom, in all of whose files."""

    single: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


def find_variant_only(looks: Iterable[Looked]) -> Listing:
    """Judge files by their first records. A file with reference blocks, or too short to tell, is none."""
    found, others = Listing(), set()
    for looked in looks:
        called, reference, missing = (0, 0, 0) if looked.faults else _counted(looked)
        if called < FEWEST:
            continue
        apart = len(looked.samples) == 1 or missing >= MIN_MISSING * (called + missing)
        if reference < MAX_REFERENCE * called and apart and not has_reference_blocks(looked.path):
            (found.single if len(looked.samples) == 1 else found.merged).append(looked.path)
            found.people += looked.samples
        else:
            others |= set(looked.samples)
    found.people = [name for name in dict.fromkeys(found.people) if name not in others]
    return found


def variant_only_notes(found: Listing, absent_sites: str, callable: str | None, alignments: str | None) -> list[str]:
    """What the run says of such files: what they are, what it means, what would help and is not given yet."""
    if absent_sites == "reference" or callable or not (found.single or found.merged):
        return []
    given = {"alignments"} if alignments else set()
    helps = [f"({n}) {text}" for n, text in enumerate((t for k, t in REMEDIES.items() if k not in given), 1)]
    said = [words.format(_some(paths)) for paths, words in ((found.single, SINGLE), (found.merged, MERGED)) if paths]
    return [" ".join([*said, MEANING, f"What helps: {', or '.join(helps)}. {PRESET}."])]


def _counted(looked: Looked) -> tuple[int, int, int]:
    """Called, homozygous reference and missing genotypes of the first people at the first believed records."""
    called, reference, missing = 0, 0, 0
    try:
        for genotype in itertools.chain.from_iterable(itertools.islice(_genotypes(looked), FIRST_RECORDS)):
            alleles = genotype.replace("|", "/").split("/")
            if "." in alleles:
                missing += 1
            else:
                called += 1
                reference += set(alleles) == {"0"}
    except (OSError, ValueError, EOFError, pysam.SamtoolsError):
        return 0, 0, 0  # another format, or a fault that the checks of genotype files report
    return called, reference, missing


def _genotypes(looked: Looked) -> Iterator[list[str]]:
    """GT as text of the first people, of each record whose FILTER is PASS or missing and that has one."""
    with open(looked.path, "rb") if compression(looked.path) == "none" else gzip.open(looked.path) as lines:
        if lines.peek(3)[:3] == b"BCF":
            yield from _of_bcf(looked.path)
            return
        if not lines.peek(16).startswith(b"##fileformat=VCF"):
            return
        for line in lines:
            cells = [] if line.startswith(b"#") else line.decode("latin-1").split("\t", 9 + PEOPLE)
            if len(cells) > 9 and cells[6] in BELIEVED and cells[8].split(":", 1)[0] == "GT":
                yield [cell.split(":", 1)[0].strip() for cell in cells[9 : 9 + PEOPLE]]


def _of_bcf(path: str) -> Iterator[list[str]]:
    verbosity = pysam.set_verbosity(0)
    try:
        with pysam.VariantFile(path) as file:
            people = list(file.header.samples)[:PEOPLE]
            file.subset_samples(people)
            for record in file:
                if set(record.filter.keys()) <= BELIEVED and "GT" in record.format:
                    alleles = [record.samples[name]["GT"] for name in people]
                    yield ["/".join("." if a is None else str(a) for a in own) for own in alleles]
    finally:
        pysam.set_verbosity(verbosity)


def _some(paths: list[str]) -> str:
    shown = ", ".join(paths[:NAMED])
    return f"{shown} and {len(paths) - NAMED} more" if len(paths) > NAMED else shown
