"""Quality of each sample from the genotype store: counts, rates, inbreeding, Ti/Tv, sex."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from permed.genome import AUTOSOMES, canonical, pseudoautosomal
from permed.genotypes.store import HET, HOM_ALT, HOM_REF, MISSING, GenotypeStore, unpack

CELLS = 1 << 24  # genotypes unpacked at a time
MIN_X_SITES = 10
MAX_XY_HET = 0.01  # share of an XY person's genotypes on chrX that error may make heterozygous
XY_HET_RATIO, XX_HET_RATIO = 0.05, 0.4
_TRANSITIONS = [("A", "G"), ("G", "A"), ("C", "T"), ("T", "C")]


@dataclass
class SampleCounts:
    """Arrays of length samples; ``expected_hom`` is the sum of 1 - 2pq over a sample's called sites."""

    n_ref: np.ndarray
    n_het: np.ndarray
    n_alt: np.ndarray
    n_missing: np.ndarray
    expected_hom: np.ndarray
    n_polymorphic: np.ndarray
    transitions: np.ndarray
    transversions: np.ndarray
    sites: int = field(default=0)

    @classmethod
    def zeros(cls, samples: int) -> "SampleCounts":
        """Counts of nothing."""
        return cls(*(np.zeros(samples) for _ in range(8)))

    @cached_property
    def called(self) -> np.ndarray:
        """Genotypes that are not missing."""
        return self.n_ref + self.n_het + self.n_alt

    @cached_property
    def inbreeding(self) -> np.ndarray:
        """F = (O - E) / (N - E) over the sites that vary in the cohort; NaN where nothing varies."""
        observed = self.n_polymorphic - self.n_het
        return _divide(observed - self.expected_hom, self.n_polymorphic - self.expected_hom)


