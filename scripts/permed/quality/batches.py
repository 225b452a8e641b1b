"""Whose genotypes come from the same file, or from files that list the same sites: what a caller's habits are told by.

A caller writes chrX of men haploid or not, chrY of women as reference, as missing or not at all; it does so in all it
writes. People of one file are a batch; people with a file each are one where their files list the same sites, as those
of an array do.
"""

from pathlib import Path

import numpy as np

from permed.genotypes.store import MISSING, GenotypeStore, unpack
from permed.observations.codes import UNLISTED

ALIKE = 0.8  # of the sites that either of two files lists, those that both do; gVCFs of one caller have more than 0.9
SITES = 2048  # by which files are compared, at least, where there are as many
CARRIED = "files that list only what their people carry"


def batch_names(report: dict | None) -> dict[str, str]:
    """The name of the file by person, of those who share one with others, by checks/inputs.json."""
    rows = (report or {}).get("batches", [])
    return {name: Path(row["file"]).name for row in rows if len(row["people"]) > 1 for name in row["people"]}


class SiteLists:
    """Which of some sites the files of each person list, over the blocks of a store that were added.

    ``named`` is the batch by person of those of whom it is known; the others are compared.
    """

    def __init__(self, samples: list[str], named: dict[str, str] | None = None) -> None:
        self._names = [(named or {}).get(sample) for sample in samples]
        self._alone = np.array([n for n, name in enumerate(self._names) if name is None], np.int64)
        self._samples, self._step, self._seen = samples, 1, 0
        self._rows: list[np.ndarray] = []
        self._y: list[np.ndarray] = []

    def add(self, block: GenotypeStore, rows: np.ndarray, on_y: np.ndarray) -> None:
        """Take every so-many-th of some rows of a block, the fewer the more there were before, and those on chrY."""
        taken = rows[(self._seen + np.arange(len(rows))) % self._step == 0]
        self._seen += len(rows)
        if not len(self._alone):
            return
        self._rows += list(self._listed(block, taken))
        self._y += list(self._listed(block, on_y))
        while len(self._rows) > 2 * SITES:
            self._rows, self._step = self._rows[::2], 2 * self._step

    def _listed(self, block: GenotypeStore, taken: np.ndarray) -> np.ndarray:
        """Whether the file of each of those with one of their own lists the rows ``taken``; bits (rows, people)."""
        listed = np.ones((len(taken), len(self._alone)), bool)
        observed = block.observed_parts[0] if block.observed_parts else None
        if observed is not None:
            codes = unpack(block.parts[0][taken], len(block.samples))[:, self._alone]
            listed = (np.asarray(observed)[taken][:, self._alone] & UNLISTED == 0) | (codes != MISSING)
        return np.packbits(listed, axis=1)

    def _unpacked(self, rows: list[np.ndarray]) -> np.ndarray:
        bits = np.array(rows, np.uint8).reshape(len(rows), -(-len(self._alone) // 8))
        return np.unpackbits(bits, axis=1, count=len(self._alone)).astype(bool)

    def sites_on_y(self, batches: list[str], own: np.ndarray) -> np.ndarray:
        """How many sites on chrY each person was looked at, of ``own`` listed ones: of a person with a file of their
        own also those that others of the batch list, since callers write no record where there are no reads."""
        found = own.copy()
        whose = np.array([batches[n] for n in self._alone], dtype=object)
        counts = dict.fromkeys(set(whose.tolist()) - {CARRIED}, 0)
        for start in range(0, len(self._y), 2 * SITES):
            lists = self._unpacked(self._y[start : start + 2 * SITES])
            for name in counts:
                counts[name] += np.count_nonzero(lists[:, whose == name].any(axis=1))
        for name, count in counts.items():
            here = self._alone[whose == name]
            found[here] = np.maximum(found[here], count)
        return found

    def batches(self, carried: np.ndarray) -> list[str]:
        """The batch of each person; ``carried`` (bool) says whose files list only what they carry."""
        found = [name or "" for name in self._names]
        leaders: list[tuple[str, np.ndarray]] = []
        lists = self._unpacked(self._rows)
        for column, n in enumerate(self._alone.tolist()):
            if carried[n]:
                found[n] = CARRIED
                continue
            own = lists[:, column]
            name = next((name for name, other in leaders if _alike(own, other)), None)
            if name is None:
                name = f"files like that of {self._samples[n]}"
                leaders.append((name, own))
            found[n] = name
        return found


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    either = np.count_nonzero(one | other)
    return np.count_nonzero(one & other) >= ALIKE * either
