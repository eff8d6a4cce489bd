"""The oracle under fire, for a short while; `make soak` does it for long."""

from __future__ import annotations

from pathlib import Path

from dental_sync.local.embedded.temporary import temporary_servers

from ..practice import make_template
from .conftest import running_system
from .javascript import Node
from .soak import SETTINGS, soak


def test_under_fire_nothing_is_lost_doubled_out_of_order_or_leaked(node: Node, tmp_path: Path) -> None:
    """Every screen's copy equals a fresh snapshot, and every acknowledged write was applied exactly once."""
    # Servers of its own: PostgreSQL is among what gets killed.
    with (
        temporary_servers() as servers,
        running_system(servers, make_template(servers.postgres), tmp_path, SETTINGS) as system,
    ):
        report = soak(system, node, seconds=15, seed=7)
        assert report.complaints == []
        assert report.writes > 10
        assert report.faults.total() > 3
        assert system.complaints() == []
