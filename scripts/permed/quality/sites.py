"""What each site is worth: call rate, allele counts, Hardy-Weinberg proportions, and the sites to leave out."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.genome import canonical
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, GenotypeStore
from permed.quality.counts import inside
from permed.quality.kernels import count_codes, count_unlisted, hardy_weinberg
from permed.sexes import ONE_X, TWO_X, WITH_Y

EVERYBODY = "everybody"
SCHEMA = {
    "contig": pl.String,
    "pos": pl.Int64,
    "ref": pl.String,
    "alt": pl.String,
    "call_rate": pl.Float64,
    "ac": pl.Int64,
    "an": pl.Int64,
    "af": pl.Float64,
    "hwe_p": pl.Float64,
    "left_out": pl.String,
    "hwe_population": pl.String,
    "hwe_people": pl.Int64,
    "hwe_inbreeding": pl.Float64,
    "het_balance": pl.Float64,
}
KEY = ["contig", "pos", "ref", "alt"]
_DIPLOID, _X, _Y, _M = range(4)


@dataclass(frozen=True)
class People:
    """Who is counted: ``groups`` are those among whom Hardy-Weinberg proportions are tested, by population.

    ``two_x`` and ``one_x`` say who has two X chromosomes and who one, ``has_y`` who is expected to have a Y; all are
    boolean arrays over the samples. ``labelled`` is False where the one group is everybody.
    """

    groups: dict[str, np.ndarray]
    two_x: np.ndarray
    one_x: np.ndarray
    has_y: np.ndarray
    labelled: bool

    @property
    def on_y(self) -> np.ndarray:
        """Who counts at sites on chrY."""
        return self.has_y if self.has_y.any() else ~self.two_x


def choose_people(people: pl.DataFrame, sexes: list[str], fewest: int) -> People:
    """Groups from the sample sheet: each population with at least ``fewest`` people, else everybody.

    Of a family only the first member counts, since relatives are not independent. ``people`` has a row a sample with
    ``population`` and ``family``; ``sexes`` are the inferred ones.
    """
    family = people["family"].to_list()
    first = {name: n for n, name in reversed(list(enumerate(family))) if name is not None}
    independent = np.array([name is None or first[name] == n for n, name in enumerate(family)], bool)
    labels = people["population"].to_list()
    groups = {}
    for label in sorted({name for name in labels if name is not None}):
        members = independent & np.array([name == label for name in labels], bool)
        if members.sum() >= fewest:
            groups[label] = members
    sex = np.array(sexes, dtype=object)
    one_x, two_x, with_y = (np.isin(sex, kinds) for kinds in (ONE_X, TWO_X, WITH_Y))
    return People(groups or {EVERYBODY: independent}, two_x, one_x, with_y, bool(groups))


def describe_sites(
    blocks: Iterator[GenotypeStore], people: People, build: str, limits: dict, balances: pl.LazyFrame | None = None
) -> Iterator[pl.DataFrame]:
    """A table of :data:`SCHEMA` for each block of sites, in order.

    ``balances`` has ``contig pos ref alt het_balance``: the share of alternate reads at a site's heterozygotes.

    On chrX outside the pseudoautosomal regions people with one X count one allele and are not tested, nor are chrY and
    chrM. A heterozygote of which there can be none, on one X, chrY or chrM, counts as no allele.
    """
    for block in blocks:
        counted = _count_alleles(block, people, _ploidy(block.sites, build))
        tested = _test(block, people, _ploidy(block.sites, build), limits["min_cohort"])
        frame = pl.concat([block.sites.select(KEY), counted, tested], how="horizontal")
        frame = frame.with_columns(het_balance=_balances(block.sites, balances))
        yield frame.with_columns(left_out=_left_out(frame, people.labelled, limits)).select(*SCHEMA)


def _balances(sites: pl.DataFrame, balances: pl.LazyFrame | None) -> pl.Series:
    if balances is None or sites.is_empty():
        return pl.Series([None] * len(sites), dtype=pl.Float64)
    contig, here = sites["contig"][0], pl.col("pos").is_between(sites["pos"].min(), sites["pos"].max())
    own = balances.filter((pl.col("contig") == contig) & here).select(*KEY, "het_balance").collect()
    return sites.select(KEY).join(own, on=KEY, how="left", maintain_order="left")["het_balance"]


def _ploidy(sites: pl.DataFrame, build: str) -> np.ndarray:
    names = {name: canonical(name) for name in sites["contig"].unique()}
    kind = pl.when(False).then(0)
    for number, chromosome in ((_X, "chrX"), (_Y, "chrY"), (_M, "chrM")):
        here = pl.col("contig").is_in([name for name, plain in names.items() if plain == chromosome])
        kind = kind.when(here & ~inside(build, chromosome)).then(number)
    return sites.select(kind.otherwise(_DIPLOID).cast(pl.Int8)).to_series().to_numpy()


def _count_alleles(block: GenotypeStore, people: People, ploidy: np.ndarray) -> pl.DataFrame:
    n_ref, n_het, n_alt, n_missing = (
        block.sites[name].to_numpy().copy() for name in ("n_ref", "n_het", "n_alt", "n_missing")
    )
    ac, an = n_het + 2 * n_alt, 2 * (n_ref + n_het + n_alt)
    on_x = np.flatnonzero(ploidy == _X)
    if len(on_x) and people.one_x.any():
        one = _count(block, on_x, people.one_x)
        ac[on_x] -= one[:, HET] + one[:, HOM_ALT]
        an[on_x] -= 2 * one[:, HET] + one[:, HOM_ALT] + one[:, HOM_REF]
    on_y = np.flatnonzero(ploidy == _Y)
    if len(on_y):
        own = _count(block, on_y, people.on_y)
        for counts, code in ((n_ref, HOM_REF), (n_het, HET), (n_alt, HOM_ALT), (n_missing, MISSING)):
            counts[on_y] = own[:, code]
    unlisted = _unlisted(block, people, on_y)
    single = ploidy >= _Y
    ac[single], an[single] = n_alt[single], (n_ref + n_alt)[single]
    called = n_ref + n_het + n_alt
    return pl.DataFrame(
        {
            "people": called + n_missing - unlisted,
            "call_rate": _share(called, called + n_missing - unlisted),
            "ac": ac,
            "an": an,
            "af": _share(ac, an),
        }
    ).with_columns(pl.col(pl.Float64).fill_nan(None))


def _unlisted(block: GenotypeStore, people: People, on_y: np.ndarray) -> np.ndarray:
    """Of how many people who count at a site no file has it; they say nothing of its call rate."""
    unlisted = np.zeros(len(block.sites), np.int64)
    if not block.observed_parts or block.observed_parts[0] is None:
        return unlisted
    (packed,), observed = block.parts, np.asarray(block.observed_parts[0])
    elsewhere = np.setdiff1d(np.arange(len(unlisted)), on_y)
    for rows, members in ((elsewhere, np.ones(len(block.samples), bool)), (on_y, people.on_y)):
        counts = np.zeros(len(rows), np.int64)
        count_unlisted(packed, observed, rows, members, counts)
        unlisted[rows] = counts
    return unlisted


def _test(block: GenotypeStore, people: People, ploidy: np.ndarray, fewest: int) -> pl.DataFrame:
    """The smallest mid-p of the groups with ``fewest`` people or more, whose it is, their number, and F.

    F is 1 - observed / expected heterozygotes, below 0 where there are too many.
    """
    count = len(ploidy)
    best = np.full(count, np.inf)
    whose, people_of, inbreeding = np.full(count, -1), np.zeros(count, np.int64), np.full(count, np.nan)
    for number, members in enumerate(people.groups.values()):
        rows, counts = _genotypes_of(block, people, ploidy, members)
        ref, het, alt = (counts[:, code].copy() for code in (HOM_REF, HET, HOM_ALT))
        midp = np.empty(len(rows))
        hardy_weinberg(het, ref, alt, midp)
        better = (midp < best[rows]) & (ref + het + alt >= fewest)
        at, total = rows[better], (ref + het + alt)[better]
        best[at], whose[at], people_of[at] = midp[better], number, total
        frequency = (het + 2 * alt)[better] / (2 * total)
        inbreeding[at] = 1 - _share(het[better], 2 * total * frequency * (1 - frequency))
    names = pl.Series(list(people.groups), dtype=pl.String)
    known = pl.Series(whose >= 0)
    return (
        pl.DataFrame(
            {
                "hwe_p": best,
                "hwe_population": names.gather(np.maximum(whose, 0)),
                "hwe_people": people_of,
                "hwe_inbreeding": inbreeding,
            }
        )
        .select(pl.when(known).then(pl.all()))
        .with_columns(pl.col(pl.Float64).fill_nan(None))
    )


def _genotypes_of(block, people: People, ploidy: np.ndarray, members: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are tested and their counts of codes among ``members``, on chrX among those with two X."""
    diploid, on_x = np.flatnonzero(ploidy == _DIPLOID), np.flatnonzero(ploidy == _X)
    parts = [_count(block, rows, who) for rows, who in ((diploid, members), (on_x, members & people.two_x))]
    return np.concatenate([diploid, on_x]), np.concatenate(parts)


