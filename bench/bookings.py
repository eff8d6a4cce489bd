"""How many bookings a second get through the lane with 32 callers, and with one: real processes, one run.

What counts is the ratio: the lane decides together what came together.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from dental_sync.local.embedded.temporary import temporary_servers
from tests.live.conftest import running_system
from tests.live.system import System
from tests.practice import make_template

MANY = 32


def main() -> None:
    """Start a system, book with one caller and then with many, and print what got through."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    seconds = parser.parse_args().seconds
    with temporary_servers() as servers, tempfile.TemporaryDirectory() as logs:
        template = make_template(servers.postgres)
        settings = {"RATE_LIMIT_PER_MINUTE": "1000000"}
        with running_system(servers, template, Path(logs), settings) as system:
            wishes = free_times(system)
            book(system, wishes, callers=1, seconds=1)
            alone = book(system, wishes, callers=1, seconds=seconds)
            together = book(system, wishes, callers=MANY, seconds=seconds)
    for callers, took in ((1, alone), (MANY, together)):
        print(
            f"{callers:3} callers: {len(took) / seconds:7.1f} bookings/s, "
            f"answered within {1000 * statistics.median(took):.1f} ms (half of them), {1000 * max(took):.0f} ms (all)"
        )
    print(f"{MANY} callers get {len(together) / len(alone):.1f} times as much done as one")


def free_times(system: System) -> Iterator[bytes]:
    """Bodies that book, each for a patient and a dentist who are free."""
    dentists = [system.account(f"dentist{number}").dentist_id for number in range(1, 4)]
    patients = [system.account(f"patient{number}").patient_id for number in range(1, 4)]
    while True:
        opening = system.opening()
        for dentist, patient in zip(dentists, patients, strict=True):
            yield json.dumps(opening.with_dentist(dentist, patientId=patient)).encode()


def book(system: System, wishes: Iterator[bytes], *, callers: int, seconds: float) -> list[float]:
    """Book one after the other on each connection for so long; gives the seconds that each call took."""
    token = system.account("admin").token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    took: list[float] = []
    taking = threading.Lock()
    begin = threading.Barrier(callers)

    def caller(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", system.ports[number % len(system.ports)], timeout=60)
        begin.wait()
        deadline = time.perf_counter() + seconds
        while (started := time.perf_counter()) < deadline:
            with taking:
                wish = next(wishes)
            connection.request("POST", "/api/appointments", wish, headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status == 201, text
            took.append(time.perf_counter() - started)
        connection.close()

    threads = [threading.Thread(target=caller, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took


if __name__ == "__main__":
    main()
