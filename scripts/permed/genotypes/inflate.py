"""Inflate BGZF files block by block, every block's checksum compared (SAM specification 4.1)."""

from collections.abc import Iterator
from pathlib import Path

import deflate
import numpy as np

from permed.errors import Fault

MAX_BLOCK = 1 << 16
PIECE = 1 << 20
REMEDY = "Delete it and run again; if it is a file of yours, copy it again from its source"


def check_blocks(path: Path) -> None:
    """Raise a fault where a BGZF file is cut short or one of its blocks is damaged."""
    inflated, buffer = Inflated(path), np.empty(4 * MAX_BLOCK, np.uint8)
    while inflated.fill(buffer, 0):
        pass


class Inflated:
    """The content of a BGZF file, given out in pieces of bounded size; whatever is wrong with the file is a fault."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._blocks = self._inflate()

    def fill(self, buffer: np.ndarray, start: int) -> int:
        """Inflate blocks into ``buffer`` (uint8) from ``start`` on while a whole one fits; where they end.

        At least :data:`MAX_BLOCK` bytes are free from ``start`` on; ``start`` comes back at the end of the file.
        """
        view = memoryview(buffer)
        at = start
        while at + MAX_BLOCK <= len(buffer):
            block = next(self._blocks, None)
            if block is None:
                break
            view[at : at + len(block)] = block
            at += len(block)
        return at

    def _inflate(self) -> Iterator[bytearray]:
        last = None
        for number, (place, content, check, size) in enumerate(self._compressed()):
            last = size
            if size > MAX_BLOCK:
                raise self._damaged(number, place, "it is larger than a block can be")
            try:
                block = deflate.deflate_decompress(content, size) if size else bytearray()
            except deflate.DeflateError:
                raise self._damaged(number, place, "it cannot be decompressed") from None
            if len(block) != size or deflate.crc32(block) != check:
                raise self._damaged(number, place, "its checksum (CRC32) does not fit")
            yield block
        if last != 0:
            raise Fault("the end-of-file block is missing: the file is cut short", self.path, remedy=REMEDY)

    def _compressed(self) -> Iterator[tuple[int, memoryview, int, int]]:
        """Place in the file, compressed bytes, CRC32 and inflated size of each block."""
        with open(self.path, "rb") as handle:
            rest, place, number = b"", 0, 0
            while piece := handle.read(PIECE):
                data = rest + piece
                view, at = memoryview(data), 0
                while at + 18 <= len(data):
                    extra = data[at + 10] | data[at + 11] << 8
                    if data[at : at + 4] != b"\x1f\x8b\x08\x04" or data[at + 12 : at + 16] != b"BC\2\0":
                        raise self._damaged(number, place + at, "no block starts there")
                    end = at + 1 + (data[at + 16] | data[at + 17] << 8)
                    if end < at + 20 + extra:
                        raise self._damaged(number, place + at, "its size is too small")
                    if end > len(data):
                        break
                    check = int.from_bytes(view[end - 8 : end - 4], "little")
                    yield (
                        place + at,
                        view[at + 12 + extra : end - 8],
                        check,
                        int.from_bytes(view[end - 4 : end], "little"),
                    )
                    at, number = end, number + 1
                rest, place = data[at:], place + at
            if rest:
                raise self._damaged(number, place, "the file is cut short within it")

    def _damaged(self, number: int, place: int, why: str) -> Fault:
        return Fault(f"BGZF block {number + 1}, at byte {place}, is damaged: {why}", self.path, remedy=REMEDY)
