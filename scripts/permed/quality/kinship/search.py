"""The likeliest tenants of a sheet's places: an assignment of genotypes to places, searched where something is amiss.

Exchanges of any length are ways of exchanging two tenants, one after another, each of which brings somebody home. The
search climbs by the best exchange, first without counting who moves, since within a chain nobody fits until several
have moved, then counting it. It starts from the sheet, from plates shifted along it or turned round, and from single
exchanges; the best end is taken, and other ends as good are alternatives.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import permutations

from permed.quality.kinship.places import EMPTY, Costs

EVENT, MOVED = 2.5, 1.0  # what an exchange costs: a pair of families between which samples go, and each sample
RUN, IN_RUN = 8.0, 0.25  # the same for a stretch of the sheet that is shifted or turned as one, and each sample of it
SHORTEST_RUN = 4  # samples of such a stretch
HOMELESS = 3.0  # a sample that is nobody's of the sheet
SUSPECT = 4.0  # cost of a family from which on its places are looked at
SHIFTS = (1, 2, 3, 4, 6, 8, 12)  # places by which a plate may be shifted against the sheet
MOST_SAVED = 12.0  # an exchange that makes people fit worse by more is never worth what it saves in moving
BEST_SHIFTS = 3  # of these that are looked at further
STARTS = 200  # exchanges that are tried as a start of their own, times the people who may move
LARGEST_BLOCK = 6  # people of a family that may be exchanged as a whole
ALIKE = 0.9  # of two ends nearer in cost neither is preferred
_LEAST = 1e-9


def regions(costs: Costs) -> list[list[int]]:
    """Groups in which people may have to move, each list apart from the others: those with a misfit, those in which a
    relative of theirs stands, and families of one size in which only the sex does not fit."""
    places, relations = costs.places, costs.relations
    joined: dict[int, set[int]] = {}
    alike: dict[int, set[int]] = {}
    for group, members in places.members.items():
        if costs.misfit(group, tuple(members)) >= SUSPECT:
            kin = {places.group[kin] for tenant in members for kin in relations.close[tenant]}
            if 1 < len(members) <= LARGEST_BLOCK:
                kin |= alike.setdefault(len(members), set())
                alike[len(members)].add(group)
            joined[group] = {group} | kin
    found: list[set[int]] = []
    for own in joined.values():
        apart = [region for region in found if not region & own]
        found = [*apart, set.union(own, *(region for region in found if region & own))]
    return [sorted(region) for region in sorted(found, key=min)]


class Search:
    """Tenants of places, and moves that lower their cost; ``region`` are the groups in which people may move."""

    def __init__(self, costs: Costs, region: list[int]) -> None:
        self.costs, self.places, self.relations = costs, costs.places, costs.relations
        self.home = list(range(len(self.places.names)))
        self.region, self._within = region, set(region)
        self.movable = sorted(place for group in region for place in self.places.members[group])
        known = [place for place in self.home if place not in self.relations.unknown]
        self._rank = {place: rank for rank, place in enumerate(known)}
        self._ageless: Search | None = None

    def without_years(self) -> "Search":
        """The same where nobody's year of birth is known."""
        if self._ageless is None:
            self._ageless = Search(self.costs.without_years(), self.region)
        return self._ageless

    def tenants(self, group: int, content: list[int]) -> tuple[int, ...]:
        """The tenants of a group's members in their order."""
        return tuple(content[place] for place in self.places.members[group])

    def misfit(self, group: int, content: list[int]) -> float:
        """What speaks against the tenants of a group."""
        return self.costs.misfit(group, self.tenants(group, content))

    def fit(self, groups: Iterable[int], content: list[int]) -> float:
        """The cost of some groups without that of moving."""
        return sum(self.costs.of_group(group, self.tenants(group, content)) for group in groups)

    def _moved(self, content: list[int]) -> dict[int, int]:
        return {place: content[place] for place in self.movable if content[place] not in (place, EMPTY)}

    def is_shifted(self, content: list[int]) -> bool:
        """Whether a stretch of the sheet is shifted or turned as one."""
        return any(self._runs(self._moved(content), sign) for sign in (1, -1))

    def moving(self, content: list[int]) -> float:
        """The cost of who is elsewhere than the sheet says; a shifted or turned plate is one event."""
        moved = self._moved(content)
        lost = {*self.movable}.difference(content) if EMPTY in content else ()
        cost = self._events(moved, lost)
        for sign in (1, -1):
            rest, whole = dict(moved), 0.0
            for run in self._runs(moved, sign):
                whole += RUN + IN_RUN * len(run)
                for place in run:
                    del rest[place]
            if whole:
                cost = min(cost, whole + self._events(rest, lost))
        return cost

    def _events(self, moved: dict[int, int], lost: Collection[int]) -> float:
        group = self.places.group
        events = {(group[tenant], group[place]) for place, tenant in moved.items()}
        events |= {(group[tenant], EMPTY) for tenant in lost}
        return EVENT * len(events) + MOVED * (len(moved) + len(lost)) + HOMELESS * len(lost)

    def _runs(self, moved: dict[int, int], sign: int) -> list[list[int]]:
        """Stretches of the sheet whose tenants all come from as many places further, or, with -1, in reverse."""
        if len(moved) < SHORTEST_RUN:
            return []
        classes: dict[int, list[int]] = {}
        for place, tenant in moved.items():
            classes.setdefault(tenant - sign * place, []).append(place)
        found = []
        for own in classes.values():
            run = own[:1]
            for place in own[1:]:
                if self._rank[place] != self._rank[run[-1]] + 1:
                    found.append(run)
                    run = []
                run.append(place)
            found.append(run)
        return [run for run in found if len(run) >= SHORTEST_RUN]

    def total(self, content: list[int]) -> float:
        """The whole cost over the region."""
        return self.fit(self.region, content) + self.moving(content)

    def _swaps(self, content: list[int]) -> Iterator[tuple[int, int]]:
        """Pairs of places whose tenants may be worth exchanging: a relative of a misfit's family, or a member of it."""
        at = {tenant: place for place, tenant in enumerate(content) if tenant != EMPTY}
        seen = set()
        for group in self.region:
            if self.misfit(group, content) < SUSPECT:
                continue
            members = self.places.members[group]
            kin = {at[k] for m in members if content[m] != EMPTY for k in self.relations.close[content[m]] if k in at}
            kin = {place for place in kin if self.places.group[place] in self._within}
            for place in members:
                for other in (kin | set(members)) - {place}:
                    pair = (min(place, other), max(place, other))
                    if pair not in seen and self._may_move(content, *pair):
                        seen.add(pair)
                        yield pair

    def _may_move(self, content: list[int], *places: int) -> bool:
        return not any(content[place] in self.relations.unknown for place in places)

    def climb(self, content: list[int], count_moves: bool) -> list[int]:
        """The end of a climb from some tenants."""
        content = list(content)
        for _ in range(4 * len(self.movable) + 4):
            pairs = list(self._swaps(content))
            if count_moves:
                pairs += self._homeward(content)
            before = self.moving(content)
            best, gain = None, -_LEAST
            for pair in pairs:
                change = self._change(content, pair, before if count_moves else None)
                if change < gain:
                    best, gain = pair, change
            if best is None:
                return content
            _exchange(content, *best)
        return content

    def _homeward(self, content: list[int]) -> list[tuple[int, int]]:
        at = {tenant: place for place, tenant in enumerate(content) if tenant != EMPTY}
        return [(place, at[place]) for place in self.movable if at.get(place, place) != place]

    def _change(self, content: list[int], pair: tuple[int, int], moving: float | None) -> float:
        groups = {self.places.group[place] for place in pair}
        before = self.fit(groups, content)
        _exchange(content, *pair)
        change = self.fit(groups, content) - before
        if moving is not None and change < MOST_SAVED:
            change += self.moving(content) - moving
        _exchange(content, *pair)
        return change

    def ends(self) -> list[list[int]]:
        """Tenants at the ends of the climbs, the best first."""
        shifted = sorted(self._shifted(), key=lambda content: self.fit(self.region, content))
        starts = [self.home, *shifted[:BEST_SHIFTS], *self._around_strangers()]
        single = sorted(self._swaps(self.home), key=lambda pair: self._change(self.home, pair, None))
        for pair in single[: max(4, STARTS // len(self.movable))]:
            start = list(self.home)
            _exchange(start, *pair)
            starts.append(start)
        found: dict[tuple[int, ...], float] = {}
        for start in starts:
            end = self._settled(self.climb(self.climb(start, False), True))
            found.setdefault(tuple(end), self.total(end))
            end = self._settled(self.climb(start, True))
            found.setdefault(tuple(end), self.total(end))
        ranked = sorted(found, key=lambda end: (round(found[end], 6), self._unrest(end), end))
        return [list(end) for end in ranked]

    def _shifted(self) -> Iterator[list[int]]:
        """The sheet's places of suspicious families with the tenants some places further, or in reverse."""
        suspects = [group for group in self.region if self.misfit(group, self.home) >= SUSPECT]
        places = sorted(place for group in suspects for place in self.places.members[group])
        places = [place for place in places if place not in self.relations.unknown]
        if len(places) < 3:
            return
        turns = [places[::-1]] + [places[n:] + places[:n] for k in SHIFTS for n in (k, -k) if k < len(places)]
        for turn in turns:
            content = list(self.home)
            for place, tenant in zip(places, turn, strict=True):
                content[place] = tenant
            yield content

    def _settled(self, content: list[int]) -> list[int]:
        """Whole families exchanged where the children's sex tells, and who fits nowhere put out."""
        content = self._exchanged_families(content)
        for place in self.movable:
            tenant = content[place]
            if tenant not in (place, EMPTY) and self._outcast(content, place):
                content[place] = EMPTY
        return content

    def _outcast(self, content: list[int], place: int) -> bool:
        before = self.total(content)
        tenant = content[place]
        content[place] = EMPTY
        better = self.total(content) < before - _LEAST
        content[place] = tenant
        return better

    def _exchanged_families(self, content: list[int]) -> list[int]:
        """The same with two families of one size exchanged, where that explains both and no third family does."""
        open_ = [group for group in self.region if self._is_block(group, content)]
        for group in open_:
            members = self.places.members[group]
            if self.misfit(group, content) < SUSPECT:
                continue
            others = [self.places.members[o] for o in open_ if o != group]
            crossed = [self._crossed(content, members, o) for o in others if len(o) == len(members)]
            ends = sorted((self.total(end), end) for end in crossed)
            worth = [end for cost, end in ends if cost < self.total(content) - _LEAST]
            if worth and (len(ends) == 1 or ends[1][0] > ends[0][0] + ALIKE):
                content = worth[0]
        return content

    def _is_block(self, group: int, content: list[int]) -> bool:
        members = self.places.members[group]
        whole = all(content[place] == place for place in members) and self._may_move(content, *members)
        return whole and 1 < len(members) <= LARGEST_BLOCK and self.misfit(group, content) >= SUSPECT

    def _around_strangers(self) -> Iterator[list[int]]:
        """The sheet with all but a stranger of a family exchanged with the stranger's relatives elsewhere."""
        for group in self.region:
            members, tenants = self.places.members[group], self.tenants(group, self.home)
            for n, place in enumerate(members):
                if self.costs.of_place(members, n, tenants) < SUSPECT:
                    continue
                rest = [m for m in members if m != place]
                for other in sorted({self.places.group[kin] for kin in self.relations.close[place]} - {group}):
                    theirs = self.places.members[other]
                    movable = self._may_move(self.home, *rest, *theirs)
                    if movable and len(theirs) == len(rest) <= LARGEST_BLOCK and other in self._within:
                        yield self._crossed(self.home, rest, theirs)

    def _crossed(self, content: list[int], one: list[int], other: list[int]) -> list[int]:
        """Tenants of some places of one family and as many of another exchanged, each where it fits best."""
        end = list(content)
        for into, out in ((one, other), (other, one)):
            group, best = self.places.group[into[0]], (float("inf"), ())
            for tenants in permutations([content[place] for place in out]):
                for place, tenant in zip(into, tenants, strict=True):
                    end[place] = tenant
                best = min(best, (self.costs.of_group(group, self.tenants(group, end)), tenants))
            for place, tenant in zip(into, best[1], strict=True):
                end[place] = tenant
        return end

    def _unrest(self, content: tuple[int, ...]) -> tuple[int, int]:
        """How little a shift of the plate explains: changes of displacement along the sheet, and its sum."""
        steps = [tenant - place for place, tenant in enumerate(content) if tenant not in (place, EMPTY)]
        return len(set(steps)), sum(abs(step) for step in steps)


def _exchange(content: list[int], one: int, other: int) -> None:
    content[one], content[other] = content[other], content[one]
