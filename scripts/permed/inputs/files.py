"""Which genotype files a run reads, for which contig and person, and where it takes them; by their names alone."""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from permed.errors import Fault
from permed.step import MORE_MEMORY

_SHOWN = 20
_KILLED = re.compile(r"died with <Signals\.SIG(KILL|ABRT)|non-zero exit status (137|134)\b")
_ENDINGS = {
    ".vcf.gz": ".vcf.gz",
    ".vcf.bgz": ".vcf.gz",
    ".vcf": ".vcf.gz",
    ".bcf": ".bcf",
    ".bed": ".bcf",
    ".pgen": ".bcf",
    ".bgen": ".bcf",
    **{f".{kind}{packed}": ".bcf" for packed in (".gz", "") for kind in ("txt", "csv", "tsv")},
    ".zip": ".bcf",
}


@dataclass(frozen=True)
class GenotypeFile:
    """A genotype file; ``contig`` or ``sample`` is set when the file's name says that it holds only that one."""

    path: str
    contig: str | None = None
    sample: str | None = None


def expand_genotypes(given: str | list[str] | None, contigs: list[str], samples: list[str]) -> list[GenotypeFile]:
    """The files that ``cohort.genotypes`` names: patterns with ``{contig}`` and ``{sample}`` filled in, in order."""
    patterns = [given] if isinstance(given, str) else given or []
    return [file for pattern in patterns for file in _expand(pattern, contigs, samples)]


def source_files(given: str | list[str], contigs: list[str]) -> list[str]:
    """The files of an annotation database: paths, or patterns with ``{contig}`` for the contigs that have a file."""
    patterns = [given] if isinstance(given, str) else given
    files = []
    for pattern in patterns:
        filled = [pattern.replace("{contig}", contig) for contig in contigs] if "{contig}" in pattern else [pattern]
        there = [path for path in filled if Path(path).is_file()]
        files += there or filled[:1]
    return list(dict.fromkeys(files))


def contigs_with_files(given: str | list[str] | None, contigs: list[str]) -> list[str]:
    """Contigs for which a pattern with ``{contig}`` names a file that exists; all where none exists or is asked.

    For contigs that nobody named: a folder of files for some contigs is then no fault.
    """
    patterns = [given] if isinstance(given, str) else given or []
    by_contig = [pattern for pattern in patterns if "{contig}" in pattern and "{sample}" not in pattern]
    if not by_contig or len(by_contig) < len(patterns):
        return contigs
    return [c for c in contigs if any(Path(named(p.replace("{contig}", c))).is_file() for p in by_contig)] or contigs


def files_of_contig(files: Iterable[GenotypeFile], contig: str) -> list[str]:
    """Paths of the files that can hold records of a contig."""
    return [file.path for file in files if file.contig in (None, contig)]


def place_name(number: int, path: str) -> str:
    """The name under which the workflow takes genotype file ``number``: BGZF VCF or BCF, whatever its content.

    It is needed before any file is opened, so only the file's name decides; the content may make it a link.
    """
    name = Path(path).name
    stem, ending = _split(name)
    return f"{number:05d}.{stem}{_ENDINGS.get(ending, ending)}"


def stem(path: str) -> str:
    """The file's name without what tells its format: the sample's name where a file has none inside."""
    return _split(Path(path).name)[0]


def named(path: str) -> str:
    """The file that a path means: itself, or the genotypes of a PLINK fileset that it gives by its bare prefix.

    Where a prefix has both kinds of fileset, the .pgen counts: it keeps REF, phase and dosages.
    """
    if Path(path).is_file():
        return path
    return next((f"{path}{end}" for end in (".pgen", ".bed") if Path(f"{path}{end}").is_file()), path)


def companions(path: str) -> list[str]:
    """Files that belong to a PLINK or BGEN file, by its name: .bim and .fam, .pvar (or .pvar.zst) and .psam, or a
    .sample file if it is there."""
    base = Path(path)
    if base.suffix == ".bed":
        return [str(base.with_suffix(".bim")), str(base.with_suffix(".fam"))]
    if base.suffix == ".pgen":
        packed = base.with_suffix(".pvar.zst")
        plain = base.with_suffix(".pvar")
        return [str(packed if packed.is_file() and not plain.is_file() else plain), str(base.with_suffix(".psam"))]
    if base.suffix == ".bgen":
        return [str(base.with_suffix(".sample"))] if base.with_suffix(".sample").is_file() else []
    return []


