"""What the documents say about the code is so."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_every_test_that_the_protocol_names_exists() -> None:
    """Each promise names the tests that hold it; a test that is renamed takes its name along."""
    names = ("protocol.md", "public.md", "families.md", "mails.md", "codes.md", "data.md", "audit.md", "permissions.md")
    pages = [(ROOT / "docs" / name).read_text() for name in names]
    named = {name for page in pages for name in re.findall(r"`(test_\w+)`", page)}
    sources = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    there = {name for source in sources for name in re.findall(r"^def (test_\w+)", source, re.MULTILINE)}
    assert len(named) > 20
    assert named <= there


def test_the_architecture_says_of_each_room_what_its_package_says() -> None:
    """A newcomer reads the same sentence on the page and in the code; a package that is added is on the page."""
    page = (ROOT / "ARCHITECTURE.md").read_text()
    told = dict(re.findall(r"^\| `(\w+)/` \| (.+) \|$", page, re.MULTILINE))
    packages = {path.parent.name: path.read_text() for path in (ROOT / "dental_sync").glob("*/__init__.py")}
    assert told == {name: ast.get_docstring(ast.parse(source)) for name, source in packages.items()}


# Recipes name files that are to be made.
RECIPES = ROOT / "docs" / "adding.md"
PAGES = [ROOT / "Makefile", *ROOT.glob("*.md"), *(ROOT / "bench").glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_every_file_that_a_page_or_the_makefile_names_is_there() -> None:
    """A file that moves takes its mentions along; packages may be named without `dental_sync/`."""
    named = re.compile(r"\b(?:bench|clients|dental_sync|docs|examples|migrations|tests|web)/[\w./-]+\.\w+\b")
    packages = "|".join(path.parent.name for path in (ROOT / "dental_sync").glob("*/__init__.py"))
    short = re.compile(rf"`((?:{packages})/[\w/]+\.py)")
    pages = {page: page.read_text() for page in PAGES if page != RECIPES}
    found = {(page.name, ROOT / path) for page, text in pages.items() for path in named.findall(text)}
    found |= {(page.name, ROOT / "dental_sync" / path) for page, text in pages.items() for path in short.findall(text)}
    assert len(found) > 50
    # What `make` installs and builds may not be there yet.
    found = {(name, path) for name, path in found if not {"node_modules", "dist"} & set(path.parts)}
    assert [(name, str(path)) for name, path in sorted(found) if not path.exists()] == []
