"""A folder to run in, for the tests of `dental-sync run`."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="dental-sync-"))
    folder.chmod(0o755)  # or for root the servers would have to go elsewhere
    made = Stage(folder)
    yield made
    for run in made.runs:
        if run.process.poll() is None:
            run.process.terminate()
        run.end(60)
    made.wait_until_nothing_is_left()
    shutil.rmtree(folder)