def count_samples(store: GenotypeStore, chosen: np.ndarray) -> SampleCounts:
    """Count genotypes of every sample over the chosen sites, a boolean array over ``store.sites``.

    Allele frequencies are the cohort's own; E is the sum of 1 - 2pq over a sample's called sites (Nei's formula
    without the correction for small samples, as PLINK 2 has it by default).
    """
    samples = len(store.samples)
    counts = SampleCounts.zeros(samples)
    sites = store.sites.select("ref", "alt", "n_ref", "n_het", "n_alt").with_columns(chosen=pl.Series(chosen))
    start, chunk = 0, max(1, CELLS // max(1, samples))
    for part in store.parts:
        for first in range(0, len(part), chunk):
            block = part[first : first + chunk]
            rows = sites.slice(start + first, len(block))
            use = rows["chosen"].to_numpy()
            if use.any():
                _add(counts, unpack(np.asarray(block[use]), samples), rows.filter(pl.col("chosen")))
        start += len(part)
    return counts


def _add(counts: SampleCounts, codes: np.ndarray, sites: pl.DataFrame) -> None:
    het, alt = codes == HET, codes == HOM_ALT
    called = codes != MISSING
    counts.sites += len(codes)
    counts.n_ref += (codes == HOM_REF).sum(axis=0)
    counts.n_het += het.sum(axis=0)
    counts.n_alt += alt.sum(axis=0)
    counts.n_missing += (~called).sum(axis=0)
    total = (2 * (sites["n_ref"] + sites["n_het"] + sites["n_alt"])).to_numpy().astype(float)
    frequency = _divide((sites["n_het"] + 2 * sites["n_alt"]).to_numpy(), total)
    varies = (frequency > 0) & (frequency < 1)
    counts.n_polymorphic += called[varies].sum(axis=0)
    counts.expected_hom += (1 - 2 * frequency[varies] * (1 - frequency[varies])) @ called[varies]
    pairs = list(zip(sites["ref"].to_list(), sites["alt"].to_list(), strict=True))
    snv = np.array([len(a) == 1 == len(b) and a in "ACGT" and b in "ACGT" for a, b in pairs], bool)
    transition = np.array([pair in _TRANSITIONS for pair in pairs], bool)
    carried = het | alt
    counts.transitions += carried[snv & transition].sum(axis=0)
    counts.transversions += carried[snv & ~transition].sum(axis=0)


def measure_samples(store: GenotypeStore, reported: dict[str, str], build: str, thresholds: dict) -> pl.DataFrame:
    """Metrics and status of every sample, in the store's order.

    A metric that cannot be had (too few sites, too small a cohort) is null and says so in ``not_assessable``.
    ``status`` is ``fail``, ``warn`` or ``pass``; ``reasons`` names for each flag metric, value and threshold.
    """
    contigs = store.sites["contig"].unique().to_list()
    autosomes = [name for name in contigs if canonical(name) in AUTOSOMES]
    autosomal = store.sites.select(pl.col("contig").is_in(autosomes)).to_series().to_numpy()
    counts = count_samples(store, autosomal)
    x = count_samples(store, _on_x(store.sites, build))
    rows = [_row(n, name, counts, x, reported.get(name, "NA"), thresholds) for n, name in enumerate(store.samples)]
    frame = pl.DataFrame(rows, schema=_SCHEMA)
    if len(frame) >= thresholds["min_cohort"]:
        frame = _mark_het_outliers(frame, thresholds["het_rate_deviations"])
    worst = pl.when(pl.col("failures").list.len() > 0).then(pl.lit("fail"))
    worst = worst.when(pl.col("warnings").list.len() > 0).then(pl.lit("warn")).otherwise(pl.lit("pass"))
    reasons = pl.concat_list("failures", "warnings").list.join("; ")
    return frame.with_columns(status=worst, reasons=reasons).select(*COLUMNS)


COLUMNS = (
    "sample status reasons call_rate het_rate inbreeding ti_tv sex_reported sex_inferred contamination population "
    "n_sites n_called n_het n_alt x_inbreeding x_het_ratio x_sites not_assessable"
).split()
_SCHEMA = {
    "sample": pl.String,
    "call_rate": pl.Float64,
    "het_rate": pl.Float64,
    "inbreeding": pl.Float64,
    "ti_tv": pl.Float64,
    "sex_reported": pl.String,
    "sex_inferred": pl.String,
    "contamination": pl.Float64,
    "population": pl.String,
    "n_sites": pl.Int64,
    "n_called": pl.Int64,
    "n_het": pl.Int64,
    "n_alt": pl.Int64,
    "x_inbreeding": pl.Float64,
    "x_het_ratio": pl.Float64,
    "x_sites": pl.Int64,
    "not_assessable": pl.String,
    "failures": pl.List(pl.String),
    "warnings": pl.List(pl.String),
}


def _row(n: int, name: str, counts: SampleCounts, x: SampleCounts, reported: str, limits: dict) -> dict:
    unknown = ["contamination: not measured in this version", "population: not measured in this version"]
    failures, warnings = [], []
    enough = counts.sites >= limits["min_sites"]
    cohort = len(counts.n_ref) >= limits["min_cohort"]
    if not enough:
        unknown.append(f"call rate and all below: {counts.sites} autosomal sites, {limits['min_sites']} are needed")
        warnings.append(f"quality is not assessable: n_sites {counts.sites} is below {limits['min_sites']}")
    called = int(counts.called[n])
    call_rate = called / counts.sites if enough else None
    het_rate = float(counts.n_het[n]) / called if enough and called else None
    if enough and called < limits["min_sites"]:
        unknown.append(f"heterozygosity, inbreeding, Ti/Tv: {called} called sites, {limits['min_sites']} are needed")
        het_rate = None
    inbreeding = float(counts.inbreeding[n]) if het_rate is not None and cohort else None
    if het_rate is not None and not cohort:
        unknown.append(f"inbreeding: {len(counts.n_ref)} people, {limits['min_cohort']} are needed")
    inbreeding = None if inbreeding is not None and np.isnan(inbreeding) else inbreeding
    substitutions = counts.transitions[n] + counts.transversions[n]
    ti_tv = None
    if het_rate is not None and substitutions >= limits["min_sites"] and counts.transversions[n]:
        ti_tv = float(counts.transitions[n] / counts.transversions[n])
    elif het_rate is not None:
        unknown.append(f"Ti/Tv: {int(substitutions)} substitutions carried, {limits['min_sites']} are needed")
    if call_rate is not None:
        if call_rate < limits["fail_call_rate"]:
            failures.append(f"call_rate {call_rate:.4f} is below {limits['fail_call_rate']}")
        elif call_rate < limits["warn_call_rate"]:
            warnings.append(f"call_rate {call_rate:.4f} is below {limits['warn_call_rate']}")
    if inbreeding is not None and abs(inbreeding) > limits["max_inbreeding"]:
        warnings.append(f"inbreeding {inbreeding:.3f} is beyond ±{limits['max_inbreeding']}")
    if ti_tv is not None and not limits["min_ti_tv"] <= ti_tv <= limits["max_ti_tv"]:
        warnings.append(f"ti_tv {ti_tv:.2f} is outside {limits['min_ti_tv']} to {limits['max_ti_tv']}")
    sex, evidence, x_inbreeding, ratio = _sex(n, x, cohort, limits)
    if sex == "NA":
        unknown.append(f"sex: {evidence}")
        if x.n_het[n] + x.n_alt[n] >= MIN_X_SITES:
            warnings.append(f"sex_inferred is unclear ({evidence})")
    elif reported in ("XX", "XY") and sex != reported:
        failures.append(f"sex_inferred {sex} is not sex_reported {reported} ({evidence})")
    if sex == "XY" and x.n_het[n] > MAX_XY_HET * x.called[n]:
        share = f"{int(x.n_het[n])} of {int(x.called[n])} genotypes on chrX outside the pseudoautosomal regions"
        warnings.append(f"x_het_share {x.n_het[n] / x.called[n]:.3f} is above {MAX_XY_HET} in XY ({share})")
    return {
        "sample": name,
        "call_rate": call_rate,
        "het_rate": het_rate,
        "inbreeding": inbreeding,
        "ti_tv": ti_tv,
        "sex_reported": reported,
        "sex_inferred": sex,
        "contamination": None,
        "population": None,
        "n_sites": counts.sites,
        "n_called": called,
        "n_het": int(counts.n_het[n]),
        "n_alt": int(counts.n_alt[n]),
        "x_inbreeding": x_inbreeding,
        "x_het_ratio": ratio,
        "x_sites": int(x.called[n]),
        "not_assessable": "; ".join(unknown),
        "failures": failures,
        "warnings": warnings,
    }


def _sex(n: int, x: SampleCounts, cohort: bool, limits: dict) -> tuple[str, str, float | None, float | None]:
    """Sex, evidence and metrics from chrX outside the pseudoautosomal regions.

    In a cohort the inbreeding coefficient decides; where it lies between the thresholds, or cannot be had, the ratio of
    heterozygous to homozygous ALT genotypes.
    """
    called, carried = int(x.called[n]), int(x.n_het[n] + x.n_alt[n])
    ratio = float(x.n_het[n] / x.n_alt[n]) if x.n_alt[n] else None
    inbreeding = float(x.inbreeding[n]) if cohort and x.n_polymorphic[n] >= limits["min_sites"] else None
    evidence = []
    if inbreeding is not None and not np.isnan(inbreeding):
        low, high = limits["max_xx_inbreeding"], limits["min_xy_inbreeding"]
        evidence = [f"x_inbreeding {inbreeding:.3f}; below {low} is XX, above {high} is XY"]
        if not low <= inbreeding <= high:
            return "XX" if inbreeding < low else "XY", evidence[0], inbreeding, ratio
    if carried < MIN_X_SITES:
        evidence.append(f"{carried} alternate genotypes on chrX of {called} called, {MIN_X_SITES} are needed")
        return "NA", "; ".join(evidence), inbreeding, ratio
    value = float("inf") if ratio is None else ratio
    evidence.append(f"x_het_ratio {value:.3f}; below {XY_HET_RATIO} is XY, above {XX_HET_RATIO} is XX")
    sex = "XY" if value < XY_HET_RATIO else "XX" if value > XX_HET_RATIO else "NA"
    return sex, "; ".join(evidence), inbreeding, ratio


def _on_x(sites: pl.DataFrame, build: str) -> np.ndarray:
    names = [name for name in sites["contig"].unique().to_list() if canonical(name) == "chrX"]
    inside = pl.col("contig").is_in(names) & (pl.col("alt") != ".")
    for start, end in pseudoautosomal(build, "chrX"):
        inside &= ~pl.col("pos").is_between(start, end)
    return sites.select(inside).to_series().to_numpy()


def _mark_het_outliers(frame: pl.DataFrame, most: float) -> pl.DataFrame:
    rates = frame["het_rate"].drop_nulls().to_numpy()
    if not len(rates):
        return frame
    middle = float(np.median(rates))
    spread = 1.4826 * float(np.median(np.abs(rates - middle)))
    if not spread:
        return frame
    away = [None if rate is None else abs(rate - middle) / spread for rate in frame["het_rate"]]
    notes = [
        [f"het_rate {rate:.4f} is {far:.1f} deviations from the cohort's median {middle:.4f}, more than {most}"]
        if far is not None and far > most
        else []
        for rate, far in zip(frame["het_rate"], away, strict=True)
    ]
    return frame.with_columns(warnings=pl.concat_list("warnings", pl.Series(notes, dtype=pl.List(pl.String))))


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(len(below), np.nan), where=below != 0)