def _count(block: GenotypeStore, rows: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Counts of each code (rows x 4) among some samples; those of everybody are the site table's."""
    if members.all():
        names = {HOM_ALT: "n_alt", MISSING: "n_missing", HET: "n_het", HOM_REF: "n_ref"}
        return np.stack([block.sites[names[code]].to_numpy()[rows] for code in range(4)], axis=1)
    counts = np.zeros((len(rows), 4), np.int64)
    if len(rows) and members.any():
        (packed,) = block.parts
        mask = np.zeros(packed.shape[1] * 4, np.uint8)
        mask[: len(members)] = 3 * members
        mask = mask[0::4] | mask[1::4] << 2 | mask[2::4] << 4 | mask[3::4] << 6
        count_codes(packed if len(rows) == len(packed) else packed[rows], mask, counts)
        counts[:, 0] -= packed.shape[1] * 4 - members.sum()
    return counts


def _left_out(frame: pl.DataFrame, labelled: bool, limits: dict) -> pl.Series:
    """Why a site is left out, null for those that stay.

    A lack of heterozygotes is held against a site only within a population of the sample sheet, and only beyond what
    inbreeding of people can do: in a mixture of populations true variants lack heterozygotes.
    """
    fewest = limits["site_min_people"]
    called = (pl.col("people") >= fewest) & (pl.col("call_rate") < limits["min_site_call_rate"])
    excess, lack = pl.col("hwe_inbreeding") < 0, pl.col("hwe_inbreeding") > limits["max_inbreeding"]
    unfit = (pl.col("hwe_people") >= fewest) & (pl.col("hwe_p") < limits["min_hwe_p"]) & (excess | lack & labelled)
    balance = pl.col("het_balance") < pl.lit(limits["min_site_het_balance"], pl.Float64)
    flags = frame.select(row=pl.int_range(pl.len()), called=called, unfit=unfit, balance=balance).fill_null(False)
    flags = flags.filter(pl.any_horizontal("called", "unfit", "balance"))
    reasons: list[str | None] = [None] * len(frame)
    rows = frame[flags["row"]].iter_rows(named=True)
    for (row, *which), site in zip(flags.iter_rows(), rows, strict=True):
        told = zip(which, (_low_call_rate, _unfit, _unbalanced), strict=True)
        reasons[row] = "; ".join(tell(site, limits) for flag, tell in told if flag)
    return pl.Series(reasons, dtype=pl.String)


def _low_call_rate(site: dict, limits: dict) -> str:
    return f"call_rate {site['call_rate']:.4f} is below {limits['min_site_call_rate']}"


def _unfit(site: dict, limits: dict) -> str:
    what = "too many" if site["hwe_inbreeding"] < 0 else "too few"
    who = f"{what} heterozygotes among {site['hwe_people']} people of {site['hwe_population']}"
    return f"hwe_p {site['hwe_p']:.3g} is below {limits['min_hwe_p']:g} ({who})".replace("of everybody", "in all")


def _unbalanced(site: dict, limits: dict) -> str:
    return f"het_balance {site['het_balance']:.3f} is below {limits['min_site_het_balance']}"


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=np.asarray(whole) > 0)
