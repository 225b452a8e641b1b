"""PRS-CS: posterior means of all variants' effects together, under continuous shrinkage (Ge et al. 2019).

A chain runs for every chromosome, as in the authors' program. Each has a random stream of its own that comes from the
seed and the chromosome's name alone, so that results depend neither on the threads nor on which chromosomes there are.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from permed.errors import Fault
from permed.genome import AUTOSOMES
from permed.scores.train.kernels import sample_effects
from permed.scores.train.ld import read_blocks
from permed.scores.train.settings import Settings, block_files

AGREEING = 0.95  # correlation of the weights from the two halves of a chain, below which it was too short
MOVED = 4.0  # standard errors between the halves of a trace


@dataclass
class Chain:
    """The chain of a chromosome: its variants with ``weight`` (per allele a1) and ``mean`` (per standard deviation of
    the genotype), its draws kept, the correlation of ``mean`` from its first and second half, and traces of shape
    (iterations, 3): phi, sigma², explained variance."""

    contig: str
    variants: pl.DataFrame
    kept: int
    agreement: float
    traces: np.ndarray


def shrink(matched: pl.DataFrame, settings: Settings, n: float, threads: int) -> list[Chain]:
    """Run the chains of all chromosomes that ``matched`` has (``at contig rsid z frequency``).

    Variants that no block has are left out. ``n`` is the sample size; the marginal effects of standardised genotypes
    are z / sqrt(n).
    """
    there = set(matched["contig"].unique()) & block_files(Path(settings.ld)).keys()
    contigs = [contig for contig in AUTOSOMES if contig in there]
    with ThreadPoolExecutor(max(1, threads)) as pool:
        parts = [matched.filter(pl.col("contig") == contig) for contig in contigs]
        return list(pool.map(lambda contig, part: _run(contig, part, settings, n), contigs, parts))


def _run(contig: str, matched: pl.DataFrame, settings: Settings, n: float) -> Chain:
    blocks = read_blocks(Path(settings.ld), contig, matched)
    order = pl.DataFrame({"at": blocks.at}).cast(matched.schema["at"])
    here = order.join(matched, on="at", how="left", maintain_order="left")
    size = len(here)
    means, effects, traces = np.zeros((2, size)), np.zeros(size), np.zeros((settings.iterations, 3))
    kept = 0
    if size:
        kept = sample_effects(
            blocks.flat,
            blocks.sizes,
            here["z"].to_numpy() / np.sqrt(n),
            n,
            1.0 if settings.phi is None else settings.phi,
            settings.phi is None,
            settings.burn_in,
            settings.thin,
            np.random.default_rng([settings.seed, AUTOSOMES.index(contig)]),
            np.empty(int(blocks.sizes.max()) ** 2, np.float32),
            effects,
            means,
            traces,
        )
    if kept < 0:
        fault = f"LD block {-kept} of those used on {contig} gives no distribution"
        raise Fault(fault, block_files(Path(settings.ld))[contig], remedy="Take the files as PRS-CS publishes them")
    f = here["frequency"].to_numpy()
    mean = (means[0] * (kept // 2) + means[1] * (kept - kept // 2)) / max(1, kept)
    agreement = float(np.corrcoef(means)[0, 1]) if size > 1 and kept > 1 else 0.0
    weighted = here.with_columns(mean=pl.Series(mean), weight=pl.Series(mean / np.sqrt(2 * f * (1 - f))))
    return Chain(contig, weighted, kept, agreement, traces)


def effective_draws(trace: np.ndarray) -> float:
    """Independent draws that a trace is worth: Geyer's initial positive sequence of its autocorrelations."""
    size = len(trace)
    away = trace - trace.mean()
    if size < 4 or not away.any():
        return float(size)
    spectrum = np.fft.rfft(away, 2 * size)
    correlation = np.fft.irfft(spectrum * np.conj(spectrum))[:size]
    correlation /= correlation[0]
    pairs = correlation[0 : size - 1 : 2] + correlation[1:size:2]
    negative = np.flatnonzero(pairs <= 0)
    total = 2 * pairs[: negative[0] if len(negative) else len(pairs)].sum() - 1
    return float(min(size, size / max(total, 1 / size)))


def describe(chain: Chain, settings: Settings) -> tuple[dict, list[str]]:
    """What a chain found, and warnings of whether it may be relied on."""
    kept = chain.traces[settings.burn_in :]
    found = {"contig": chain.contig, "variants": len(chain.variants), "draws": chain.kept}
    found["agreement_of_halves"] = float(f"{chain.agreement:.4g}")
    remedy = "give more iterations and burn-in"
    warnings = []
    if chain.agreement < AGREEING:
        warnings.append(f"{chain.contig}: weights from the chain's halves correlate by {chain.agreement:.3f}; {remedy}")
    for name, trace in zip(("phi", "sigma2", "explained_variance"), kept.T, strict=True):
        if name == "phi" and settings.phi is not None:
            found[name] = {"fixed": settings.phi}
            continue
        values = np.log(trace) if name == "phi" else trace
        draws, shift = effective_draws(values), _shift(values)
        low, middle, high = np.quantile(trace, [0.025, 0.5, 0.975])
        numbers = {"mean": trace.mean(), "median": middle, "low": low, "high": high, "effective_draws": draws}
        found[name] = {key: float(f"{value:.4g}") for key, value in {**numbers, "shift": shift}.items()}
        if abs(shift) > MOVED:
            far = f"the halves of {name} lie {abs(shift):.1f} standard errors apart"
            warnings.append(f"{chain.contig}: {far}; {remedy}")
    found["phi_trace"] = [float(f"{value:.4g}") for value in chain.traces[:: max(1, settings.iterations // 50), 0]]
    return found, warnings


def _shift(trace: np.ndarray) -> float:
    """Difference of the means of a trace's halves in its standard errors."""
    halves = np.array_split(trace, 2)
    variance = sum(half.var() / effective_draws(half) for half in halves)
    return float((halves[1].mean() - halves[0].mean()) / np.sqrt(variance)) if variance > 0 else 0.0
