"""Height and weight as people write them: in centimetres and kilograms, or with another unit in the cell."""

import re

# Metres, feet and inches in centimetres, pounds and stones in kilograms (international yard and pound, 1959).
CENTIMETRES = {"cm": 1.0, "m": 100.0, "mm": 0.1, "in": 2.54, "ft": 30.48}
KILOGRAMS = {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "st": 6.35029318}
UNITS = {"height_cm": CENTIMETRES, "weight_kg": KILOGRAMS}
LOWEST_HEIGHT, HIGHEST_HEIGHT = 120, 230  # cm of an adult that ask for a second look
LEAST_INDEX, MOST_INDEX = 10, 100  # kg/m2, the body mass index of no adult
ADULT_AGE = 18
AS_OF = 2026  # who was an adult in this year is one whenever a sheet is read; no clock is asked
_WORDS = {
    "in": ("in", "in.", "inch", "inches", '"', "''", "”", "″"),
    "ft": ("ft", "ft.", "feet", "foot", "'", "’", "′"),
    "lb": ("lb", "lb.", "lbs", "lbs.", "pound", "pounds"),
    "st": ("st", "st.", "stone", "stones"),
    "m": ("m", "metre", "metres", "meter", "meters"),
    "kg": ("kg", "kgs", "kilo", "kilos", "kilogram", "kilograms"),
}
_UNIT_OF = {word: unit for unit, words in _WORDS.items() for word in words} | {u: u for u in ("cm", "mm", "g")}
_PART = re.compile(r"\s*([0-9]+(?:[.,][0-9]+)?)\s*([^\s0-9.,][^\s0-9]*)?")


def with_units(text: str, name: str) -> float | None:
    """A height in cm or weight in kg from a cell such as ``178``, ``70 in``, ``5 ft 10`` or ``176 lb``.

    ``name`` is ``height_cm`` or ``weight_kg``; a bare number is in the unit of that name, behind feet it is inches and
    behind stones pounds. None where the cell has anything else.
    """
    units, at, total, before = UNITS[name], 0, 0.0, None
    while at < len(text.rstrip()):
        part = _PART.match(text, at)
        if part is None:
            return None
        unit = {"ft": "in", "st": "lb"}.get(before, name.rpartition("_")[2] if before is None else "")
        unit = _UNIT_OF.get(part[2].lower(), "") if part[2] else unit
        if unit not in units or (before is not None and units[unit] >= units[before]):
            return None
        total += float(part[1].replace(",", ".")) * units[unit]
        before, at = unit, part.end()
    return total if before is not None else None


def implausible(height: float | None, weight: float | None, birth_year: int | None) -> bool:
    """Whether height (cm) and weight (kg) together are those of no adult; a child's are not judged.

    A person without a birth year is judged too: no child has such an index either.
    """
    if height is None or weight is None or (birth_year is not None and AS_OF - birth_year <= ADULT_AGE):
        return False
    index = weight / (height / 100) ** 2
    return not LOWEST_HEIGHT <= height <= HIGHEST_HEIGHT and not LEAST_INDEX <= index <= MOST_INDEX
