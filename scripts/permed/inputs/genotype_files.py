"""What the headers and the first records of a genotype file say, read without believing its index."""

import itertools
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pysam
import pysam.bcftools

from permed.bcftools import opened
from permed.bgzf import bgzf_fault, compression, gzip_fault
from permed.chain import Chain
from permed.errors import Fault
from permed.genotypes.store import DOSAGE_FIELDS
from permed.inputs.arrays import place, problem_notes, read_array
from permed.inputs.bgen import read_bgen
from permed.inputs.definition_places import Fits
from permed.inputs.fields import changes_needed
from permed.inputs.files import stem
from permed.inputs.formats import format_of
from permed.inputs.header_shape import check_shape, other_fault, unknown_fault
from permed.inputs.headers import header_lines, needs_coding, read_through, write_changed, write_strictly
from permed.inputs.known_sites import OUTSIDE, KnownSites, KnownTables
from permed.inputs.lifted import array_on_build, fileset_needs_lifting
from permed.inputs.plink import MAX_FOREIGN, Fileset, disagreement, fileset_fits, read_fileset, spread
from permed.inputs.told import Told
from permed.observations.codes import SPLIT_MARKS
from permed.reference import Reference

FIRST_RECORDS = 2000
DEPTH_AND_QUALITY = ("AD", "DP", "GQ")
COPY = "Copy it again from its source"
BY_DOSAGE = "where a dosage is within 0.1 of 0, 1 or 2 copies it gives the genotype, else that is missing"

# Command lines of bcftools norm, vt and GATK in headers.
_SPLITTING = re.compile(r"norm\b.*(-m ?-|--multiallelics[ =]-)|decompose -s|vt decompose|--split-multi-allelics")


@dataclass
class Looked:
    """A look at a genotype file: people, contigs with lengths (None where the header has none), first records.

    ``lacks`` names those of the fields for depth and quality that it has not. ``lift`` is set by the checks where it
    is of another build and lifted to the run's, ``imputed`` where first records have dosages and no genotypes.
    ``says`` holds the texts in which it names its build, ``fits`` how it fits the pharmacogene definitions (None where
    that is not looked at yet), ``beyond`` its first records beyond a contig's end, ``told`` what told its build.
    """

    path: str
    samples: list[str] = field(default_factory=list)
    contigs: dict[str, int | None] = field(default_factory=dict)
    first: list[tuple[str, int, str]] = field(default_factory=list)
    lacks: list[str] = field(default_factory=list)
    lift: bool = False
    imputed: bool = False
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    fits: Fits | None = None
    beyond: dict = field(default_factory=dict)
    told: Told = field(default_factory=Told)


def look(
    path: str,
    sample: str | None = None,
    build: str = "GRCh38",
    reference: Reference | None = None,
    chain: Chain | None = None,
    known: KnownTables | None = None,
) -> Looked:
    """Open a genotype file of any format, note what it holds, and every fault that its first records show.

    ``sample`` is whose file it is, where its name says so. ``build`` and ``reference`` are the run's: files without
    a REF column are compared with them here, and lifted with the ``chain`` if they fit then; the others are by their
    :attr:`Looked.first` records. Without a reference they are compared with what the ``known`` tables know of it.
    """
    looked = Looked(path, samples=[sample] if sample else [])
    if not Path(path).is_file():
        looked.faults.append(Fault("the file is not there", path, remedy="Check cohort.genotypes in the config"))
        return looked
    if Path(path).stat().st_size == 0:
        looked.faults.append(Fault("the file is empty", path, remedy=COPY))
        return looked
    kind = format_of(path)
    if kind in (None, "array") and (fault := other_fault(path)):
        looked.faults.append(fault)
        return looked
    try:
        if kind in ("bed", "pgen", "bgen"):
            _look_plink(looked, kind, build, reference, chain, known)
        elif kind == "array":
            _look_array(looked, sample, build, reference, chain, known)
        elif kind is None:
            looked.faults.append(unknown_fault(path))
        else:
            _look_variants(looked, kind)
    except Fault as fault:
        looked.faults.append(fault)
    except ExceptionGroup as group:
        faults, others = group.split(Fault)
        if others:
            raise
        looked.faults += faults.exceptions
    return looked


