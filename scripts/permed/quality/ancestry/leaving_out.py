"""How well a panel tells people of a group that it does not hold: each of its groups is left out in turn.

Components without a group are those of the others' coordinates on all components, so that no genotype is read again.
"""

from dataclasses import dataclass

import numpy as np

from permed.quality.ancestry.outsiders import Frequencies, Hets, Members, fit_variance, look_inside, variance_beyond
from permed.quality.ancestry.similarity import OUTSIDE, fit_populations

BOUNDS = np.array([OUTSIDE, 0.03, 0.1, 0.3, 1.0])  # of tails: upper ends of the classes


@dataclass(frozen=True)
class People:
    """The panel's unrelated people: held-out ``coordinates`` on all components, ``squares`` a site, labels."""

    coordinates: np.ndarray
    squares: np.ndarray
    names: np.ndarray
    groups: dict[str, str]
    frequencies: Frequencies
    hets: Hets

    @property
    def total(self) -> int:
        """The panel's sites."""
        return len(self.frequencies.mean)

    def of(self, chosen: np.ndarray) -> "People":
        """Some of them, by their numbers."""
        kept = (self.coordinates[chosen], self.squares[chosen], self.names[chosen], self.groups, self.frequencies)
        return People(*kept, lambda n: self.hets(int(chosen[n])))

    def members(self, used: int) -> Members:
        """What newcomers are compared with on the first ``used`` components."""
        coordinates = self.coordinates[:, :used]
        fitted = fit_populations(coordinates, self.names.tolist(), self.groups)
        return Members(fitted, coordinates, fit_variance(coordinates, self.beyond(used)), self.frequencies)

    def beyond(self, used: int) -> np.ndarray:
        """Their variance a site beyond the first ``used`` components."""
        return variance_beyond(self.squares, np.ones(len(self.squares)), self.coordinates[:, :used], self.total)


def tails(people: People, fold: np.ndarray, used: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """How far people are inside, and how far they seem to be inside a panel without their group."""
    return tails_inside(people, fold, used), tails_left_out(people, used)


def tails_inside(people: People, fold: np.ndarray, used: int) -> np.ndarray:
    """How far each of the people is inside by the people of the other folds."""
    tails = np.ones(len(fold))
    for number in np.unique(fold):
        left = people.of(np.flatnonzero(fold == number))
        members = people.of(np.flatnonzero(fold != number)).members(used)
        tails[fold == number] = _look(left, members, used)
    return tails


def tails_left_out(people: People, used: int) -> dict[str, np.ndarray]:
    """How far people of each group seem to be inside a panel without it."""
    group = np.array([people.groups[name] for name in people.names.tolist()])
    found = {}
    for name in sorted(set(group.tolist())):
        rest = people.coordinates[group != name]
        without = _turned(people, rest)
        members = without.of(np.flatnonzero(group != name)).members(used)
        found[name] = _look(without.of(np.flatnonzero(group == name)), members, used)
    return found


def _turned(people: People, rest: np.ndarray) -> People:
    """The people on the components of the ``rest`` of them, whose coordinates these are."""
    centre, old = rest.mean(axis=0), people.frequencies
    away = rest - centre
    _, axes = np.linalg.eigh(np.einsum("pi,pj->ij", away, away))
    axes = axes[:, ::-1]
    squares = people.squares - (2 * people.coordinates @ centre - centre @ centre) / people.total
    mean = old.mean + old.scale * (old.loadings @ centre)
    frequencies = Frequencies(mean, old.scale, old.loadings @ axes)
    coordinates = (people.coordinates - centre) @ axes
    return People(coordinates, squares, people.names, people.groups, frequencies, people.hets)


def _look(people: People, members: Members, used: int) -> np.ndarray:
    return look_inside(members, people.coordinates[:, :used], people.beyond(used), people.hets).tail


def trust(inside: np.ndarray, outside: dict[str, np.ndarray]) -> np.ndarray:
    """The probability to be of a group of the panel by the class of the tail of :data:`BOUNDS`, the outermost first.

    Somebody of a group that the panel does not hold is taken to be as likely beforehand as of each that it holds.
    """
    within = _shares(inside)
    beyond = np.mean([_shares(tails) for tails in outside.values()], axis=0)
    return np.maximum.accumulate(len(outside) * within / (len(outside) * within + beyond))


def trusted(table: np.ndarray, tails: np.ndarray) -> np.ndarray:
    """The probability of :func:`trust` for people by their tails."""
    return table[_classes(tails)]


def _classes(tails: np.ndarray) -> np.ndarray:
    return np.minimum(np.searchsorted(BOUNDS, tails, side="right"), len(BOUNDS) - 1)


def _shares(tails: np.ndarray) -> np.ndarray:
    """The share of people in each class, half a person added to each."""
    number = np.bincount(_classes(tails), minlength=len(BOUNDS))
    return (number + 0.5) / (len(tails) + 0.5 * len(BOUNDS))
