"""No file of ours is too long to be read in one go."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("bench", "clients", "dental_sync", "docs", "examples", "migrations", "tests", "web")
MOST_LINES = 400
# What tools make, and nobody reads from top to bottom.
WIRE = "clients/typescript/src/wire"
MADE = {"docs/asyncapi.yaml", f"{WIRE}/events.ts", f"{WIRE}/operations.ts", f"{WIRE}/rest.ts"}
LOCK_FILE = "package-lock.json"
CATALOG = ".po"
IMAGES = {".jpg", ".png", ".svg", ".webp"}
# What is installed or built in our folders, where no git says what is tracked.
NOT_OURS = {"__pycache__", "dist", "node_modules", "unpacked"}


def tracked() -> list[Path]:
    """What git tracks in our folders; empty where git or its folder is not there."""
    if shutil.which("git") is None:
        return []
    listed = subprocess.run(["git", "ls-files", "-z", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=False)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def walked() -> list[Path]:
    """What lies in our folders."""
    found = []
    for folder in FOLDERS:
        for place, folders, names in os.walk(ROOT / folder):
            folders[:] = [
                name for name in folders if name not in NOT_OURS and not name.endswith(".egg-info") and name[0] != "."
            ]
            found += [Path(place, name) for name in names]
    return found


def test_no_file_of_ours_has_more_than_400_lines() -> None:
    """A file that grows beyond that has more than one subject: split it by what its parts promise."""
    files = [path for path in tracked() or walked() if path.is_file() and path.suffix not in IMAGES]
    lines = {
        name: len(path.read_bytes().splitlines())
        for path in files
        if path.name != LOCK_FILE and path.suffix != CATALOG and (name := path.relative_to(ROOT).as_posix()) not in MADE
    }
    assert len(lines) > 200
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}
