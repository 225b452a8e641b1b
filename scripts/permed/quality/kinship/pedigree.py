"""The verdict of kinship on each person of the sample sheet."""

from collections.abc import Mapping, Sequence

import polars as pl

from permed.quality.kinship.exchange_words import Told
from permed.quality.kinship.exchanges import find_exchanges
from permed.quality.kinship.findings import EXCHANGED, FAIL, PASS, WARN, Sheet
from permed.quality.kinship.places import Costs, Places, Relations
from permed.quality.kinship.relations import NOT_ASSESSABLE

SCHEMA = {
    "sample": pl.String,
    "verdict": pl.String,
    "reason": pl.String,
    "kinds": pl.List(pl.String),
    "declared": pl.List(pl.String),
}


def judge_pedigree(
    pairs: pl.DataFrame,
    people: pl.DataFrame,
    held_out: dict[str, str],
    problem: str | None,
    sexes: dict[str, str] | None = None,
    known: Mapping[str, Sequence[tuple[str, str]]] | None = None,
) -> pl.DataFrame:
    """A row a person with the columns ``sample verdict reason kinds declared``, in the order of ``people``.

    ``pairs`` is the kinship table, ``people`` has the columns ``sample sex birth_year family`` and perhaps ``mother
    father twin_of replicate_of``, names of other people, and ``transplant``; ``sexes`` are those of the genotypes by
    name, where they are certain, ``known`` what earlier runs say against a sample, as
    :func:`permed.quality.kinship.known.known_findings` gives it. ``verdict`` is ``fail`` (the genotypes of somebody
    else, samples that fit each other's places in the sheet and not their own), ``warn`` (close relatives outside the
    family, nobody related within it, a declared parent who is none, identical genotypes where the sheet fits twins),
    ``not_assessable`` or ``pass``. Distant relatives whom the sheet does not name are no finding. ``kinds`` (some of
    :data:`permed.quality.kinship.findings.KINDS`) are what the reason says without its names, ``declared`` what the
    sheet declares and the genotypes bear out: ``twin``, ``replicate``.
    """
    pedigree = Sheet(pairs, people)
    costs = Costs(Places(people), Relations(people["sample"].to_list(), pairs, {*held_out}, sexes or {}))
    told = Told(costs, [] if problem else find_exchanges(costs))
    maybe = pedigree.likeliest({n: list(pedigree.exchanges(n)) if n not in told else [] for n in pedigree.people})
    rows = []
    for name in pedigree.people:
        alone = "there is nobody to compare with" if len(people) == 1 else None
        unknown = alone or held_out.get(name) or problem
        if unknown:
            found = [(NOT_ASSESSABLE, f"kinship is not assessable: {unknown}", None)]
        else:
            in_doubt = {other for other in pedigree.people if other in told or maybe[other]}
            own = [] if name in told or told.is_explained(name) else pedigree.own_family(name)
            moved = [(FAIL if told.is_sure(name) else WARN, told.reason(name), EXCHANGED)] if name in told else []
            belongs = {other: told.fits(other) for other in pedigree.relations[name] if told.is_sure(other)}
            found = [*pedigree.duplicates(name, belongs), *(moved or maybe[name] or own)]
            found += pedigree.outside(name, in_doubt)
            found += pedigree.parenthood(name, {*held_out}, in_doubt)
            found += pedigree.sameness(name, {*held_out}, in_doubt)
        found += pedigree.transplanted(name)
        found += [(FAIL, words, kind) for kind, words in (known or {}).get(name, ())]
        verdict = next((v for v in (FAIL, WARN, NOT_ASSESSABLE) if any(own == v for own, _, _ in found)), PASS)
        kinds = list(dict.fromkeys(kind for _, _, kind in found if kind))
        reason = "; ".join(reason for _, reason, _ in found) or None
        rows.append((name, verdict, reason, kinds, [] if unknown else pedigree.borne_out(name)))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
