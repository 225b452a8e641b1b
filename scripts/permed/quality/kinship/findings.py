"""What kinship says of a person beside the sample sheet: relatives in and outside the family, parents, twins."""

from collections.abc import Collection, Iterator

import polars as pl

from permed.pedigree import ROLES
from permed.quality.kinship.places import MAX_FAMILY
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

FAIL, WARN, PASS = "fail", "warn", "pass"
SAME, EXCHANGED, STRANGER, OUTSIDE, NO_PARENT, NOT_ONE, NO_TWIN, TRANSPLANT, KNOWN_SAME, KNOWN_OTHER = KINDS = (
    *("same_genotypes", "exchanged", "stranger", "relative_outside", "no_parent"),
    *("not_one_person", "no_twin", "transplant", "known_same", "known_other"),
)
TWIN, REPLICATE = "identical twin", "replicate"
SAME_COLUMNS = {"twin_of": TWIN, "replicate_of": REPLICATE}
STEM_CELLS = "stem_cells"
Finding = tuple[str, str, str | None]  # verdict, reason, one of KINDS or None


def declared_parents(people: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Child, role and parent of each parent that ``people`` name, of those who have a row themselves."""
    names = set(people["sample"])
    for role in ROLES:
        if role in people.columns:
            pairs = people.select("sample", pl.col(role).cast(pl.String)).filter(pl.col(role).is_in(list(names)))
            yield from ((child, role, parent) for child, parent in pairs.iter_rows())


def declared_same(people: pl.DataFrame) -> dict[str, dict[str, str]]:
    """By person the others who are declared to have the same genome, and as what; a twin's replicate is a twin.

    Who is linked over others is so too.
    """
    names = people["sample"].to_list()
    links: dict[str, dict[str, str]] = {name: {} for name in names}
    for column, said in SAME_COLUMNS.items():
        if column in people.columns:
            for name, other in people.select("sample", column).filter(pl.col(column).is_in(names)).iter_rows():
                if name != other:
                    links[name][other] = links[other][name] = said
    found: dict[str, dict[str, str]] = {}
    for name in names:
        own, left = {}, [(name, REPLICATE)]
        while left:
            at, said = left.pop()
            for other, word in sorted(links[at].items()):
                if other != name and other not in own:
                    own[other] = TWIN if TWIN in (said, word) else REPLICATE
                    left.append((other, own[other]))
        found[name] = own
    return found


class Sheet:
    """Relations found, by person and other person, beside what the sheet says."""

    def __init__(self, pairs: pl.DataFrame, people: pl.DataFrame) -> None:
        self.people = {row["sample"]: row for row in people.to_dicts()}
        self.relations: dict[str, dict[str, str]] = {name: {} for name in self.people}
        for one, other, relation in pairs.select("sample1", "sample2", "relation").iter_rows():
            self.relations[one][other] = self.relations[other][one] = relation
        self.declared: dict[str, dict[str, str]] = {name: {} for name in self.people}  # what is said of a pair
        for child, role, parent in declared_parents(people):
            self.declared[child][parent] = self.declared[parent][child] = f"{parent} is the {role} of {child}"
        self.same = declared_same(people)
        self.members: dict[str, list[str]] = {}
        for name, row in self.people.items():
            if row["family"]:
                self.members.setdefault(row["family"], []).append(name)
        self.crowds = {family: len(own) for family, own in self.members.items() if len(own) > MAX_FAMILY}
        for family in self.crowds:
            del self.members[family]

    def duplicates(self, name: str, belongs: dict[str, list[str]]) -> Iterator[Finding]:
        """Identical genotypes under two names, unless the other sample belongs to a declared twin or replicate."""
        for other, relation in self.relations[name].items():
            if {*belongs.get(other, ())} & {*self.same[name]}:
                continue
            if relation == DUPLICATE and other not in self.same[name]:
                twins = self._may_be_twins(self.people[name], self.people[other])
                words = (
                    "identical twins, as family, sex and birth year in the sheet allow, or one person's sample twice"
                )
                if not twins:
                    words = "one person's sample under two names, or twins whom the sheet does not show as such"
                yield WARN if twins else FAIL, f"duplicate: the genotypes are those of {other} too: {words}", SAME

    def likeliest(self, exchanges: dict[str, list[tuple[str, Finding]]]) -> dict[str, list[Finding]]:
        """Of the exchanges with somebody of no family those that leave the fewest strangers in it, by person.

        Where a child is exchanged, the parents too are strangers to the family they stand in, but exchanging the child
        explains everybody.
        """
        fewest: dict[frozenset, int] = {}
        for name, own in exchanges.items():
            for other, _ in own:
                key = self._families(name, other)
                fewest[key] = min(fewest.get(key, len(self.people)), self._strangers_after(name, other))
        return {
            name: [f for o, f in own if self._strangers_after(name, o) == fewest[self._families(name, o)]]
            for name, own in exchanges.items()
        }

    def _families(self, one: str, other: str) -> frozenset:
        """The two families, or the person of no family instead of it."""
        return frozenset(self.people[name]["family"] or name for name in (one, other))

    def _strangers_after(self, one: str, other: str) -> int:
        """How many would be related to nobody of their family if two people stood in each other's place."""
        left = 0
        for out, into in ((one, other), (other, one)):
            members = [*self._others(out), into] if self.people[out]["family"] else []
            for name in members:
                rest = (self.relations[name].get(m, NOT_ASSESSABLE) for m in members if m != name)
                left += not any(is_related(relation) for relation in rest)
        return left

    def exchanges(self, name: str) -> Iterator[tuple[str, Finding]]:
        """Who fits the family in which somebody is a stranger, where one of the two has no family in the sheet.

        One family alone bears it out, and cannot tell an exchange from, say, a parent whom the sheet does not know of.
        """
        family = self.people[name]["family"]
        if not self._is_stranger(name):
            return
        candidates = [o for member in self._others(name) for o in self._close(member)] or list(self._vacant(name))
        for other in dict.fromkeys(candidates):
            theirs = self.people[other]["family"]
            if other == name or bool(theirs) == bool(family) or not self._is_stranger(other):
                continue
            mine, yours = self._fit(other, self._others(name)), self._fit(name, self._others(other))
            fits = [f"{name} fits family {theirs} ({yours})"] * bool(yours)
            fits += [f"{other} fits family {family} ({mine})"] * bool(mine)
            if fits:
                words = f"{fits[0]}, in which {name if family else other} is related to nobody"
                yield other, (WARN, f"may be exchanged with {other}: {words}", EXCHANGED)

    def own_family(self, name: str) -> Iterator[Finding]:
        """Somebody who is related to nobody in the family the sheet gives."""
        family, others = self.people[name]["family"], self._others(name)
        if family in self.crowds:
            many = self.crowds[family]
            yield NOT_ASSESSABLE, f"family {family} has {many} people in the sheet, too many for one family", None
        if not others or not self._is_stranger(name):
            return
        if all(self.relations[name].get(other) == UNRELATED for other in others):
            words = f"related to none of the others of family {family} ({', '.join(others)})"
            yield WARN, f"{words}: samples may be mixed up, unless it is a family by marriage or adoption", STRANGER
        else:
            unclear = f"whether the sample belongs to family {family} cannot be told from its genotypes"
            yield NOT_ASSESSABLE, unclear, None

    def outside(self, name: str, moved: Collection[str]) -> Iterator[Finding]:
        """Close relatives whom the sheet puts elsewhere, unless one of the two looks exchanged."""
        for other in self._close(name):
            family = self.people[other]["family"]
            if other in self.declared[name] or other in self.same[name]:
                continue
            if self.relations[name][other] != DUPLICATE and name not in moved and other not in moved:
                place = f"family {family}" if family else "no family"
                words = f"{self.relations[name][other]} with {other} of {place}, which the sheet does not say"
                yield WARN, words, OUTSIDE

    def parenthood(self, name: str, held_out: Collection[str], moved: Collection[str]) -> Iterator[Finding]:
        """Declared parents and children who by their genotypes are none, unless one of the two looks exchanged.

        A relation that may still be that of parent and child, and one that could not be told, is no finding; what is
        said of those names nobody, since it stands in the person's report.
        """
        open_ = "whether a declared parent or child is one"
        for other, said in self.declared[name].items():
            relation = self.relations[name].get(other, UNRELATED)
            if other in held_out or relation == NOT_ASSESSABLE:
                yield NOT_ASSESSABLE, f"{open_} cannot be told from the genotypes", None
            elif relation != PARENT_CHILD and may_be_parent(relation):
                yield NOT_ASSESSABLE, f"{open_} is not certain ({relation})", None
            elif relation not in (PARENT_CHILD, DUPLICATE) and name not in moved and other not in moved:
                words = f"{said}, as the pedigree declares, and the genotypes say {relation}"
                yield WARN, f"{words}: samples may be mixed up, or the pedigree does not mean descent", NO_PARENT

    def sameness(self, name: str, held_out: Collection[str], moved: Collection[str]) -> Iterator[Finding]:
        """Samples declared as one person's, or identical twins', whose genotypes are not one person's."""
        for other, said in self.same[name].items():
            relation = self.relations[name].get(other, UNRELATED)
            if other in held_out or relation == NOT_ASSESSABLE:
                yield NOT_ASSESSABLE, f"whether the declared {said} has the same genotypes cannot be told", None
            elif relation != DUPLICATE and may_be_one(relation):
                yield NOT_ASSESSABLE, f"whether the declared {said} has the same genotypes is not certain", None
            elif relation != DUPLICATE and name not in moved and other not in moved:
                words = f"{other} is declared as the {said} of {name}, and the genotypes say {relation}"
                if said == REPLICATE:
                    yield FAIL, f"{words}: one of the two is not this person's, have both typed again", NOT_ONE
                else:
                    yield WARN, f"{words}: fraternal twins, or samples that are mixed up", NO_TWIN

    def transplanted(self, name: str) -> Iterator[Finding]:
        """Somebody whose blood is of a donor's cells: the genotypes may be the donor's."""
        if self.people[name].get("transplant") == STEM_CELLS:
            words = "the sheet declares a transplant of stem cells: genotypes from blood or saliva are the donor's"
            yield WARN, f"{words}, give a sample of skin or another tissue", TRANSPLANT

    def borne_out(self, name: str) -> list[str]:
        """What the sheet declares of somebody's twins and replicates and the genotypes bear out."""
        own = {said for other, said in self.same[name].items() if self.relations[name].get(other) == DUPLICATE}
        return [word for said, word in ((TWIN, "twin"), (REPLICATE, "replicate")) if said in own]

    def _others(self, name: str) -> list[str]:
        return [other for other in self.members.get(self.people[name]["family"], ()) if other != name]

    def _close(self, name: str) -> list[str]:
        """Relatives of second degree or closer whom the sheet puts elsewhere."""
        family = self.people[name]["family"]
        others = (other for other, relation in self.relations[name].items() if is_close(relation))
        return [other for other in others if not family or self.people[other]["family"] != family]

    def _vacant(self, name: str) -> Iterator[str]:
        """Strangers in the families of the close relatives of somebody of no family."""
        for relative in self._close(name):
            yield from (other for other in self._others(relative) if self._is_stranger(other))

    def _is_stranger(self, name: str) -> bool:
        """Whether nobody in the person's family is a relative; so is who has no family."""
        others = self._others(name)
        return not any(is_related(self.relations[name].get(other, NOT_ASSESSABLE)) for other in others)

    def _fit(self, name: str, members: list[str]) -> str | None:
        """How somebody is related to the first of some members that is a close relative."""
        words = (f"{self.relations[name][m]} with {m}" for m in members if is_close(self.relations[name].get(m, "")))
        return next(words, None)

    def _may_be_twins(self, one: dict, other: dict) -> bool:
        if other["sample"] in self.declared[one["sample"]]:
            return False
        same = all(one[key] == other[key] for key in ("family", "sex", "birth_year"))
        return same and bool(one["family"]) and one["birth_year"] is not None
