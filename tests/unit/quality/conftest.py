"""Stores of planted genotypes, in memory or as files, and what the stage says of them."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MAGIC, SITE_SCHEMA, GenotypeStore, code_counts, pack
from permed.inputs.config import complete_config, read_schema
from permed.quality.counts import Tally
from permed.quality.judge import judge_samples


@pytest.fixture(scope="session")
def quality_of(root):
    """The section of a configuration with defaults filled in."""

    def fill(**keys) -> dict:
        completed, faults = complete_config({"quality": keys}, read_schema(root / "config/schemas/config.schema.yaml"))
        assert not [fault for fault in faults if "quality" in fault.fault]
        return completed["quality"]

    return fill


@pytest.fixture(scope="session")
def thresholds(quality_of):
    """Thresholds as they are when nothing is written."""
    return quality_of()


@pytest.fixture(scope="session")
def random_codes():
    """Genotypes in Hardy-Weinberg proportions."""

    def draw(rng, sites: int, samples: int, low: float = 0.1, high: float = 0.9) -> np.ndarray:
        frequency = rng.uniform(low, high, (sites, 1))
        alternates = (rng.random((sites, samples)) < frequency).astype(int) + (rng.random((sites, samples)) < frequency)
        return np.array([HOM_REF, HET, HOM_ALT], np.uint8)[alternates]

    return draw


@pytest.fixture(scope="session")
def make_store():
    """A store from codes and positions a contig; ``transitions`` is the share of substitutions that are transitions."""

    def make(parts: dict[str, tuple[np.ndarray, list[int]]], transitions: float = 0.677, alts=None, haploid=None):
        tables = []
        for contig, (codes, positions) in parts.items():
            alternates = alts or ["G" if n % 31 < 31 * transitions else "C" for n in range(len(codes))]
            columns = {"contig": contig, "pos": positions, "ref": "A", "alt": alternates, "key": 0, "id": None}
            tables.append(pl.DataFrame({**columns, **code_counts(codes)}, schema_overrides=SITE_SCHEMA))
        samples = [f"S{n}" for n in range(next(iter(parts.values()))[0].shape[1])]
        tables = [table.select(*SITE_SCHEMA) for table in tables]
        masks = [None if not haploid or name not in haploid else _bits(haploid[name]) for name in parts]
        return GenotypeStore(samples, pl.concat(tables), [pack(codes) for codes, _ in parts.values()], masks)

    return make


def _bits(mask: np.ndarray) -> np.ndarray:
    return np.packbits(mask, axis=1, bitorder="little")


@pytest.fixture(scope="session")
def write_store():
    """Write a store below a folder, with the table of its samples, and give the .bed files and that table."""

    def write(folder: Path, store: GenotypeStore, people: pl.DataFrame | None = None) -> tuple[list[Path], Path]:
        folder.mkdir(parents=True, exist_ok=True)
        beds, start = [], 0
        for number, part in enumerate(store.parts):
            sites = store.sites.slice(start, len(part))
            bed = folder / f"{sites['contig'][0]}.bed"
            bed.write_bytes(MAGIC + part.tobytes())
            sites.write_parquet(bed.with_suffix(".sites.parquet"))
            mask = store.haploid_parts[number] if store.haploid_parts else None
            bed.with_suffix(".haploid").write_bytes(b"" if mask is None else mask.tobytes())
            observed = store.observed_parts[number] if store.observed_parts else None
            bed.with_suffix(".observed").write_bytes(b"" if observed is None else observed.tobytes())
            beds.append(bed)
            start += len(part)
        if people is None:
            people = pl.DataFrame(
                {"sample": store.samples, "sex": "NA", "population": None, "family": None, "group": None}
            )
        people.write_parquet(folder / "samples.parquet")
        return beds, folder / "samples.parquet"

    return write


@pytest.fixture(scope="session")
def parts_of():
    """A store a contig, as a pass over the genotypes meets them."""

    def split(store: GenotypeStore) -> list[GenotypeStore]:
        found, start = [], 0
        for number, part in enumerate(store.parts):
            masks = store.haploid_parts[number : number + 1]
            observed = store.observed_parts[number : number + 1]
            sites = store.sites.slice(start, len(part))
            found.append(GenotypeStore(store.samples, sites, [part], masks, observed_parts=observed))
            start += len(part)
        return found

    return split


@pytest.fixture(scope="session")
def metrics_of(parts_of):
    """The raw metrics of a store."""

    def measure(store: GenotypeStore, build: str = "GRCh38") -> pl.DataFrame:
        tally = Tally(store.samples, build)
        for part in parts_of(store):
            tally.add(part)
        return tally.table()

    return measure


@pytest.fixture(scope="session")
def verdicts(metrics_of, thresholds):
    """The table of samples of a store; ``groups`` and ``reported`` are as in the sample sheet."""

    def judge(store: GenotypeStore, reported=None, quality=None, groups=None, **tables) -> pl.DataFrame:
        sexes = [(reported or {}).get(name, "NA") for name in store.samples]
        groups = [(groups or {}).get(name) for name in store.samples]
        people = pl.DataFrame({"sample": store.samples, "sex": sexes, "group": groups})
        return judge_samples(metrics_of(store), people, quality or thresholds, **tables)

    return judge
