"""The places that a sample sheet gives and the genotypes that may stand in them, and what speaks against a tenant.

A place is a row of the sheet with its family, parents, sex and year of birth. The genotypes under a name are the tenant
of that place until an exchange is found. Costs are in units of evidence, about natural logarithms of how much rarer the
sheet's and the genotypes' words are together by innocence; they and :data:`MARGIN` are ours, from simulated families
(tests/unit/quality/kinship/test_exchanges.py): no family of many shapes reaches the margin, each planted exchange does.
"""

from collections import Counter, defaultdict
from copy import copy
from itertools import combinations, pairwise

import polars as pl

from permed.pedigree import ROLES, SEX_OF
from permed.quality.kinship.relations import (
    DUPLICATE,
    NOT_ASSESSABLE,
    PARENT_CHILD,
    UNRELATED,
    is_close,
    is_related,
    may_be_one,
    may_be_parent,
)

STRANGER = 9.0  # related to nobody of the family, whom nobody can have married
IN_LAW = 1.0  # related to nobody, but perhaps the spouse of one who has no other partner by the genotypes
ODD_IN_LAW = 5.0  # the same, with a parent or child elsewhere, and no years of birth that fit a couple
NOT_DECLARED = 9.0  # declared parent and child who are none, or are, and cannot be by age, pedigree or a third relative
OTHER_SEX = 11.0
NOT_SAME = 9.0  # declared one person, or identical twins, with genotypes that differ
OUTSIDE = 1.0  # close relatives in different families of the sheet
MIN_GENERATION, MAX_COUPLE = 12, 20  # years of birth between parent and child at least; between spouses at most
FILLING = 4  # people with one year of birth from which on it may be no year
MAX_FAMILY = 200  # more people under one family name are no family
EMPTY = -1


class Relations:
    """What the genotypes say of pairs, by number of the sample; a pair that is not listed is unrelated."""

    def __init__(self, names: list[str], pairs: pl.DataFrame, unknown: set[str], sexes: dict[str, str]) -> None:
        self.names, number = names, {name: n for n, name in enumerate(names)}
        self.sex = [sexes.get(name) for name in names]
        self._of: list[dict[int, str]] = [{} for _ in names]
        for one, other, relation in pairs.select("sample1", "sample2", "relation").iter_rows():
            i, j = number[one], number[other]
            self._of[i][j] = self._of[j][i] = relation
        self.unknown = {number[name] for name in unknown if name in number}
        self.close = [[j for j, relation in own.items() if is_close(relation)] for own in self._of]
        self.child_of: set[tuple[int, int]] = set()
        self.partners: dict[int, set[int]] = defaultdict(set)
        for child in range(len(names)):
            for one, other in combinations(self._parent_or_child(child), 2):
                relation = self(one, other)
                if relation != NOT_ASSESSABLE and not is_related(relation):
                    self.child_of |= {(child, one), (child, other)}
                    self.partners[one].add(other)
                    self.partners[other].add(one)

    def __call__(self, one: int, other: int) -> str:
        if one in self.unknown or other in self.unknown:
            return NOT_ASSESSABLE
        return self._of[one].get(other, UNRELATED)

    def _parent_or_child(self, one: int) -> list[int]:
        return [j for j, relation in self._of[one].items() if relation == PARENT_CHILD]

    def kin_outside(self, one: int, tenants: tuple[int, ...]) -> bool:
        """Whether somebody has a parent or child who is not among some tenants."""
        return any(j not in tenants for j in self._parent_or_child(one))


class Places:
    """The rows of a sheet, and the groups of those who share a family or a declared relation.

    ``people`` has the columns ``sample family birth_year sex`` and perhaps ``mother father twin_of replicate_of``.
    """

    def __init__(self, people: pl.DataFrame) -> None:
        rows = people.to_dicts()
        self.names = [row["sample"] for row in rows]
        number = {name: n for n, name in enumerate(self.names)}
        self.sex = [row.get("sex") if row.get("sex") in ("XX", "XY") else None for row in rows]
        self.year = _believable([row.get("birth_year") for row in rows])
        self.parents = [{r: number[row[r]] for r in ROLES if row.get(r) in number} for row in rows]
        self.same = {
            frozenset((n, number[row[column]]))
            for n, row in enumerate(rows)
            for column in ("twin_of", "replicate_of")
            if row.get(column) in number and row[column] != row["sample"]
        }
        self.family = [row["family"] for row in rows]
        self.group = self._groups(self.family)
        self.members: dict[int, list[int]] = defaultdict(list)
        for n, group in enumerate(self.group):
            self.members[group].append(n)
        self._ancestors: dict[int, set[int]] = {}

    def _groups(self, families: list[str | None]) -> list[int]:
        first = list(range(len(families)))

        def root(n: int) -> int:
            while first[n] != n:
                first[n] = first[first[n]]
                n = first[n]
            return n

        sizes: dict[str, list[int]] = defaultdict(list)
        for n, family in enumerate(families):
            if family:
                sizes[family].append(n)
        linked = [pair for own in sizes.values() if len(own) <= MAX_FAMILY for pair in pairwise(own)]
        linked += [(n, parent) for n, own in enumerate(self.parents) for parent in own.values()]
        linked += [tuple(pair) for pair in self.same]
        for one, other in linked:
            low, high = sorted((root(one), root(other)))
            first[high] = low
        return [root(n) for n in range(len(families))]

    def declares(self, child: int, parent: int) -> bool:
        """Whether the sheet names one as the parent of the other."""
        return parent in self.parents[child].values()

    def may_be_child(self, child: int, parent: int) -> bool:
        """Whether age and pedigree allow one to be the other's child."""
        years = self.year[child], self.year[parent]
        if None not in years and years[0] - years[1] < MIN_GENERATION:
            return False
        if self.declares(child, parent):
            return True
        role = next((role for role in ROLES if SEX_OF[role] == self.sex[parent]), None)
        return role not in self.parents[child] and child not in self._older(parent)

    def _older(self, one: int) -> set[int]:
        """Declared ancestors."""
        if one not in self._ancestors:
            self._ancestors[one] = set()
            for parent in self.parents[one].values():
                self._ancestors[one] |= {parent} | self._older(parent)
        return self._ancestors[one]

    def may_be_couple(self, one: int, other: int) -> bool:
        """Whether sex and age allow two to have married."""
        sexes, years = (self.sex[one], self.sex[other]), (self.year[one], self.year[other])
        if None not in sexes and sexes[0] == sexes[1]:
            return False
        return None in years or abs(years[0] - years[1]) <= MAX_COUPLE


