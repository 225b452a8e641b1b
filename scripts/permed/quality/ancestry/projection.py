"""Place people on a panel's components, each alone: nothing depends on who else is in the cohort."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.genome import canonical
from permed.genotypes.store import GenotypeStore
from permed.quality.ancestry.kernels import project
from permed.quality.ancestry.looked_at import look
from permed.quality.ancestry.oadp import place
from permed.quality.ancestry.outsiders import HETS, Hets, variance_beyond
from permed.quality.ancestry.panel import COMPONENTS, Panel
from permed.quality.ancestry.pca import standardised
from permed.quality.matching import Matched, match_sites

PEOPLE = 1024  # projected at a time
BLOCK = 4096  # sites taken at a time
MIN_SITES = 300  # of 1000 Genomes 97 in 100 are still told apart by group with so many, 95 in 100 with half of them
MIN_LOADING = 0.01  # share of the panel's squared loadings, in any direction: below, the files are of other sites
LEAST_LOOKED_AT = 0.7  # of the sites, where those that the files lack are taken for reference
REFERENCE_SHARE = (0.5, 1.5)  # of the homozygous reference genotypes that the panel lets expect, see `reasons`


@dataclass(frozen=True)
class Projected:
    """People on the panel's components, in the store's order.

    ``coordinates`` (people, components) are NaN for people with too few sites; ``plain`` are those in use before the
    shrinkage of newcomers is undone, which people of the panel and their children have not or half. ``noise`` (people,
    used, used) is the covariance of what lacking sites leave uncertain. ``n_sites`` are the panel's sites at which the
    person has a genotype, ``reasons`` say why a person cannot be placed, empty otherwise. ``variance`` is that of a
    site beyond the components in use, NaN where it is not known, ``looked_at`` the share of sites that were looked at
    by what the genotypes show (1 where none are assumed). ``hets`` gives a person's heterozygous sites.
    """

    coordinates: np.ndarray
    plain: np.ndarray
    noise: np.ndarray
    n_sites: np.ndarray
    reasons: list[str]
    variance: np.ndarray
    looked_at: np.ndarray
    hets: Hets


def project_people(panel: Panel, store: GenotypeStore, assumed: np.ndarray | None = None) -> Projected:
    """Project everybody of ``store`` on the panel; hard genotypes alone are read.

    At the panel's sites in ``assumed`` (boolean), see :func:`assumed_reference`, everybody is homozygous for REF.
    """
    matched = match_sites(panel.listed, store.sites)
    whole = panel.loadings.astype(np.float64)
    if assumed is not None:  # a last column tells how far everything is from nothing but REF
        whole = np.column_stack([whole, panel.mean / panel.scale])
    values, loadings = _values(panel, matched), whole[matched.sites]
    absent = np.ones(len(panel.pos), bool)
    absent[matched.sites] = False
    given = np.flatnonzero(absent & assumed) if assumed is not None else np.zeros(0, np.int64)
    absent[given] = False
    nowhere = np.einsum("si,sj->ij", *[whole[absent]] * 2)
    everybody = _sums_of_reference(panel, given, whole)
    every = np.einsum("si,sj->ij", whole, whole)
    known = len(panel.singular)
    every[:known, :known] = np.eye(known)
    uncertain = _uncertain(whole) if assumed is not None else None
    parts = []
    for first in range(0, len(store.samples), PEOPLE):
        people = min(PEOPLE, len(store.samples) - first)
        sums = _sums(store, matched, values, loadings, first, people, everybody)
        parts.append(_place(panel, sums, every - nowhere, uncertain))
    if not parts:
        size, used = min(COMPONENTS, len(panel.singular)), int(panel.used)
        nobody = np.zeros((0, size)), np.zeros((0, used)), np.zeros((0, used, used)), np.zeros(0, np.int64)
        return Projected(*nobody, [], np.zeros(0), np.zeros(0), _hets(store, matched, given, len(absent)))
    *arrays, reasons = zip(*parts, strict=True)
    coordinates, plain, noise, n_sites, variance, looked_at = (np.concatenate(each) for each in arrays)
    said = [reason for part in reasons for reason in part]
    hets = _hets(store, matched, given, len(absent))
    return Projected(coordinates, plain, noise, n_sites, said, variance, looked_at, hets)


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


def _hets(store: GenotypeStore, matched: Matched, assumed: np.ndarray, total: int) -> Hets:
    """The heterozygous sites of the panel in people by number: 1 yes, 0 no, -1 where there is no genotype."""
    starts = np.cumsum([0, *map(len, store.parts)])

    def of(person: int) -> np.ndarray:
        found = np.full(total, -1, np.int8)
        found[assumed] = 0
        for part, start in zip(store.parts, starts, strict=False):
            low, high = np.searchsorted(matched.rows, [start, start + len(part)])
            column = np.asarray(part[matched.rows[low:high] - start, person >> 2])
            found[matched.sites[low:high]] = HETS[column >> (2 * (person & 3)) & 3]
        return found

    return of


def _uncertain(whole: np.ndarray) -> np.ndarray:
    """What one taken for REF at a share of the sites adds to the covariance of scores, by that share."""
    plain, last = whole[:, :-1], whole[:, -1]
    return np.einsum("si,sj->ij", plain * (1 + last * last)[:, None], plain)


def _sums_of_reference(panel: Panel, sites: np.ndarray, whole: np.ndarray) -> _Sums:
    """The sums of one person who is homozygous for REF at some of the panel's sites and has no other."""
    value = -panel.mean[sites] / panel.scale[sites]
    scores = np.einsum("s,si->i", value, whole[sites])
    size, number = whole.shape[1], np.array([len(sites)])
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


