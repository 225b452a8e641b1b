"""Place people on a panel's components, each alone: nothing depends on who else is in the cohort."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.genome import canonical
from permed.genotypes.store import GenotypeStore
from permed.quality.ancestry.kernels import project
from permed.quality.ancestry.matching import Matched, match_sites
from permed.quality.ancestry.oadp import place
from permed.quality.ancestry.panel import COMPONENTS, Panel
from permed.quality.ancestry.pca import standardised

PEOPLE = 1024  # projected at a time
BLOCK = 4096  # sites taken at a time
MIN_SITES = 300  # of 1000 Genomes 97 in 100 are still told apart by group with so many, 95 in 100 with half of them
MIN_LOADING = 0.01  # share of the panel's squared loadings, in any direction: below, the files are of other sites
REFERENCE_SHARE = (0.5, 1.5)  # of the homozygous reference genotypes that the panel lets expect, see `reasons`


@dataclass(frozen=True)
class Projected:
    """People on the panel's components, in the store's order.

    ``coordinates`` (people, components) are NaN for people with too few sites. ``noise`` (people, used, used) is the
    covariance of what lacking sites leave uncertain. ``n_sites`` are the panel's sites at which the person has a
    genotype, ``reasons`` say why a person cannot be placed, empty otherwise.
    """

    coordinates: np.ndarray
    noise: np.ndarray
    n_sites: np.ndarray
    reasons: list[str]


def project_people(panel: Panel, store: GenotypeStore, assumed: np.ndarray | None = None) -> Projected:
    """Project everybody of ``store`` on the panel; hard genotypes alone are read.

    At the panel's sites in ``assumed`` (boolean), see :func:`assumed_reference`, everybody is homozygous for REF.
    """
    matched = match_sites(panel, store.sites)
    values, loadings = _values(panel, matched), panel.loadings[matched.sites].astype(np.float64)
    absent = np.ones(len(panel.pos), bool)
    absent[matched.sites] = False
    given = np.flatnonzero(absent & assumed) if assumed is not None else np.zeros(0, np.int64)
    absent[given] = False
    nowhere = np.einsum("si,sj->ij", *[panel.loadings[absent].astype(np.float64)] * 2)
    everybody = _sums_of_reference(panel, given)
    parts = []
    for first in range(0, len(store.samples), PEOPLE):
        people = min(PEOPLE, len(store.samples) - first)
        sums = _sums(store, matched, values, loadings, first, people, everybody)
        parts.append(_place(panel, sums, nowhere))
    coordinates, noise, n_sites, reasons = zip(*parts, strict=True) if parts else ([], [], [], [])
    if not parts:
        size, used = min(COMPONENTS, len(panel.singular)), int(panel.used)
        return Projected(np.zeros((0, size)), np.zeros((0, used, used)), np.zeros(0, np.int64), [])
    joined = (np.concatenate(each) for each in (coordinates, noise, n_sites))
    return Projected(*joined, [reason for part in reasons for reason in part])


def assumed_reference(panel: Panel, sites: pl.DataFrame, set_aside: list[pl.DataFrame]) -> np.ndarray:
    """Which of the panel's sites are homozygous for REF in everybody where a site not in the files means reference.

    Sites on contigs with records, where no record lies, none was set aside (``contig pos end``), and no longer one of
    ``sites`` reaches.
    """
    over = [sites.select("contig", "pos", end=pl.col("pos") + pl.col("ref").str.len_bytes().cast(pl.Int64) - 1)]
    over += [table.select("contig", pl.col("pos", "end").cast(pl.Int64)) for table in set_aside]
    stretches = pl.concat(over)
    contigs = {canonical(name): name for name in sites["contig"].unique()}
    own = np.array([canonical(name) for name in panel.contig.tolist()])
    found = np.zeros(len(own), bool)
    for contig, name in contigs.items():
        here = own == contig
        rows = stretches.filter(pl.col("contig") == name)
        starts, ends = np.sort(rows["pos"].to_numpy()), np.sort(rows["end"].to_numpy())
        begun = np.searchsorted(starts, panel.pos[here], side="right")
        ended = np.searchsorted(ends, panel.pos[here], side="left")
        found[here] = begun == ended
    return found


def _values(panel: Panel, matched: Matched) -> np.ndarray:
    """What each code of a matched record stands for, and in the last column the chance of its homozygous REF."""
    mean, scale = panel.mean[matched.sites], panel.scale[matched.sites]
    values = standardised(mean, scale)
    values[matched.swapped] = values[matched.swapped][:, [3, 1, 2, 0]]
    frequency = np.where(matched.swapped, 1 - mean / 2, mean / 2)
    return np.column_stack([values, (1 - frequency) ** 2])


@dataclass(frozen=True)
class _Sums:
    scores: np.ndarray
    squares: np.ndarray
    lost: np.ndarray
    n_sites: np.ndarray
    n_reference: np.ndarray
    expected: np.ndarray


def _sums_of_reference(panel: Panel, sites: np.ndarray) -> _Sums:
    """The sums of one person who is homozygous for REF at some of the panel's sites and has no other."""
    value = -panel.mean[sites] / panel.scale[sites]
    scores = np.einsum("s,si->i", value, panel.loadings[sites].astype(np.float64))
    size, number = panel.loadings.shape[1], np.array([len(sites)])
    expected = np.array([((1 - panel.mean[sites] / 2) ** 2).sum()])
    return _Sums(scores[None], np.array([(value * value).sum()]), np.zeros((1, size, size)), number, number, expected)


