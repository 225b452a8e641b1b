"""Phase blocks of one person put together where more is known of how they lie to each other."""

import numpy as np

from permed.pharmacogenes.definitions import REF
from permed.pharmacogenes.reading.assembling import NO_SET


def heterozygous(codes: np.ndarray) -> np.ndarray:
    """Where both strands have a base that the definition knows, and not the same: (…, positions) of (…, 2)."""
    return (codes >= REF).all(axis=-1) & (codes[..., 0] != codes[..., 1])


def contradicted(blocks: np.ndarray, turned: dict[int, bool]) -> set[int]:
    """The blocks of which ``turned`` says that some positions are to be turned round and others not."""
    said: dict[int, set[bool]] = {}
    for place, turn in turned.items():
        if blocks[place]:
            said.setdefault(int(blocks[place]), set()).add(turn)
    return {block for block, both in said.items() if len(both) > 1}


def join(codes: np.ndarray, blocks: np.ndarray, turned: dict[int, bool]) -> bool:
    """Make one block of positions and of the blocks that they lie in; True if anything was joined.

    ``codes`` (positions, 2) and ``blocks`` (positions,) are changed in place; ``turned`` tells by position whether the
    strands there are to be exchanged. No block may be :func:`contradicted`.
    """
    groups = {int(blocks[place]) or -2 - place: place for place in turned}
    if len(groups) < 2:
        return False
    joined = next((block for block in groups if block >= NO_SET), int(blocks.max(initial=0)) + 1)
    for block, place in groups.items():
        members = np.flatnonzero(blocks == block) if block >= NO_SET else np.array([place])
        if turned[place]:
            codes[members] = codes[members, ::-1]
        blocks[members] = joined
    return True