def _expand(pattern: str, contigs: list[str], samples: list[str]) -> list[GenotypeFile]:
    by_contig = contigs if "{contig}" in pattern else [None]
    by_sample = samples if "{sample}" in pattern else [None]
    return [
        GenotypeFile(named(pattern.replace("{contig}", contig or "").replace("{sample}", sample or "")), contig, sample)
        for sample in by_sample
        for contig in by_contig
    ]


def found_faults(path: str, key: str) -> list[Fault]:
    """A fault if a file that the configuration names under ``key`` is not there."""
    return [] if Path(path).is_file() else [Fault("the file is not there", path, remedy=f"Check {key} in the config")]


def panel_sites(source: str, contigs: list[str]) -> tuple[list[str], list[Fault]]:
    """The tables of sites of the genotype store whose folder ``scores.strand_frequencies`` names, for contigs that it
    has; none for ``none`` and ``cohort``, a fault for a folder without any."""
    if source in ("none", "cohort"):
        return [], []
    paths = [f"{source.rstrip('/')}/{contig}.sites.parquet" for contig in contigs]
    there = [path for path in paths if Path(path).is_file()]
    remedy = "Give none, cohort, or the folder of a genotype store as scores.strand_frequencies"
    missing = Fault("the folder has no {contig}.sites.parquet for a contig of the run", source, remedy=remedy)
    return there, [] if there else [missing]


def fault_lines(report: Path) -> list[str]:
    """The faults of checks/inputs.json as lines for the terminal; empty where it lists none or is not there."""
    faults = json.loads(report.read_text(encoding="utf-8"))["faults"] if report.is_file() else []
    lines = [f"  {number}. {Fault(**fault)}" for number, fault in enumerate(faults, 1)]
    return [f"The input has {len(lines)} fault{'s' * (len(lines) > 1)}, listed in {report}:", *lines] if lines else []


def told_lines(report: Path) -> list[str]:
    """What checks/inputs.json says that the run left out of people's results, again at the end of the run."""
    told = json.loads(report.read_text(encoding="utf-8")).get("left_out") or [] if report.is_file() else []
    return [f"Left out: {line}" for line in shortened(told, report)]


def shortened(lines: list[str], report: Path) -> list[str]:
    """As many lines as a terminal shows at once, and where the others are."""
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"and {more} more, in the notes of {report}"] if more > 0 else lines


def check_outdir(outdir: str) -> None:
    """Raise a Fault where results cannot be written: then no report of faults can be either."""
    path = Path(outdir).absolute()
    above = next(folder for folder in (path, *path.parents) if folder.exists())
    remedy = "Give a folder that can be written as outdir"
    if not above.is_dir():
        raise Fault("results cannot be written: it is a file and no folder", str(above), remedy=remedy)
    if not os.access(above, os.W_OK | os.X_OK):
        raise Fault("results cannot be written: the folder is read-only", str(above), remedy=remedy)


def killed_lines(logs: str | list[str]) -> list[str]:
    """A line for the terminal where Snakemake's logs tell that the system ended a job; empty where they do not."""
    paths = [Path(log) for log in ([logs] if isinstance(logs, str) else logs)]
    text = "".join(path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file())
    return [f"The system ended a job, most often because memory ran out. {MORE_MEMORY}"] if _KILLED.search(text) else []


def _split(name: str) -> tuple[str, str]:
    for ending in _ENDINGS:
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)], name[-len(ending) :].lower()
    return name, ""


def of_samples(pattern: str | None, samples: list[str]) -> list[str]:
    """The files that a path, or a pattern with ``{sample}``, names for some people: one, or one for each in order."""
    if not pattern or not samples:
        return []
    return [pattern.replace("{sample}", name) for name in samples] if "{sample}" in pattern else [pattern]


def outside_files(pattern: str | None, samples: list[str]) -> list[tuple[str, str]]:
    """Files of pharmacogene calls made elsewhere, as (path, its one person or an empty name).

    With ``{sample}`` people without a file are left out, unless nobody has one: then all are named, for the checks.
    """
    paths = of_samples(pattern, samples)
    if pattern is None or "{sample}" not in pattern:
        return [(path, "") for path in paths]
    pairs = list(zip(paths, samples, strict=True))
    return [pair for pair in pairs if Path(pair[0]).is_file()] or pairs
