"""A reference panel for the demo: people of the cohort's populations who are not in the cohort."""

import zlib
from pathlib import Path

import numpy as np
import polars as pl
import pysam

from permed.demo.cohort import Demo
from permed.demo.inheritance import draw_founders, drop_absent_copies
from permed.demo.people import Simulated
from permed.demo.reads import vcf_lines
from permed.demo.sites import Site
from permed.tables import atomic

PEOPLE = 40  # of each population
MISSING_RATE = 0.005
_LEFT_OUT = ("symbolic", "ref_mismatch", "ref_on_n")


def panel_people(populations: list[str]) -> list[Simulated]:
    """The panel's people, unrelated, named ``REF001`` and so on."""
    names = [name for name in populations for _ in range(PEOPLE)]
    return [
        Simulated(f"REF{n:03d}", name, "XX" if n % 2 else "XY", None, None, None, "nowhere", False, MISSING_RATE, 0)
        for n, name in enumerate(names, 1)
    ]


def panel_sites(sites: list[Site]) -> list[int]:
    """The cohort's sites with frequencies, but linked records and those that stand for faults of its files."""
    return [
        n
        for n, site in enumerate(sites)
        if site.frequencies is not None and site.kind not in _LEFT_OUT and not site.block
    ]


def draw_panel(demo: Demo, seed: int) -> tuple[list[Simulated], list[int], np.ndarray]:
    """People, sites (indexes into ``demo.sites``) and the cells of the VCF, object array of shape (sites, people)."""
    rng = np.random.default_rng([seed, zlib.crc32(b"panel")])
    populations = sorted({p.population for p in demo.people})
    people, chosen = panel_people(populations), panel_sites(demo.sites)
    sites = [demo.sites[n] for n in chosen]
    alleles = draw_founders(sites, people, populations, rng)
    drop_absent_copies(alleles, sites, people)
    alleles[rng.random(alleles.shape[:2]) < MISSING_RATE] = _MISSING
    ordered = np.where(alleles[..., 1:] >= 0, np.sort(alleles, axis=2), alleles)
    code = (ordered[..., 0] - _MISSING) * _SPAN + ordered[..., 1] - _MISSING
    texts = np.array([_cell(*divmod(n, _SPAN)) for n in range(_SPAN * _SPAN)], object)
    return people, chosen, texts[code.astype(np.int64)]


def write_panel_files(demo: Demo, seed: int, vcf: Path, index: Path, labels: Path) -> None:
    """Write the panel as bgzipped VCF with a tabix index, and its labels."""
    people, chosen, cells = draw_panel(demo, seed)
    sites = [demo.sites[n] for n in chosen]
    with atomic(vcf) as beside, atomic(index) as index_beside:
        with pysam.BGZFile(str(beside), "wb") as out:
            for line in vcf_lines(sites, cells, [p.sample for p in people], demo.lengths):
                out.write(line.encode())
        pysam.tabix_index(str(beside), preset="vcf", index=str(index_beside), force=True)
    table = pl.DataFrame({"sample": [p.sample for p in people], "population": [p.population for p in people]})
    with atomic(labels) as beside:
        table.with_columns(unrelated=pl.lit("yes")).write_csv(beside, separator="\t")


_MISSING = -2  # -1 stands for a copy that a person does not have
_SPAN = 8


def _cell(first: int, second: int) -> str:
    copies = ["." if n + _MISSING < -1 else str(n + _MISSING) for n in (first, second) if n + _MISSING != -1]
    return "/".join(copies) or "."
