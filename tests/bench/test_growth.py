"""Curves that take hours go on where they were ended."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from bench import growth


def test_a_point_that_is_kept_is_not_measured_again(tmp_path: Path) -> None:
    """It would start servers, and fill tables for an hour."""
    kept = tmp_path / "growth.json"
    kept.write_text(json.dumps({"log": {"5000000": {"ms": 5.0}}}))
    before = kept.stat().st_mtime_ns
    growth.measure_once(kept, "log", 5_000_000)
    assert kept.stat().st_mtime_ns == before


def test_what_is_there_so_far_is_drawn(tmp_path: Path) -> None:
    """In the order of the sizes, whichever was measured first; a curve without a point has no picture."""
    found = {"log": {"50000": {"ms": 6.0, "added later": 1.0}, "0": {"ms": 5.0}}}
    assert growth.draw(found, tmp_path) == [("How figures grow with rows of the log", "growth-log.svg")]
    picture = ElementTree.parse(tmp_path / "growth-log.svg")
    titles = [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["How figures grow with rows of the log", "5", "6", "1"]
    assert [path.name for path in tmp_path.iterdir()] == ["growth-log.svg"]


def test_before_the_first_point_nothing_is_there(tmp_path: Path) -> None:
    """An ended run may have measured nothing."""
    assert growth.load(tmp_path / "growth.json") == {}
    assert growth.draw({}, tmp_path) == []
