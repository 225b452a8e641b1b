"""What the genotype fields of records must fit: the number of alleles."""

from collections.abc import Iterator
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

# What later stages read and splitting would give to other alleles; reads by allele are looked at with each genotype.
FITTED = ("DS", "HDS", "GP")


class Fitting:
    """Whether genotypes and fields fit the number of alleles of their records, over the records of one file.

    ``fields`` are the FORMAT fields that do not fit and may be left out: those of Number=G with another number of
    values than there are genotypes (of one or two copies, as bcftools splits them), and those of A or R that do not fit
    a definition that we :data:`ADDED`. ``left_out`` are those that a caller has left out. ``nameless`` are (position,
    REF) of records that have no ALT and genotypes that have one. A field that is missing has any number of values.
    """

    def __init__(self, header: pysam.VariantHeader, file: Path | str) -> None:
        self.file, self.left_out, self.nameless = file, set(), set()
        self._sizes = {number: (name, kind) for number, name, kind in _sized_fields(header)}
        self._kinds = np.full(1 + max(self._sizes, default=0), ANY, np.int8)
        self._kinds[list(self._sizes)] = [kind for _, kind in self._sizes.values()]
        self._wrong = np.zeros(len(self._kinds), np.bool_)

    def look(self, buffer: np.ndarray, starts: np.ndarray, header: Header) -> None:
        """Look at the records of a buffer.

        Raises a Fault of the file, with the sample, where a genotype has an allele beyond the last ALT, or a field of
        Number=A or R has too few or too many values: splitting would give them to other alleles, or call a person
        reference.
        """
        nameless = np.zeros(len(starts), np.bool_)
        given = buffer, starts, len(header.samples), int(header.keys[0])
        row, key, sample, value = map(int, check_fields(*given, self._kinds, self._wrong, nameless))
        if row >= 0:
            refused = _site(buffer, starts[row], header)
            raise _refusal(self._sizes.get(key), refused, value, self.file, header.samples[sample])
        self.nameless |= {_site(buffer, starts[row], header)[1:3] for row in np.flatnonzero(nameless)}

    @property
    def fields(self) -> set[str]:
        """Fields found not to fit that were not left out."""
        return {self._sizes[key][0] for key in np.flatnonzero(self._wrong)} - self.left_out

    def notes(self) -> list[str]:
        """What people should be told."""
        names = ", ".join(sorted(self.fields | self.left_out))
        text = f"{self.file}: {names} have not one value for each allele or genotype, and are left out"
        return [text] if names else []


def check_records(variants: Path, file: Path | str) -> Fitting:
    """Look through a BCF in BGZF blocks as :class:`Fitting` does, for the user's ``file``."""
    header = read_header(variants)
    with opened(variants) as opened_file:
        fitting = Fitting(opened_file.header, file)
    for _, buffer, starts in record_buffers(variants, header):
        fitting.look(buffer, starts, header)
    return fitting


def _sized_fields(header: pysam.VariantHeader) -> Iterator[tuple[int, str, int]]:
    """FORMAT fields of numbers whose count follows from the alleles: (dictionary number, name, what they count)."""
    for name, field_ in header.formats.items():
        if name not in FITTED or field_.type not in ("Integer", "Float"):
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
