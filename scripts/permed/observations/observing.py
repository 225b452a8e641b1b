"""Observe the genotypes of a file of one contig before its records are split."""

import struct
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pysam

from permed.bcftools import opened
from permed.filters import ANY, REFERENCE_ONLY
from permed.genome import canonical, pseudoautosomal
from permed.genotypes.bcf import Header, read_header, record_buffers
from permed.genotypes.kernels import FIELDS as SITE_FIELDS
from permed.genotypes.kernels import POS, parse_records
from permed.observations.bounds import Bounds
from permed.observations.codes import DEFINITION, MERGED_DEFINITION
from permed.observations.header import edited_header, raw_header
from permed.observations.kernels import (
    AD,
    FIELDS,
    FT,
    GP,
    GQ,
    GQX,
    GT,
    IGC,
    MISFIT,
    POLYPLOID,
    RGQ,
    TWICE,
    observe_records,
)
from permed.observations.phase_sets import PHASE_FIELDS, settle_sets
from permed.observations.writing_kernels import has_filter, rewrite_records
from permed.records.fitting import Fitting
from permed.records.kernels import survey_records
from permed.taken import users_file

KEPT = ("GT", "AD", "DP", "GQ", "RGQ", "PS", "DS", "HDS", "GP")  # FORMAT fields that a later stage reads
SETS = '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set"'
COUNTED_READS = {"DP", "AD", "PL", "GL", "MIN_DP", "DPI"}  # FORMAT fields of files in which reads were counted
NO_COUNTS = {"IGC", "GP", "DS", "HDS", "BAF", "LRR"}  # those of arrays and of imputation
MOST_NAMED = 3


@dataclass(frozen=True)
class People:
    """Who is in a file, in its order, and which of them have one chrX and chrY by what is known of their sex.

    ``earlier`` counts the files of the same people and contig that were read before. ``merged`` says that there are
    files of other people too: then a missing genotype has FORMAT/OBS, by which one sees that the file has it.
    """

    names: list[str]
    one_x: np.ndarray
    build: str
    earlier: int = 0
    merged: bool = False


@dataclass
class Observed:
    """What was found beside the genotypes: ``nameless`` (position, REF) of records without ALT of which genotypes have
    one, positions with several records (``crowded``), the names of INFO fields (``infos``), counts, and notes for
    people."""

    nameless: set[tuple[int, str]] = field(default_factory=set)
    crowded: set[int] = field(default_factory=set)
    infos: set[str] = field(default_factory=set)
    counts: Counter = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def observe_file(
    path: Path, to: Path, source: Path, names: tuple[str, str], people: People, bounds: Bounds
) -> tuple[Path, Observed]:
    """Observe a BCF (BGZF) of the records of one contig, as the file ``source`` of the user has them.

    ``names`` are the contig's own name in the file and that of the run. Where there is anything to say or to leave out,
    the records are written to ``to`` with FORMAT/OBS, under the run's name, without INFO but END and with those FORMAT
    fields alone that later stages read; phase is that of GT and PS, whatever told it. Gives the file to go on with.
    Raises a Fault of ``source``, with the sample, for what cannot be read at all.
    """
    looked = _Look(path, source, names, people, bounds)
    if not looked.must_rewrite():
        if not looked.survey():
            return path, looked.found()
        looked = _Look(path, source, names, people, bounds)
    looked.rewrite(to, set())
    misfits: set[str] = set()
    # Misfits and names of phase sets are told at their first record, when others were written before.
    while looked.fitting.fields or looked.mixed_sets.any():
        misfits |= looked.fitting.fields
        looked = _Look(path, source, names, people, bounds, strict=looked.strict | looked.mixed_sets)
        looked.rewrite(to, misfits)
    return to, looked.found()


def one_copy_at(pos: np.ndarray, contig: str, people: People) -> np.ndarray:
    """At which positions each of the people has one copy, bool (positions, people); (0, 0) where nobody has."""
    name = canonical(contig)
    if name == "chrM":
        return np.ones((len(pos), len(people.names)), np.bool_)
    if name not in ("chrX", "chrY"):
        return np.zeros((0, 0), np.bool_)
    shared = [(pos >= start) & (pos <= end) for start, end in pseudoautosomal(people.build, name)]
    return ~np.logical_or.reduce(shared)[:, None] & people.one_x[None, :]


