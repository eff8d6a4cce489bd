"""The Python samples of the README and of examples/ work as written."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dental_sync.local.run import PROJECT_FOLDER

from ..program import Program, program
from ..readmes import Sample, samples
from ..system import System, wait_until
from .follower import book


def run_as_written(sample: Sample, system: System, folder: Path) -> AbstractContextManager[Program]:
    """A bare `python follow.py`."""
    (folder / "follow.py").write_text(sample.at(system))
    return program([sys.executable, "-u", "-W", "error", "follow.py"], folder)


def test_the_readmes_python_works_as_written(system: System, tmp_path: Path) -> None:
    """It goes on until Ctrl-C, and tells of a booking by this machine's clock, and of what becomes of it."""
    [sample] = samples("README.md", "python")
    with run_as_written(sample, system, tmp_path) as following:
        following.wait_said("live 20")
        [booked], _ = book(system, 1)
        starts = datetime.fromisoformat(system.account("patient1").get(f"/appointments/{booked}")["startsAt"])
        following.wait_said(f"New appointment: {starts.astimezone():%A %d %B, %H:%M} ")
        system.account("patient1").done("POST", f"/appointments/{booked}/cancel", {})
        following.wait_said("Updated appointment:")
        assert following.interrupt() == 0
    assert following.complained() == ""


@pytest.mark.parametrize("number", [0, 1], ids=["threads", "asyncio"])
def test_a_sample_of_the_package_follows_until_it_is_interrupted(system: System, tmp_path: Path, number: int) -> None:
    """It says that it is live, tells what changes, and Ctrl-C ends it without a word more."""
    sample = samples("clients/python/README.md", "python")[number]
    with run_as_written(sample, system, tmp_path) as following:
        following.wait_said("availability:all live")
        book(system, 1)
        following.wait_said("'change': 'busy'")
        assert following.interrupt() == 0
    assert following.complained() == ""


def test_there_are_no_other_samples_in_python() -> None:
    """Whoever adds one adds its test."""
    assert [len(samples(readme, "python")) for readme in ("README.md", "clients/python/README.md")] == [1, 2]


def test_the_chatbot_waits_for_a_practice_that_is_not_there() -> None:
    """In one line."""
    with program([sys.executable, "-u", "examples/chatbot.py", "--url", "http://127.0.0.1:9"], PROJECT_FOLDER) as bot:
        bot.wait_said("Is `make run` running?")
        assert bot.interrupt() == 0
    assert len(bot.said().split()) < 20
    assert bot.complained() == ""


def test_the_chatbot_goes_on_when_the_practice_is_back(sturdy: System) -> None:
    """A server that is away for a while is one line, and no traceback."""
    with program([sys.executable, "-u", "examples/chatbot.py", "--url", sturdy.url()], PROJECT_FOLDER) as bot:
        bot.wait_said("The next free times for: Filling")
        sturdy.web[0].kill()
        bot.wait_said("does not answer")
        sturdy.start()
        bot.wait_said("The next free times for: Filling", times=2)
        assert bot.interrupt() == 0
    assert "Traceback" not in bot.said() + bot.complained()
    assert len(bot.complained().splitlines()) <= 1


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
