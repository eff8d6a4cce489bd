"""What sixty sign-ins at once cost everybody else at the same process: a list every 100 ms, quiet and meanwhile.

What counts is the ratio: passwords are hashed in one place less than there are processors, at low priority.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from pathlib import Path

from bench.parts import Figure, tell
from dental_sync.local.embedded.temporary import temporary_servers
from dental_sync.records import demo
from tests.live.callers import all_at_once
from tests.live.conftest import running_system
from tests.live.rest import Answer, call
from tests.live.system import System
from tests.practice import make_template

SIGN_INS = 60
QUIET_SECONDS = 10.0
EVERY_SECONDS = 0.1


def figures() -> list[Figure]:
    """Start a system, read a list in quiet and while everybody signs in."""
    with temporary_servers() as servers, tempfile.TemporaryDirectory() as logs:
        template = make_template(servers.postgres)
        settings = {"RATE_LIMIT_PER_MINUTE": "1000000", "LOGIN_LIMIT_PER_MINUTE": "1000000"}
        with running_system(servers, template, Path(logs), settings) as system:
            read_lists(system, until_over(QUIET_SECONDS))
            quiet = read_lists(system, until_over(QUIET_SECONDS))
            answers, seconds, meanwhile = sign_everybody_in(system)
    signed_in = sum(answer.status == 200 for answer in answers)
    return [
        (f"{SIGN_INS} sign-ins at once at one web process", f"{signed_in} of them within {seconds:.1f} s"),
        ("a list beside them, half and 95 %", told(meanwhile)),
        ("a list in quiet, half and 95 %", told(quiet)),
    ]


def told(seconds: list[float]) -> str:
    return f"{1000 * statistics.median(seconds):.0f} ms and {1000 * p95(seconds):.0f} ms"


def until_over(seconds: float) -> threading.Event:
    """What is set after so long."""
    over = threading.Event()
    threading.Timer(seconds, over.set).start()
    return over


def read_lists(system: System, over: threading.Event) -> list[float]:
    """Read a dentist's list every 100 ms; gives the seconds that each took."""
    dentist = system.account("dentist1")
    took: list[float] = []
    while not over.is_set():
        began = time.perf_counter()
        dentist.get("/appointments?limit=50")
        took.append(time.perf_counter() - began)
        time.sleep(max(0.0, EVERY_SECONDS - took[-1]))
    return took


def sign_everybody_in(system: System) -> tuple[list[Answer], float, list[float]]:
    """Sixty sign-ins at one process: the answers, how long they took together, and each list meanwhile."""
    over = threading.Event()
    answers: list[Answer] = []

    def sign_in(number: int) -> Answer:
        body = {"email": f"patient{number % 12 + 1}@demo.test", "password": demo.PASSWORD}
        return call(system.ports[0], "POST", "/api/auth/login", body)

    def flood() -> None:
        answers.extend(all_at_once([lambda number=number: sign_in(number) for number in range(SIGN_INS)]))
        over.set()

    began = time.perf_counter()
    thread = threading.Thread(target=flood)
    thread.start()
    meanwhile = read_lists(system, over)
    thread.join()
    return answers, time.perf_counter() - began, meanwhile


def p95(took: list[float]) -> float:
    """The time within which 95 of 100 were answered."""
    return statistics.quantiles(took, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    tell(figures())
