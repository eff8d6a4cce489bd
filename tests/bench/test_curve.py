"""A picture shows each point where it belongs, from nought."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from bench.curve import scale, short, svg

SVG = "{http://www.w3.org/2000/svg}"


def _circles(picture: str) -> list[tuple[float, float]]:
    found = ElementTree.fromstring(picture).iter(f"{SVG}circle")
    return [(float(circle.attrib["cx"]), float(circle.attrib["cy"])) for circle in found]


def test_what_is_twice_as_much_is_twice_as_high() -> None:
    """A panel begins at nought, so that nobody is frightened or soothed by where an axis begins."""
    picture = svg("Growth", "sockets", [("ms", [(100, 4.0), (200, 8.0), (300, 0.0)])])
    (_, first), (_, second), (_, nought) = _circles(picture)
    assert nought - second == pytest.approx(2 * (nought - first))


def test_a_picture_is_valid_xml_whatever_it_is_called() -> None:
    """And says its title, its axis and each panel."""
    picture = svg("a < b & c", "rows & more", [("p < 1", [(1, 1.0)]), ("q", [(1, 2.0)])])
    texts = [text.text for text in ElementTree.fromstring(picture).iter(f"{SVG}text")]
    assert {"p < 1", "q", "rows & more", "1"} <= set(texts)
    assert ElementTree.fromstring(picture).findtext(f"{SVG}title") == "a < b & c"


def test_powers_of_ten_are_equally_far_apart_where_the_range_is_wide() -> None:
    """Ten thousand and ten million fit into one picture, and nought has a place before the least."""
    at = scale([10_000, 100_000, 1_000_000, 10_000_000])
    assert [at(value) for value in (1e4, 1e5, 1e6, 1e7)] == pytest.approx([0, 1 / 3, 2 / 3, 1])
    at = scale([0, 50_000, 500_000, 5_000_000])
    assert [at(value) for value in (0, 5e4, 5e5, 5e6)] == pytest.approx([0, 1 / 3, 2 / 3, 1])


def test_a_narrow_range_is_drawn_as_it_is() -> None:
    """One, two and four processes: four is twice as far from two as two is from one."""
    at = scale([1, 2, 4])
    assert [at(value) for value in (1, 2, 4)] == pytest.approx([0, 1 / 3, 1])
    assert scale([7])(7) == 0.5


@pytest.mark.parametrize(("value", "said"), [(0.0, "0"), (1.5, "1.5"), (350, "350"), (12_000, "12k"), (3e6, "3M")])
def test_an_axis_says_large_numbers_shortly(value: float, said: str) -> None:
    """They stand beside one another below the picture."""
    assert short(value) == said


def test_no_point_lies_outside() -> None:
    """Neither above its panel nor beside the picture."""
    picture = svg("Growth", "rows", [("ms", [(0, 0.001), (10, 99.9), (5e6, 1234.5)])])
    width, height = (float(number) for number in re.findall(r'viewBox="0 0 (\d+) (\d+)"', picture)[0])
    assert all(0 < x < width and 0 < y < height for x, y in _circles(picture))
