"""Put the split records of a position together again, strand by strand."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.genome import pseudoautosomal
from permed.observations.codes import BELIEVED, DOUBT, FIRST_OTHER, PARTLY, SECOND_OTHER
from permed.observations.places import observed_of
from permed.pharmacogenes.definitions import MISSING, NO_STRAND, REF, UNDOCUMENTED, Gene
from permed.pharmacogenes.reading.depths import Depths
from permed.pharmacogenes.reading.ploidy import by_sex, fit_copies
from permed.pharmacogenes.reading.records import DISPUTED, UNCHANGED, Interpreter
from permed.pharmacogenes.spelling import change_of
from permed.sexes import UNKNOWN_COPIES

MITOCHONDRIAL = "chrM"
MAY_BE_HAPLOID = ("chrX", "chrY", MITOCHONDRIAL)
NO_SET = -1  # block of a phased genotype whose phase set is not named
ALT = 1  # the record's own alternate, before it is given a code
NOT_LISTED = -4  # a copy that is neither REF nor an alternate of any record, until finish() settles what it is


@dataclass(frozen=True)
class GeneGenotypes:
    """``codes`` (samples, positions, 2) int8 and ``blocks`` (samples, positions) int32: 0 unphased, -1 phased without
    a named set, above 0 the phase set. ``assumed`` (positions,) tells which have no record and were taken for
    reference. ``doubts`` (samples, positions) uint8 are codes of why a written genotype is not believed, 0 elsewhere;
    its code is missing. ``depths`` has the reads behind them. ``open_copies`` (samples,) tells of whom it is not known
    how many copies of the contig they have: their genotypes are as they are written."""

    codes: np.ndarray
    blocks: np.ndarray
    assumed: np.ndarray | None = None
    doubts: np.ndarray | None = None
    depths: Depths | None = None
    open_copies: np.ndarray | None = None


class Assembler:
    """Collects records in any order; :meth:`finish` settles what they leave open.

    ``copies`` (samples,) is how many copies of chrX or chrY are expected of each, 1, 2 or
    :data:`permed.sexes.UNKNOWN_COPIES`; without it the genotypes themselves tell it.
    """

    def __init__(self, gene: Gene, samples: list[str], aligned: bool = True, copies: np.ndarray | None = None) -> None:
        self.gene = gene
        self.copies = copies if by_sex(gene).any() else None
        self.samples = samples
        self.interpreter = Interpreter(gene, aligned)
        # A record is about one position and everyone, so in memory a position's genotypes lie side by side.
        shape = (len(gene.positions), len(samples))
        self.codes = np.full((*shape, 2), MISSING, np.int8).swapaxes(0, 1)
        self.blocks = np.zeros(shape, np.int32).T
        self.seen = np.zeros(len(gene.positions), bool)
        self.disputed = np.zeros(len(gene.positions), bool)
        self.lost = np.zeros(shape, bool).T
        self.unsure = np.zeros(shape, bool).T  # a record within the stretch says that something was not read
        self.doubts = np.zeros(shape, np.uint8).T
        self.deleted = np.zeros(shape, bool).T  # under a deletion that the definition knows
        self.served = np.zeros(shape, bool).T  # who has the genotype of a substitution of several bases
        self.haploid = np.zeros(len(samples), bool)
        self.diploid = np.zeros(len(samples), bool)
        self.aside: list[tuple[int, np.ndarray]] = []
        self.reaching: list[tuple[int, int, np.ndarray, np.ndarray]] = []
        self.spanning: list[tuple[int, np.ndarray, np.ndarray]] = []
        self.taken: set[tuple] = set()
        self.written: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}

    def add(self, record, order: np.ndarray) -> None:
        """Take a record's genotypes; ``order`` are the samples' columns."""
        ref, alt = record.REF.upper(), record.ALT[0].upper() if record.ALT else None
        if (record.POS, ref, alt) in self.taken:
            return
        self.taken.add((record.POS, ref, alt))
        effects = self.interpreter.effects(record.POS, ref, alt, record.end)
        begun = set(self.interpreter.begun(record.POS, record.end)) - {effect.at for effect in effects}
        touched = self.interpreter.touched(record.POS, record.end)
        spanned = self.interpreter.spanned(record.POS, ref, alt)
        if not (effects or begun or touched or spanned):
            return
        calls = record.genotype.array()[order]
        for at in begun:
            called = (calls[:, :-1] != -1).all(axis=1) & (self.doubts[:, at] == BELIEVED)
            self.doubts[called, at] = PARTLY
        # A record in which everyone is haploid has one column of alleles; the last column is the phase.
        strands = np.minimum(calls[:, :-1], ALT).astype(np.int8)
        if strands.shape[1] == 1:
            strands = np.concatenate([strands, np.full_like(strands, -2)], axis=1)
        observed = observed_of(record, len(record.genotype.array()))[order]
        doubt = (observed & DOUBT).astype(np.uint8)
        others = np.stack([observed & FIRST_OTHER, observed & SECOND_OTHER], axis=1) != 0
        for at in touched:
            self.unsure[(calls[:, :-1] == -1).any(axis=1) | (doubt != BELIEVED), at] = True
        strands = np.where(others & (strands == 0), NOT_LISTED, strands)
        strands[(doubt != BELIEVED)[:, None] & (strands != -2)] = -1
        if self.gene.contig == MITOCHONDRIAL:
            strands = self._with_doubted(strands, calls, doubt)
        slots = np.select([strands == -2, strands == -1], [NO_STRAND, MISSING], strands).astype(np.int8)
        blocks = np.where(calls[:, -1].astype(bool), _phase_sets(record, order), 0).astype(np.int32)
        if alt and len(ref) > len(alt) and change_of(record.POS, ref, alt) in self.interpreter.documented:
            self._note_deletion(record.POS, len(ref), (slots == ALT).any(axis=1))
        reached = {effect.at: effect.code for effect in effects if not effect.here}
        for at in spanned:
            own = np.where(slots == ALT, reached.get(at, REF), slots).astype(np.int8)
            self.spanning.append((at, own, blocks))
        for effect in effects:
            if effect.here or effect.code in (UNCHANGED, REF):
                before = self.doubts[:, effect.at]
                self.doubts[:, effect.at] = np.where(
                    (doubt != BELIEVED) & ((before == BELIEVED) | (before == PARTLY)), doubt, before
                )
            if effect.code == DISPUTED:
                self.disputed[effect.at] = True
            elif effect.code in (UNCHANGED, REF):
                self.aside.append((effect.at, np.where(slots == ALT, REF, slots)))
            elif effect.here:
                # A documented allele is one however it is written, any other allele is its own.
                which = effect.code if effect.code > REF else (record.POS, ref, alt)
                self._write((effect.at, which), np.where(slots == ALT, effect.code, slots), blocks)
            elif (slots == ALT).any():
                self.reaching.append((effect.at, effect.code, slots == ALT, blocks))

    @staticmethod
    def _with_doubted(strands: np.ndarray, calls: np.ndarray, doubt: np.ndarray) -> np.ndarray:
        """A change of mitochondrial DNA that was seen and is not believed is one beside an unknown rest.

        It may be on a small part of the DNA, which the measures of a called genotype take for an error.
        """
        seen = (doubt != BELIEVED) & (calls[:, :-1] > 0).any(axis=1)
        return np.where(seen[:, None], np.array([-1, ALT], np.int8), strands)

    def _write(self, allele: tuple, slots: np.ndarray, blocks: np.ndarray) -> None:
        """Keep an allele's genotypes; another spelling of it fills what is missing, and unlike ones are unknown."""
        if allele not in self.written:
            self.written[allele] = slots, blocks
            return
        now, known_blocks = self.written[allele]
        filled = np.where((now == MISSING).any(axis=1)[:, None], slots, now)
        blocks = np.where((now == MISSING).any(axis=1), blocks, known_blocks)
        both = ~((now == MISSING) | (slots == MISSING)).any(axis=1)
        filled[both & (np.sort(now, axis=1) != np.sort(slots, axis=1)).any(axis=1)] = MISSING
        turned = both & (now != slots).any(axis=1)
        self.written[allele] = filled, np.where(turned, 0, blocks).astype(np.int32)

    def _join(self, at: int, slots: np.ndarray, blocks: np.ndarray) -> None:
        differ = slots[:, 0] != slots[:, 1]
        self.blocks[differ, at] = blocks[differ]
        if not self.seen[at]:
            self.codes[:, at], self.seen[at] = slots, True
            return
        now = self.codes[:, at].copy()
        # A copy that is an alternate by one record is none of another's, whether or not that was read.
        silent = (slots == REF) | (slots == MISSING) | ((slots == NOT_LISTED) & _is_alternate(now))
        unknown = (now == MISSING) & ~_is_alternate(slots) | (slots == MISSING) & ~_is_alternate(now)
        self.codes[:, at] = np.where(unknown, MISSING, np.where(silent, now, slots))
        for sample, strand in np.argwhere(_is_alternate(now) & _is_alternate(slots)):
            self._place(sample, at, strand, now[sample].copy(), slots[sample, strand])

    def _note_deletion(self, pos: int, size: int, carried: np.ndarray) -> None:
        """A deletion that counts at its own place lies over what its carriers have behind its first base."""
        for at, position in enumerate(self.gene.positions):
            if pos < position.pos < pos + size:
                self.deleted[carried, at] = True

    def _place(self, sample: int, at: int, strand: int, now: np.ndarray, code: int) -> None:
        """Put a second alternate on the strand left free: both on one come from records not aligned by phase."""
        if now[1 - strand] == REF and self.codes[sample, at, 1 - strand] == REF:
            self.codes[sample, at] = [now[strand], code]
        else:
            self.codes[sample, at, strand] = UNDOCUMENTED

    def learn_ploidy(self, records, order: np.ndarray, most: int) -> None:
        """See from other records of the contig, up to ``most``, which samples have one copy of it."""
        shared = pseudoautosomal(self.gene.build, self.gene.contig)
        taken = 0
        for record in records:
            if any(start <= record.POS <= end for start, end in shared):
                continue
            calls = record.genotype.array()[order]
            single = calls[:, 1] == -2 if calls.shape[1] == 3 else np.ones(len(calls), bool)
            given = calls[:, 0] >= 0
            self.haploid |= given & single
            self.diploid |= given & ~single
            taken += 1
            if taken == most:
                return

    def set_aside(self, rows: pl.DataFrame) -> None:
        """Take records that the workflow could not read (``pos end ref alt samples``): there nobody named is reference.

        A row without names holds for everyone whose genotype no other record gives. One within the stretch of an
        insertion or deletion leaves unknown who has no record of it; one of the very allele of the definition, however
        it is written, also who has another record there.
        """
        column = {name: i for i, name in enumerate(self.samples)}
        for start, end, ref, alts, names in rows.select("pos", "end", "ref", "alt", "samples").iter_rows():
            itself = self.interpreter.defined(start, ref.upper(), alts.upper())
            covered = [at for at, position in enumerate(self.gene.positions) if start <= position.pos <= end]
            touched = self.interpreter.touched(start, end)
            if names is None:
                self.disputed[covered + touched] = True
                self.lost[:, itself] = True
            else:
                carriers = [column[name] for name in names if name in column]
                self.lost[np.ix_(carriers, covered + itself)] = True
                self.unsure[np.ix_(carriers, touched)] = True

    def finish(self, absent_is_reference: bool) -> GeneGenotypes:
        """Settle what has no record, what reaches over positions, ploidy, and half-called genotypes."""
        for (at, _), (slots, blocks) in self.written.items():
            self._join(at, slots, blocks)
        for at, slots in self.aside:
            # Evidence of the reference base counts where no record of an alternate says that it is missing.
            open_ = (self.codes[:, at] == MISSING).all(axis=1) & ~self.seen[at]
            self.codes[open_, at] = slots[open_]
        self.seen[[at for at, _ in self.aside]] = True
        self._span()
        single = self.codes[:, :, 1] == NO_STRAND
        given = (self.codes[:, :, 0] != MISSING) | _is_alternate(self.codes[:, :, 1])
        may = self.gene.contig in MAY_BE_HAPLOID
        haploid = (self.haploid | (single & given).any(axis=1)) & ~self.diploid & ~(~single & given).any(axis=1) & may
        if self.copies is not None:  # what is written is read as so many copies once all of it is put together
            haploid = np.zeros(len(haploid), bool)
        never = np.array([position.never_default for position in self.gene.positions], bool)
        assumed = ~self.seen & ~self.disputed & ~never & absent_is_reference
        self.codes[:, assumed] = REF
        self.codes[self.unsure & assumed] = MISSING
        # One strand where two are expected is half a call, but of mitochondrial DNA it is all there is.
        alone = self.codes[:, :, 0] if self.gene.contig == MITOCHONDRIAL else MISSING
        alone = NO_STRAND if self.copies is not None else alone
        second = np.where(self.codes[:, :, 1] == NO_STRAND, alone, self.codes[:, :, 1])
        self.codes[:, :, 1] = np.where(haploid[:, None], NO_STRAND, second)
        self._reach()
        # A copy that no record names lies under a deletion that counts at its own place, or is not known.
        unlisted = self.codes == NOT_LISTED
        self.codes[unlisted] = np.where(
            np.broadcast_to(self.deleted[:, :, None], unlisted.shape)[unlisted], REF, MISSING
        )
        half = (self.codes == MISSING).any(axis=2) & ((self.codes == MISSING) | (self.codes == REF)).all(axis=2)
        # On a contig that may be haploid the half that is known could be all there is: it stays, and is not called.
        self.codes[half & ~haploid[:, None] & (not may)] = MISSING
        self.codes[self.lost] = np.where(haploid[np.nonzero(self.lost)[0], None], [MISSING, NO_STRAND], MISSING)
        told = (self.codes[:, :, 0] == MISSING) & (
            (self.codes[:, :, 1] == MISSING) | (self.codes[:, :, 1] == NO_STRAND)
        )
        if self.gene.contig == MITOCHONDRIAL:
            told |= (self.codes == MISSING).any(axis=2)
        codes, doubts = self.codes, np.where(told, self.doubts, 0).astype(np.uint8)
        if self.copies is None:
            return GeneGenotypes(codes, self.blocks, assumed, doubts)
        codes, doubts = fit_copies(codes, doubts, self.copies, by_sex(self.gene))
        unknown = self.copies == UNKNOWN_COPIES
        return GeneGenotypes(codes, self.blocks, assumed, doubts, open_copies=unknown if unknown.any() else None)

    def _span(self) -> None:
        """Give what substitutions of several bases say of each base behind their first, where no record says anything.

        Another person's record there says nothing of whom it leaves missing; one's own that was not believed does.
        """
        for at, slots, blocks in self.spanning:
            open_ = (self.codes[:, at] == MISSING).all(axis=1) & (self.doubts[:, at] == BELIEVED)
            self.codes[open_, at], self.blocks[open_, at] = slots[open_], blocks[open_]
            self.served[open_ & (slots[:, 0] != MISSING), at] = True
            self.seen[at] = True

    def _reach(self) -> None:
        for at, code, carried, blocks in self.reaching:
            for sample in np.flatnonzero(carried.any(axis=1) & ~self.served[:, at]):
                now, wanted = self.codes[sample, at], carried[sample]
                free = (now == REF) | (now == NOT_LISTED)
                if wanted.sum() == 1 and not free[wanted].any() and not blocks[sample]:
                    wanted = wanted[::-1]
                if (free & wanted).any():
                    now[free & wanted] = code
                    self.blocks[sample, at] = self.blocks[sample, at] or blocks[sample]


def _is_alternate(slots: np.ndarray) -> np.ndarray:
    return (slots != REF) & (slots != MISSING) & (slots != NO_STRAND) & (slots != NOT_LISTED)


def _phase_sets(record, order: np.ndarray) -> np.ndarray:
    """Block of each sample's phased genotype: its phase set, or :data:`NO_SET`; 0 where sets cannot be told apart."""
    sets = record.format("PS") if "PS" in record.FORMAT else None
    if sets is None:
        return np.full(len(order), NO_SET, np.int32)
    if sets.dtype.kind not in "if":
        return np.zeros(len(order), np.int32)
    named = sets[order, 0]
    return np.where(named > 0, named, NO_SET).astype(np.int32)
