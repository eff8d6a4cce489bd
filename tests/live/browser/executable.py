"""Which Chromium there is: the one that $CHROMIUM names, the machine's, or one from a package.

As a program it says whether the machine has one; `make browser` unpacks the package's otherwise.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
ON_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
UNPACKED = Path(__file__).parent / "chromium" / "unpacked"


@dataclass(frozen=True)
class Executable:
    """A Chromium, and what it needs to run."""

    path: str
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def of_the_machine() -> Executable | None:
    """The one that $CHROMIUM names, else one that is installed."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and ON_MACOS.exists():
        found = str(ON_MACOS)
    # A sandbox needs somebody who is not root.
    return None if found is None else Executable(found, ("--no-sandbox",) if os.geteuid() == 0 else ())


def of_the_package() -> Executable:
    """It brings the libraries and a font that a bare machine does not have; for a sandbox it has no helper."""
    assert UNPACKED.exists(), "there is no Chromium: `make browser` gets one, or set CHROMIUM to where yours is"
    libraries = [str(UNPACKED / "al2023" / "lib"), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]
    environment = {"LD_LIBRARY_PATH": ":".join(libraries), "FONTCONFIG_PATH": str(UNPACKED / "fonts")}
    return Executable(str(UNPACKED / "chromium"), ("--no-sandbox",), environment)


def find() -> Executable:
    """The one to take."""
    return of_the_machine() or of_the_package()


if __name__ == "__main__":
    sys.exit(of_the_machine() is None)
