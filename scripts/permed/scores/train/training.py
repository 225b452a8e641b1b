"""From summary statistics to the weights of a score and the log of how they came about."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from permed.errors import Fault
from permed.scores.train.clumping import choose_variants
from permed.scores.train.files import scoring_text
from permed.scores.train.harmonise import Counts, check_quality, match_reference, sample_size
from permed.scores.train.ld import open_panel, read_variants
from permed.scores.train.settings import Settings
from permed.scores.train.shrinkage import describe, shrink
from permed.scores.train.summary import read_summary, stated_build

FEW_PEOPLE = 500  # below, an LD reference of genotypes is imprecise
MIN_COVERED = 0.5  # of the LD reference's variants on the chromosomes that the study has
LOOKED_AT = 2000
MIN_REFERENCE = 0.7  # share of variants with the reference's base among their alleles; of a wrong build about half
USED_BY_METHOD = {
    "clump": ("p", "r2", "window_kb", "population"),
    "prscs": ("phi", "iterations", "burn_in", "thin", "seed", "ld_build"),
}
METHODS = {
    "clump": "clumping and thresholding",
    "prscs": "PRS-CS (Ge et al. 2019, doi:10.1038/s41467-019-09718-5), a = 1, b = 1/2",
}
NOT_CHECKED = (
    "The LD reference, the study and the cohort must be of one ancestry, and nobody of the cohort may have been in "
    "the study. The files do not tell, so neither was checked."
)
EFFECTS = {
    "beta": "beta, in the study's units",
    "odds_ratio": "logarithm of the odds ratio",
    "hazard_ratio": "logarithm of the hazard ratio",
    "z_score": "z score",
}


@dataclass
class Trained:
    """The text of a scoring file and the content of its log."""

    scoring_file: str
    log: dict


def train(
    name: str, settings: Settings, build: str, bases: Callable[[str, int, int], str] | None, threads: int = 1
) -> Trained:
    """Train a score on the run's ``build``; ``bases`` gives the bases of the reference sequence, if there is one.

    Raises a Fault for input that cannot be used, or of which nothing is left.
    """
    rows, kind = read_summary(Path(settings.summary))
    placed = _has_places(rows, Path(settings.summary), settings, build)
    if placed and bases is not None:
        _check_bases(rows, bases, settings.summary, build)
    counts = Counts()
    rows = check_quality(rows, counts, min_frequency=settings.min_frequency, min_info=settings.min_info, n=settings.n)
    how = _clump if settings.method == "clump" else _shrink
    try:
        weights, found, warnings = how(rows, settings, build, placed, counts, threads)
    except Fault as fault:
        fault.file = fault.file or settings.summary
        raise
    if weights.is_empty():
        left = "; ".join(f"{many} {reason}" for reason, many in counts.left_out.items())
        raise Fault(f"no variant is left to score ({left})", settings.summary, remedy="See config/README.md")
    if placed and bases is None and stated_build(Path(settings.summary)) is None and settings.build is None:
        warnings.append(f"That the positions are of {build} was not checked: no metadata, no reference sequence")
    used = {key: value for key, value in asdict(settings).items() if key in USED_BY_METHOD[settings.method]}
    shown = {key: "auto" if key == "phi" and value is None else value for key, value in used.items()}
    parameters = ", ".join(f"{key}={value}" for key, value in shown.items() if value is not None)
    method, study = METHODS[settings.method], Path(settings.summary).name
    about = {"build": build, "trait": settings.trait, "study": study, "method": method, "parameters": parameters}
    text = scoring_text(name, weights, **about)
    log = {
        "score": f"TRAINED-{name}",
        "method": method,
        "parameters": used,
        "summary": {"file": study, "effect": EFFECTS[kind], **asdict(counts)},
        "ld": found.pop("ld"),
        "weights": len(weights),
        **found,
        "warnings": [*warnings, NOT_CHECKED],
    }
    return Trained(text, log)


def _has_places(rows: pl.DataFrame, path: Path, settings: Settings, build: str) -> bool:
    """Whether the file's positions can be used; a Fault where it has some, of another build, and needs them."""
    if rows["pos"].null_count() == len(rows):
        return False
    own = settings.build or stated_build(path) or build
    if own == build:
        return True
    if settings.method == "prscs" and settings.ld_build == build and rows["rsid"].null_count() < len(rows):
        return False
    remedy = f"Take the harmonised file (….h.tsv.gz), which the GWAS Catalog gives on GRCh38, or lift it to {build}"
    raise Fault(f"the positions are of {own}, the run's build is {build}", path, remedy=remedy)


