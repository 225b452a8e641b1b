"""One pass over the genotypes: what each sample carries, by kind of site, on autosomes and on chrX and chrY."""

import numpy as np
import polars as pl

from permed.carried import MAX_REFERENCE, carries_only
from permed.genome import AUTOSOMES, canonical, pseudoautosomal
from permed.genotypes.store import GenotypeStore, alt_frequency
from permed.quality.batches import SiteLists
from permed.quality.believed import Believed
from permed.quality.homozygosity import Runs, Stretches
from permed.quality.kernels import add_carriers, tally_samples, tally_unlisted

KINDS = ("transition", "transversion", "insertion", "deletion", "other", "chrX", "chrY")
AUTOSOMAL = KINDS[:5]  # those of autosomes; chrX and chrY are outside the pseudoautosomal regions
BLOCK = 256  # bytes of samples that one thread counts
_BASES = ["A", "C", "G", "T"]
_TRANSITIONS = ["AG", "GA", "CT", "TC"]


def kinds(sites: pl.DataFrame, build: str) -> np.ndarray:
    """The kind of each site as a place in :data:`KINDS`, -1 for sites that say nothing of samples."""
    names = {name: canonical(name) for name in sites["contig"].unique()}
    contig = pl.col("contig")
    ref, alt = pl.col("ref"), pl.col("alt")
    bases = alt.str.contains("^[ACGTN]+$")
    small = (
        pl.when(ref.is_in(_BASES) & alt.is_in(_BASES))
        .then(pl.when((ref + alt).is_in(_TRANSITIONS)).then(0).otherwise(1))
        .when(bases & (alt.str.len_bytes() > ref.str.len_bytes()))
        .then(2)
        .when(bases & (alt.str.len_bytes() < ref.str.len_bytes()))
        .then(3)
        .otherwise(4)
    )
    kind = pl.when(contig.is_in([name for name, plain in names.items() if plain in AUTOSOMES])).then(small)
    for number, chromosome in ((5, "chrX"), (6, "chrY")):
        here = contig.is_in([name for name, plain in names.items() if plain == chromosome]) & (alt != ".")
        kind = kind.when(here & ~inside(build, chromosome)).then(number)
    return sites.select(kind.otherwise(-1).cast(pl.Int8)).to_series().to_numpy()


def inside(build: str, contig: str) -> pl.Expr:
    """Whether a position is in a pseudoautosomal region of chrX or chrY."""
    regions = pseudoautosomal(build, contig)
    return pl.any_horizontal(pl.lit(False), *(pl.col("pos").is_between(start, end) for start, end in regions))


