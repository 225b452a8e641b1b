"""A reference panel as a file: loadings, centres, labels and Gaussians, from which any person is placed alone."""

import io
from dataclasses import dataclass, fields
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genotypes.store import GenotypeStore
from permed.quality.ancestry import leaving_out, similarity
from permed.quality.ancestry.heldout import FOLDS, HeldOut, held_out
from permed.quality.ancestry.outsiders import Frequencies, Members, Variance, hets_of
from permed.quality.ancestry.pca import Matrix, leading_components
from permed.quality.ancestry.similarity import Populations, fit_populations, fit_temperature
from permed.quality.ancestry.sites import choose_sites
from permed.tables import atomic

VERSION = 2
COMPONENTS = 10  # given for every person
AUGMENTED = 20  # in which a person is added to the reference; twice as many, as FRAPOSA has it
MIN_PEOPLE = 30  # fewer unrelated people give no components to speak of
MIN_OF_POPULATION = 5  # so that each fold leaves some of a population
MIN_SITES = 300  # of the panel


@dataclass(frozen=True)
class Panel:
    """What a panel says; arrays by site, by person (everybody with a label), by population.

    ``mean`` and ``scale`` standardise ALT dosages, ``loadings`` (sites, components) is U and ``singular`` D of the
    decomposition. ``coordinates`` (people, components) are those of held-out people. ``used`` is the number of
    components in which populations are compared, ``means`` and ``covariances`` are the populations' in these;
    ``expansion`` is by how much the projection undoes shrinkage. ``calibration`` has the rows (mean probability, share
    right, people) of held-out people, ``accuracy``, ``log_loss``, ``brier`` and ``outside`` (the share of them that
    would be called outside the panel at 1 in 100) sum them up. ``variance_weights`` and ``variance_deviation`` are
    those of people beyond the components in use. ``left_out`` is the share of each group's people who are outside a
    panel without it, ``trust`` the probability to be of a group of the panel by how far inside somebody is.
    """

    version: np.ndarray
    build: np.ndarray
    digest: np.ndarray
    contig: np.ndarray
    pos: np.ndarray
    ref: np.ndarray
    alt: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    loadings: np.ndarray
    singular: np.ndarray
    expansion: np.ndarray
    samples: np.ndarray
    population: np.ndarray
    superpopulation: np.ndarray
    unrelated: np.ndarray
    coordinates: np.ndarray
    used: np.ndarray
    names: np.ndarray
    groups: np.ndarray
    of_group: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    temperature: np.ndarray
    calibration: np.ndarray
    accuracy: np.ndarray
    log_loss: np.ndarray
    brier: np.ndarray
    outside: np.ndarray
    variance_weights: np.ndarray
    variance_deviation: np.ndarray
    left_out: np.ndarray
    trust: np.ndarray

    @property
    def listed(self) -> pl.DataFrame:
        """Its sites: ``contig pos ref alt``."""
        return pl.DataFrame({name: getattr(self, name) for name in ("contig", "pos", "ref", "alt")})

    @property
    def populations(self) -> Populations:
        """The Gaussians."""
        return Populations(self.names.tolist(), self.groups.tolist(), self.of_group, self.means, self.covariances)

    @property
    def members(self) -> Members:
        """What newcomers are compared with."""
        used = int(self.used)
        variance = Variance(self.variance_weights, float(self.variance_deviation))
        frequencies = Frequencies(self.mean, self.scale, self.loadings[:, :used].astype(np.float64))
        return Members(self.populations, self.coordinates[:, :used], variance, frequencies)

    def told(self) -> str:
        """How well this panel tells people of a group that it does not hold."""
        each = ", ".join(f"{name} {share:.0%}" for name, share in zip(self.groups, self.left_out, strict=True))
        return f"{self.left_out.mean():.0%} of people of a group left out of this panel are told to be outside ({each})"

    def summary(self) -> str:
        """What the panel is and how well it tells its own held-out people apart, in a sentence."""
        return (
            f"{len(self.samples)} people of {len(self.names)} populations in {len(self.groups)} groups, "
            f"{len(self.pos)} sites, {int(self.used)} components compared; of held-out people {self.accuracy:.1%} are "
            f"nearest to their own group (log loss {self.log_loss:.3f}, Brier {self.brier:.3f}), "
            f"{self.outside:.2%} outside; {self.told()}"
        )