def _look_variants(looked: Looked, kind: str) -> None:
    packed = compression(looked.path)
    broken = {"bgzf": bgzf_fault, "gzip": gzip_fault}.get(packed, lambda path: None)(looked.path)
    if not broken and kind == "vcf":
        check_shape(looked.path)
    if packed == "none" and kind == "vcf":
        broken = _ending_fault(looked.path)
    if broken:
        looked.faults.append(Fault(broken[0], looked.path, remedy=broken[1]))
        return
    looked.samples = header_samples(looked.path)
    repeated = sorted(name for name, times in Counter(looked.samples).items() if times > 1)
    for sample in repeated:
        remedy = "Rename one of them, with bcftools reheader"
        looked.faults.append(Fault("the sample is there twice", looked.path, sample, remedy=remedy))
    if not repeated:
        _read_start(looked, kind)


def _look_plink(
    looked: Looked,
    kind: str,
    build: str,
    reference: Reference | None,
    chain: Chain | None,
    known: KnownTables | None,
) -> None:
    files = read_bgen(looked.path) if kind == "bgen" else read_fileset(looked.path)
    looked.imputed = kind == "bgen"
    if looked.imputed:
        looked.notes.append(f"{looked.path} has probabilities of genotypes: {BY_DOSAGE}")
    looked.lacks = list(DEPTH_AND_QUALITY)
    looked.samples = files.samples
    looked.contigs = dict.fromkeys(files.sites["chrom"].unique(maintain_order=True).to_list())
    if files.sites.is_empty():
        looked.notes.append(f"{looked.path} holds no variant")
    sites = known.on(looked.contigs) if known is not None and reference is None else None
    if reference is None and files.sites["provisional"].any():
        looked.notes.append(f"{looked.path}: {_of_provisional(kind, files, sites)}")
    if reference is None:
        looked.fits = fileset_fits(files)
    if fileset_needs_lifting(files, reference, chain):
        _lift(looked, build, chain)
        return
    if reference is None and sites is None:
        return
    some = spread(files.sites) if sites is None else sites.among(files.sites)
    none, checked = disagreement(some, reference or sites)
    if none > MAX_FOREIGN * checked:
        fault = f"no allele is the reference's at {none} of {checked} variants checked"
        remedy = "Give the reference of the build with which the file was made; alleles have to be of the plus strand"
        looked.faults.append(Fault(fault, looked.path, remedy=remedy))
    if reference is not None:
        looked.told.reference = (checked - none, none) if checked else None


def _of_provisional(kind: str, files: Fileset, sites: KnownSites | None) -> str:
    """What is done without a reference with variants of which the file does not say which allele is REF."""
    which = {"bed": "A2 of the .bim", "bgen": "the first allele of the .bgen"}.get(kind, "provisional REF of the .pvar")
    taken = f"{which} is taken as the reference allele"
    if sites is None:
        return f"without a reference {taken}"
    provisional = files.sites.filter(pl.col("provisional"))
    told = len(sites.among(provisional))
    elsewhere = f"{taken}, which only scores may rely on" if sites.tables.open_pairs else "variants are left out"
    return (
        f"without a reference the workflow's tables tell the reference allele of {told:,} of {len(provisional):,} "
        f"variants; elsewhere {elsewhere}. Set genome.reference to have it told"
    )


