"""What a caller writes on chrY, told by the people of one batch: of whom it says something, and of whom nothing."""

import numpy as np

from permed.quality.sexes.genotypes import MIN_SITES, MOST_HET, Genotypes, lists_y

COMPARED = 3  # people by whom one sees what is usual in a file
OF_MEN = 0.5  # of the share of chrY that those with one X list, where files list what is carried
FEW_ALT = 3  # alternate genotypes on chrY from which on somebody has one, where a caller writes reference for all
FEW = "too few others show what is usual in this file"


def settle_conventions(rows: list[dict], seen: list[Genotypes], limits: dict) -> None:
    """Take chrY out where the file writes it for those without one, or for nobody; doubt it where nobody can say."""
    for row, own in zip(rows, seen, strict=True):
        own.y_text = f"y_call_rate {row['y_call_rate']:.3f} of {row['y_total']} sites on chrY" if row["y_total"] else ""
        own.y_by_hets = bool(own.y is False and row["y_het"] > MOST_HET * row["y_sites"])
        own.no_y = "" if row["y_total"] >= MIN_SITES else f"{row['y_total']} sites on chrY, {MIN_SITES} are needed"
    two = [n for n, own in enumerate(seen) if (own.x == 2 or own.in_part) and rows[n]["y_total"] >= MIN_SITES]
    one = [n for n, own in enumerate(seen) if (own.x == 1 or own.assumed) and rows[n]["y_total"] >= MIN_SITES]
    for_all = len(two) >= COMPARED and _middle(rows, two) >= limits["min_xy_y_call_rate"]
    for n, own in enumerate(seen):
        if own.y and not rows[n]["y_alt"]:
            own.y, own.written = None, not for_all
            own.no_y = f"{own.y_text} is reference throughout, as callers write it of those without one too"
    if for_all:
        _written_for_all(rows, seen, two)
    elif len(two) < COMPARED:
        for n in two:
            _doubt_y(rows[n], seen[n])
    if len(one) >= COMPARED:
        _compare_carried(rows, seen, two, one)
        if _middle(rows, one) <= limits["max_xx_y_call_rate"]:
            _written_for_nobody(seen, one)
    else:
        for n in one:
            _doubt_no_y(rows[n], seen[n])
    for own in seen:
        if own.y is not None:
            own.texts.append(own.y_text)


def _written_for_all(rows: list[dict], seen: list[Genotypes], two: list[int]) -> None:
    """Two X and a called chrY are usual: then only alternates, of which those with two X have none, show a Y."""
    usual = float(np.median([rows[n]["y_alt"] for n in two]))
    for row, own in zip(rows, seen, strict=True):
        if own.y and not (usual == 0 and row["y_alt"] >= FEW_ALT):
            own.y, own.no_y = None, "the file has it called of people with two X too"


def _written_for_nobody(seen: list[Genotypes], one: list[int]) -> None:
    for n in one:
        if seen[n].y is False:
            seen[n].y, seen[n].no_y = None, "the file has it called of hardly anybody with one X"


def _compare_carried(rows: list[dict], seen: list[Genotypes], two: list[int], one: list[int]) -> None:
    """In files of what is carried a man lists a part of the sites of other men, and a woman a few misplaced ones."""
    usual = _middle(rows, one)
    if not all(rows[n]["lists_carried"] for n in one) or (two and _middle(rows, two) > OF_MEN * usual):
        return
    for n in (*one, *two):
        if not rows[n]["lists_carried"] or seen[n].y_by_hets:
            continue
        many = rows[n]["y_call_rate"] >= OF_MEN * usual
        alone = n in one and (not two or many or None)
        seen[n].y = many if n in two else (rows[n]["y_sites"] >= MIN_SITES if alone else None)


def _doubt_y(row: dict, own: Genotypes) -> None:
    """Somebody with two X whose chrY is called, without others who would show whether that is usual."""
    if own.written:
        own.doubt = f"{own.no_y}, and {FEW}"
    elif own.y and (lists_y(row) or not row["lists_carried"]):
        own.doubt = f"{own.y_text} does not go with two X, and {FEW}"
    elif own.y:
        _only_calls(own)


def _doubt_no_y(row: dict, own: Genotypes) -> None:
    """Somebody with one X, without others who would show whether chrY is called of those with one."""
    if own.y and not lists_y(row) and row["lists_carried"]:
        _only_calls(own)
    elif own.y is False and not own.assumed:
        own.y, own.doubt = None, f"{own.y_text} does not go with one X, and {FEW}"


def _only_calls(own: Genotypes) -> None:
    own.y, own.no_y = None, f"{own.y_text}, but the file lists only what was called there, and {FEW}"


def _middle(rows: list[dict], members: list[int]) -> float:
    return float(np.median([rows[n]["y_call_rate"] for n in members]))
