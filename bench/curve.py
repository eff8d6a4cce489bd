"""Curves as SVG: one picture for what grows, with a panel for each figure above one another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP, BOTTOM = 720, 130, 84, 24, 44, 46, 44
INK, FAINT, LINE = "#0f172a", "#cbd5e1", "#0369a1"
# A range wider than that is drawn by powers of ten.
WIDE = 20

Points = Sequence[tuple[float, float]]


def svg(title: str, along: str, panels: Sequence[tuple[str, Points]]) -> str:
    """A picture; `along` says what the points' first number is, and each panel has a name with its unit.

    A panel begins at nought, so that what looks twice as high is twice as much.
    """
    height = TOP + len(panels) * (PANEL + GAP) + BOTTOM - GAP
    x = scale(sorted({at for _, points in panels for at, _ in points}))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" '
        f'font-size="13" fill="{INK}">',
        f"  <title>{escape(title)}</title>",
        f'  <rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        *(_panel(name, points, TOP + n * (PANEL + GAP), x) for n, (name, points) in enumerate(panels)),
        *_below(along, sorted({at for _, points in panels for at, _ in points}), height, x),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def scale(values: Sequence[float]) -> Callable[[float], float]:
    """Where a value lies between left (0) and right (1); by powers of ten where they are far apart and none is nought.

    Where one is nought it lies at the left edge, a step before the least of the others.
    """
    positive = [value for value in values if value > 0]
    least, most = (min(positive), max(positive)) if positive else (0.0, 0.0)
    if not positive or most / least <= WIDE:
        low, high = min(values, default=0.0), max(values, default=0.0)
        return lambda value: (value - low) / (high - low) if high > low else 0.5
    begin = math.log10(least) - (1 if len(positive) < len(values) else 0)
    span = math.log10(most) - begin
    return lambda value: (math.log10(value) - begin) / span if value > 0 else 0.0


def short(value: float) -> str:
    """A number as an axis says it: 1.5, 350, 12k, 3M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def _across(at: float) -> float:
    return LEFT + at * (WIDTH - LEFT - RIGHT)


def _panel(name: str, points: Points, top: float, x: Callable[[float], float]) -> str:
    most = _round_up(max((value for _, value in points), default=1.0))
    lines = [f'  <text x="{LEFT}" y="{top - 10}" font-weight="600">{escape(name)}</text>']
    for share in (0.0, 0.5, 1.0):
        y = top + PANEL * (1 - share)
        lines.append(f'  <path d="M{LEFT} {y:.1f} H{WIDTH - RIGHT}" stroke="{FAINT}"/>')
        lines.append(f'  <text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{short(most * share)}</text>')
    places = [(_across(x(at)), top + PANEL * (1 - value / most), value) for at, value in sorted(points)]
    way = " L".join(f"{left:.1f} {y:.1f}" for left, y, _ in places)
    lines.append(f'  <path d="M{way}" fill="none" stroke="{LINE}" stroke-width="2"/>')
    for left, y, value in places:
        lines.append(f'  <circle cx="{left:.1f}" cy="{y:.1f}" r="4" fill="{LINE}"><title>{value:.4g}</title></circle>')
    return "\n".join(lines)


def _below(along: str, values: Sequence[float], height: float, x: Callable[[float], float]) -> list[str]:
    y = height - BOTTOM + 18
    lines = [
        f'  <text x="{_across(x(value)):.1f}" y="{y}" text-anchor="middle">{short(value)}</text>' for value in values
    ]
    middle = (LEFT + WIDTH - RIGHT) / 2
    return [*lines, f'  <text x="{middle}" y="{y + 19}" text-anchor="middle" font-weight="600">{escape(along)}</text>']


def _round_up(value: float) -> float:
    """The next of 1, 2, 5, 10, 20, … that is not less."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if value <= step * power * (1 + 1e-9))
