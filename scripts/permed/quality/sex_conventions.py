"""What a caller writes on chrY, told by the people of one batch: of whom it says something, and of whom nothing."""

import numpy as np

from permed.quality.sex_genotypes import MIN_SITES, Genotypes, lists_y

COMPARED = 3  # people by whom one sees what is usual in a file
OF_MEN = 0.5  # of the share of chrY that those with one X list, where files list what is carried
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
    _compare_carried(rows, seen, two, one)
    if len(one) >= COMPARED and _middle(rows, one) <= limits["max_xx_y_call_rate"]:
        for n in one:
            if seen[n].y is False:
                seen[n].y, seen[n].no_y = None, "the file has it called of hardly anybody with one X"
    elif len(one) < COMPARED:
        for n in one:
            if seen[n].y and not lists_y(rows[n]):
                _only_calls(seen[n])
            elif seen[n].y is False and not seen[n].assumed:
                few = "and too few others show what is usual in this file"
                seen[n].y, seen[n].doubt = None, f"{seen[n].y_text} does not go with one X, {few}"
    for own in seen:
        if own.y is not None:
            own.texts.append(own.y_text)


def _compare_carried(rows: list[dict], seen: list[Genotypes], two: list[int], one: list[int]) -> None:
    """In files of what is carried a man lists a part of the sites of other men, and a woman a few misplaced ones."""
    if len(one) < COMPARED or not all(rows[n]["lists_carried"] for n in one):
        return
    usual = _middle(rows, one)
    if two and _middle(rows, two) > OF_MEN * usual:
        return
    for n in (*one, *two):
        if rows[n]["lists_carried"] and not seen[n].y_by_hets:
            seen[n].y = rows[n]["y_call_rate"] >= OF_MEN * usual


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
    if lists_y(row):
        own.doubt = f"{own.y_text} does not go with two X, and too few others show what is usual in this file"
        own.y = None
    else:
        _only_calls(own)


def _only_calls(own: Genotypes) -> None:
    few = "and too few others show what is usual in this file"
    own.y, own.no_y = None, f"{own.y_text}, but the file lists only what was called there, {few}"


def _middle(rows: list[dict], members: list[int]) -> float:
    return float(np.median([rows[n]["y_call_rate"] for n in members]))
