"""What the genotype fields of records must fit: the number of alleles."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pysam

from permed.bcftools import opened
from permed.errors import Fault
from permed.genotypes.bcf import Header, read_header, record_buffers
from permed.genotypes.kernels import CONTIG, FIELDS, POS, REF, REF_SIZE, parse_records
from permed.records import ADDED
from permed.records.kernels import (
    ANY,
    LOOSE_PER_ALLELE,
    LOOSE_PER_ALT,
    PER_ALLELE,
    PER_ALT,
    PER_GENOTYPE,
    check_fields,
)


@dataclass
class Misfits:
    """What does not fit the alleles and is not read: FORMAT ``fields``, and (position, REF) of ``nameless`` records,
    which have no ALT and genotypes that have one."""

    fields: set[str] = field(default_factory=set)
    nameless: set[tuple[int, str]] = field(default_factory=set)

    def notes(self, file: Path | str) -> list[str]:
        """What people should be told."""
        names = ", ".join(sorted(self.fields))
        text = f"{file}: {names} have not one value for each allele or genotype, and are left out"
        return [text] if self.fields else []


def check_records(variants: Path, file: Path | str) -> Misfits:
    """Compare genotypes and fields of a BCF in BGZF blocks with the number of alleles of each record.

    Raises a Fault of ``file``, with the sample, where a genotype has an allele beyond the last ALT, or a FORMAT field
    of Number=A or R has too few or too many values: splitting would give them to other alleles, or call a person
    reference. Gives what to leave out: fields of Number=G with another number of values than there are genotypes (of
    one or two copies, as bcftools splits them), of which nothing is read, and those of A or R that do not fit a
    definition that we :data:`ADDED`. A field that is missing has any number of values.
    """
    header, found = read_header(variants), Misfits()
    with opened(variants) as opened_file:
        sizes = {number: (name, kind) for number, name, kind in _sized_fields(opened_file.header)}
    kinds = np.full(1 + max(sizes, default=0), ANY, np.int8)
    kinds[list(sizes)] = [kind for _, kind in sizes.values()]
    wrong = np.zeros(len(kinds), np.bool_)
    for _, buffer, starts in record_buffers(variants, header):
        nameless = np.zeros(len(starts), np.bool_)
        answer = check_fields(buffer, starts, len(header.samples), int(header.keys[0]), kinds, wrong, nameless)
        row, key, sample, value = map(int, answer)
        if row >= 0:
            raise _refusal(sizes.get(key), _site(buffer, starts[row], header), value, file, header.samples[sample])
        found.nameless |= {_site(buffer, starts[row], header)[1:3] for row in np.flatnonzero(nameless)}
    found.fields |= {sizes[key][0] for key in np.flatnonzero(wrong)}
    return found


def _sized_fields(header: pysam.VariantHeader) -> Iterator[tuple[int, str, int]]:
    """FORMAT fields of numbers whose count follows from the alleles: (dictionary number, name, what they count)."""
    for name, field_ in header.formats.items():
        if field_.type not in ("Integer", "Float"):
            continue
        added = (field_.description or "").strip('"') == ADDED
        kinds = {
            "A": LOOSE_PER_ALT if added else PER_ALT,
            "R": LOOSE_PER_ALLELE if added else PER_ALLELE,
            "G": PER_GENOTYPE,
        }
        if field_.number in kinds:
            yield field_.id, name, kinds[field_.number]


def _site(buffer: np.ndarray, start: int, header: Header) -> tuple[str, int, str, int]:
    """Contig, position, REF and number of alleles of the record that begins at ``start``."""
    fields = np.empty((1, FIELDS), np.int64)
    parse_records(buffer, np.array([start]), len(header.samples), header.keys, fields)
    contig, pos, ref, size = fields[0, [CONTIG, POS, REF, REF_SIZE]].tolist()
    alleles = int(buffer[start + 26]) | int(buffer[start + 27]) << 8
    return header.contigs.get(contig, "?"), pos, buffer[ref : ref + size].tobytes().decode(), alleles


def _refusal(size: tuple[str, int] | None, site: tuple[str, int, str, int], value: int, file, sample: str) -> Fault:
    contig, pos, _, alleles = site
    if size is None:
        fault = f"the genotype at {contig}:{pos} has allele {value}, and the record has only {alleles - 1} ALT"
        return Fault(fault, file, sample, remedy="Write the file anew with the program that made it")
    name, kind = size
    letter, want = ("R", alleles) if kind == PER_ALLELE else ("A", alleles - 1)
    fault = f"{name} at {contig}:{pos} has {value} values, by its Number={letter} it needs {want}"
    remedy = f"Write the file anew with its caller, or take the field out, with bcftools annotate -x FORMAT/{name}"
    return Fault(fault, file, sample, remedy=remedy)