def _check_bases(rows: pl.DataFrame, bases: Callable[[str, int, int], str], path: str, build: str) -> None:
    single = rows.filter(
        (pl.col("effect_allele").str.len_bytes() == 1) & (pl.col("other_allele").str.len_bytes() == 1)
    ).drop_nulls(["contig", "pos"])
    some = single.gather_every(max(1, len(single) // LOOKED_AT)).sort("contig", "pos")
    columns = some.select("contig", "pos", "effect_allele", "other_allele").iter_rows()
    seen = [(bases(contig, pos, pos), {effect, other}) for contig, pos, effect, other in columns]
    seen = [(base, alleles) for base, alleles in seen if base and base in "ACGT"]
    right = sum(base in alleles for base, alleles in seen)
    if len(seen) >= 100 and right < MIN_REFERENCE * len(seen):
        fault = f"only {right} of {len(seen)} variants have the reference's base among their alleles"
        remedy = f"Take a file on {build}, on the forward strand; say its build in scores.train"
        raise Fault(fault, path, remedy=remedy)


def _clump(rows: pl.DataFrame, settings: Settings, build: str, placed: bool, counts: Counts, threads: int):
    panel = open_panel(Path(settings.ld), settings.population)
    by = "position" if placed else "rsid"
    matched = match_reference(rows, panel.variants, counts, by=by, same_build=placed)
    if matched["effect"].null_count():
        raise Fault("z scores are no weights", settings.summary, remedy="Give beta or odds_ratio, or use prscs")
    chosen = choose_variants(matched, panel, counts, p=settings.p, r2=settings.r2, window_kb=settings.window_kb)
    people = len(panel.people)
    warnings = [f"LD comes from {people} people only; {FEW_PEOPLE} or more are better"] * (people < FEW_PEOPLE)
    rsid = pl.coalesce("file_rsid", "rsid") if by == "position" else pl.col("rsid")
    weights = chosen.select(_rsid(rsid), "contig", "pos", effect_allele="a1", other_allele="a2", weight="effect")
    found = {"ld": {"reference": Path(settings.ld).name, "people": people, "variants": len(panel.variants)}}
    return weights, found, warnings


def _shrink(rows: pl.DataFrame, settings: Settings, build: str, placed: bool, counts: Counts, threads: int):
    variants = read_variants(Path(settings.ld))
    if not placed and settings.ld_build != build:
        fault = f"the file has no positions on {build}, and the LD reference has them on {settings.ld_build}"
        remedy = "Give chromosome and base_pair_location, as the GWAS Catalog's harmonised files (….h.tsv.gz) do"
        raise Fault(fault, settings.summary, remedy=remedy)
    same_build = placed and settings.ld_build == build
    by = "rsid" if rows["rsid"].null_count() < len(rows) else "position"
    if by == "position" and not same_build:
        fault = f"the file has no rsIDs, and the LD reference is of {settings.ld_build}"
        raise Fault(fault, settings.summary, remedy="Give rsid, by which the variants of PRS-CS's reference are found")
    n = sample_size(rows, settings.n, settings.summary)
    matched = match_reference(rows, variants, counts, by=by, same_build=same_build)
    fixed = ~pl.col("frequency").is_between(0, 1, closed="none")
    matched = counts.drop(matched, pl.when(fixed).then(pl.lit("does not vary in the LD reference")))
    if placed:
        unplaced = pl.col("file_pos").is_null() | pl.col("file_contig").is_null()
        matched = counts.drop(matched, pl.when(unplaced).then(pl.lit("no position")))
    chains = shrink(matched, settings, n, threads)
    used = pl.concat([chain.variants for chain in chains]) if chains else matched.with_columns(weight=pl.lit(0.0))
    counts.used = len(used)
    outside = len(matched) - len(used)
    if outside:
        counts.left_out["in no block of the LD reference"] = outside
    there = variants.filter(pl.col("contig").is_in(matched["contig"].unique().implode()))
    warnings = []
    if len(used) < MIN_COVERED * len(there):
        warnings.append(f"The study has {len(used)} of the LD reference's {len(there)} variants on its chromosomes")
    told = [describe(chain, settings) for chain in chains if chain.kept]
    explained = sum(about["explained_variance"]["mean"] for about, _ in told)
    place = ("file_contig", "file_pos") if placed else ("contig", "pos")
    weights = used.select(
        _rsid(pl.col("rsid" if by == "rsid" else "file_rsid")),
        contig=place[0],
        pos=place[1],
        effect_allele="a1",
        other_allele="a2",
        weight="weight",
    )
    found = {
        "ld": {"reference": Path(settings.ld).name, "build": settings.ld_build, "variants": len(variants)},
        "sample_size": n,
        "weights_are": "effects per allele, in standard deviations of the trait as z / sqrt(n) gives them",
        "explained_variance": float(f"{explained:.4g}"),
        "explained_variance_is": "that of the shrunk effects; psi is at most 1, which keeps it below the heritability",
        "chains": [about for about, _ in told],
    }
    return weights, found, warnings + [warning for _, noted in told for warning in noted]


def _rsid(rsid: pl.Expr) -> pl.Expr:
    return pl.when(rsid.str.contains(r"^rs\d+$")).then(rsid).alias("rsid")
