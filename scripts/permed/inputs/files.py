"""Which genotype files a run reads, and for which contig and person."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from permed.errors import Fault


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


def files_of_contig(files: Iterable[GenotypeFile], contig: str) -> list[str]:
    """Paths of the files that can hold records of a contig."""
    return [file.path for file in files if file.contig in (None, contig)]


def _expand(pattern: str, contigs: list[str], samples: list[str]) -> list[GenotypeFile]:
    by_contig = contigs if "{contig}" in pattern else [None]
    by_sample = samples if "{sample}" in pattern else [None]
    return [
        GenotypeFile(pattern.replace("{contig}", contig or "").replace("{sample}", sample or ""), contig, sample)
        for sample in by_sample
        for contig in by_contig
    ]


def found_faults(path: str, key: str) -> list[Fault]:
    """A fault if a file that the configuration names under ``key`` is not there."""
    return [] if Path(path).is_file() else [Fault("the file is not there", path, remedy=f"Check {key} in the config")]