def _believable(years: list[int | None]) -> list[int | None]:
    """Years of birth, none where most people have the same one, which only fills the column."""
    commonest = Counter(year for year in years if year is not None).most_common(1)
    if commonest and commonest[0][1] >= FILLING and 2 * commonest[0][1] > len(years):
        return [None] * len(years)
    return years


class Costs:
    """What speaks against some genotypes as tenants of the sheet's places."""

    def __init__(self, places: Places, relations: Relations) -> None:
        self.places, self.relations = places, relations
        self._known: dict[tuple[int, tuple[int, ...]], tuple[float, int]] = {}

    def without_years(self) -> "Costs":
        """The same where nobody's year of birth is known."""
        places = copy(self.places)
        places.year = [None] * len(places.names)
        return Costs(places, self.relations)

    def of_group(self, group: int, tenants: tuple[int, ...]) -> float:
        """The cost of a group whose members, in their order, have some ``tenants``; :data:`EMPTY` is nobody.

        Close relatives within it are what costs something outside, and are taken off.
        """
        misfit, close = self._counted(group, tenants)
        return misfit - OUTSIDE * close

    def misfit(self, group: int, tenants: tuple[int, ...]) -> float:
        """The same without close relatives: 0 where nothing speaks against the tenants."""
        return self._counted(group, tenants)[0]

    def _counted(self, group: int, tenants: tuple[int, ...]) -> tuple[float, int]:
        key = group, tenants
        if key not in self._known:
            members = self.places.members[group]
            pairs = list(combinations(range(len(members)), 2))
            misfit = sum(self._of_pair(members[a], members[b], tenants[a], tenants[b]) for a, b in pairs)
            misfit += sum(self.of_place(members, n, tenants) for n in range(len(members)))
            misfit += sum(self._of_sex(place, tenant) for place, tenant in zip(members, tenants, strict=True))
            found = (self.relations(tenants[a], tenants[b]) for a, b in pairs if EMPTY not in (tenants[a], tenants[b]))
            self._known[key] = misfit, sum(is_close(relation) for relation in found)
        return self._known[key]

    def _of_sex(self, place: int, tenant: int) -> float:
        wanted, found = self.places.sex[place], None if tenant == EMPTY else self.relations.sex[tenant]
        return OTHER_SEX if wanted and found and ("Y" in wanted) != ("Y" in found) else 0.0

    def _of_pair(self, a: int, b: int, one: int, other: int) -> float:
        if EMPTY in (one, other):
            return 0.0
        relation, places = self.relations(one, other), self.places
        if relation == NOT_ASSESSABLE:
            return 0.0
        if frozenset((a, b)) in places.same:
            return 0.0 if may_be_one(relation) else NOT_SAME
        declared = places.declares(a, b) or places.declares(b, a)
        cost = NOT_DECLARED if declared and relation != DUPLICATE and not may_be_parent(relation) else 0.0
        ways = [(a, b)] * ((other, one) not in self.relations.child_of)
        ways += [(b, a)] * ((one, other) not in self.relations.child_of)
        if relation == PARENT_CHILD and not any(places.may_be_child(*way) for way in ways):
            cost += NOT_DECLARED
        return cost

    def of_place(self, members: list[int], n: int, tenants: tuple[int, ...]) -> float:
        """The cost of a tenant who is related to nobody in the group."""
        own = tenants[n]
        others = [m for m in range(len(members)) if m != n and tenants[m] != EMPTY]
        if own == EMPTY or not others or own in self.relations.unknown:
            return 0.0
        found = [self.relations(own, tenants[m]) for m in others]
        if any(is_related(r) or r == NOT_ASSESSABLE for r in found):
            return 0.0
        partners = self.relations.partners.get(own, set())
        if any(tenants[m] in partners for m in others):
            return 0.0
        if partners:
            return STRANGER
        spouses = [m for m in others if not self.relations.partners.get(tenants[m])]
        spouses = [m for m in spouses if self.places.may_be_couple(members[n], members[m])]
        if not spouses:
            return STRANGER
        aged = any(None not in (self.places.year[members[n]], self.places.year[members[m]]) for m in spouses)
        return IN_LAW if aged or not self.relations.kin_outside(own, tenants) else ODD_IN_LAW