def make_panel(store: GenotypeStore, labels: pl.DataFrame, build: str) -> Panel:
    """The panel of the people of ``store``, whose ``labels`` (columns of :mod:`labels`) are in the same order."""
    people = labels["unrelated"].to_numpy()
    _check_people(labels, people)
    rows, mean, scale = choose_sites(store, people)
    if len(rows) < MIN_SITES:
        fault = f"{len(rows)} common sites of the panel are left after pruning, {MIN_SITES} are needed"
        raise Fault(fault, remedy="Give the panel's genotypes of whole autosomes")
    matrix = Matrix(store, rows, mean, scale)
    components = leading_components(matrix, people, AUGMENTED, COMPONENTS)
    size = min(COMPONENTS, len(components.singular))
    names = labels["population"].to_list()
    squares = matrix.squares() / np.maximum(matrix.called(), 1)
    apart = held_out(matrix, components, people, names, size)
    sites = store.sites[rows]
    loadings = matrix.times(components.vectors) / components.singular
    frequencies = Frequencies(mean, scale, loadings[:, :size])
    return Panel(
        version=np.array(VERSION),
        build=np.array(build),
        digest=np.array(_digest(sites, labels, build)),
        **{name: sites[name].to_numpy().astype(kind) for name, kind in _SITES.items()},
        mean=mean,
        scale=scale,
        loadings=loadings.astype(np.float32),
        singular=components.singular,
        samples=np.array(store.samples),
        population=np.array(names),
        superpopulation=np.array(labels["superpopulation"].to_list()),
        unrelated=people,
        **_calibrated(apart, labels, people, size, _People(squares, frequencies, matrix)),
    )


def write_panel(panel: Panel, path: Path) -> None:
    """Write a panel; the same panel gives the same bytes."""
    held = io.BytesIO()
    np.savez_compressed(held, **{each.name: getattr(panel, each.name) for each in fields(panel)})
    with atomic(path) as beside:
        beside.write_bytes(held.getvalue())


def read_panel(path: Path, build: str | None = None) -> Panel:
    """Read a panel; one of another build or version is a fault."""
    remedy = "Build it anew: set panel.genotypes and panel.labels, and quality.reference_panel to null"
    try:
        with np.load(path, allow_pickle=False) as held:
            found = {name: held[name] for name in held.files}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile):
        raise Fault("it is no reference panel that can be read", path, remedy=remedy) from None
    if int(found.get("version", 0)) != VERSION:
        raise Fault("it is a reference panel of another version of permed", path, remedy=remedy)
    if build is not None and str(found["build"]) != build:
        raise Fault(f"the reference panel is of {found['build']}; genome.build says {build}", path, remedy=remedy)
    return Panel(**found)


_SITES = {"contig": str, "pos": np.int64, "ref": str, "alt": str}


def _check_people(labels: pl.DataFrame, people: np.ndarray) -> None:
    remedy = "Give a panel of more people, or take the population out of the labels"
    if people.sum() < MIN_PEOPLE:
        raise Fault(f"{people.sum()} unrelated people of the panel have genotypes, {MIN_PEOPLE} are needed")
    counts = labels.filter(people).group_by("population").len().sort("population")
    few = counts.filter(pl.col("len") < MIN_OF_POPULATION)
    absent = sorted(set(labels["population"]) - set(counts["population"]))
    if len(few) or absent:
        name, number = few.row(0) if len(few) else (absent[0], 0)
        fault = f"population {name} of the panel has {number} unrelated people with genotypes"
        raise Fault(f"{fault}, {MIN_OF_POPULATION} are needed", remedy=remedy)
    if labels["superpopulation"].n_unique() < 2:
        raise Fault("the panel has one group alone, so nothing can be compared", remedy="Give a panel of several")
    torn = labels.group_by("population").agg(pl.col("superpopulation").n_unique()).filter(pl.col("superpopulation") > 1)
    if len(torn):
        raise Fault(f"population {torn['population'].sort()[0]} of the panel is in several superpopulations")


