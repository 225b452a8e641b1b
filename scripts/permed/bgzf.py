"""How a file is compressed, and whether a BGZF file is whole, told from its block headers: nothing is decompressed."""

import gzip
import zlib
from pathlib import Path

EOF_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


def compression(path: str | Path) -> str:
    """``bgzf``, ``gzip`` (of another kind) or ``none``, by the file's first bytes."""
    with open(path, "rb") as handle:
        start = handle.read(18)
    if start[:2] != b"\x1f\x8b":
        return "none"
    return "bgzf" if len(start) == 18 and start[3] & 4 and start[12:14] == b"BC" else "gzip"


def bgzf_fault(path: str | Path) -> tuple[str, str] | None:
    """What is wrong with a BGZF file, as (fault, remedy); None when it is whole.

    A file cut at a block boundary still decompresses without an error, and only the missing end-of-file block tells.
    """
    size = Path(path).stat().st_size
    with open(path, "rb") as handle:
        at = 0
        while at < size:
            handle.seek(at)
            header = handle.read(18)
            if len(header) < 18 or header[:2] != b"\x1f\x8b" or header[12:14] != b"BC":
                return f"the file is cut short or damaged at byte {at}", "Copy it again from its source"
            length = int.from_bytes(header[16:18], "little") + 1
            if at + length > size:
                return f"the file is cut short within the block at byte {at}", "Copy it again from its source"
            at += length
        handle.seek(max(0, size - len(EOF_BLOCK)))
        if handle.read() != EOF_BLOCK:
            return "the end-of-file block is missing: the file is cut short", "Copy it again from its source"
    return None


def gzip_fault(path: str | Path) -> tuple[str, str] | None:
    """What is wrong with a gzip file, as (fault, remedy), by reading all of it against its checksums."""
    try:
        with gzip.open(path) as handle:
            while handle.read(1 << 20):
                pass
    except (OSError, EOFError, zlib.error) as error:
        return f"the file is cut short or damaged ({error})", "Copy it again from its source"
    return None
