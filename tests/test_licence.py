"""Everything that is handed on comes with its licence."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DISTRIBUTIONS = ("clients/python", "clients/typescript")


def test_what_is_packed_has_the_licence_in_it() -> None:
    """Packages are made of a folder each, and a licence beside them would be left behind."""
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("MIT License\n")
    for folder in DISTRIBUTIONS:
        assert (ROOT / folder / "LICENSE").read_text() == text, folder


def test_what_is_packed_says_its_licence() -> None:
    """By its identifier (SPDX), as the API's description does."""
    for folder in (".", "clients/python"):
        assert tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]["license"] == "MIT", folder
    assert json.loads((ROOT / "clients/typescript/package.json").read_text())["license"] == "MIT"
