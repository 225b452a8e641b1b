"""What a later release changed in the definitions, kept by hand and laid over the published files of an earlier one.

A table of changes, ``definition_updates.tsv``, has a row for each fact. ``change`` says what it is:

- ``gene``: the release has a gene that the files lack, on ``contig``; ``allele`` is its reference allele.
- ``release``: the gene's definition with these changes is that of the row's version; a gene's other rows have the same.
- ``position``: ``pos ref alts rsid hgvs`` of a position, new or changed.
- ``allele``: a new allele has ``base`` at ``pos``, one row for each position that it gives.
- ``base``: an allele that the files have is given another ``base`` at ``pos``.
- ``withdrawn``: the release has the ``allele`` no more.
- ``amp_tier1``: ``pos`` is one of the positions of a tier 1 allele.

Several bases, as a comma list, stand for any of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from permed.errors import Fault
from permed.tables import read_table

COLUMNS = "gene change allele pos base ref alts rsid hgvs contig source version licence".split()
NEEDED = {
    "gene": ["allele", "contig"],
    "release": [],
    "position": ["pos", "ref", "alts"],
    "allele": ["allele", "pos", "base"],
    "base": ["allele", "pos", "base"],
    "withdrawn": ["allele"],
    "amp_tier1": ["pos"],
}
OR = " or "  # between the bases of a published cell that admits several


@dataclass
class Draft:
    """A definition while it is being changed: sites by position, cells by allele and position."""

    gene: str
    contig: str
    reference: str
    sites: dict[int, dict]
    cells: dict[str, dict[int, str]]
    known: frozenset[str] = frozenset()
    tier1: list[int] = field(default_factory=list)
    withdrawn: set[str] = field(default_factory=set)
    changed: set[tuple] = field(default_factory=set)


def update_definitions(path: Path, genes: dict[str, dict], exemptions: dict[str, dict]) -> dict[str, set[str]]:
    """Change the definitions and exemptions in place by the table ``path``; gives the withdrawn alleles by gene.

    A changed gene has ``provenance``, the source, version and licence of its rows. Faults name the line: an unknown
    gene, position, allele or change, a base that is none of the position's, what is given twice, what changes nothing,
    a new position or alternate that no allele has, and rows of a gene that are of several versions.
    """
    withdrawn = {}
    for gene, rows in _by_gene(path).items():
        draft = _draft(gene, genes.get(gene), rows, path)
        for line, row in rows:
            _change(draft, row, line, path)
        _check_use(draft, rows, path)
        _check_version(rows, path)
        exemptions.setdefault(gene, {}).setdefault("amp1Positions", []).extend(draft.tier1)
        genes[gene] = (genes.get(gene) or {"gene": gene, "suballelesMap": {}}) | _definition(draft, rows)
        withdrawn[gene] = draft.withdrawn
    return withdrawn


def _by_gene(path: Path) -> dict[str, list[tuple[int, dict]]]:
    """Rows with their line by gene; the row that introduces a gene comes first, then its positions."""
    table = read_table(path)
    if table.columns != COLUMNS:
        raise Fault(f"the columns are not {' '.join(COLUMNS)}", file=path, remedy="Restore the table")
    order = list(NEEDED)
    found: dict[str, list[tuple[int, dict]]] = {}
    for line, row in enumerate(table.iter_rows(named=True), start=2):
        if row["change"] not in NEEDED:
            raise _fault(path, line, f"{row['change']!r} is no change; known are {', '.join(order)}")
        absent = [name for name in ["gene", *NEEDED[row["change"]], *COLUMNS[-3:]] if row[name] is None]
        if absent:
            raise _fault(path, line, f"no {', '.join(absent)}")
        found.setdefault(row["gene"], []).append((line, row))
    return {gene: sorted(rows, key=lambda pair: order.index(pair[1]["change"])) for gene, rows in found.items()}


def _draft(gene: str, definition: dict | None, rows: list[tuple[int, dict]], path: Path) -> Draft:
    line, first = rows[0]
    if (first["change"] == "gene") == (definition is not None):
        what = "is known already" if definition else "is unknown: begin with a row gene"
        raise _fault(path, line, f"{gene} {what}")
    if first["change"] not in ("gene", "release"):
        raise _fault(path, line, f"{gene} has no row release, which says whose definition it is after the changes")
    if definition is None:
        return Draft(gene, first["contig"], first["allele"], {}, {first["allele"]: {}})
    sites = {site["position"]: site for site in definition["variants"]}
    cells = {
        allele["name"]: {pos: cell for pos, cell in zip(sites, allele["alleles"], strict=True) if cell is not None}
        for allele in definition["namedAlleles"]
    }
    reference = next(allele["name"] for allele in definition["namedAlleles"] if allele["reference"])
    return Draft(gene, definition["chromosome"], reference, sites, cells, frozenset(cells))


def _change(draft: Draft, row: dict, line: int, path: Path) -> None:
    change, allele, pos = row["change"], row["allele"], int(row["pos"] or 0)
    item = (change, allele, pos) if change not in ("gene", "release") else ("gene",)
    if item in draft.changed:
        raise _fault(path, line, f"{draft.gene}: {change} is given twice for {allele or pos or 'the gene'}")
    draft.changed.add(item)
    if change == "position":
        _position(draft, row, pos, line, path)
    elif change in ("allele", "base"):
        _cell(draft, row, pos, line, path)
    elif change == "withdrawn":
        if allele not in draft.known or allele == draft.reference:
            raise _fault(path, line, f"{draft.gene} {allele} is no allele that could be withdrawn")
        draft.withdrawn.add(allele)
        del draft.cells[allele]
    elif change == "amp_tier1":
        if pos not in draft.sites:
            raise _fault(path, line, f"{draft.gene} has no position {pos}")
        draft.tier1.append(pos)


def _position(draft: Draft, row: dict, pos: int, line: int, path: Path) -> None:
    alts = row["alts"].split(",")
    before = draft.sites.get(pos)
    site = {"chromosome": draft.contig, "position": pos, "rsid": row["rsid"], "ref": row["ref"], "alts": alts}
    site["chromosomeHgvsName"] = row["hgvs"]
    if before is not None:
        if before["ref"] != row["ref"] or not set(before["alts"]) <= set(alts):
            was = f"{before['ref']}>{','.join(before['alts'])}"
            raise _fault(path, line, f"{draft.gene} {pos} is {was}, of which {row['ref']}>{row['alts']} takes away")
        if all(before[name] == value for name, value in site.items()):
            raise _fault(path, line, f"{draft.gene} {pos} is that already")
    if row["ref"] in alts or len(set(alts)) < len(alts):
        raise _fault(path, line, f"{draft.gene} {pos}: the alternates {row['alts']} are not all different from REF")
    draft.sites[pos] = site
    draft.cells[draft.reference].setdefault(pos, row["ref"])


def _cell(draft: Draft, row: dict, pos: int, line: int, path: Path) -> None:
    change, allele, bases = row["change"], row["allele"], row["base"].split(",")
    if (allele in draft.known) == (change == "allele") and allele != draft.reference:
        raise _fault(path, line, f"{draft.gene} {allele} is {'' if change == 'allele' else 'not '}known already")
    site = draft.sites.get(pos)
    if site is None:
        raise _fault(path, line, f"{draft.gene} has no position {pos}")
    strange = [base for base in bases if base not in (site["ref"], *site["alts"])]
    if strange:
        alleles = f"{site['ref']}>{','.join(site['alts'])}"
        raise _fault(path, line, f"{draft.gene} {allele}: {', '.join(strange)} is no allele of {pos} ({alleles})")
    cells = draft.cells.setdefault(allele, {})
    if cells.get(pos) == OR.join(bases):
        raise _fault(path, line, f"{draft.gene} {allele} has {row['base']} at {pos} already")
    cells[pos] = OR.join(bases)


def _check_use(draft: Draft, rows: list[tuple[int, dict]], path: Path) -> None:
    """Every alternate of a position that the table gives must be in an allele, and no two alleles may be the same."""
    used = {(pos, base) for cells in draft.cells.values() for pos, cell in cells.items() for base in cell.split(OR)}
    for line, row in rows:
        if row["change"] == "position":
            for alt in row["alts"].split(","):
                if (int(row["pos"]), alt) not in used:
                    raise _fault(path, line, f"{draft.gene}: no allele has {alt} at {row['pos']}")
    names: dict[tuple, str] = {}
    for allele, cells in draft.cells.items():
        same = names.setdefault(tuple(sorted(cells.items())), allele)
        if same != allele and not {same, allele} <= draft.known:
            raise Fault(f"{draft.gene} {allele} has the bases of {same}", file=path, remedy="Correct its rows")


def _check_version(rows: list[tuple[int, dict]], path: Path) -> None:
    version = rows[0][1]["version"]
    for line, row in rows:
        if row["version"] != version:
            raise _fault(path, line, f"{row['gene']} is of {version} by its first row, here of {row['version']}")


def _definition(draft: Draft, rows: list[tuple[int, dict]]) -> dict:
    """The parts of a published definition that the importer reads."""
    first = rows[0][1]
    sites = [draft.sites[pos] for pos in sorted(draft.sites)]
    return {
        "chromosome": draft.contig,
        "version": first["version"],
        "provenance": (first["source"], first["version"], first["licence"]),
        "variants": sites,
        "namedAlleles": list(_named(draft, sites)),
    }


def _named(draft: Draft, sites: list[dict]) -> Iterator[dict]:
    for allele, cells in draft.cells.items():
        bases = [cells.get(site["position"]) for site in sites]
        yield {"name": allele, "alleles": bases, "reference": allele == draft.reference}


def _fault(path: Path, line: int, text: str) -> Fault:
    return Fault(text, file=path, line=line, remedy="Correct the row")
