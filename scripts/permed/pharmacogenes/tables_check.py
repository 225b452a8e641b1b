"""Whether tables of genes hold together: what the matcher takes for granted of alleles, positions and phenotypes."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from permed.errors import Fault
from permed.pharmacogenes.phenotypes import NOT_AVAILABLE, add_values

BASES = re.compile(r"[ACGT]+")
CONTIG = re.compile(r"chr(?:[1-9]|1\d|2[0-2]|X|M)")
VALUE = re.compile(r"≥?\d+(?:\.\d+)?|n/a")
WORDS = {
    "genes": {
        "method": ("diplotype", "lowest_function", "mitochondrial"),
        "activity": ("function", "score"),
        "unphased_candidates": ("top", "all"),
        "undocumented_as_reference": ("yes", "no"),
        "research": ("yes", "no"),
    },
    "positions": {
        "role": ("definition", "reporting"),
        "required": ("yes", "no"),
        "never_default": ("yes", "no", "GRCh37"),
    },
    "alleles": {"reference": ("yes", "no"), "defined": ("yes", "no")},
    "position_rules": {"rule": ("no_call", "decisive", "proxy")},
}
KEYS = {
    "genes": ("gene",),
    "positions": ("gene", "pos"),
    "alleles": ("gene", "allele"),
    "allele_variants": ("gene", "allele", "pos"),
    "phenotypes": ("gene", "function1", "function2", "activity_score"),
}
NEVER_EMPTY = {
    "genes": ("contig", "reference_allele"),
    "positions": ("pos", "ref", "alts"),
    "alleles": ("allele",),
    "allele_variants": ("allele", "pos", "base"),
    "phenotypes": ("phenotype",),
}


@dataclass(frozen=True)
class Row:
    """A row of a table with the line (1-based) of its file."""

    file: Path
    line: int
    cells: dict[str, str | None]

    def fault(self, text: str, remedy: str) -> Fault:
        """What is wrong with the row."""
        return Fault(text, file=self.file, line=self.line, remedy=remedy)


def faults_of(tables: dict[str, list[Row]]) -> Iterator[Fault]:
    """Everything that is wrong with tables of genes, by name of the table; nothing where they hold together."""
    faults = [*_cells(tables), *_doubles(tables), *_strangers(tables)]
    yield from faults
    if faults:
        return
    for gene in tables.get("genes", []):
        name = gene.cells["gene"]
        own = {table: [row for row in rows if row.cells["gene"] == name] for table, rows in tables.items()}
        yield from _definition(gene, own)
        yield from _outcomes(gene, own)


def _cells(tables: dict[str, list[Row]]) -> Iterator[Fault]:
    for table, rows in tables.items():
        for row in rows:
            for column in ("gene", *NEVER_EMPTY.get(table, ()), "source", "version", "licence"):
                if not row.cells.get(column):
                    yield row.fault(f"{column} is empty", "Fill it in: a row says what it is and where it is from")
            for column, words in WORDS.get(table, {}).items():
                if row.cells.get(column) not in words:
                    yield row.fault(f"{column} is {row.cells.get(column)!r}", f"Write {', '.join(words)}")
            yield from _values(table, row)


def _values(table: str, row: Row) -> Iterator[Fault]:
    cells = row.cells
    if table == "genes" and not CONTIG.fullmatch(cells["contig"] or "chr1"):
        yield row.fault(f"the contig is {cells['contig']!r}", "Name it as chr1 to chr22, chrX")
    if cells.get("pos") and not (cells["pos"].isdigit() and int(cells["pos"]) > 0):
        yield row.fault(f"the position is {cells['pos']!r}", "Give the 1-based position of REF on GRCh38 in VCF form")
    if table == "positions" and cells["ref"] and cells["alts"]:
        alts = cells["alts"].split(",")
        if not all(map(BASES.fullmatch, (cells["ref"], *alts))):
            yield row.fault(
                "REF or an alternate is not of A, C, G and T", "Write alternates as in a VCF, joined by commas"
            )
        elif cells["ref"] in alts or len(set(alts)) < len(alts):
            yield row.fault("an alternate is REF or is there twice", "Write each alternate once")
    if table == "alleles" and cells.get("activity_value") and not VALUE.fullmatch(cells["activity_value"]):
        yield row.fault(f"the activity value is {cells['activity_value']!r}", "Write a number, ≥ and a number, or n/a")


def _doubles(tables: dict[str, list[Row]]) -> Iterator[Fault]:
    for table, columns in KEYS.items():
        seen: dict[tuple, Row] = {}
        for row in tables.get(table, []):
            key = tuple(row.cells.get(column) for column in columns)
            if key in seen:
                yield row.fault(f"line {seen[key].line} has the same {', '.join(columns)}", "Keep one of them")
            seen.setdefault(key, row)


def _strangers(tables: dict[str, list[Row]]) -> Iterator[Fault]:
    genes = {row.cells["gene"] for row in tables.get("genes", [])}
    for rows in tables.values():
        for row in rows:
            if row.cells["gene"] and row.cells["gene"] not in genes:
                yield row.fault(f"genes.tsv has no {row.cells['gene']}", "Add the gene there, or take the row out")


def _definition(gene: Row, own: dict[str, list[Row]]) -> Iterator[Fault]:
    """Alleles, positions and the cells between them."""
    positions = {row.cells["pos"]: row for row in own["positions"] if row.cells["role"] == "definition"}
    defined = {row.cells["allele"]: row for row in own["alleles"] if row.cells["defined"] == "yes"}
    cells: dict[str, dict[str, Row]] = {allele: {} for allele in defined}
    for row in own["allele_variants"]:
        allele, pos = row.cells["allele"], row.cells["pos"]
        if allele not in defined or pos not in positions:
            yield row.fault(
                f"no allele {allele} or no position {pos} of {gene.cells['gene']}", "Add it, or correct the cell"
            )
            continue
        cells[allele][pos] = row
        known = {positions[pos].cells["ref"], *positions[pos].cells["alts"].split(",")}
        if not set(row.cells["base"].split(",")) <= known:
            yield row.fault(f"{row.cells['base']} is neither REF nor an alternate of {pos}", "Correct one of the two")
    references = [name for name, row in defined.items() if row.cells["reference"] == "yes"]
    if references != [gene.cells["reference_allele"]]:
        fault = (
            f"the reference allele is {gene.cells['reference_allele']}, and alleles.tsv marks {references or 'none'}"
        )
        yield gene.fault(fault, "Mark this one allele with reference yes")
        return
    for pos in sorted(positions.keys() - cells[references[0]].keys(), key=int):
        yield positions[pos].fault(
            f"{references[0]} has no base here", "Give the reference allele a base at every position"
        )
    seen: dict[tuple, str] = {}
    for allele, row in defined.items():
        key = tuple(sorted((pos, one.cells["base"]) for pos, one in cells[allele].items()))
        if not key:
            yield row.fault(f"{allele} has no base at any position", "Give what defines it in allele_variants.tsv")
        elif key in seen:
            yield row.fault(f"{allele} has the same bases as {seen[key]}", "Tell them apart by a position, or keep one")
        seen.setdefault(key, allele)


def _outcomes(gene: Row, own: dict[str, list[Row]]) -> Iterator[Fault]:
    """Functions and phenotypes: none at all, or one for every pair of alleles."""
    alleles = [row for row in own["alleles"] if row.cells["defined"] == "yes"]
    scored = gene.cells["activity"] == "score"
    column = "activity_value" if scored else "function"
    without = [row for row in alleles if not row.cells[column]]
    if len(without) == len(alleles) and not own.get("phenotypes"):
        return
    for row in without:
        yield row.fault(f"no {column} while other alleles have one", f"Give one; where none is known, {NOT_AVAILABLE}")
    rows = {
        tuple(row.cells[c] for c in ("function1", "function2", "activity_score")) for row in own.get("phenotypes", [])
    }
    if without or gene.cells["method"] == "mitochondrial":
        return
    values = sorted({row.cells[column] for row in alleles})
    for pair in itertools.combinations_with_replacement(values, 2):
        key = (None, None, add_values([*pair])) if scored else (*pair, None)
        if key not in rows:
            what = f"activity score {key[2]}" if scored else f"{pair[0]} with {pair[1]}"
            yield gene.fault(
                f"no phenotype for {what}", f"Add a row to phenotypes.tsv, {NOT_AVAILABLE} where none is known"
            )
    if gene.cells["method"] == "lowest_function" and not scored:
        ranked = {row.cells["function"] for row in own.get("function_ranks", [])}
        for function in values:
            if function not in ranked:
                yield gene.fault(f"no rank for {function}", "Add a row to function_ranks.tsv, 1 the gravest")