def _place(panel: Panel, sums: _Sums, products: np.ndarray, uncertain: np.ndarray | None) -> tuple:
    """Coordinates, these before shrinkage is undone, noise, sites, variance, share looked at, and reasons.

    ``products`` are those of the loadings at the sites that the files have."""
    size, used = min(COMPONENTS, len(panel.singular)), int(panel.used)
    known, total = len(panel.singular), len(panel.pos)
    lower = np.tril(sums.lost)
    products = products - lower - np.swapaxes(np.tril(lower, -1), 1, 2)
    gram = products[:, :known, :known]
    held = np.linalg.eigvalsh(gram)[:, 0]
    sparse = (sums.n_sites < MIN_SITES) | (held < MIN_LOADING)
    looked = look(sums.scores, sums.squares, products, known, sparse)
    reasons = [_reason(sums, n, bool(sparse[n]), float(looked.share[n]), total) for n in range(len(sums.squares))]
    good = np.array([not reason for reason in reasons], bool)
    coordinates, variance = np.full((len(reasons), size), np.nan), np.full(len(reasons), np.nan)
    noise, plain = np.zeros((len(reasons), used, used)), np.full((len(reasons), used), np.nan)
    if good.any():
        coordinates[good], residual = place(
            looked.scores[good], looked.squares[good], panel.singular, used, size, gram[good]
        )
        plain[good] = np.linalg.solve(gram[good], looked.scores[good][..., None])[:, :used, 0]
        spread = residual / (sums.n_sites[good] - known)
        extra = spread[:, None, None] * (np.linalg.inv(gram[good])[:, :used, :used] - np.eye(used))
        if uncertain is not None:
            odds = 1 / looked.share[good] - 1
            extra = extra + odds[:, None, None] * uncertain[:used, :used]
        noise[good] = extra * np.outer(panel.expansion, panel.expansion)
        beyond = variance_beyond(looked.squares[good], sums.n_sites[good], coordinates[good, :used], total)
        variance[good] = np.where(looked.share[good] < 1, np.nan, beyond)
    return coordinates, plain, noise, sums.n_sites, variance, looked.share, reasons


def _reason(sums: _Sums, n: int, sparse: bool, looked_at: float, total: int) -> str:
    """Why a person cannot be placed.

    Files that hold only the sites at which somebody differs from the reference, or that say reference for everything
    they do not hold, would place anybody anywhere; the share of homozygous reference genotypes gives them away.
    """
    sites = int(sums.n_sites[n])
    if sparse:
        return f"genotypes at {sites} of the panel's {total} sites, too few to compare with it"
    share = sums.n_reference[n] / sums.expected[n]
    low, high = REFERENCE_SHARE
    if share < low:
        return (
            f"{share:.0%} of the homozygous reference genotypes that are expected at the panel's sites: the files seem "
            "to hold only sites that differ from the reference"
        )
    if share > high or looked_at < LEAST_LOOKED_AT:
        return (
            f"{share:.0%} of the homozygous reference genotypes that are expected at the panel's sites: sites that "
            "were not looked at seem to be taken for reference. Give gVCF files or the regions that were looked at"
        )
    return ""
