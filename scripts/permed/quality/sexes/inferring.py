"""Sex and karyotype from the genotypes and the depth of chrX and chrY outside the pseudoautosomal regions."""

import polars as pl

from permed.quality.homozygosity import LEAST_FROH
from permed.quality.sexes.conventions import settle_conventions
from permed.quality.sexes.depths import BETWEEN, Depths, depths_of, settle_depths
from permed.quality.sexes.genotypes import NEEDED, Genotypes, genotypes_of
from permed.sexes import ONE_X_ALONE

MAX_XY_HET = 0.01  # share of an XY person's genotypes on chrX that error may make heterozygous
# Autosomal inbreeding, by frequencies or runs, from which on chrX may be homozygous throughout in XX; of cousins 1/16
CONSANGUINEOUS = {"inbreeding": 0.04, "froh": LEAST_FROH}
SCHEMA = {
    "sample": pl.String,
    "sex_inferred": pl.String,
    "sex_evidence": pl.String,
    "sex_unclear": pl.Boolean,
    "sex_notes": pl.List(pl.String),
}


def infer_sexes(metrics: pl.DataFrame, limits: list[dict], depths: pl.DataFrame | None = None) -> pl.DataFrame:
    """The sex chromosomes of each row of ``metrics``, with the evidence, whether that is unclear, and notes.

    ``sex_inferred`` is a karyotype (XX, XY, X0, XXY, XXX, XYY, …), X? for one X where chrY cannot be assessed, or NA.
    Unclear is what rests on enough, and still fits none or contradicts itself; too little evidence is just NA. Notes
    are what should be told beside a karyotype.

    ``limits`` has the thresholds of each sample; ``depths`` has ``sample x_depth y_depth autosome_depth``, and where
    these are of genotypes ``depth_source n_x_depth n_y_depth n_y_no_call``. What a caller writes on chrX and chrY is
    told by the people of the same ``batch``.
    """
    rows = metrics.select(NEEDED).to_dicts()
    read = {} if depths is None else {row["sample"]: row for row in depths.to_dicts()}
    seen = [genotypes_of(row, own, len(rows)) for row, own in zip(rows, limits, strict=True)]
    deep = [depths_of(read.get(row["sample"]), row) for row in rows]
    batches: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        batches.setdefault(row["batch"], []).append(n)
    for members in batches.values():
        own = [rows[n] for n in members], [seen[n] for n in members]
        settle_conventions(*own, limits[members[0]])
        settle_depths(*own, [deep[n] for n in members])
    told = (_combine(*each) for each in zip(rows, seen, deep, limits, strict=True))
    table = [(row["sample"], *each) for row, each in zip(rows, told, strict=True)]
    return pl.DataFrame(table, schema=SCHEMA, orient="row")


def _combine(row: dict, seen: Genotypes, deep: Depths, limits: dict) -> tuple[str, str, bool, list[str]]:
    """The karyotype, its evidence, whether it is unclear, and notes. No source overrules another in silence."""
    notes = [*seen.notes, *deep.notes]
    texts = [*seen.texts, *deep.texts]
    against = _contradictions(seen, deep)
    if against:
        return _unclear(texts, f"genotypes and reads do not agree: {' and '.join(against)}")
    y = _copies_of_y(seen, deep)
    x, why, enough = _copies_of_x(row, seen, deep, y)
    if seen.doubt and deep.y is None:
        return _unclear(texts, seen.doubt)
    if x is None:
        return _unclear(texts, why) if enough else ("NA", "; ".join([*filter(None, [why]), *texts]), False, [])
    if deep.y == BETWEEN and not _misplaced(row, seen, limits):
        notes.append(f"{deep.y_text}: a Y in part of the cells, as older men lose it, or misplaced reads")
    if why:
        notes.append(why)
    if seen.written and deep.y == 0:
        notes.append(f"{seen.no_y}, and {deep.y_text} shows none: the caller wrote it without reads")
    if y is None:
        texts.append("chrY is not assessable, " + (seen.no_y or "the files have too little of it"))
        return ONE_X_ALONE if x == 1 else "X" * x, "; ".join(texts), False, notes
    return "X" * x + ("Y" * y or ("0" if x == 1 else "")), "; ".join(texts), False, notes


def _unclear(texts: list[str], why: str) -> tuple[str, str, bool, list[str]]:
    return "NA", "; ".join([*filter(None, [why]), *texts]), True, []


def _contradictions(seen: Genotypes, deep: Depths) -> list[str]:
    """Metric by metric what cannot be true of one person."""
    found = []
    of_y = seen.y_text or "genotypes on chrY"
    if seen.y and deep.y == 0:
        found.append(f"{of_y} show a Y, {deep.y_text} shows none")
    elif seen.y is False and deep.y in (1, 2):
        found.append(f"{of_y} show no Y, {deep.y_text} shows one")
    elif seen.written and deep.y == 0 and not (seen.x == 2 or seen.in_part or deep.x == 2):
        found.append(f"{seen.no_y}, {deep.y_text} shows none")
    if seen.x == 2 and deep.x == 1:
        found.append(f"{seen.x_text} shows two X, {deep.x_text} one")
    elif seen.x == 1 and deep.x in (2, 3) and (deep.x == 3 or _copies_of_y(seen, deep) != 0):
        found.append(f"{seen.x_text} shows one X, {deep.x_text} more")
    return found


def _misplaced(row: dict, seen: Genotypes, limits: dict) -> bool:
    """Whether reads on chrY are those of other places: somebody with two X has them at less than half of the sites."""
    return (seen.x == 2 or seen.in_part) and row["y_call_rate"] < limits["min_xy_y_call_rate"]


def _copies_of_y(seen: Genotypes, deep: Depths) -> int | None:
    if deep.y in (0, 1, 2):
        return deep.y
    if deep.y == BETWEEN and seen.y is None and (seen.x == 2 or seen.in_part):
        return 0
    return None if seen.y is None else int(seen.y)


def _copies_of_x(row: dict, seen: Genotypes, deep: Depths, y: int | None) -> tuple[int | None, str, bool]:
    """How many X there are, what is to be told of that, and, where it is not known, whether there was enough."""
    if deep.x == BETWEEN:
        return None, f"{deep.x_text} fits no number of X: a mosaic, or a depth that is uneven", True
    if seen.assumed:
        if deep.x is not None:
            other = " although depth shows more" if deep.x > 1 else ""
            return deep.x, f"the caller wrote chrX as of one X{other}" if other else "", True
        if y:
            return 1, "", True
        why = "not assessable by genotypes: the caller assumed one X, as it is told the sex or guesses it"
        return None, f"{why}, {'and there is no Y' if y == 0 else 'and nothing else is known'}", seen.enough
    if seen.x == 1 and deep.x == 2:
        return 2, "chrX is homozygous throughout although depth shows two, as where parents are related", True
    name = "inbreeding" if row["froh"] is None else "froh"
    if seen.x == 1 and deep.x is None and y == 0 and (row[name] or 0) >= CONSANGUINEOUS[name]:
        related = f"{name} {row[name]:.3f} is {CONSANGUINEOUS[name]} or more"
        return None, f"X0, or XX whose X are alike: {related}, and no depth tells the two apart", True
    if seen.x is None and seen.in_part:
        if deep.x == 2 or (deep.x is None and y == 0):
            return 2, "", True
        return None, f"{seen.x_text} fits neither: a mosaic, mixed DNA, or long homozygous stretches", True
    if deep.x is not None:
        return deep.x, "", True
    return seen.x, "", seen.enough
