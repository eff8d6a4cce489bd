"""Both clients behind a proxy that serves the practice below a path: REST and live messages, with nothing but a url."""

from __future__ import annotations

import sys
from pathlib import Path

import requests

from .behind_a_path import PATH, proxy
from .conftest import StartSystem
from .program import program
from .readmes import ADDRESS, samples
from .system import System
from .witnesses import booking


def follows(system: System, command: list[str], folder: Path) -> None:
    """A program is live, and tells of a booking and of its end."""
    patient = system.account("patient1")
    with program(command, folder) as following:
        following.wait_said("live")
        booked = patient.done("POST", "/appointments", booking(system))
        following.wait_said("New appointment:")
        patient.done("POST", f"/appointments/{booked['id']}/cancel", {})
        following.wait_said("Updated appointment:")


def test_both_clients_follow_behind_a_path(start_system: StartSystem, packed: Path, tmp_path: Path) -> None:
    """The samples of the README with that address, which the proxy alone serves; the documentation is behind it too."""
    system = start_system(TRUSTED_PROXIES="1")
    [in_node], [in_python] = samples("README.md", "ts"), samples("README.md", "python")
    (tmp_path / "node_modules").symlink_to(packed / "node_modules")
    with proxy(system.ports[0]) as address:
        (tmp_path / "follow.mjs").write_text(in_node.text.replace(ADDRESS, address))
        (tmp_path / "follow.py").write_text(in_python.text.replace(ADDRESS, address))
        follows(system, ["node", "follow.mjs"], tmp_path)
        follows(system, [sys.executable, "-u", "follow.py"], tmp_path)
        page = requests.get(f"{address}/api/docs", timeout=10)
        assert page.url == f"{address}/api/docs/"
        assert "swagger-ui-bundle.js" in page.text
        assert requests.get(f"{address}/api/docs/swagger-ui.css", timeout=10).ok
        assert requests.get(f"{address}/api/openapi.json", timeout=10).json()["servers"] == [{"url": PATH}]
