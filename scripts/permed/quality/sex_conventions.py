"""What a caller writes on chrY, told by the people of one batch: of whom it says something, and of whom nothing."""

import numpy as np

from permed.quality.sex_genotypes import MIN_SITES, Genotypes, lists_y

COMPARED = 3  # people by whom one sees what is usual in a file
FEW_ALT = 3  # alternate genotypes on chrY from which on somebody has one, where a caller writes reference for all


def settle_conventions(rows: list[dict], seen: list[Genotypes], limits: dict) -> None:
    """Take chrY out where the file writes it for those without one, or for nobody; doubt it where nobody can say."""
    for row, own in zip(rows, seen, strict=True):
        own.y_text = f"y_call_rate {row['y_call_rate']:.3f} of {row['y_total']} sites on chrY" if row["y_total"] else ""
        own.y_by_hets = bool(own.y is False and row["y_het"] > 0.1 * row["y_sites"])
        own.no_y = "" if row["y_total"] >= MIN_SITES else f"{row['y_total']} sites on chrY, {MIN_SITES} are needed"
        if own.y and not row["y_alt"]:
            own.y, own.no_y = None, "it is reference throughout, as callers write it of those without one too"
    two = [n for n, own in enumerate(seen) if (own.x == 2 or own.in_part) and rows[n]["y_total"] >= MIN_SITES]
    one = [n for n, own in enumerate(seen) if (own.x == 1 or own.assumed) and rows[n]["y_total"] >= MIN_SITES]
    if len(two) >= COMPARED and _middle(rows, two) >= limits["min_xy_y_call_rate"]:
        _written_for_all(rows, seen, two)
    elif len(two) < COMPARED:
        for n in two:
            _doubt(rows[n], seen[n])
    if len(one) >= COMPARED and _middle(rows, one) <= limits["max_xx_y_call_rate"]:
        for n in one:
            if seen[n].y is False:
                seen[n].y, seen[n].no_y = None, "the file has it called of hardly anybody with one X"
    elif len(one) < COMPARED:
        for n in one:
            if seen[n].y is False and not seen[n].assumed:
                few = "and too few others show what is usual in this file"
                seen[n].y, seen[n].doubt = None, f"{seen[n].y_text} does not go with one X, {few}"
    for own in seen:
        if own.y is not None:
            own.texts.append(own.y_text)


def _written_for_all(rows: list[dict], seen: list[Genotypes], two: list[int]) -> None:
    """Two X and a called chrY are usual: then only alternates, of which those with two X have none, show a Y."""
    usual = float(np.median([rows[n]["y_alt"] for n in two]))
    for row, own in zip(rows, seen, strict=True):
        if own.y and not (usual == 0 and row["y_alt"] >= FEW_ALT):
            own.y, own.no_y = None, "the file has it called of people with two X too"


def _doubt(row: dict, own: Genotypes) -> None:
    """Somebody with two X whose chrY is called, without others who would show whether that is usual."""
    if not own.y:
        return
    few = "too few others show what is usual in this file"
    if not lists_y(row):
        own.y, own.no_y = None, f"{own.y_text}, but the file lists only what was called there, and {few}"
        return
    own.doubt = f"{own.y_text} does not go with two X, and {few}"
    own.y = None


def _middle(rows: list[dict], members: list[int]) -> float:
    return float(np.median([rows[n]["y_call_rate"] for n in members]))
