"""What a person's genotypes on chrX and chrY say of the number of X and of a Y."""

from dataclasses import dataclass, field

import numpy as np

MIN_SITES = 10  # alternate genotypes on chrX, or sites on chrY, for a ratio to mean anything
XY_HET_RATIO, XX_HET_RATIO = 0.05, 0.4
HAPLOID = 0.9  # share of haploid genotypes on chrX from which on the caller took one X for granted
CLUSTERED = 0.015  # of them where they lie together
IN_PART = 0.03  # share of heterozygous genotypes on chrX that error does not make: three times what XY may have
LISTED = 0.02  # share of missing or reference genotypes on chrY by which a file lists more than is carried
MOST_HET = 0.1  # of the calls on chrY; more of them are not of one copy
FILESETS = (".bed", ".pgen")  # of a male written haploid by us, but for heterozygous ones, which stay
NEEDED = (
    "sample batch lists_carried inbreeding froh x_longest x_total x_sites x_het x_alt x_haploid x_varying x_inbreeding "
    "y_total y_sites y_het y_alt y_call_rate"
).split()


@dataclass
class Genotypes:
    """What genotypes speak for: ``x`` 1 or 2 or None, ``y`` whether there is one, or None; ``texts`` say what was seen.

    ``assumed``: chrX is written haploid, which says what the caller took for granted. ``in_part``: some of chrX is
    heterozygous, less than two X usually are. ``y_by_hets``: chrY is called, but as one copy is not. ``written``:
    it is called, but reference throughout, which is not usual in the file. ``doubt`` says why
    chrY fits nothing, ``no_y`` why it says nothing.
    """

    x: int | None
    y: bool | None
    texts: list[str]
    x_text: str = ""
    y_text: str = ""
    assumed: bool = False
    in_part: bool = False
    enough: bool = True
    y_by_hets: bool = False
    written: bool = False
    doubt: str | None = None
    no_y: str = ""
    notes: list[str] = field(default_factory=list)


def genotypes_of(row: dict, limits: dict, cohort: int) -> Genotypes:
    """Judge one person's counts (a row of metrics) by themselves; ``cohort`` is the number of people."""
    y = _y(row, limits)
    called, carried = row["x_sites"], row["x_het"] + row["x_alt"]
    if called >= MIN_SITES and row["x_haploid"] >= HAPLOID * called and not row["batch"].endswith(FILESETS):
        text = f"{row['x_haploid']} of {called} genotypes on chrX are haploid, as the caller assumed one X"
        return Genotypes(None, y, [text], text, assumed=True, enough=called >= limits["min_sites"])
    texts = []
    inbreeding = row["x_inbreeding"]
    if inbreeding is not None and cohort >= limits["min_cohort"] and row["x_varying"] >= limits["min_sites"]:
        low, high = limits["max_xx_inbreeding"], limits["min_xy_inbreeding"]
        texts = [f"x_inbreeding {inbreeding:.3f}; below {low} is XX, above {high} is XY"]
        if inbreeding > high and _clustered(row, y):
            return Genotypes(None, y, texts, f"x_inbreeding {inbreeding:.3f}", in_part=True)
        if not low <= inbreeding <= high:
            return Genotypes(2 if inbreeding < low else 1, y, texts, f"x_inbreeding {inbreeding:.3f}")
    if carried < MIN_SITES:
        return _few(row, limits, y, texts)
    ratio = row["x_het"] / row["x_alt"] if row["x_alt"] else float("inf")
    texts.append(f"x_het_ratio {ratio:.3f}; below {XY_HET_RATIO} is XY, above {XX_HET_RATIO} is XX")
    x = 1 if ratio < XY_HET_RATIO else 2 if ratio > XX_HET_RATIO else None
    in_part = x is None and row["x_het"] >= max(MIN_SITES, IN_PART * called)
    if x == 1 and _clustered(row, y):
        x, in_part = None, True
    enough = carried >= limits["min_sites"]
    return Genotypes(x, y, texts, f"x_het_ratio {ratio:.3f}", in_part=in_part, enough=enough)


def _few(row: dict, limits: dict, y: bool | None, texts: list[str]) -> Genotypes:
    """Of somebody with few alternate genotypes on chrX."""
    called, carried = row["x_sites"], row["x_het"] + row["x_alt"]
    if y and not row["x_het"] and called >= limits["min_sites"]:
        text = f"none of {called} genotypes on chrX is heterozygous"
        return Genotypes(1, y, [*texts, text], text)
    if not row["x_total"]:
        return Genotypes(None, y, ["no sites on chrX outside the pseudoautosomal regions"], enough=False)
    texts.append(f"{carried} alternate genotypes on chrX of {called} called, {MIN_SITES} are needed")
    return Genotypes(None, y, texts, enough=False)


def _clustered(row: dict, y: bool | None) -> bool:
    """Whether the heterozygous genotypes on chrX lie together, between runs of homozygosity, as errors do not.

    Of k scattered ones the longest stretch without is (ln k + 7) / k of all with a probability of about e to the -7. In
    men wrong ones lie together too, where chrX is like chrY: a Y speaks against two X.
    """
    het, called = row["x_het"], row["x_sites"]
    if y or het < max(MIN_SITES, CLUSTERED * called):
        return False
    return row["x_longest"] > (np.log(het) + 7) / het * called


def lists_y(row: dict) -> bool:
    """Whether the file says of chrY where nothing was called or where it is reference, so that calls can be counted."""
    told = row["y_total"] - row["y_het"] - row["y_alt"]
    return row["y_total"] >= MIN_SITES and told >= max(1, LISTED * row["y_total"])


def _y(row: dict, limits: dict) -> bool | None:
    """Whether chrY is called as one copy is: heterozygous genotypes there come from elsewhere in the genome."""
    if row["y_total"] < MIN_SITES:
        return None
    if row["y_het"] > MOST_HET * row["y_sites"]:
        return False
    if row["y_call_rate"] >= limits["min_xy_y_call_rate"]:
        return True
    carried_only = row["lists_carried"] and row["y_sites"] and not row["x_het"]
    return None if carried_only or row["y_call_rate"] > limits["max_xx_y_call_rate"] else False