def _look_array(
    looked: Looked,
    sample: str | None,
    build: str,
    reference: Reference | None,
    chain: Chain | None,
    known: KnownTables | None,
) -> None:
    calls = read_array(looked.path)
    looked.lacks = list(DEPTH_AND_QUALITY)
    looked.samples = [sample or (calls.samples or [stem(looked.path)])[0]]
    if calls.samples and calls.samples != looked.samples:
        looked.notes.append(f"{looked.path} is taken for {looked.samples[0]}; inside it names {calls.samples[0]}")
    looked.contigs = dict.fromkeys(row[0] for row in calls.rows)
    sites = known.on(looked.contigs) if known is not None and reference is None else None
    moved, _, faults = array_on_build(looked.path, calls, build, reference, chain, sites)
    looked.faults += faults
    looked.notes += problem_notes(looked.path, calls)
    looked.says = [calls.build] if calls.build else []
    looked.fits = Fits()
    for contig, pos, marker, _ in calls.rows:  # an array's strand is not known, so its rsIDs tell, not its letters
        looked.fits.add(contig, pos, marker, [])
    looked.told.reference = () if reference is not None else None
    if moved is not calls:
        _lift(looked, build, chain)
    if calls.build is None and not faults:
        by = "the reference's bases" if sites is None else "the bases and rsIDs of the workflow's tables"
        looked.notes.append(f"{looked.path} does not say its build; it was judged by {by} alone")
    if sites is not None and not faults:
        _, counts = place(calls, list(looked.contigs), sites)
        looked.notes.append(
            f"{looked.path}: without a reference {counts['kept']:,} genotypes are read, where the workflow's tables "
            f"know the bases; {counts[OUTSIDE]:,} markers elsewhere are left out. Set genome.reference to read them"
        )


def _lift(looked: Looked, build: str, chain: Chain) -> None:
    """Mark a file of another build that fits the reference where the chain puts it."""
    looked.lift = True
    looked.notes.append(f"{looked.path} is of another build: lifted to {build} with {chain.path.name}")


def _ending_fault(path: str) -> tuple[str, str] | None:
    """Text has no checksum: the only sign of a cut is a last line without an end."""
    with open(path, "rb") as handle:
        handle.seek(-1, 2)
        if handle.read() == b"\n":
            return None
    return "the last line has no end: the file may be cut short", f"{COPY}, or end the line if the file is whole"


def header_samples(path: str | Path) -> list[str]:
    """Names in the header; htslib would refuse a file with repeated ones without naming them."""
    line = (header_lines(path) or [""])[-1]
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        raise Fault("the sample names are not UTF-8", path, remedy="Rename them, with bcftools reheader") from None
    return line.split("\t")[9:]


