"""Which sites kinship is read from, and what of the genome they cover."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.genome import AUTOSOMES, canonical, lengths
from permed.genotypes.store import alt_frequency, people_called

MIN_CALL_RATE = 0.95
MIN_FREQUENCY = 0.01  # rarer alleles are seldom shared by distant relatives and hold errors as often as variation
MIN_CONTIGS = 5  # fewer do not show how kinship varies along the genome
WINDOW = 10_000_000  # relatives share segments of this order of length
CROWD = 20_000  # sites closer than so many bases tell much the same
MIN_REFERENCE = 0.5
MAX_SELDOM_CALLED = 0.1


@dataclass(frozen=True)
class KinshipSites:
    """Sites chosen from a store: ``rows`` of its site table in order, and of each the ALT frequency and the autosome.

    ``covered`` is the share of the autosomes' windows of 10 Mb with a site. ``crowding`` is the number of sites over
    the number of places 20 kb apart that they stand for, at least 1. ``problem`` says why no relation can be
    read, ``biased`` that kinship itself would mislead.
    """

    rows: np.ndarray
    frequency: np.ndarray
    contig: np.ndarray
    covered: float
    crowding: float
    build: str
    problem: str | None = None
    biased: bool = False


def kinship_sites(sites: pl.DataFrame, build: str, most: int, fewest: int) -> KinshipSites:
    """Choose autosomal SNVs with two alleles that are called in most people and vary enough, ``most`` of them at most.

    Call rate at least 0.95, both alleles at least 0.01 of those called, alone at their position, and not in the list of
    sites left out (column ``left_out``, a reason or null) where ``sites`` has it. Linked sites stay, since KING-robust
    needs no independent ones; beyond ``most``, every so-many-th is taken.
    """
    bases = list("ACGT")
    called = people_called()
    autosomes = [name for name in sites["contig"].unique().to_list() if canonical(name) in AUTOSOMES]
    use = pl.col("contig").is_in(autosomes) & pl.col("ref").is_in(bases) & pl.col("alt").is_in(bases)
    use &= pl.struct("contig", "pos").is_unique()
    often = called >= MIN_CALL_RATE * (called + pl.col("n_missing"))
    suited = sites.with_row_index("row").with_columns(called=called, frequency=alt_frequency(), often=often).filter(use)
    chosen = suited.filter(pl.col("often") & pl.col("frequency").is_between(MIN_FREQUENCY, 1 - MIN_FREQUENCY))
    if "left_out" in sites.columns:
        chosen = chosen.filter(pl.col("left_out").is_null())
    seldom = 1 - suited["often"].mean() if len(suited) else 0.0
    if len(chosen) > most:
        chosen = chosen[np.linspace(0, len(chosen) - 1, most).round().astype(np.int64)]
    numbers = {name: AUTOSOMES.index(canonical(name)) for name in autosomes}
    contig = chosen["contig"].replace_strict(numbers, return_dtype=pl.Int64)
    return KinshipSites(
        chosen["row"].to_numpy().astype(np.int64),
        chosen["frequency"].to_numpy(),
        contig.to_numpy(),
        _windows(chosen, WINDOW) / sum(-(-lengths(build)[name] // WINDOW) for name in AUTOSOMES),
        max(1.0, len(chosen) / max(1, _windows(chosen, CROWD))),
        build,
        **_problem(chosen, seldom, contig.n_unique(), fewest),
    )


def screening_sites(chosen: KinshipSites, most: int) -> np.ndarray:
    """Of ``most`` stretches of the chosen sites the most informative one each, nearest to frequency 0.5, as indexes."""
    stretches = np.array_split(np.arange(len(chosen.rows)), most)
    best = [part[np.argmin(np.abs(chosen.frequency[part] - 0.5))] for part in stretches if len(part)]
    return np.array(best, np.int64)


def _windows(chosen: pl.DataFrame, size: int) -> int:
    return chosen.select(pl.struct("contig", pl.col("pos") // size).n_unique()).item()


def _problem(chosen: pl.DataFrame, seldom: float, contigs: int, fewest: int) -> dict:
    """Why no relation can be read; ``seldom`` is the share of otherwise suitable sites that few people have called.

    Where each person's file lists only what the person carries, the sites called in all are those that all carry:
    nobody is homozygous for REF there, and strangers look like relatives.
    """
    expected = (chosen["called"] * (1 - chosen["frequency"]) ** 2).sum()
    if seldom > MAX_SELDOM_CALLED and chosen["n_ref"].sum() < MIN_REFERENCE * expected:
        problem = (
            f"{seldom:.0%} of sites are missing in many people, and of the homozygous reference genotypes expected at "
            f"the others {chosen['n_ref'].sum() / expected:.0%} are there: the files seem to list only what a person "
            "carries; give gVCFs or jointly called genotypes"
        )
        return {"problem": problem, "biased": True}
    if len(chosen) < fewest:
        return {"problem": f"too few sites: {len(chosen)} common autosomal SNVs, {fewest} are needed"}
    if contigs < MIN_CONTIGS:
        few = f"the sites lie on {contigs} autosomes, {MIN_CONTIGS} are needed"
        return {"problem": f"{few}: a part of the genome does not speak for the whole"}
    return {}