@dataclass(frozen=True)
class _People:
    """Squares a site of everybody, and what their heterozygosity is compared with."""

    squares: np.ndarray
    frequencies: Frequencies
    matrix: Matrix


def _calibrated(
    apart: HeldOut, labels: pl.DataFrame, people: np.ndarray, size: int, own: _People
) -> dict[str, np.ndarray]:
    """Gaussians of all people, in as few components as held-out people are told apart with, and their calibration.

    The fewest components whose log loss is within a standard error of the best (Breiman and others 1984).
    """
    names = np.array(labels["population"].to_list())
    groups = dict(labels.select("population", "superpopulation").iter_rows())
    kinds = sorted(set(groups.values()))
    truth = np.array([kinds.index(groups[name]) for name in names.tolist()])[people]
    tried = {}
    for used in range(2, size + 1):
        densities = _held_out_densities(apart, names, groups, people, used)
        temperature = fit_temperature(densities, truth)
        chances = similarity.probabilities(densities, temperature)
        tried[used] = temperature, chances, similarity.losses(chances, truth)
    best = min(tried, key=lambda used: tried[used][2].mean())
    losses = tried[best][2]
    limit = losses.mean() + losses.std() / np.sqrt(len(losses))
    used = next(used for used in tried if tried[used][2].mean() <= limit)
    temperature, chances, losses = tried[used]
    coordinates = apart.coordinates[size].copy()
    coordinates[:, :used] = apart.coordinates[used]
    fitted = fit_populations(coordinates[people][:, :used], names[people].tolist(), groups)
    chosen = np.flatnonzero(people)
    hets = hets_of(own.matrix.packed())
    known = coordinates[chosen], own.squares[chosen], names[chosen], groups
    everybody = leaving_out.People(*known, own.frequencies, lambda n: hets(int(chosen[n])))
    inside, left_out = leaving_out.tails(everybody, apart.fold[chosen], used)
    variance = everybody.members(used).variance
    return {
        "used": np.array(used),
        "coordinates": coordinates,
        "expansion": apart.expansion[used],
        "names": np.array(fitted.names),
        "groups": np.array(fitted.groups),
        "of_group": fitted.of_group,
        "means": fitted.means,
        "covariances": fitted.covariances,
        "temperature": np.array(temperature),
        "calibration": np.array(similarity.reliability(chances, truth)),
        "accuracy": np.array((chances.argmax(axis=1) == truth).mean()),
        "log_loss": np.array(losses.mean()),
        "brier": np.array(similarity.brier(chances, truth)),
        "outside": np.array((inside < similarity.OUTSIDE).mean()),
        "variance_weights": variance.weights,
        "variance_deviation": np.array(variance.deviation),
        "left_out": np.array([(left_out[name] < similarity.OUTSIDE).mean() for name in fitted.groups]),
        "trust": leaving_out.trust(inside, left_out),
    }


def _held_out_densities(
    apart: HeldOut, names: np.ndarray, groups: dict[str, str], people: np.ndarray, used: int
) -> np.ndarray:
    """Log densities (people, groups) by Gaussians of others."""
    densities = np.zeros((len(people), len(set(groups.values()))))
    coordinates = apart.coordinates[used]
    for fold in range(FOLDS):
        inside, left = people & (apart.fold != fold), apart.fold == fold
        if not left.any():
            continue
        fitted = fit_populations(coordinates[inside], names[inside].tolist(), groups)
        densities[left] = fitted.log_densities(fitted.distances(coordinates[left])[1])
    return densities[people]


def _digest(sites: pl.DataFrame, labels: pl.DataFrame, build: str) -> str:
    """SHA-256 of what made the panel: build, labels, and its sites with their genotype counts."""
    text = f"{VERSION}\t{build}\n{labels.write_csv(separator=chr(9))}\n{sites.write_csv(separator=chr(9))}"
    return sha256(text.encode()).hexdigest()
