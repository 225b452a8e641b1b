"""What a variant that was read says of one that was not, where a source says that they travel together.

Such a reading is no result: the call stays not assessable, and the reading stands beside it as a caution.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.other_readings import OtherReading, written
from permed.pharmacogenes.calling.gene import call_pattern
from permed.pharmacogenes.definitions import MISSING, REF, Gene
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.patterns import Pattern, canonical, distinct
from permed.tables import read_table

PROXY = "proxy"  # the column ``basis`` of such a call
RELIABLE = ("called", "multiple")
READ = "{unread} was not read. {read} {genotype} stands for it: by this proxy the diplotype would be {diplotype}"
HOLDS = "In {population} people it is {note} ({source})."
OPEN = "How well that holds is not known for this person's population{label}."
NOT_HERE = "{read} {genotype} was read, which does not stand for {unread} in {population} people: {note} ({source})."
TEST = "It is no result: have {unread} tested."


@dataclass(frozen=True)
class Proxy:
    """Base ``code`` at the position ``read`` stands for base ``stands_for`` at ``unread`` (indices and codes).

    ``populations`` has by name whether it stands there, a note and the source.
    """

    read: int
    code: int
    unread: int
    stands_for: int
    populations: dict[str, tuple[bool, str, str]]


def load_proxies(path: Path, genes: list[Gene]) -> dict[str, list[Proxy]]:
    """The proxies of ``proxies.tsv`` by gene; a :class:`Fault` for a position or base that the gene's tables lack."""
    rows = read_table(path).to_dicts()
    return {gene.name: _of_gene(path, gene, [row for row in rows if row["gene"] == gene.name]) for gene in genes}


def _of_gene(path: Path, gene: Gene, rows: list[dict]) -> list[Proxy]:
    found: dict[tuple, dict[str, tuple[bool, str, str]]] = {}
    for row in rows:
        key = tuple(row[name] for name in ("read", "base", "unread", "stands_for"))
        source = f"{row['source']}, {row['version']}"
        found.setdefault(key, {})[row["population"]] = row["stands"] == "yes", row["note"], source
    index = {position.name: at for at, position in enumerate(gene.positions)}
    proxies = []
    for (read, base, unread, stands_for), populations in found.items():
        try:
            places = index[read], index[unread]
            codes = [_code(gene, at, one) for at, one in zip(places, (base, stands_for), strict=True)]
        except (KeyError, ValueError):
            fault = f"{gene.name} has no {read} with {base} or no {unread} with {stands_for}"
            raise Fault(fault, file=path, remedy="Name positions and bases of positions.tsv") from None
        proxies.append(Proxy(places[0], codes[0], places[1], codes[1], populations))
    return proxies


def _code(gene: Gene, at: int, base: str) -> int:
    return (gene.positions[at].ref, *gene.positions[at].alts).index(base)


def with_proxies(
    calls: pl.DataFrame,
    gene: Gene,
    genotypes: GeneGenotypes,
    labels: list[str | None],
    names_of: dict[str, list[str]],
    proxies: list[Proxy],
) -> pl.DataFrame:
    """Calls with ``basis`` and ``proxied_reading`` where a proxy stands for what was not read, and the reason says so.

    ``labels`` are the people's populations as the sheet has them, ``names_of`` what names of tables each (in lower
    case) stands for, best first.
    """
    columns = {name: calls[name].to_list() for name in ("basis", "proxied_reading", "reason")}
    asked = calls["state"].to_numpy() == "not_assessable" if proxies else np.zeros(calls.height, bool)
    if genotypes.open_copies is not None:
        asked &= ~genotypes.open_copies
    which = np.flatnonzero(asked)
    patterns, index = distinct(genotypes.codes[which], genotypes.blocks[which])
    told: dict[tuple[int, str | None], tuple[str | None, str] | None] = {}
    for sample, number in zip(which.tolist(), index.tolist(), strict=True):
        key = number, labels[sample]
        if key not in told:
            named = names_of.get((labels[sample] or "").casefold(), [])
            told[key] = next(_tellings(gene, patterns[number], proxies, labels[sample], named), None)
        if told[key] is not None:
            cell, sentence = told[key]
            columns["basis"][sample] = PROXY if cell else None
            columns["proxied_reading"][sample] = cell
            columns["reason"][sample] = f"{columns['reason'][sample]} {sentence}"
    return calls.with_columns(pl.Series(name, values, pl.String) for name, values in columns.items())


def _tellings(
    gene: Gene, pattern: Pattern, proxies: list[Proxy], label: str | None, named: list[str]
) -> Iterator[tuple[str | None, str]]:
    """The cell of the reading (None where the proxy does not stand) and its sentence, for each proxy that was read."""
    for proxy in proxies:
        if not pattern.blank[proxy.unread] or (pattern.codes[proxy.read] == MISSING).any():
            continue
        row = call_pattern(gene, _filled(pattern, proxy))
        if row["state"] not in RELIABLE:
            continue
        words = {
            "read": gene.positions[proxy.read].name,
            "unread": gene.positions[proxy.unread].name,
            "genotype": _genotype(gene, pattern, proxy),
        }
        population = next((name for name in named if name in proxy.populations), None)
        stands, note, source = proxy.populations.get(population, (True, "", None))
        where = {"population": population, "note": note, "source": source}
        if not stands:
            yield None, NOT_HERE.format(**words, **where)
            continue
        meant = f"{row['diplotype']}, {row['phenotype']}." if row["phenotype"] else f"{row['diplotype']}."
        known = HOLDS.format(**where) if source else OPEN.format(label=f" ({label})" if label else "")
        sentence = f"{READ.format(**words, diplotype=meant)} {known} {TEST.format(**words)}"
        reading = OtherReading(
            row["diplotype"], row["activity_score"], row["phenotype"], population=population, source=source
        )
        yield written([reading]), sentence


def _filled(pattern: Pattern, proxy: Proxy) -> Pattern:
    """The pattern with the unread position as its proxy says, on the same strands."""
    codes, blocks = pattern.codes.copy(), pattern.blocks.astype(np.int64)
    own = codes[proxy.read]
    codes[proxy.unread] = np.where(own == proxy.code, proxy.stands_for, np.where(own < REF, own, REF))
    blocks[proxy.unread] = blocks[proxy.read]
    return canonical(codes, blocks)


def _genotype(gene: Gene, pattern: Pattern, proxy: Proxy) -> str:
    position = gene.positions[proxy.read]
    bases = (position.ref, *position.alts)
    return "/".join(bases[code] if code >= REF else "?" for code in sorted(pattern.codes[proxy.read].tolist()))
