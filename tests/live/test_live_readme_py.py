"""The samples in the README of the Python client, as a newcomer runs them."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from dental_sync.local.run import PROJECT_FOLDER

from .system import System
from .test_live_readme import README_ADDRESS

SAMPLES = re.findall(r"```python\n(.*?)```", (PROJECT_FOLDER / "clients/python/README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("sample", SAMPLES, ids=["threads", "asyncio"])
def test_a_sample_follows_and_ends(system: System, sample: str) -> None:
    """It says that it is live, and nothing of what it started keeps it from ending."""
    assert README_ADDRESS in sample
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", sample.replace(README_ADDRESS, system.url())],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert "followed: availability:all live" in said.stdout
