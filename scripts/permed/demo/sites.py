"""The simulated sites: where they are, what their alleles are and how frequent, and the faults planted among them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from permed.demo.reference import Islands

FST = 0.1  # spread of frequencies between populations
TRANSITIONS = 0.677  # of single-base changes, for two transitions and a bit for each transversion
TRANSITION = dict(zip("ACGT", "GTAC", strict=True))
SHARES = {"indel": 0.05, "multiallelic": 0.0125}  # of the sites on autosomes
FAULTS = {
    "not_left_aligned": 24,
    "not_trimmed": 6,
    "star": 5,
    "symbolic": 3,
    "duplicate_record": 4,
    "ref_on_n": 5,
    "ref_mismatch": 3,
    "monomorphic": 6,
}
FEW = {"chrX": 1000, "chrY": 30, "chrM": 10}  # sites; autosomes share the rest by their length
Y_SPECIFIC = (2_800_000, 26_600_000)  # between the pseudoautosomal regions, before the long repeat
BEFORE, AFTER = 30, 60  # bases of sequence around a site
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Site:
    """One record of the cohort's VCF, position 1-based.

    ``frequencies`` has shape (populations, alternates); None where alleles are planted instead of drawn. Sites of
    one ``block`` are inherited together. ``kind`` says what was planted; ``normal`` is the record's form after
    normalisation where that differs: (pos, ref, alt).
    """

    contig: str
    pos: int
    ref: str
    alts: tuple[str, ...]
    kind: str = "snv"
    name: str = "."
    info: str = "."
    block: str = ""
    frequencies: np.ndarray | None = None
    normal: tuple[int, str, str] | None = None


def draw_places(lengths: dict[str, int], n_sites: int, reserved: Iterable[tuple[str, int, int]], rng) -> list[Place]:
    """Positions on a jittered grid, so that no two lie close; those within a reserved interval are left out."""
    counts = {name: few for name, few in FEW.items() if name in lengths}
    autosomes = [name for name in lengths if name not in FEW]
    left, total = n_sites - sum(counts.values()), sum(lengths[name] for name in autosomes)
    counts |= {name: max(1, round(left * lengths[name] / total)) for name in autosomes}
    taken: dict[str, list[tuple[int, int]]] = {}
    for contig, start, end in reserved:
        taken.setdefault(contig, []).append((start, end))
    places = []
    for contig, length in lengths.items():
        margin = min(20_000, length // 100)
        first, last = Y_SPECIFIC if contig == "chrY" else (margin, length - margin)
        step = (last - first) / counts[contig]
        grid = first + (np.arange(counts[contig]) + 0.8 * rng.random(counts[contig])) * step
        for pos in grid.astype(int).tolist():
            if not any(start <= pos <= end for start, end in taken.get(contig, ())):
                places.append((contig, pos))
    return places


def assign_kinds(places: Sequence[Place], rng) -> dict[Place, str]:
    """What each place becomes: ``snv``, a more complex variant or a planted fault; those only on autosomes."""
    kinds = dict.fromkeys(places, "snv")
    autosomal = [place for place in places if place[0] not in FEW]
    wanted = FAULTS | {kind: round(share * len(autosomal)) for kind, share in SHARES.items()}
    chosen = iter(rng.choice(len(autosomal), sum(wanted.values()), replace=False).tolist())
    for kind, count in wanted.items():
        for _ in range(count):
            kinds[autosomal[next(chosen)]] = kind
    return kinds


def make_sites(kinds: dict[Place, str], islands: Islands, n_populations: int, rng) -> list[Site]:
    """Sites at their places, written into the islands where they need a certain sequence."""
    sites: list[Site] = []
    for (contig, pos), kind in kinds.items():
        draw = _Draw(contig, pos, kind, islands, n_populations, rng)
        sites.extend(getattr(draw, kind)())
    return sites


class _Draw:
    """The alleles of one place; each method is named as the kind it makes and gives its record or records."""

    def __init__(self, contig: str, pos: int, kind: str, islands: Islands, n_populations: int, rng) -> None:
        self.contig, self.pos, self.kind, self.islands, self.rng = contig, pos, kind, islands, rng
        self.n_populations = n_populations

    def snv(self) -> list[Site]:
        ref = self.islands.read(self.contig, self.pos)
        return [self._site(ref, self._change(ref))]

    def indel(self) -> list[Site]:
        ref = self.islands.read(self.contig, self.pos)
        size = int(self.rng.integers(1, 7))
        more = "".join(self.rng.choice(list("ACGT"), size - 1)) + self._other(ref)  # cannot move left past ref
        if self.rng.random() < 0.5:
            return [self._site(ref, ref + more)]
        self.islands.paint(self.contig, self.pos, ref + more)
        return [self._site(ref + more, ref)]

    def multiallelic(self) -> list[Site]:
        ref = self.islands.read(self.contig, self.pos)
        alt = self._change(ref)
        if self.rng.random() < 0.7:
            return [self._site(ref, alt, self._other(ref + alt))]
        following = self._other(ref)
        self.islands.paint(self.contig, self.pos, ref + following)
        return [self._site(ref + following, alt + following, ref)]

    def not_left_aligned(self) -> list[Site]:
        unit = "".join(self.rng.permutation(list("ACGT"))[: int(self.rng.integers(1, 4))])
        before, after = self._other(unit), self._other(unit)
        self.islands.paint(self.contig, self.pos, before + unit * 6 + after)
        if self.rng.random() < 0.5:
            normal = (self.pos, before + unit, before)
            at, ref, alt = self.pos + 5 * len(unit), unit[-1] + unit, unit[-1]
        else:
            normal = (self.pos, before, before + unit)
            at, ref, alt = self.pos + 6 * len(unit), unit[-1], unit[-1] + unit
        return [replace(self._site(ref, alt), pos=at, normal=normal)]

    def not_trimmed(self) -> list[Site]:
        ref = self.islands.read(self.contig, self.pos, 3)
        alt = self._change(ref[1])
        site = self._site(ref, ref[0] + alt + ref[2])
        return [replace(site, normal=(self.pos + 1, ref[1], alt))]

    def star(self) -> list[Site]:
        """A deletion, and within it a change of one base that does not exist on chromosomes that lack the base."""
        ref = self.islands.read(self.contig, self.pos, 5)
        if ref[0] == ref[-1]:
            ref = ref[:-1] + self._other(ref[0])
        self.islands.paint(self.contig, self.pos, ref)
        block = f"star:{self.contig}:{self.pos}"
        deletion = replace(self._site(ref, ref[0]), kind="indel", block=block)
        inside = self._site(ref[2], self._change(ref[2]))
        return [deletion, replace(inside, pos=self.pos + 2, alts=(*inside.alts, "*"), block=block)]

    def symbolic(self) -> list[Site]:
        size = int(self.rng.integers(300, 3000))
        info = f"SVTYPE=DEL;END={self.pos + size};SVLEN={-size}"
        return [replace(self._site(self.islands.read(self.contig, self.pos), "<DEL>"), info=info)]

    def duplicate_record(self) -> list[Site]:
        site = replace(self.snv()[0], block=f"duplicate:{self.contig}:{self.pos}")
        return [replace(site, kind="snv"), site]

    def ref_on_n(self) -> list[Site]:
        ref = str(self.rng.choice(list("ACGT")))
        return [self._site(ref, self._change(ref))]

    def ref_mismatch(self) -> list[Site]:
        ref = self._other(self.islands.read(self.contig, self.pos))
        return [self._site(ref, self._change(ref))]

    def monomorphic(self) -> list[Site]:
        return [Site(self.contig, self.pos, self.islands.read(self.contig, self.pos), (".",), self.kind)]

    def _site(self, ref: str, *alts: str) -> Site:
        frequencies = _frequencies(len(alts), self.n_populations, self.rng)
        return Site(self.contig, self.pos, ref, alts, self.kind, frequencies=frequencies)

    def _change(self, base: str) -> str:
        if self.rng.random() < TRANSITIONS:
            return TRANSITION[base]
        return self._other(base + TRANSITION[base])

    def _other(self, taken: str) -> str:
        return str(self.rng.choice([base for base in "ACGT" if base not in taken]))


def _frequencies(n_alts: int, n_populations: int, rng) -> np.ndarray:
    """Frequencies of the alternates in each population around a common ancestor (Balding and Nichols 1995).

    Three quarters of the sites are common, and at some of those the alternate is the commoner allele.
    """
    common = rng.random() < 0.75
    minor = rng.uniform(0.05, 0.5) if common else 10 ** rng.uniform(np.log10(0.005), np.log10(0.05))
    total = 1 - minor if common and rng.random() < 0.2 else minor
    shares = np.array([1 - total, *(total * rng.dirichlet(np.full(n_alts, 4.0)))])
    spread = rng.dirichlet(np.maximum(shares, 1e-3) * (1 - FST) / FST, n_populations)
    return spread[:, 1:]