def _read_start(looked: Looked, kind: str) -> None:
    verbosity = pysam.set_verbosity(0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            start, strict = _start_of(looked, kind, Path(folder))
            try:
                _read_records(looked, start)
            except (OSError, ValueError, pysam.SamtoolsError):
                if strict is None:
                    raise
                looked.first.clear()
                _read_records(looked, strict())
    except Fault as fault:
        line = fault.line if kind == "vcf" else None  # a BCF has none: its records were read as text
        looked.faults.append(replace(fault, file=looked.path, line=line))
    except (OSError, ValueError, EOFError, pysam.SamtoolsError) as error:
        remedy = f"Check it with bcftools view; {COPY[0].lower()}{COPY[1:]}"
        looked.faults.append(Fault(f"the file cannot be read: {error}", looked.path, remedy=remedy))
    finally:
        pysam.set_verbosity(verbosity)
    if not looked.first and not looked.faults:
        looked.notes.append(f"{looked.path} holds no record")


def _header_texts(header: pysam.VariantHeader) -> list[str]:
    """What a header says of the reference: ``##reference`` and the ``assembly`` of its contigs, each once."""
    texts = {}
    for record in header.records:
        if record.type == "GENERIC" and record.key == "reference":
            texts[record.value] = None
        elif record.type == "CONTIG":
            given = {key.lower(): value for key, value in record.items()}
            if "assembly" in given:
                texts[given["assembly"].strip('"')] = None
    return [text for text in texts if text]


def _read_records(looked: Looked, start: str) -> None:
    """Read the first records of a file from ``start``, which begins like it."""
    with pysam.VariantFile(start) as file:
        looked.contigs = {name: contig.length for name, contig in file.header.contigs.items()}
        looked.says = _header_texts(file.header)
        used: set[tuple[str, ...]] = set()
        for record in itertools.islice(file, FIRST_RECORDS):
            looked.first.append((record.chrom, record.pos, record.ref))
            looked.contigs.setdefault(record.chrom, None)
            used.add(tuple(record.format))
        splitting = _tells_of_splitting(file.header)
        looked.lacks = [name for name in DEPTH_AND_QUALITY if name not in file.header.formats]
        _judge_genotypes(looked, used)
    if splitting and looked.first and len({place[:2] for place in looked.first}) == len(looked.first):
        looked.notes.append(
            f"{looked.path}: its header tells that sites were split into rows of one alternate, and its first records "
            "have one row a site: where rows were left out, other alternates of a site cannot be known"
        )
    if not looked.faults:
        _check_sizes(looked, start)


def _tells_of_splitting(header: pysam.VariantHeader) -> bool:
    """Whether a header says that a program split sites with several alternates: a command, or a mark in INFO."""
    if any(name in header.info for name in SPLIT_MARKS):
        return True
    texts = (record.value or "" for record in header.records if record.type == "GENERIC")
    return any(_SPLITTING.search(text) for text in texts)


def _note_undefined(looked: Looked, undefined: dict[str, list[str]]) -> None:
    if names := sorted(f"{kind} {name}" for kind, group in undefined.items() for name in group):
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        looked.notes.append(f"{looked.path}: its header does not define {shown}, which records use: it is completed")


def _judge_genotypes(looked: Looked, used: set[tuple[str, ...]]) -> None:
    """Whether the first records, by the FORMAT fields they use, have genotypes or dosages to derive them from."""
    remedy = "Give a file with genotypes (FORMAT GT), or with imputed dosages (DS, HDS or GP)"
    if not looked.samples:
        fault = "there are no genotypes: the file names no people"
        looked.faults.append(Fault(fault, looked.path, remedy=remedy))
    elif looked.first and not any({"GT", *DOSAGE_FIELDS} & set(fields) for fields in used):
        looked.faults.append(Fault("there are no genotypes", looked.path, remedy=remedy))
    looked.imputed = any(map(_only_dosages, used))
    if looked.imputed:
        looked.notes.append(f"{looked.path} has imputed dosages without genotypes: {BY_DOSAGE}")


def lacks_genotypes(path: Path) -> bool:
    """Whether some of the first records of a VCF or BCF have dosages and no genotypes."""
    with opened(path) as file:
        if not set(DOSAGE_FIELDS) & set(file.header.formats):
            return False
        return any(_only_dosages(record.format) for record in itertools.islice(file, FIRST_RECORDS))


def _only_dosages(fields: Iterable[str]) -> bool:
    return "GT" not in fields and any(name in fields for name in DOSAGE_FIELDS)


def _check_sizes(looked: Looked, start: str) -> None:
    """Whether the fields of the first records fit their alleles; all are checked when they are normalised."""
    from permed.records.fitting import check_records

    with tempfile.TemporaryDirectory() as folder, pysam.VariantFile(start) as file:
        first = Path(folder) / "first.bcf"
        with pysam.VariantFile(str(first), "wb0", header=file.header) as out:
            for record in itertools.islice(file, FIRST_RECORDS):
                out.write(record)
        looked.notes += check_records(first, looked.path).notes()


def _start_of(looked: Looked, kind: str, folder: Path) -> tuple[str, Callable[[], str] | None]:
    """What begins like a file and can be opened: itself, or its first records with the changes that it will be taken
    with. Beside it, for a VCF, what writes them with every value looked at, which tells the line that is at fault."""
    path, start = Path(looked.path), folder / "start.vcf.gz"
    lines = header_lines(path)
    if kind == "bcf":
        if not changes_needed(lines) and compression(path) != "gzip":
            return str(path), None
        text = folder / "text.vcf"
        text.write_text(pysam.bcftools.head("-n", str(FIRST_RECORDS), str(path)), encoding="utf-8")
        path = text
    through = read_through(path, FIRST_RECORDS)
    changes = changes_needed(lines, through.contigs)
    looked.notes += [f"{looked.path}: {note}" for note in changes.notes()]
    _note_undefined(looked, through.undefined)

    def strict() -> str:
        done = write_strictly(path, lines, through, start, FIRST_RECORDS)
        looked.notes += [f"{looked.path}: in its first records {number} {what}" for what, number in done.items()]
        return str(start)

    plain = not (changes or through.undefined or through.by_line or needs_coding(path)) and through.whole_info
    if not plain or compression(path) == "gzip":
        write_changed(path, through, changes, start, FIRST_RECORDS)
        return str(start), strict
    return str(path), strict