def _sums(store: GenotypeStore, matched: Matched, values, loadings, first: int, people: int, everybody: _Sums) -> _Sums:
    sums = _Sums(*(np.repeat(each, people, axis=0) for each in vars(everybody).values()))
    start = 0
    for part in store.parts:
        low, high = np.searchsorted(matched.rows, [start, start + len(part)])
        for begin in range(low, high, BLOCK):
            here = slice(begin, min(begin + BLOCK, high))
            packed = np.asarray(part[matched.rows[here] - start])
            project(packed, values[here], loadings[here], first, *vars(sums).values())
        start += len(part)
    return sums


def _place(panel: Panel, sums: _Sums, nowhere: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    size, used = min(COMPONENTS, len(panel.singular)), int(panel.used)
    known, total = len(panel.singular), len(panel.pos)
    lower = np.tril(sums.lost)
    lost = lower + np.swapaxes(np.tril(lower, -1), 1, 2) + nowhere
    gram = np.eye(known) - lost
    held = np.linalg.eigvalsh(gram)[:, 0]
    reasons = [_reason(sums, n, held[n], total) for n in range(len(sums.squares))]
    good = np.array([not reason for reason in reasons], bool)
    coordinates = np.full((len(reasons), size), np.nan)
    noise = np.zeros((len(reasons), used, used))
    if good.any():
        coordinates[good], residual = place(
            sums.scores[good], sums.squares[good], panel.singular, used, size, gram[good]
        )
        variance = residual / (sums.n_sites[good] - known)
        extra = np.linalg.inv(gram[good])[:, :used, :used] - np.eye(used)
        expansion = np.outer(panel.expansion, panel.expansion)
        noise[good] = variance[:, None, None] * extra * expansion
    return coordinates, noise, sums.n_sites, reasons


def _reason(sums: _Sums, n: int, held: float, total: int) -> str:
    """Why a person cannot be placed.

    Files that hold only the sites at which somebody differs from the reference, or that say reference for everything
    they do not hold, would place anybody anywhere; the share of homozygous reference genotypes gives them away.
    """
    sites = int(sums.n_sites[n])
    if sites < MIN_SITES or held < MIN_LOADING:
        return f"genotypes at {sites} of the panel's {total} sites, too few to compare with it"
    share = sums.n_reference[n] / sums.expected[n]
    low, high = REFERENCE_SHARE
    if share < low:
        return (
            f"{share:.0%} of the homozygous reference genotypes that are expected at the panel's sites: the files seem "
            "to hold only sites that differ from the reference"
        )
    if share > high:
        return (
            f"{share:.0%} of the homozygous reference genotypes that are expected at the panel's sites: sites that "
            "were not looked at seem to be taken for reference"
        )
    return ""
