"""Sex from the genotypes and reads of chrX and chrY outside the pseudoautosomal regions."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from permed.carried import lists_carried_only

MIN_SITES = 10  # alternate genotypes on chrX, or sites on chrY, for a ratio to mean anything
XY_HET_RATIO, XX_HET_RATIO = 0.05, 0.4
MAX_XY_HET = 0.01  # share of an XY person's genotypes on chrX that error may make heterozygous
HAPLOID = 0.9  # share of haploid genotypes on chrX from which on the caller took one X for granted
COMPARED = 3  # people by whom one sees whether a file's chrY tells XX from XY
# Depth divided by that of autosomes: half of gnomAD v3.1's cut-offs, which count two for autosomes (gnomAD help, "How
# is sex determined for gnomAD samples?").
ONE_X, TWO_X = (0.25, 0.645), (0.725, 1.2)
NO_Y, ONE_Y = 0.05, 0.58
HALF_A_Y = 0.25  # of reads at called sites alone, where misplaced ones are counted and the sites without any are not
NEEDED = (
    "sample x_total x_sites x_het x_alt x_haploid x_varying x_inbreeding y_total y_sites y_het y_call_rate"
).split()
KARYOTYPES = {(1, False): "X0", (2, False): "XX", (1, True): "XY", (2, True): "XXY"}


@dataclass
class _Evidence:
    """What speaks for one or two X and for a Y; None where nothing does. ``texts`` say what was seen.

    ``at_calls`` says of depths that they are those of the genotypes of the files, not of the reads of a chromosome."""

    x: int | None
    y: bool | None
    texts: list[str]
    x_is_assumed: bool = False
    at_calls: bool = False
    enough: bool = True
    doubt: str | None = None


def infer_sexes(metrics: pl.DataFrame, limits: list[dict], depths: pl.DataFrame | None = None) -> pl.DataFrame:
    """``sex_inferred`` (XX, XY, X0, XXY or NA), ``sex_evidence`` and ``sex_unclear`` of each row of ``metrics``.

    Unclear is what rests on enough, and still fits neither; too little evidence is just NA.

    ``limits`` has the thresholds of each sample; ``depths`` has ``sample x_depth y_depth autosome_depth``. In a cohort
    inbreeding on chrX decides how many X there are; else the ratio of heterozygous to homozygous ALT genotypes. Where
    the caller wrote haploid genotypes they show what it assumed. Genotypes on chrY count only where they tell the
    people with one X from those with two.
    """
    rows = metrics.select(NEEDED).to_dicts()
    cohort = len(rows)
    reads = {} if depths is None else {row["sample"]: row for row in depths.to_dicts()}
    found = [_genotypes(row, own, cohort) for row, own in zip(rows, limits, strict=True)]
    _judge_y(rows, found, limits)
    sexes = [_combine(seen, _reads(reads.get(row["sample"]))) for row, seen in zip(rows, found, strict=True)]
    schema = {"sample": pl.String, "sex_inferred": pl.String, "sex_evidence": pl.String, "sex_unclear": pl.Boolean}
    return pl.DataFrame(
        [(row["sample"], *sex) for row, sex in zip(rows, sexes, strict=True)], schema=schema, orient="row"
    )


def _genotypes(row: dict, limits: dict, cohort: int) -> _Evidence:
    called, carried = row["x_sites"], row["x_het"] + row["x_alt"]
    y = _calls_on_y(row, limits)
    if called >= MIN_SITES and row["x_haploid"] >= HAPLOID * called:
        text = f"{row['x_haploid']} of {called} genotypes on chrX are haploid, as the caller assumed one X"
        return _Evidence(1, y, [text], x_is_assumed=True)
    texts = []
    inbreeding = row["x_inbreeding"]
    if inbreeding is not None and cohort >= limits["min_cohort"] and row["x_varying"] >= limits["min_sites"]:
        low, high = limits["max_xx_inbreeding"], limits["min_xy_inbreeding"]
        texts = [f"x_inbreeding {inbreeding:.3f}; below {low} is XX, above {high} is XY"]
        if not low <= inbreeding <= high:
            return _Evidence(2 if inbreeding < low else 1, y, texts)
    if carried < MIN_SITES:
        if y and not row["x_het"] and called >= limits["min_sites"]:
            return _Evidence(1, y, [*texts, f"none of {called} genotypes on chrX is heterozygous"])
        if not row["x_total"]:
            return _Evidence(None, y, ["no sites on chrX outside the pseudoautosomal regions"], enough=False)
        texts.append(f"{carried} alternate genotypes on chrX of {called} called, {MIN_SITES} are needed")
        return _Evidence(None, y, texts, enough=False)
    ratio = row["x_het"] / row["x_alt"] if row["x_alt"] else float("inf")
    texts.append(f"x_het_ratio {ratio:.3f}; below {XY_HET_RATIO} is XY, above {XX_HET_RATIO} is XX")
    x = 1 if ratio < XY_HET_RATIO else 2 if ratio > XX_HET_RATIO else None
    return _Evidence(x, y, texts, enough=carried >= limits["min_sites"])


def _calls_on_y(row: dict, limits: dict) -> bool | None:
    """Whether chrY is called, as one copy is: heterozygous genotypes there come from elsewhere in the genome."""
    if row["y_total"] < MIN_SITES:
        return None
    if row["y_het"] <= 0.1 * row["y_sites"] and row["y_sites"] and _carried_only(row, limits):
        return True if row["y_call_rate"] >= limits["min_xy_y_call_rate"] else None
    if row["y_call_rate"] <= limits["max_xx_y_call_rate"] or row["y_het"] > 0.1 * row["y_sites"]:
        return False
    return True if row["y_call_rate"] >= limits["min_xy_y_call_rate"] else None


def _carried_only(row: dict, limits: dict) -> bool:
    """Whether one X's genotypes list only what is carried: then other people's sites on chrY are missing too."""
    counts = row["x_sites"], row["x_het"], row["x_alt"], row["x_total"]
    return not row["x_het"] and lists_carried_only(*counts, MIN_SITES, limits["warn_call_rate"])


def _judge_y(rows: list[dict], found: list[_Evidence], limits: list[dict]) -> None:
    """Take chrY out where the file writes it for those without one, or for nobody; doubt it where nobody can say."""
    for copies, unusual in ((2, True), (1, False)):
        own = [n for n, seen in enumerate(found) if seen.x == copies and rows[n]["y_total"] >= MIN_SITES]
        if not own:
            continue
        middle = float(np.median([rows[n]["y_call_rate"] for n in own]))
        limit = limits[own[0]]
        usual = middle < limit["min_xy_y_call_rate"] if unusual else middle > limit["max_xx_y_call_rate"]
        for n in own:
            if found[n].y is not unusual:
                continue
            words = f"y_call_rate {rows[n]['y_call_rate']:.3f} of {rows[n]['y_total']} sites on chrY"
            if len(own) >= COMPARED and not usual:
                found[n].y = None
            elif len(own) < COMPARED:
                found[n].doubt = f"{words} does not go with that, and too few others show what is usual in this file"
                found[n].y = None
    for row, seen in zip(rows, found, strict=True):
        if seen.y is not None:
            seen.texts.append(f"y_call_rate {row['y_call_rate']:.3f} of {row['y_total']} sites on chrY")


def _reads(row: dict | None) -> _Evidence:
    """Copies of X and Y by depth, relative to autosomes."""
    if row is None or not row.get("autosome_depth"):
        return _Evidence(None, None, [])
    texts, x, y = [], None, None
    if row.get("x_depth") is not None:
        share = row["x_depth"] / row["autosome_depth"]
        x = 1 if ONE_X[0] < share < ONE_X[1] else 2 if TWO_X[0] < share < TWO_X[1] else None
        texts.append(f"x_depth {share:.2f} of that of autosomes; up to {ONE_X[1]} is one X, from {TWO_X[0]} two")
    if row.get("y_depth") is not None:
        share = row["y_depth"] / row["autosome_depth"]
        least = HALF_A_Y if row.get("depth_source") == "genotypes" else NO_Y
        y = False if share < NO_Y else True if least <= share < ONE_Y else None
        texts.append(f"y_depth {share:.2f} of that of autosomes; from {least} on there is a Y")
    return _Evidence(x, y, texts, at_calls=row.get("depth_source") == "genotypes")


def _combine(seen: _Evidence, reads: _Evidence) -> tuple[str, str, bool]:
    """The sex, its evidence, whether it is unclear; reads decide where genotypes are silent or show an assumption.

    Reads at the few sites on chrY that somebody with two X has called, as misplaced reads are, make no Y of them."""
    texts = seen.texts + reads.texts
    x = reads.x if seen.x is None or (seen.x_is_assumed and reads.x is not None) else seen.x
    misplaced = reads.at_calls and x == 2 and seen.y is False
    y = seen.y if reads.y is None or misplaced else reads.y
    if None not in (seen.x, reads.x) and seen.x != reads.x and not seen.x_is_assumed:
        return "NA", "; ".join([*texts, "genotypes and reads do not agree"]), True
    if seen.doubt and reads.y is None:
        return "NA", "; ".join([*texts, seen.doubt]), True
    if x is None:
        return "NA", "; ".join(texts), seen.enough
    return KARYOTYPES[x, x == 1 if y is None else y], "; ".join(texts), False
