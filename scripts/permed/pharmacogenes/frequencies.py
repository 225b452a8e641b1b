"""How probable each diplotype is that fits an ambiguous genotype, from allele frequencies of the person's population.

The prior of a pair is its Hardy-Weinberg proportion: f(a)² or 2·f(a)·f(b); of a single allele f(a). It is normalised
over the diplotypes that fit. Frequencies are known within bounds, and so are the probabilities. They stand beside the
answer of the matching rules and never replace it.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from permed import other_readings
from permed.errors import Fault
from permed.pharmacogenes import names
from permed.pharmacogenes.calling.matching import match_pairs
from permed.pharmacogenes.definitions import Gene
from permed.pharmacogenes.reading.assembling import GeneGenotypes
from permed.pharmacogenes.reading.patterns import Pattern, distinct
from permed.tables import read_table

OTHER = "other"  # row of an upper bound for each allele that its source does not name
NOT_COMPUTED = "not computed: "
Bounds = tuple[float, float]


@dataclass(frozen=True)
class Prior:
    """Frequencies of a gene's alleles in a population, as bounds, and the source."""

    population: str
    source: str
    alleles: dict[str, Bounds]

    def of(self, allele: str) -> Bounds | None:
        """Bounds of an allele's frequency; None where the source says nothing of it."""
        if allele in self.alleles:
            return self.alleles[allele]
        return (0.0, self.alleles[OTHER][1]) if OTHER in self.alleles else None


@dataclass(frozen=True)
class Frequencies:
    """Priors by gene and population, and the populations that a label of the sample sheet stands for, best first."""

    priors: dict[tuple[str, str], Prior]
    populations: dict[str, list[str]]

    def prior(self, gene: str, label: str | None) -> Prior | str:
        """The prior for a person with this population ``label``, or why there is none."""
        if not label:
            return "no population is given"
        for population in self.populations.get(label.casefold(), []):
            if (gene, population) in self.priors:
                return self.priors[gene, population]
        return f"no frequencies of {gene} alleles for the population {label}"


def load_frequencies(frequencies: Path, populations: Path) -> Frequencies:
    """Read ``frequencies.tsv`` and ``populations.tsv`` of ``resources/pharmacogenes``.

    A frequency is a number, ``<x`` for one below x, or ``low-high``; 0 seen in n alleles stands for at most 3/n (the
    upper 95 % bound of nothing seen in n), and without n for nothing known.
    """
    rows: dict[tuple[str, str], list[dict]] = {}
    for row in read_table(frequencies).iter_rows(named=True):
        rows.setdefault((row["gene"], row["population"]), []).append(row)
    priors = {}
    for (gene, population), of in rows.items():
        bounds = {row["allele"]: _bounds(row, frequencies) for row in of}
        source = "; ".join(dict.fromkeys(f"{row['source']} {row['version']}" for row in of))
        known = {allele: between for allele, between in bounds.items() if between is not None}
        priors[gene, population] = Prior(population, source, known)
    labels: dict[str, list[str]] = {}
    for row in sorted(read_table(populations).iter_rows(named=True), key=lambda row: int(row["rank"])):
        labels.setdefault(row["label"].casefold(), []).append(row["population"])
    return Frequencies(priors, labels)


def with_probabilities(
    calls: pl.DataFrame, gene: Gene, genotypes: GeneGenotypes, populations: list[str | None], known: Frequencies
) -> pl.DataFrame:
    """Calls of one gene with ``probabilities`` where several diplotypes fit what was fully read.

    ``populations`` are the people's labels, in the order of the rows. The column is null where there is nothing to
    choose between or the call may not be relied on, and says why where the probabilities cannot be computed. The
    ``other_readings`` get their shares.
    """
    ambiguous = (calls["state"] == "multiple") | ((calls["state"] == "called") & calls["alternatives"].is_not_null())
    if genotypes.open_copies is not None:  # of one copy or two: no pairs to weigh against each other
        ambiguous &= pl.Series(~genotypes.open_copies)
    texts: list[str | None] = [None] * calls.height
    others = calls["other_readings"].to_list()
    which = np.flatnonzero(ambiguous) if gene.method == "diplotype" and not gene.research else np.array([], int)
    patterns, index = distinct(genotypes.codes[which], genotypes.blocks[which])
    told: dict[tuple[int, str | None], Shares | str | None] = {}
    for sample, number in zip(which.tolist(), index.tolist(), strict=True):
        key = (number, populations[sample])
        if key not in told:
            prior = known.prior(gene.name, populations[sample])
            told[key] = NOT_COMPUTED + prior if isinstance(prior, str) else shares(gene, patterns[number], prior)
        texts[sample] = str(told[key]) if told[key] is not None else None
        if isinstance(told[key], Shares):
            others[sample] = _with_shares(others[sample], told[key])
    columns = {"probabilities": texts, "other_readings": others}
    return calls.with_columns(pl.Series(name, values, pl.String) for name, values in columns.items())


