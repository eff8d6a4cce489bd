"""What the text of a setting is as a value of its type, within what makes sense."""

from __future__ import annotations

# A hundred years, in the units of the settings, and what no process can have of anything: beyond it a number is a slip,
# and some would fail at night, where they are added to a date.
_HIGHEST = {"s": 3_155_760_000, "min": 52_596_000, "h": 876_600, "days": 36_525}
_HIGHEST_COUNT = 1_000_000_000
_WORDS = {"1": True, "true": True, "0": False, "false": False}


def value_of(text: str, kind: str, unit: str, zero: bool) -> object:
    """Read a `bool`, an `int`, a `float`; of any other kind it is the text itself. Raises ValueError.

    `zero`: nought is allowed; other numbers are greater.
    """
    if kind == "bool":
        if text.lower() not in _WORDS:
            raise ValueError(text)
        return _WORDS[text.lower()]
    if kind == "int":
        return _within(int(text), unit, zero)
    if kind == "float":
        return _within(float(text), unit, zero)
    return text


def _within(value: float, unit: str, zero: bool) -> float:
    smallest_excluded = -1 if zero else 0
    if not smallest_excluded < value <= _HIGHEST.get(unit, _HIGHEST_COUNT):
        raise ValueError(value)
    return value
