"""The Python samples of the README and of examples/ work as written."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from dental_sync.local.run import PROJECT_FOLDER

from ..system import System, wait_until
from ..test_live_readme import block_with
from .follower import LIVE_SECONDS, book


def test_the_readmes_python_works_as_written(system: System, capfd: pytest.CaptureFixture[str]) -> None:
    """It prints that everything is there, and an appointment that is booked then."""
    said = ""

    def has_printed(words: str) -> bool:
        nonlocal said
        said += capfd.readouterr().out
        return words in said

    there: dict[str, Any] = {}
    exec(block_with("python", "RealtimeSync", system), there)  # noqa: S102 - it is ours
    try:
        wait_until(lambda: has_printed("live 20"), LIVE_SECONDS, lambda: f"it printed only {said}")
        [booked], _ = book(system, 1)
        wait_until(lambda: has_printed(f"New appointment: {{'id': '{booked}'"), 10, lambda: f"it printed only {said}")
    finally:
        there["sync"].close()
    assert there["subscription"].channel_name == f"appointments:patient:{system.account('patient1').patient_id}"


def test_the_chatbot_of_the_examples_answers_anew_when_somebody_books(system: System) -> None:
    """It prints three times, and others as soon as the first of them is taken."""
    said: list[str] = []
    command = [sys.executable, "-u", "examples/chatbot.py", "--url", system.url()]
    with subprocess.Popen(command, cwd=PROJECT_FOLDER, stdout=subprocess.PIPE, text=True) as chatbot:
        assert chatbot.stdout is not None
        reader = threading.Thread(target=said.extend, args=[chatbot.stdout], daemon=True)
        reader.start()
        try:
            wait_until(lambda: len(said) >= 4, 20, lambda: f"it said only {said}")
            patient = system.account("patient1")
            [filling] = [each for each in patient.get("/treatments")["items"] if each["name"] == "Filling"]
            now = datetime.now(UTC)
            times = {
                "from": now.isoformat(),
                "to": (now + timedelta(days=14)).isoformat(),
                "treatmentId": filling["id"],
            }
            first = patient.get(f"/availability?{urlencode(times)}")["slots"][0]
            body = {"dentistId": first["dentistId"], "startsAt": first["startsAt"], "treatmentId": filling["id"]}
            # A new patient: those of the demo may have another appointment at that time.
            admin = system.account("admin")
            somebody = {"patientId": admin.done("POST", "/patients", {"name": "Sam Somebody"})["id"]}
            admin.done("POST", "/appointments", {**body, **somebody})
            wait_until(lambda: len(said) >= 8, 10, lambda: f"it said only {said}")
        finally:
            chatbot.kill()
            reader.join(10)
    assert said[0] == said[4] == "The next free times for: Filling (60 minutes)\n"
    assert said[1:4] != said[5:8]
