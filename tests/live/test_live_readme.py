"""The README's first booking, as a newcomer pastes it."""

from __future__ import annotations

import re
import subprocess
import threading
from pathlib import Path

from dental_sync.local.run import PROJECT_FOLDER

from .conftest import StartSystem
from .system import System, wait_until

README_ADDRESS = "http://127.0.0.1:3000"


def block_with(language: str, words: str, system: System) -> str:
    """The README's block in a language that has these words, with the system's address."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (PROJECT_FOLDER / "README.md").read_text(), re.DOTALL)
    [block] = [block for block in blocks if words in block]
    assert README_ADDRESS in block
    return str(block.replace(README_ADDRESS, system.url()))


def test_the_first_booking_works_as_written(start_system: StartSystem, tmp_path: Path) -> None:
    """The portal of fifteen lines prints the appointment that three lines of curl have booked."""
    system = start_system()
    (tmp_path / "portal.mjs").write_text(block_with("js", "socket.io-client", system))
    (tmp_path / "node_modules").symlink_to(Path(__file__).parent / "node_modules")
    said: list[str] = []
    with subprocess.Popen(["node", "portal.mjs"], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as portal:
        assert portal.stdout is not None
        reader = threading.Thread(target=said.extend, args=[portal.stdout], daemon=True)
        reader.start()
        try:
            wait_until(lambda: "ok: true" in "".join(said), 20, lambda: f"the portal did not subscribe: {said}")
            booking = block_with("sh", "/api/appointments", system)
            answers = [
                subprocess.run(["bash", "-ec", booking], capture_output=True, text=True, check=True).stdout
                for _ in range(2)
            ]
            assert answers[0].startswith("HTTP/1.1 201"), answers[0]
            assert '"slot-taken"' in answers[1]
            wait_until(lambda: "New appointment:" in "".join(said), 10, lambda: f"the portal printed only {said}")
        finally:
            portal.kill()
            reader.join(10)
    assert "Mia Schmidt" in "".join(said)
