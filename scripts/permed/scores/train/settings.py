"""What ``scores.train`` asks for: the files a score is trained from, and what is wrong with the configuration."""

from dataclasses import dataclass
from pathlib import Path

from permed.errors import Fault
from permed.genome import AUTOSOMES
from permed.scores.train.columns import header_faults, metadata_of

COMPANIONS = (".bim", ".fam")


@dataclass(frozen=True)
class Settings:
    """One score of ``scores.train``, its keys as described in config/schemas/config.schema.yaml.

    Numbers may come as text, since YAML reads 5e-8 as such.
    """

    summary: str
    method: str
    ld: str
    trait: str | None = None
    n: float | None = None
    build: str | None = None
    min_frequency: float = 0.01
    min_info: float = 0.8
    p: float = 5e-8
    r2: float = 0.1
    window_kb: float = 250
    population: str | None = None
    ld_build: str = "GRCh37"
    phi: float | None = None
    iterations: int = 1000
    burn_in: int = 500
    thin: int = 5
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("n", "p", "phi"):
            value = getattr(self, name)
            object.__setattr__(self, name, None if value is None else float(value))


def block_files(folder: Path) -> dict[str, Path]:
    """The HDF5 file of each autosome that a folder of PRS-CS has: ``ldblk_…_chr{N}.hdf5``."""
    found = {contig: sorted(Path(folder).glob(f"ldblk_*_{contig}.hdf5")) for contig in AUTOSOMES}
    return {contig: paths[0] for contig, paths in found.items() if paths}


def variant_table(folder: Path) -> Path | None:
    """The table of the variants of a folder of PRS-CS, ``snpinfo_…``."""
    found = sorted(path for path in Path(folder).glob("snpinfo_*") if path.is_file())
    return found[0] if found else None


def training_files(settings: Settings) -> list[str]:
    """The files that training reads, those that are there: the study with its metadata, and the LD reference."""
    place = Path(settings.ld)
    files = [Path(settings.summary), metadata_of(Path(settings.summary))]
    if settings.method == "prscs":
        files += [variant_table(place), *block_files(place).values()]
    elif place.suffix == ".bed":
        files += [place, *(place.with_suffix(ending) for ending in COMPANIONS)]
    else:
        beds = sorted(place.glob("*.bed"))
        files += [*beds, *(bed.with_suffix(".sites.parquet") for bed in beds)]
        files += [place / "samples.parquet", place / "labels.tsv"]
    return [str(path) for path in files if path and path.is_file()]


def training_faults(train: dict[str, dict]) -> list[Fault]:
    """What keeps the scores of ``scores.train`` from being trained, as far as names of files and keys tell."""
    faults = []
    for name, given in train.items():
        settings, key = Settings(**given), f"scores.train.{name}"
        if not Path(settings.summary).is_file():
            fault = "the summary statistics are not there"
            faults.append(Fault(fault, settings.summary, remedy=f"Correct {key}.summary"))
        else:
            faults += header_faults(Path(settings.summary))
        if settings.iterations < settings.burn_in + 2 * settings.thin:
            fault = f"{key}: {settings.iterations} iterations leave no two draws after {settings.burn_in} of burn-in"
            faults.append(Fault(fault, remedy="Give more iterations, or a smaller burn_in or thin"))
        faults += _ld_faults(settings, key)
    return faults


def _ld_faults(settings: Settings, key: str) -> list[Fault]:
    place, remedy = Path(settings.ld), f"Correct {key}.ld"
    if settings.method == "prscs":
        tables = sorted(place.glob("snpinfo_*"))
        if len(tables) > 1:
            fault = f"there are several tables of variants: {', '.join(path.name for path in tables)}"
            return [Fault(fault, place, remedy=f"{remedy}: a folder with one LD reference")]
        if variant_table(place) and block_files(place):
            return []
        return [Fault("there are no PRS-CS files (snpinfo_…, ldblk_…_chr1.hdf5 …)", place, remedy=remedy)]
    if place.suffix == ".bed":
        lacking = [path for path in (place, *(place.with_suffix(e) for e in COMPANIONS)) if not path.is_file()]
        return [Fault("the file is not there", path, remedy=remedy) for path in lacking]
    if not list(place.glob("*.bed")) or not (place / "samples.parquet").is_file():
        fault = "there is no genotype store ({contig}.bed, {contig}.sites.parquet, samples.parquet)"
        return [Fault(fault, place, remedy=f"{remedy}: a folder with one, or a PLINK .bed")]
    return []
