"""How many reads stand behind the genotypes at a gene's positions, where the normalised files say so."""

import numpy as np

from permed.observations.codes import BELIEVED, DOUBT
from permed.observations.places import observed_of
from permed.pharmacogenes.definitions import Gene

UNKNOWN = -1
MOST = np.iinfo(np.int16).max


class Depths:
    """``total`` (samples, positions) int16: FORMAT/DP of the first record at the position, :data:`UNKNOWN` without it.

    It is None where no record has depths; deeper than :data:`MOST` reads as that. ``quality`` alike is FORMAT/GQ of
    genotypes that are not believed. Reads of each allele are kept for carriers of an alternate only.
    """

    def __init__(self, gene: Gene, samples: int) -> None:
        self.shape = (samples, len(gene.positions))
        self.total: np.ndarray | None = None
        self.quality: np.ndarray | None = None
        self.at = {position.pos: at for at, position in enumerate(gene.positions)}
        self.reads: list[tuple[np.ndarray, int, str, str, np.ndarray]] = []
        self.taken: set[tuple] = set()

    def add(self, record, order: np.ndarray) -> None:
        """Take a record of the normalised file if it lies at a position; ``order`` are the samples' columns."""
        at, key = self.at.get(record.POS), (record.POS, record.REF, *record.ALT)
        if at is None or key in self.taken:
            return
        self.taken.add(key)
        depth, reads = _values(record, "DP"), _values(record, "AD")
        if depth is not None:
            if self.total is None:
                self.total = _unknown(*self.shape)
            depth = depth[order, 0]
            open_ = (self.total[:, at] == UNKNOWN) & (depth >= 0)
            self.total[open_, at] = np.minimum(depth[open_], MOST)
        doubted = (observed_of(record, len(order))[order] & DOUBT) != BELIEVED
        if doubted.any() and (quality := _values(record, "GQ")) is not None:
            if self.quality is None:
                self.quality = _unknown(*self.shape)
            open_ = doubted & (self.quality[:, at] == UNKNOWN)
            self.quality[open_, at] = np.clip(quality[order, 0][open_], UNKNOWN, MOST)
        if reads is not None and record.ALT and reads.shape[1] == 2:
            carried = (record.genotype.array()[order, :-1] > 0).any(axis=1)
            carriers = np.flatnonzero(carried & (reads[order] >= 0).all(axis=1))
            self.reads.append((carriers, at, record.REF, record.ALT[0], reads[order][carriers].astype(np.int32)))

    def placed(self, placed: np.ndarray) -> "Depths":
        """The same over all positions of a definition; ``placed`` tells which of them this one has, in order."""
        for name in ("total", "quality"):
            own = getattr(self, name)
            if own is not None:
                spread = _unknown(len(own), len(placed))
                spread[:, placed] = own
                setattr(self, name, spread)
        where = np.flatnonzero(placed)
        self.reads = [(who, int(where[at]), *rest) for who, at, *rest in self.reads]
        return self

    def of_alleles(self, first: int, last: int) -> dict[tuple[int, int], str]:
        """Reads by (sample, position) for the samples ``first`` to before ``last``: ``A 12, G 9``, a part a record."""
        found: dict[tuple[int, int], str] = {}
        for who, at, ref, alt, reads in self.reads:
            start, end = np.searchsorted(who, [first, last])
            for sample, (of_ref, of_alt) in zip(who[start:end].tolist(), reads[start:end].tolist(), strict=True):
                text = f"{ref} {of_ref}, {alt} {of_alt}"
                found[sample, at] = f"{found[sample, at]}; {text}" if (sample, at) in found else text
        return found


def _unknown(samples: int, positions: int) -> np.ndarray:
    """No depth is known; in memory a position's depths lie side by side."""
    return np.full((positions, samples), UNKNOWN, np.int16).T


def _values(record, name: str) -> np.ndarray | None:
    """A FORMAT field's whole numbers by column of the file, None where the record or the header lacks it."""
    try:
        values = record.format(name)
    except KeyError:
        return None
    if values is not None and values.dtype.kind == "f":
        values = np.where(np.isnan(values), UNKNOWN, np.floor(np.nan_to_num(values))).astype(np.int64)
    return values if values is not None and values.dtype.kind == "i" else None
