"""Front ends that have the package."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .front_end import Open, front_ends


@pytest.fixture
def open_front_end(packed: Path) -> Iterator[Open]:
    """Open a front end: `open_front_end(system, email, password)`; all are closed at the end."""
    with front_ends(packed) as open_one:
        yield open_one
