"""Where benchmarks keep what they have measured, and the servers that they run on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dental_sync.local.embedded.temporary import TemporaryServers, temporary_servers
from dental_sync.local.run import PROJECT_FOLDER

KEPT = PROJECT_FOLDER / "var" / "bench"
PAGE = PROJECT_FOLDER / "docs" / "performance.md"
PICTURES = PROJECT_FOLDER / "docs" / "pictures"
BASELINE = Path(__file__).parent / "baseline.json"


@contextmanager
def durable_servers() -> Iterator[TemporaryServers]:
    """PostgreSQL and Redis with their data on the disk of this folder: a temporary folder may be memory."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with temporary_servers(durable=True, below=KEPT) as running:
        yield running