class Tally:
    """Counts of each sample over the blocks of a store that were added.

    ``counts`` (kinds x 2 x samples) has heterozygous and homozygous ALT genotypes, ``missing`` (kinds x samples) the
    missing ones; ``lost`` (kinds x 2 x samples) the number and the sum of 1 - 2pq of those at sites that vary.
    ``sites``, ``varying`` and ``expected`` are the totals of each kind; p and q are the cohort's own frequencies.
    Behind the kinds stand sites of none. ``positions`` are the needed ones, of which :class:`~.believed.Believed`
    counts what is believed. ``batches`` is the file by person of those who share one with others.

    Sites that no file of a person lists are not among those the person was looked at, unless the files list only what
    is carried: then nobody knows.
    """

    def __init__(
        self,
        names: list[str],
        build: str,
        positions: pl.DataFrame | None = None,
        batches: dict[str, str] | None = None,
    ) -> None:
        self._names, samples = names, len(names)
        padded = -(-samples // 4) * 4
        self._samples, self._build = samples, build
        kinds_and_none = len(KINDS) + 1
        self._counts = np.zeros((kinds_and_none, 2, padded), np.int64)
        self._missing = np.zeros((kinds_and_none, padded), np.int64)
        self._lost = np.zeros((kinds_and_none, 2, padded))
        self._unlisted = np.zeros((kinds_and_none, samples), np.int64)
        self._lists = SiteLists(names, batches)
        self._runs, self._stretches = Runs(samples), Stretches(samples)
        self._singletons = np.zeros(padded, np.int64)
        self._haploid = np.zeros(samples, np.int64)
        self.sites = np.zeros(kinds_and_none, np.int64)
        self.varying = np.zeros(kinds_and_none, np.int64)
        self.expected = np.zeros(kinds_and_none)
        self._believed = Believed(samples, positions)

    def add(self, block: GenotypeStore) -> None:
        """Count a store of one contig's sites."""
        (packed,) = block.parts
        kind = kinds(block.sites, self._build)
        n_het, n_alt = (block.sites[name].to_numpy() for name in ("n_het", "n_alt"))
        frequency = block.sites.select(alt_frequency()).to_series().to_numpy()
        homozygosity = np.where((frequency > 0) & (frequency < 1), 1 - 2 * frequency * (1 - frequency), 0)
        for number in np.unique(kind):  # -1, no kind, stands last
            rows = np.flatnonzero(kind == number)
            weights = homozygosity[rows]
            out = self._counts[number], self._missing[number], self._lost[number]
            tally_samples(packed, rows, weights, *out, BLOCK)
            self.sites[number] += len(rows)
            self.varying[number] += np.count_nonzero(weights)
            self.expected[number] += weights.sum()
        alone = (kind >= 0) & (kind < len(AUTOSOMAL)) & (n_het == 1) & (n_alt == 0)
        add_carriers(packed, np.flatnonzero(alone), self._singletons)
        on_x = np.flatnonzero(kind == KINDS.index("chrX"))
        if block.haploid_parts and block.haploid_parts[0] is not None and len(on_x):
            self._haploid += block.haploid(on_x).sum(axis=0)
        observed = block.observed_parts[0] if block.observed_parts else None
        if observed is not None:
            tally_unlisted(packed, np.asarray(observed), kind.astype(np.int64), self._unlisted, 4 * BLOCK)
        on_y = kind == KINDS.index("chrY")
        self._lists.add(block, np.flatnonzero((kind >= 0) & ~on_y), np.flatnonzero(on_y))
        self._runs.add(block, np.flatnonzero((kind == 0) | (kind == 1)))
        self._stretches.add(block, on_x)
        self._believed.add(block)

    def table(self) -> pl.DataFrame:
        """Counts and rates a sample, in the order of the names; a rate that cannot be had is null.

        ``n_sites``, ``x_total`` and ``y_total`` are the sites that a person's files list, ``n_cohort_sites`` all.

        Inbreeding is F = (O - E) / (N - E), where E is the sum of 1 - 2pq over a sample's called sites (Nei's formula
        without the correction for small samples, as PLINK 2 has it by default).
        """
        autosomal, x, y = slice(0, len(AUTOSOMAL)), slice(5, 6), slice(6, 7)
        all_, on_x, on_y = self._sum(autosomal), self._sum(x), self._sum(y)
        carried = {name: self._carried(name) for name in AUTOSOMAL[:4]}
        indels = carried["insertion"] + carried["deletion"]
        substitutions = carried["transition"] + carried["transversion"]
        carried_only, n_sites = self._listing(autosomal, all_, on_x)
        batches = self._lists.batches(carried_only)
        x_total = self._own(x, carried_only)
        y_total = self._lists.sites_on_y(batches, self._own(y, carried_only))
        columns = {
            "batch": batches,
            "lists_carried": self._without_reference(all_, on_x) | self._without_reference(on_x),
            "n_cohort_sites": int(self.sites[autosomal].sum()),
            "n_sites": n_sites,
            "n_called": all_["called"],
            "n_het": all_["het"],
            "n_alt": all_["alt"],
            "call_rate": _divide(all_["called"], n_sites),
            "het_rate": _divide(all_["het"], all_["called"]),
            "inbreeding": all_["inbreeding"],
            "froh": self._runs.shares(),
            "het_hom_alt": _divide(all_["het"], all_["alt"]),
            "ti_tv": _divide(carried["transition"], carried["transversion"]),
            "insertion_deletion": _divide(carried["insertion"], carried["deletion"]),
            "indel_snv": _divide(indels, substitutions),
            **{f"n_{name}": count for name, count in carried.items()},
            "n_singleton": self._singletons[: self._samples],
            "x_total": x_total,
            "x_sites": on_x["called"],
            "x_het": on_x["het"],
            "x_alt": on_x["alt"],
            "x_haploid": self._haploid,
            "x_varying": on_x["varying"],
            "x_inbreeding": on_x["inbreeding"],
            "x_longest": self._stretches.longest(),
            "x_het_ratio": _divide(on_x["het"], on_x["alt"]),
            "y_total": y_total,
            "y_sites": on_y["called"],
            "y_het": on_y["het"],
            "y_alt": on_y["alt"],
            "y_call_rate": _divide(on_y["called"], y_total),
            **self._believed.columns(self._sum(slice(None))["called"]),
        }
        return pl.DataFrame({"sample": self._names, **columns}, strict=False).with_columns(
            pl.col(pl.Float64).fill_nan(None)
        )

    def _listing(self, autosomal: slice, all_: dict, on_x: dict) -> tuple[np.ndarray, np.ndarray]:
        """Whose files list only what they carry, and the autosomal sites at which each person was looked at."""
        kinds = autosomal if self.sites[autosomal].sum() else slice(5, 6)
        total, unlisted = self.sites[kinds].sum(), self._unlisted[kinds].sum(axis=0)
        carried_only = self._without_reference(all_, on_x) & (unlisted > MAX_REFERENCE * total)
        return carried_only, self._own(autosomal, carried_only)

    def _without_reference(self, *places: dict) -> np.ndarray:
        return carries_only(*(sum(place[name] for place in places) for name in ("called", "het", "alt")))

    def _own(self, kinds: slice, carried_only: np.ndarray) -> np.ndarray:
        return self.sites[kinds].sum() - np.where(carried_only, 0, self._unlisted[kinds].sum(axis=0))

    def _carried(self, kind: str) -> np.ndarray:
        return self._counts[KINDS.index(kind), :, : self._samples].sum(axis=0)

    def _sum(self, which: slice) -> dict[str, np.ndarray]:
        het, alt = self._counts[which, :, : self._samples].sum(axis=0)
        called = self.sites[which].sum() - self._missing[which, : self._samples].sum(axis=0)
        lost = self._lost[which, :, : self._samples].sum(axis=0)
        varying = self.varying[which].sum() - lost[0]
        expected = self.expected[which].sum() - lost[1]
        inbreeding = _divide(varying - het - expected, varying - expected)
        return {"het": het, "alt": alt, "called": called, "varying": varying.astype(np.int64), "inbreeding": inbreeding}


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """The ratio, NaN where there is nothing to divide by."""
    above, below = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
