"""What kinship says of the sample sheet: duplicates, exchanged samples, people who do not fit their family."""

from collections.abc import Iterator

import polars as pl

from permed.pedigree import ROLES
from permed.quality.kinship.relations import (
    DUPLICATE,
    NOT_ASSESSABLE,
    PARENT_CHILD,
    UNRELATED,
    is_close,
    is_related,
    may_be_parent,
)
from permed.quality.kinship.table import MAX_FAMILY

FAIL, WARN, PASS = "fail", "warn", "pass"
SAME, EXCHANGED, STRANGER, OUTSIDE, NO_PARENT = KINDS = (
    *("same_genotypes", "exchanged", "stranger", "relative_outside", "no_parent"),
)
SCHEMA = {"sample": pl.String, "verdict": pl.String, "reason": pl.String, "kinds": pl.List(pl.String)}
Finding = tuple[str, str, str | None]  # verdict, reason, one of KINDS or None


def judge_pedigree(
    pairs: pl.DataFrame, people: pl.DataFrame, held_out: dict[str, str], problem: str | None
) -> pl.DataFrame:
    """A row a person with the columns ``sample verdict reason kinds``, in the order of ``people``.

    ``pairs`` is the kinship table, ``people`` has the columns ``sample sex birth_year family`` and perhaps ``mother
    father``, names of other people. ``verdict`` is ``fail`` (the genotypes of somebody else, or two samples that fit
    each other's family and not their own), ``warn`` (close relatives outside the family, nobody related within it, a
    declared parent who is none, identical genotypes where the sheet fits twins), ``not_assessable``
    or ``pass``. Distant relatives whom the sheet does not name are no finding. ``kinds`` (some of :data:`KINDS`) are
    what the reason says without its names.
    """
    pedigree = _Pedigree(pairs, people)
    exchanges, explained = pedigree.likeliest({name: list(pedigree.exchanges(name)) for name in pedigree.people})
    rows = []
    for name in pedigree.people:
        alone = "there is nobody to compare with" if len(people) == 1 else None
        unknown = alone or held_out.get(name) or problem
        if unknown:
            found = [(NOT_ASSESSABLE, f"kinship is not assessable: {unknown}", None)]
        else:
            own = [] if name in explained else pedigree.own_family(name)
            found = [*pedigree.duplicates(name), *(exchanges[name] or own)]
            found += pedigree.outside(name, exchanges)
            found += pedigree.parenthood(name, {*held_out}, exchanges)
        verdict = next((v for v in (FAIL, WARN, NOT_ASSESSABLE) if any(own == v for own, _, _ in found)), PASS)
        kinds = list(dict.fromkeys(kind for _, _, kind in found if kind))
        rows.append((name, verdict, "; ".join(reason for _, reason, _ in found) or None, kinds))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def declared_parents(people: pl.DataFrame) -> Iterator[tuple[str, str, str]]:
    """Child, role and parent of each parent that ``people`` name, of those who have a row themselves."""
    names = set(people["sample"])
    for role in ROLES:
        if role in people.columns:
            pairs = people.select("sample", pl.col(role).cast(pl.String)).filter(pl.col(role).is_in(list(names)))
            yield from ((child, role, parent) for child, parent in pairs.iter_rows())


