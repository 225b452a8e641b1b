"""Planted sex chromosomes: what people of any karyotype carry on chrX and chrY, and how deep they are read there."""

from dataclasses import dataclass

import numpy as np

FIRST_X, FIRST_Y = 3_000_000, 7_000_000  # outside the pseudoautosomal regions of both builds


@dataclass(frozen=True)
class Karyotype:
    """Sex chromosomes of a person's cells, by their share: ``{"X": 0.5, "XX": 0.5}`` is a mosaic of 45,X and 46,XX."""

    cells: dict[str, float]
    homozygous: float = 0.0  # share of chrX in runs of homozygosity

    @property
    def x(self) -> float:
        """Copies of chrX, on average of cells."""
        return sum(share * name.count("X") for name, share in self.cells.items())

    @property
    def y(self) -> float:
        """Copies of chrY, likewise."""
        return sum(share * name.count("Y") for name, share in self.cells.items())

    @property
    def name(self) -> str:
        """The commonest cells' chromosomes, X0 for one X alone."""
        most = max(self.cells, key=self.cells.__getitem__)
        return "X0" if most == "X" else most


def plain(name: str, homozygous: float = 0.0) -> Karyotype:
    """The same chromosomes in all cells, such as XX, XY, X0, XXY."""
    return Karyotype({"X" if name == "X0" else name: 1.0}, homozygous)


def mosaic(share_of_one_x: float) -> Karyotype:
    """45,X in a share of the cells and 46,XX in the others."""
    return Karyotype({"X": share_of_one_x, "XX": 1 - share_of_one_x})


@dataclass(frozen=True)
class Truth:
    """What one person carries: ``x`` the copies of ALT at sites on chrX of two or one (``one_x``), ``y`` 0 or 1."""

    karyotype: Karyotype
    x: np.ndarray
    y: np.ndarray

    @property
    def one_x(self) -> bool:
        """Whether there is one chrX, or one in nearly all cells."""
        return self.karyotype.x < 1.1

    @property
    def has_y(self) -> bool:
        """Whether some cells have a Y."""
        return self.karyotype.y > 0


def draw(rng: np.random.Generator, karyotype: Karyotype, x_frequency: np.ndarray, y_frequency: np.ndarray) -> Truth:
    """Somebody of a karyotype; an additional X or Y is one of the parent's two, of a mosaic both are inherited."""
    strands = rng.random((2, len(x_frequency))) < x_frequency
    if karyotype.x < 1.1:
        strands[1] = strands[0]
    run = int(karyotype.homozygous * len(x_frequency))
    start = int(rng.integers(0, len(x_frequency) - run + 1))
    strands[1, start : start + run] = strands[0, start : start + run]
    y = rng.random(len(y_frequency)) < y_frequency
    return Truth(karyotype, strands.sum(axis=0), y.astype(int))