@dataclass(frozen=True)
class Shares:
    """How probable each diplotype is that fits, as bounds, by the frequencies of ``prior``.

    As text: ``*1/*3A 0.93; *3B/*3C 0.07 (European, source)``.
    """

    of: dict[str, Bounds]
    prior: Prior

    def __str__(self) -> str:
        ranked = sorted(self.of.items(), key=lambda one: -sum(one[1]))
        return f"{names.THEN.join(f'{label} {_shown(between)}' for label, between in ranked)} {_where(self.prior)}"


def shares(gene: Gene, pattern: Pattern, prior: Prior) -> Shares | str | None:
    """The shares of the diplotypes that fit a pattern, or why there are none; None where one diplotype fits."""
    usable = pattern.with_undocumented_as_reference() if gene.undocumented_as_reference else pattern
    matches = match_pairs(gene, usable)
    fitting = {
        names.diplotype(gene, match.alleles): tuple(gene.alleles[i].shown for i in match.alleles) for match in matches
    }
    if len(fitting) < 2:
        return None
    unknown = sorted({a for pair in fitting.values() for a in pair if prior.of(a) is None}, key=names.natural)
    if unknown:
        return f"{NOT_COMPUTED}no frequency of {', '.join(unknown)} {_where(prior)}"
    found = posterior([_weight([prior.of(a) for a in pair], len(set(pair)) == 1) for pair in fitting.values()])
    if not any(low > 0 or high < 1 for low, high in found):
        return f"{NOT_COMPUTED}the frequencies known leave it open {_where(prior)}"
    return Shares(dict(zip(fitting, found, strict=True)), prior)


def _with_shares(cell: str | None, known: Shares) -> str | None:
    """A cell of ``other_readings`` with the share of each."""
    where = {"population": known.prior.population, "source": known.prior.source}
    readings = []
    for one in other_readings.read(cell):
        least, most = known.of[one.diplotype]
        readings.append(replace(one, least=least, most=most, **where))
    return other_readings.written(readings)


def _where(prior: Prior) -> str:
    return f"({prior.population}, {prior.source})"


def posterior(weights: list[Bounds]) -> list[Bounds]:
    """Bounds of each share of the sum, from bounds of the weights of which one at least can be above 0."""
    low, high = (sum(weight[end] for weight in weights) for end in (0, 1))
    shares = []
    for least, most in weights:
        others_least, others_most = low - least, high - most
        shares.append(
            (
                least / (least + others_most) if least > 0 else 0.0,
                most / (most + others_least) if most > 0 else 0.0,
            )
        )
    return shares


def _weight(alleles: list[Bounds], same: bool) -> Bounds:
    if len(alleles) == 1:
        return alleles[0]
    factor = 1 if same else 2
    (low1, high1), (low2, high2) = alleles
    return factor * low1 * low2, factor * high1 * high2


def _shown(between: Bounds) -> str:
    low, high = (f"{value:.2f}" for value in between)
    if low != high:
        return f"{low}-{high}"
    return {"1.00": ">0.99", "0.00": "<0.01"}.get(low, low)


def _bounds(row: dict, path: Path) -> Bounds | None:
    text = row["frequency"]
    try:
        if text.startswith("<"):
            low, high = 0.0, float(text[1:])
        elif "-" in text:
            low, high = map(float, text.split("-"))
        else:
            low = high = float(text)
        if high == 0:
            return (0.0, 3 / int(row["alleles"])) if row["alleles"] else None
    except ValueError:
        low = high = -1.0
    if not 0 <= low <= high <= 1:
        fault = f"the frequency of {row['gene']} {row['allele']} is {text!r}, which is not a number from 0 to 1"
        raise Fault(fault, file=path, remedy="Give 0.12, <0.001 or 0.1-0.2")
    return low, high