class _Pedigree:
    """Relations found, by person and other person, beside what the sheet says."""

    def __init__(self, pairs: pl.DataFrame, people: pl.DataFrame) -> None:
        self.people = {row["sample"]: row for row in people.to_dicts()}
        self.relations: dict[str, dict[str, str]] = {name: {} for name in self.people}
        for one, other, relation in pairs.select("sample1", "sample2", "relation").iter_rows():
            self.relations[one][other] = self.relations[other][one] = relation
        self.declared: dict[str, dict[str, str]] = {name: {} for name in self.people}  # what is said of a pair
        for child, role, parent in declared_parents(people):
            self.declared[child][parent] = self.declared[parent][child] = f"{parent} is the {role} of {child}"
        self.members: dict[str, list[str]] = {}
        for name, row in self.people.items():
            if row["family"]:
                self.members.setdefault(row["family"], []).append(name)
        self.crowds = {family: len(own) for family, own in self.members.items() if len(own) > MAX_FAMILY}
        for family in self.crowds:
            del self.members[family]

    def duplicates(self, name: str) -> Iterator[Finding]:
        """Identical genotypes under two names."""
        for other, relation in self.relations[name].items():
            if relation == DUPLICATE:
                twins = self._may_be_twins(self.people[name], self.people[other])
                words = (
                    "identical twins, as family, sex and birth year in the sheet allow, or one person's sample twice"
                )
                if not twins:
                    words = "one person's sample under two names, or twins whom the sheet does not show as such"
                yield WARN if twins else FAIL, f"duplicate: the genotypes are those of {other} too: {words}", SAME

    def likeliest(self, exchanges: dict[str, list[tuple[str, Finding]]]) -> tuple[dict[str, list[Finding]], set[str]]:
        """Of the exchanges between two families those that leave the fewest strangers in them, by person.

        Where a child of each of two trios is exchanged, the parents too are strangers to the family they stand in, but
        exchanging the children explains everybody. Gives also the people whom the exchanges kept explain.
        """
        fewest: dict[frozenset, int] = {}
        for name, own in exchanges.items():
            for other, _ in own:
                key = self._families(name, other)
                fewest[key] = min(fewest.get(key, len(self.people)), len(self._strangers_after(name, other)))
        kept: dict[str, list[Finding]] = {name: [] for name in exchanges}
        explained: set[str] = set()
        for name, own in exchanges.items():
            for other, finding in own:
                left = self._strangers_after(name, other)
                if len(left) == fewest[self._families(name, other)]:
                    kept[name].append(finding)
                    if finding[0] == FAIL:
                        explained |= {*self._others(name), *self._others(other)} - left
        return kept, explained

    def _families(self, one: str, other: str) -> frozenset:
        """The two families, or the person of no family instead of it."""
        return frozenset(self.people[name]["family"] or name for name in (one, other))

    def _strangers_after(self, one: str, other: str) -> set[str]:
        """Members of the two families who would be related to nobody if the two people stood in each other's place."""
        left = set()
        for out, into in ((one, other), (other, one)):
            members = [*self._others(out), into] if self.people[out]["family"] else []
            for name in members:
                rest = (self.relations[name].get(m, NOT_ASSESSABLE) for m in members if m != name)
                if not any(is_related(relation) for relation in rest):
                    left.add(name)
        return left

    def exchanges(self, name: str) -> Iterator[tuple[str, Finding]]:
        """Who fits the family in which this person is a stranger, and whose place this person fits."""
        family = self.people[name]["family"]
        if not self._is_stranger(name):
            return
        candidates = [o for member in self._others(name) for o in self._close(member)] or list(self._vacant(name))
        for other in dict.fromkeys(candidates):
            theirs = self.people[other]["family"]
            if other == name or (theirs and theirs == family) or not self._is_stranger(other):
                continue
            mine, yours = self._fit(other, self._others(name)), self._fit(name, self._others(other))
            fits = [f"{name} fits family {theirs} ({yours})"] * bool(yours)
            fits += [f"{other} fits family {family} ({mine})"] * bool(mine)
            if len(fits) == 2:
                words = "and neither is related to anybody in the family that the sheet gives"
                yield other, (FAIL, f"looks exchanged with {other}: {', '.join(fits)}, {words}", EXCHANGED)
            elif fits and not (family and theirs):
                stranger = name if family else other
                words = f"{fits[0]}, in which {stranger} is related to nobody"
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

    def outside(self, name: str, exchanges: dict[str, list[Finding]]) -> Iterator[Finding]:
        """Close relatives whom the sheet puts elsewhere, unless one of the two looks exchanged."""
        for other in self._close(name):
            family = self.people[other]["family"]
            if other in self.declared[name]:
                continue
            if self.relations[name][other] != DUPLICATE and not exchanges[name] and not exchanges[other]:
                place = f"family {family}" if family else "no family"
                words = f"{self.relations[name][other]} with {other} of {place}, which the sheet does not say"
                yield WARN, words, OUTSIDE

    def parenthood(self, name: str, held_out: set[str], exchanges: dict[str, list[Finding]]) -> Iterator[Finding]:
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
            elif relation not in (PARENT_CHILD, DUPLICATE) and not exchanges[name] and not exchanges[other]:
                words = f"{said}, as the pedigree declares, and the genotypes say {relation}"
                yield WARN, f"{words}: samples may be mixed up, or the pedigree does not mean descent", NO_PARENT

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
