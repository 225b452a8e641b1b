"""Two polygenic scores in the PGS Catalog's format, with every kind of variant that matching has to tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from permed.demo.sites import TRANSITION, Site
from permed.variants import complement, is_ambiguous

PLANS = {  # how many variants of each class; three quarters have to match for a score to pass
    "PGSDEMO1": {"effect_alt": 72, "effect_ref": 68, "flipped": 20, "ambiguous": 14, "absent": 24, "not_scorable": 2},
    "PGSDEMO2": {"effect_alt": 14, "effect_ref": 10, "flipped": 6, "ambiguous": 6, "absent": 24, "not_scorable": 0},
}
EFFECTS = {  # of a disease that does not exist, so that the demo shows an absolute risk
    "PGSDEMO1": {
        "effect_disease": "simulated disease 1",
        "effect_hazard_ratio": "1.6",
        "effect_lower": "1.45",
        "effect_upper": "1.77",
        "effect_population": "this cohort, POP1, POP2, POP3",
        "effect_ancestry": "the simulated cohort",
        "effect_source": "made up for the demo; means nothing",
    }
}
OFTEN_MISSING = 4  # matched variants of each score whose genotypes many people lack
OFTEN_MISSING_RATE = 0.25
NOT_SCORABLE = [("6", "32600000", "P", "N"), ("6", "", "*04:01", "")]  # presence of an HLA allele, no bases
LEAST_FREQUENCY = 0.05  # of the alternate in the cohort, at sites that take part


@dataclass(frozen=True)
class ScoreVariant:
    """One line of a scoring file; ``kind`` is the planted class, ``row`` the site in the cohort if there is one."""

    chr_name: str
    chr_position: str
    effect_allele: str
    other_allele: str
    effect_weight: float
    kind: str
    row: int | None = None
    effect_is_alt: bool | None = None

    @property
    def counts(self) -> bool:
        """Whether the variant takes part in the sum."""
        return self.kind in ("matched", "flipped")


def plan_scores(sites: Sequence[Site], alleles: np.ndarray, scale: float, rng) -> dict[str, list[ScoreVariant]]:
    """The variants of both scores in genome order; ``scale`` shrinks their number for a small cohort."""
    common = (alleles == 1).sum(axis=(1, 2)) / np.maximum((alleles >= 0).sum(axis=(1, 2)), 1)
    usable = [
        row
        for row, site in enumerate(sites)
        if site.kind == "snv"
        and not site.block
        and site.contig[3:].isdigit()
        and LEAST_FREQUENCY <= common[row] <= 1 - LEAST_FREQUENCY
    ]
    pools = {True: [], False: []}
    for row in rng.permutation(usable).tolist():
        pools[is_ambiguous(sites[row].ref, sites[row].alts[0])].append(row)
    return {
        name: _plan({kind: round(n * scale) for kind, n in plan.items()}, sites, pools, usable, rng)
        for name, plan in PLANS.items()
    }


def _plan(plan: dict[str, int], sites: Sequence[Site], pools, usable: list[int], rng) -> list[ScoreVariant]:
    variants = []
    for kind, count in plan.items():
        for number in range(count):
            weight = round(float(rng.normal(0, 0.06)), 4)
            if kind == "not_scorable":
                variants.append(ScoreVariant(*NOT_SCORABLE[number % len(NOT_SCORABLE)], weight, kind))
            elif kind == "absent":
                near = sites[usable[int(rng.integers(len(usable)))]]
                ref = str(rng.choice(list("ACGT")))
                place = str(near.pos + int(rng.integers(200, 2000)))  # nearer than the next site of the grid
                variants.append(ScoreVariant(near.contig[3:], place, TRANSITION[ref], ref, weight, kind))
            else:
                row = pools[kind == "ambiguous"].pop()
                alt_counts = {"effect_alt": True, "effect_ref": False}.get(kind, bool(rng.random() < 0.5))
                ref, alt = sites[row].ref, sites[row].alts[0]
                if kind == "flipped":
                    ref, alt = complement(ref), complement(alt)
                effect, other = (alt, ref) if alt_counts else (ref, alt)
                shown = "matched" if kind.startswith("effect") else kind
                site = sites[row]
                variants.append(
                    ScoreVariant(site.contig[3:], str(site.pos), effect, other, weight, shown, row, alt_counts)
                )
    return sorted(variants, key=lambda v: (int(v.chr_name), int(v.chr_position or 0), v.effect_allele))


def often_missing(variants: Sequence[ScoreVariant]) -> list[int]:
    """Rows of the sites at which many genotypes are to be missing."""
    return [v.row for v in variants if v.kind == "matched"][:OFTEN_MISSING]


def true_sums(variants: Sequence[ScoreVariant], alleles: np.ndarray, missing: np.ndarray):
    """Sum of weight times effect alleles, and number of alleles looked at, for everybody; missing ones add nothing."""
    total, denominator = np.zeros(alleles.shape[1]), np.zeros(alleles.shape[1], np.int64)
    for variant in variants:
        if variant.counts:
            present = ~missing[variant.row]
            effect = (alleles[variant.row] == int(variant.effect_is_alt)).sum(axis=1)
            total += np.where(present, effect * variant.effect_weight, 0.0)
            denominator += np.where(present, 2, 0)
    return total, denominator


def to_scoring_file(name: str, variants: Sequence[ScoreVariant]) -> str:
    """The text of a scoring file, format 2.0 of the PGS Catalog."""
    header = {
        "pgs_id": name,
        "pgs_name": f"{name} (simulated, for the demo cohort only)",
        "trait_reported": f"Simulated trait {name[-1]}",
        "trait_mapped": f"simulated trait {name[-1]}",
        "trait_efo": "",
        "genome_build": "GRCh38",
        "variants_number": len(variants),
        "weight_type": "beta",
        "license": "CC0-1.0; weights are random numbers and mean nothing",
        **EFFECTS.get(name, {}),
    }
    lines = ["###PGS CATALOG SCORING FILE", "#format_version=2.0", "##POLYGENIC SCORE (PGS) INFORMATION"]
    lines += [f"#{key}={value}" for key, value in header.items()]
    lines.append("\t".join(["chr_name", "chr_position", "effect_allele", "other_allele", "effect_weight"]))
    for v in variants:
        lines.append("\t".join([v.chr_name, v.chr_position, v.effect_allele, v.other_allele, f"{v.effect_weight:.4f}"]))
    return "\n".join(lines) + "\n"
