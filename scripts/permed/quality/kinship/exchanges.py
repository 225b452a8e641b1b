"""Which samples are exchanged: what of the likeliest assignment the evidence bears out, and other readings."""

from collections.abc import Iterable
from dataclasses import dataclass

from permed.quality.kinship.places import EMPTY, Costs
from permed.quality.kinship.search import ALIKE, SUSPECT, Search, regions

MARGIN = 10.0  # by which an exchange must explain more than leaving its people in place
MANY = 12  # samples exchanged from which on a batch is mixed up as a whole, if they are most of their families
LEAST_STEP = 4.0  # the same of each ring or chain among several that share families


@dataclass(frozen=True)
class Exchange:
    """Rings or chains of samples, by number, that share families.

    ``fits`` gives for each misplaced sample the places of the sheet where it fits, the likeliest first; none for one
    that fits nowhere. ``tenants`` is who stands in each place when all exchanges are undone. ``sure`` says that two
    families, or the places within one, bear it out. ``swept`` are others of families most of whose samples are
    exchanged, with many more: they may be so as well.
    """

    fits: dict[int, list[int]]
    tenants: list[int]
    sure: bool
    swept: frozenset[int] = frozenset()


def find_exchanges(costs: Costs) -> list[Exchange]:
    """The exchanges that explain more than :data:`MARGIN` beyond people staying where the sheet has them."""
    found = []
    for region in regions(costs):
        search = Search(costs, region)
        ends = search.ends()
        near = [end for end in ends if search.total(end) < search.total(ends[0]) + ALIKE]
        proven = [_proven(search, end) for end in near]
        for part in _joined(search, _orbits(proven[0])):
            fits: dict[int, list[int]] = {}
            for content in proven:
                for other in _joined(search, _orbits(content)):
                    if _groups(search, part) & _groups(search, other):
                        _add_fits(fits, content, other)
            if search.is_shifted(proven[0]):
                _add_doubtful(search, fits, proven[0], part)
            swept = _swept(search, {*fits}, part)
            found.append(Exchange(fits, proven[0], _is_sure(search, proven[0], part), swept))
    return found


def _swept(search: Search, moved: set[int], part: set[int]) -> frozenset[int]:
    members = {p for group in _groups(search, part) for p in search.places.members[group]}
    whole = len(moved) >= MANY and 2 * len(moved) > len(members)
    return frozenset(members - moved) if whole else frozenset()


def _add_fits(fits: dict[int, list[int]], content: list[int], part: Iterable[int]) -> None:
    at = {tenant: place for place, tenant in enumerate(content)}
    for sample in sorted(part):
        own = fits.setdefault(sample, [])
        if sample in at and at[sample] not in own:
            own.append(at[sample])


def _add_doubtful(search: Search, fits: dict[int, list[int]], content: list[int], part: set[int]) -> None:
    """Members of families in a shifted stretch who seem to stay, but fit the place of one who does not as well."""
    for group in sorted(_groups(search, part)):
        before = search.fit([group], content)
        members = search.places.members[group]
        for place in (p for p in members if content[p] == p and p not in search.relations.unknown):
            for other in (p for p in members if content[p] not in (p, EMPTY)):
                turned = list(content)
                turned[place], turned[other] = turned[other], turned[place]
                if search.fit([group], turned) <= before:
                    fits.setdefault(place, []).append(other)


def _proven(search: Search, content: list[int]) -> list[int]:
    """The same without rings and chains that explain too little by themselves, and without mere strangers."""
    content = list(content)
    for part in _orbits(content):
        if all(content[place] == EMPTY for place in part):
            content = _undone(content, part)
    for least, cut in ((LEAST_STEP, lambda orbits: orbits), (MARGIN, lambda orbits: _joined(search, orbits))):
        for part in cut(_orbits(content)):
            if _rise(search, content, part) < least or not _all_fit(search, content, part):
                content = _undone(content, part)
    return content


def _undone(content: list[int], part: set[int]) -> list[int]:
    return [place if place in part else tenant for place, tenant in enumerate(content)]


def _rise(search: Search, content: list[int], part: set[int]) -> float:
    """By how much the cost is higher with everybody of a part where the sheet has them.

    Between families years of birth do not count: a mistyped one goes away where somebody moves among strangers.
    """
    judges = [search] if len(_groups(search, part)) == 1 else [search, search.without_years()]
    back = _undone(content, part)
    return min(judge.total(back) - judge.total(content) for judge in judges)


def _all_fit(search: Search, content: list[int], part: set[int]) -> bool:
    """Whether nobody is moved among people who are no relatives."""
    for place in part:
        members = search.places.members[search.places.group[place]]
        tenants = search.tenants(search.places.group[place], content)
        if search.costs.of_place(members, members.index(place), tenants) >= SUSPECT:
            return False
    return True


def _orbits(content: list[int]) -> list[set[int]]:
    """Places between which tenants go round, or in a chain, in the sheet's order."""
    return _clustered((place, tenant) for place, tenant in enumerate(content) if tenant != place)


def _joined(search: Search, orbits: list[set[int]]) -> list[set[int]]:
    """Orbits that share a family as one."""
    group = search.places.group
    links = [link for own in orbits for p in own for link in ((p, min(own)), (p, -2 - group[p]))]
    return [{place for place in part if place >= 0} for part in _clustered(links)]


def _clustered(links: Iterable[tuple[int, int]]) -> list[set[int]]:
    found: list[set[int]] = []
    for link in links:
        own = set(link) - {EMPTY}
        apart = [cluster for cluster in found if not cluster & own]
        found = [*apart, own.union(*(cluster for cluster in found if cluster & own))]
    return sorted(found, key=lambda cluster: min(place for place in cluster if place >= 0))


def _groups(search: Search, part: set[int]) -> set[int]:
    return {search.places.group[place] for place in part}


def _is_sure(search: Search, content: list[int], part: set[int]) -> bool:
    groups = _groups(search, part)
    better = [group for group in groups if search.misfit(group, search.home) - search.misfit(group, content) >= SUSPECT]
    return len(better) > 1 or len(groups) == 1