class _Look:
    """One reading of a file."""

    def __init__(
        self,
        path: Path,
        source: Path,
        names: tuple[str, str],
        people: People,
        bounds: Bounds,
        strict: np.ndarray | None = None,
    ) -> None:
        self.path, self.source, self.people, self.bounds = path, source, people, bounds
        self.own, self.contig = names
        self.header: Header = read_header(path)
        with opened(path) as file:
            formats = file.header.formats
            self.formats = {name: (formats[name].id, str(formats[name].number), formats[name].type) for name in formats}
            self.infos = {name: file.header.info[name].id for name in file.header.info}
            self.filters = {name: file.header.filters[name].id for name in file.header.filters}
            self.fitting = Fitting(file.header, users_file(source))
        self.keys = self._asked()
        self.phase_keys = np.array([self.formats[name][0] if name in self.formats else -1 for name in PHASE_FIELDS])
        self.has_sets = bool((self.phase_keys[1:] >= 0).any() or people.earlier)
        self.sets_told = np.zeros((2, len(self.header.samples)), np.bool_)
        self.strict = np.zeros(len(self.header.samples), np.bool_) if strict is None else strict
        self.noted = np.zeros((3, len(self.header.samples)), np.int64)
        self._positions: list[np.ndarray] = []

    def _asked(self) -> np.ndarray:
        """Dictionary numbers of the fields that genotypes are asked for."""
        keys = np.array([self.formats[name][0] if name in self.formats else -1 for name in FIELDS], np.int64)
        if "AD" in self.formats and self.formats["AD"][1] not in ("R", "."):
            keys[AD] = -1  # some callers write the reads of the alternate alone
        if "FT" in self.formats and self.formats["FT"][2] != "String":
            keys[FT] = -1
        uncounted = not COUNTED_READS & self.formats.keys() and bool(NO_COUNTS & self.formats.keys())
        keys[[GQ, RGQ, GQX] if uncounted else [GP, IGC]] = -1
        return keys

    def must_rewrite(self) -> bool:
        """Whether there is something to leave out or, by the header, to say of genotypes."""
        asked = self.people.merged or (self.keys[1:] >= 0).any() or any(map(self._is_narrow, self.formats))
        more = self.infos.keys() - {"END"} or self.formats.keys() - set(KEPT)
        doubts = ANY not in self.bounds.filters and bool(self.filters.keys() & set(REFERENCE_ONLY))
        return bool(asked or doubts or self.has_sets or more or self.own != self.contig)

    @property
    def mixed_sets(self) -> np.ndarray:
        """Of whom some genotypes are phased in named sets and others, so far, in a set without a name: bool by person.

        What the latter are phased with is not known.
        """
        return self.sets_told.all(axis=0) & ~self.strict

    def survey(self) -> bool:
        """Look through a file of which genotypes alone are read: whether any record needs more than that."""
        found, samples = False, len(self.header.samples)
        two_copies = not len(one_copy_at(np.zeros(1, np.int64), self.contig, self.people))
        for _, buffer, starts in record_buffers(self.path, self.header):
            self.fitting.look(buffer, starts, self.header)
            pos = np.empty(len(starts), np.int64)
            found |= survey_records(buffer, starts, samples, int(self.header.keys[0]), two_copies, pos)
            self._positions.append(pos)
        return found

    def _is_narrow(self, name: str) -> bool:
        """Whether a field has one value, or those of one alternate, however many alternates there are."""
        return name in ("DS", "GP") and self.formats[name][1].isdigit()

    def parts(self):
        """Buffers with where their records start, what was observed of each, phase sets (none where the file has
        none), and whether the buffer was mended."""
        samples, bounds = len(self.header.samples), self.bounds
        limits = (bounds.min_depth, bounds.min_quality, bounds.min_probability, bounds.min_gencall)
        limits = np.array([*limits, ANY in bounds.filters], float)
        believed = np.zeros((len(bounds.filters) + 2, 32), np.uint8)
        for number, name in enumerate(("PASS", ".", *bounds.filters)):
            believed[number, : len(name)] = np.frombuffer(name.encode(), np.uint8)[:32]
        reference_only = [self.filters[name] for name in REFERENCE_ONLY if name in self.filters]
        reference_only = reference_only if ANY not in bounds.filters else []
        mixed = canonical(self.contig) == "chrM"
        for _, buffer, starts in record_buffers(self.path, self.header):
            self.fitting.look(buffer, starts, self.header)
            fields = np.empty((len(starts), SITE_FIELDS), np.int64)
            parse_records(buffer, starts, samples, self.header.keys, fields)
            pos = fields[:, POS]
            self._positions.append(pos.copy())
            only = np.zeros(len(starts), np.bool_)
            for number in reference_only:
                has_filter(buffer, starts, number, only)
            observed = np.empty((len(starts), samples), np.uint8)
            one_copy = one_copy_at(pos, self.contig, self.people)
            sets, changed = np.empty((0, 0), np.int32), False
            if self.has_sets:
                sets = np.empty((len(starts), samples), np.int32)
                changed = settle_sets(
                    buffer, starts, samples, self.phase_keys, self.strict, self.people.earlier, sets, self.sets_told
                )
            mended = observe_records(
                buffer, starts, samples, self.keys, limits, believed, one_copy, mixed, only, observed, self.noted
            )
            yield buffer, starts, observed, sets, mended or changed

    def rewrite(self, to: Path, misfits: set[str]) -> None:
        """Write the records with what was observed of them, without the fields ``misfits``."""
        self.fitting.left_out |= misfits
        samples = len(self.header.samples)
        numbers = [number for number, *_ in self.formats.values()]
        numbers += [*self.infos.values(), *self.filters.values()]
        own = max(numbers, default=0) + 1
        of_sets = own + 1
        kept, narrow = np.zeros(own + 1, np.bool_), np.zeros(own + 1, np.bool_)
        for name in KEPT:
            if name in self.formats and name not in misfits and not (name == "PS" and self.has_sets):
                number = self.formats[name][0]
                kept[number], narrow[number] = True, self._is_narrow(name)
        drop = {"FORMAT": self.formats.keys() - set(KEPT) | misfits, "INFO": self.infos.keys() - {"END"}}
        added = [f"{DEFINITION},IDX={own}>"]
        if self.has_sets:
            drop["FORMAT"].add("PS")
            added.append(f"{SETS},IDX={of_sets}>")
        if self.people.merged:
            added.append(f"{MERGED_DEFINITION},IDX={of_sets + 1}>")
        text = edited_header(raw_header(self.path), drop, added, self.own, self.contig)
        genotype_key = int(self.keys[GT]) if self.people.merged else -1
        numbers = int(self.keys[AD]), self.infos.get("END", -1), own
        with pysam.BGZFile(str(to), "wb0") as out:
            out.write(b"BCF\x02\x02" + struct.pack("<I", len(text)) + text)
            room = np.empty(0, np.uint8)
            for buffer, starts, observed, sets, _ in self.parts():
                size = int(starts[-1]) + _size(buffer, int(starts[-1])) - int(starts[0])
                size += len(starts) * (5 * samples + 16)
                if len(room) < size:
                    room = np.empty(size, np.uint8)
                written = rewrite_records(
                    buffer, starts, samples, kept, narrow, numbers, observed, genotype_key, of_sets, sets, room
                )
                out.write(room[:written].tobytes())

    def found(self) -> Observed:
        """What was seen beside the genotypes."""
        pos = np.concatenate(self._positions) if self._positions else np.zeros(0, np.int64)
        places, times = np.unique(pos, return_counts=True)
        done = Observed(self.fitting.nameless, set(places[times > 1].tolist()), set(self.infos))
        kinds = (
            (POLYPLOID, "polyploid", "genotypes of more than two alleles are unknown"),
            (MISFIT, "misfits", "genotypes whose reads by allele (AD) are not one for each allele are unknown"),
            (
                TWICE,
                "repeated_alleles",
                "copies of an alternate written twice, or the same as REF, were put together",
            ),
        )
        for row, name, text in kinds:
            total = int(self.noted[row].sum())
            done.counts[name] += total
            whose = [self.header.samples[n] for n in np.flatnonzero(self.noted[row])]
            if total:
                more = f" and {len(whose) - MOST_NAMED} more" if len(whose) > MOST_NAMED else ""
                done.notes.append(f"{users_file(self.source)}: {total} {text} ({', '.join(whose[:MOST_NAMED])}{more})")
        done.notes += self.fitting.notes()
        return done


def _size(buffer: np.ndarray, start: int) -> int:
    """Bytes of the record that starts there."""
    shared, individual = (int.from_bytes(buffer[start + at : start + at + 4].tobytes(), "little") for at in (0, 4))
    return 8 + shared + individual
