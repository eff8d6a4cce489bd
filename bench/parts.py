"""Figures of single parts, each from a benchmark of its own that can also be run alone."""

from __future__ import annotations

# What was measured, and its value, in words.
Figure = tuple[str, str]


def tell(figures: list[Figure]) -> None:
    """Print them."""
    for what, value in figures:
        print(f"{what}: {value}")
