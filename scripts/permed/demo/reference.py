"""A reference genome of full-length contigs that holds bases only in islands and N everywhere else.

Three billion N would take minutes to compress. Here the file is made of BGZF blocks that each hold the same number
of whole lines, so that every block of N is the same few bytes, compressed once and repeated; only blocks that an
island touches are compressed on their own. The indexes .fai and .gzi follow from arithmetic.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from permed.errors import Fault
from permed.tables import atomic

LINE = 16_000  # bases a line; long lines leave runs of N unbroken, which halves the file
BLOCK = 4 * LINE  # bases a block; with its line ends below the 65,280 bytes of a BGZF block
BASES = np.frombuffer(b"ACGT", np.uint8)
_N, _NEWLINE = ord("N"), ord("\n")
_END_OF_FILE = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


class Islands:
    """Stretches of sequence on contigs that are otherwise N. Positions are 1-based, intervals inclusive.

    Islands start as random bases; :meth:`paint` writes what must be there and remembers it, so that two things
    that want different bases in one place are noticed.
    """

    def __init__(self, intervals: Iterable[tuple[str, int, int]], lengths: Mapping[str, int], rng) -> None:
        self.lengths = dict(lengths)
        self._starts: dict[str, np.ndarray] = {}
        self._offsets: dict[str, np.ndarray] = {}
        wanted: dict[str, list[tuple[int, int]]] = {name: [] for name in lengths}
        for contig, start, end in intervals:
            wanted[contig].append((max(start, 1), min(end, lengths[contig])))
        size = 0
        for contig, spans in wanted.items():
            merged = _merge(spans)
            starts = np.array([s for s, _ in merged], np.int64)
            sizes = np.array([e - s + 1 for s, e in merged], np.int64)
            self._starts[contig] = starts
            self._offsets[contig] = size + np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
            size = int(self._offsets[contig][-1])
        self.bases = BASES[rng.integers(0, 4, size)]
        self._painted = np.zeros(size, bool)

    def spans(self, contig: str) -> list[tuple[int, np.ndarray]]:
        """The islands of a contig as (first position, bases), sorted."""
        offsets = self._offsets[contig]
        return [
            (int(start), self.bases[low:high])
            for start, low, high in zip(self._starts[contig], offsets[:-1], offsets[1:], strict=True)
        ]

    def read(self, contig: str, pos: int, size: int = 1) -> str:
        """``size`` bases from ``pos`` on; all of them lie in one island (IndexError if not)."""
        return self.bases[self._slice(contig, pos, size)].tobytes().decode()

    def paint(self, contig: str, pos: int, text: str) -> None:
        """Set bases; a :class:`Fault` if an earlier call set one of them to something else."""
        where = self._slice(contig, pos, len(text))
        new = np.frombuffer(text.encode(), np.uint8)
        if (self._painted[where] & (self.bases[where] != new)).any():
            fault = f"two definitions want different reference bases at {contig}:{pos} ({text})"
            raise Fault(fault, remedy="Restore resources/pharmacogenes/positions.tsv")
        self.bases[where] = new
        self._painted[where] = True

    def _slice(self, contig: str, pos: int, size: int) -> slice:
        island = int(np.searchsorted(self._starts[contig], pos, side="right")) - 1
        low, high = self._offsets[contig][island : island + 2] if island >= 0 else (0, 0)
        first = low + pos - (self._starts[contig][island] if island >= 0 else pos)
        if island < 0 or first + size > high:
            raise IndexError(f"{contig}:{pos}-{pos + size - 1} is not inside an island")
        return slice(int(first), int(first + size))


def write_reference(islands: Islands, fasta: Path, fai: Path, gzi: Path) -> None:
    """Write the genome as bgzipped FASTA with its two indexes, contigs in the order of ``islands.lengths``."""
    rows, compressed, uncompressed = [], [0], [0]
    with atomic(fasta) as beside, open(beside, "wb") as out:

        def put(text: bytes, block: bytes | None = None, times: int = 1) -> None:
            block = _block(text) if block is None else block
            out.write(block * times)
            steps = np.arange(1, times + 1)
            compressed.extend((compressed[-1] + steps * len(block)).tolist())
            uncompressed.extend((uncompressed[-1] + steps * len(text)).tolist())

        empty = _text(np.full(BLOCK, _N, np.uint8))
        empty_block = _block(empty, 9)
        for contig, length in islands.lengths.items():
            line = min(LINE, length)
            put(f">{contig}\n".encode())
            rows.append(f"{contig}\t{length}\t{uncompressed[-1]}\t{line}\t{line + 1}\n")
            touched = _touched_blocks(islands, contig, length)
            done = 0
            for number, bases in touched.items():
                put(empty, empty_block, number - done)
                put(_text(bases))
                done = number + 1
            put(empty, empty_block, length // BLOCK - done)
        out.write(_END_OF_FILE)
    with atomic(fai) as beside:
        beside.write_text("".join(rows))
    with atomic(gzi) as beside:
        starts = np.array([compressed[1:-1], uncompressed[1:-1]], "<u8").T
        beside.write_bytes(struct.pack("<Q", len(starts)) + starts.tobytes())


def _touched_blocks(islands: Islands, contig: str, length: int) -> dict[int, np.ndarray]:
    """Bases of every block that is not a full block of N, by number; the contig's last, partial one included."""
    blocks: dict[int, np.ndarray] = {}

    def block(number: int) -> np.ndarray:
        if number not in blocks:
            blocks[number] = np.full(min(BLOCK, length - number * BLOCK), _N, np.uint8)
        return blocks[number]

    for start, bases in islands.spans(contig):
        first = start - 1
        for number in range(first // BLOCK, (first + len(bases) - 1) // BLOCK + 1):
            low, high = max(first, number * BLOCK), min(first + len(bases), (number + 1) * BLOCK)
            block(number)[low - number * BLOCK : high - number * BLOCK] = bases[low - first : high - first]
    if length % BLOCK:
        block(length // BLOCK)
    return dict(sorted(blocks.items()))


def _text(bases: np.ndarray) -> bytes:
    lines = [bases[n : n + LINE] for n in range(0, len(bases), LINE)]
    return b"".join(line.tobytes() + b"\n" for line in lines)


def _block(text: bytes, level: int = 6) -> bytes:
    """One BGZF block (SAM specification, section 4.1)."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = packer.compress(text) + packer.flush()
    head = struct.pack("<4BI2BH2B2H", 31, 139, 8, 4, 0, 0, 255, 6, 66, 67, 2, len(body) + 25)
    return head + body + struct.pack("<2I", zlib.crc32(text), len(text))


def _merge(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
