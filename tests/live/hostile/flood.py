"""A flood, as a process of its own: everything that a stranger may do to a web process, without a pause.

Sign-ins with a wrong password, connections that say nothing, requests that are not HTTP, polling sessions that nobody
needs, and one account that subscribes to the same channel again and again.

Run as `python -m tests.live.hostile.flood PORT… --seconds S --token TOKEN --channel NAME --mark WORD`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from tests.live.raw import RawConnection

# How many of each kind at once.
SIGN_INS = 8
SILENT = 40
MALFORMED = 4
POLLING = 4
SUBSCRIBERS = 4

GARBAGE = (
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
    b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nMARK",
    b"POST /api/auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nMARK\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03MARK\r\n\r\n",
)


class Flood:
    """What the attackers share."""

    def __init__(self, ports: list[int], *, seconds: float, token: str, channel: str, mark: str) -> None:
        self.ports = ports
        self.token = token
        self.channel = channel
        self.mark = mark
        self.done = {"signIns": 0, "silent": 0, "malformed": 0, "polling": 0, "subscribed": 0}
        self._ends_at = time.monotonic() + seconds

    def run(self) -> None:
        """Flood until the time is over."""
        attackers: list[tuple[int, Callable[[int], None]]] = [
            (SIGN_INS, self._sign_in),
            (SILENT, self._say_nothing),
            (MALFORMED, self._send_garbage),
            (POLLING, self._poll),
            (SUBSCRIBERS, self._subscribe),
        ]
        threads = [
            threading.Thread(target=self._again_and_again, args=(attack, number), daemon=True)
            for count, attack in attackers
            for number in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(max(0.0, self._ends_at - time.monotonic()) + 5)

    def _again_and_again(self, attack: Callable[[int], None], number: int) -> None:
        while time.monotonic() < self._ends_at:
            # Whatever a web process does to an attacker, the next one comes.
            with suppress(OSError, http.client.HTTPException, AssertionError):
                attack(self.ports[number % len(self.ports)])

    def _sign_in(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        body = json.dumps({"email": f"{self.mark}@demo.test", "password": f"{self.mark}-password"})
        connection.request("POST", "/api/auth/login", body, {"Content-Type": "application/json"})
        connection.getresponse().read()
        connection.close()
        self.done["signIns"] += 1

    def _say_nothing(self, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as silent:
            silent.settimeout(2)
            with suppress(TimeoutError):
                silent.recv(1)
        self.done["silent"] += 1

    def _send_garbage(self, port: int) -> None:
        for request in GARBAGE:
            with RawConnection(port) as connection:
                connection.send(request.replace(b"MARK", self.mark.encode()))
                connection.is_closed_within(0.2)
            self.done["malformed"] += 1

    def _poll(self, port: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/socket.io/?EIO=4&transport=polling")
        connection.getresponse().read()
        connection.request("GET", f"/socket.io/?EIO=4&transport=polling&sid=%0a{self.mark}")
        connection.getresponse().read()
        connection.close()
        self.done["polling"] += 1

    def _subscribe(self, port: int) -> None:
        with RawConnection(port) as connection:
            connection.sign_in(self.token)
            for number in range(1_000):
                connection.call("subscribe", {"channel": self.channel}, number=number + 1)
                self.done["subscribed"] += 1
                if time.monotonic() > self._ends_at:
                    return


def main() -> None:
    """Flood, and say as JSON how often each thing was done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ports", type=int, nargs="+")
    parser.add_argument("--seconds", type=float, required=True)
    for name in ("--token", "--channel", "--mark"):
        parser.add_argument(name, required=True)
    wanted = parser.parse_args()
    flood = Flood(wanted.ports, seconds=wanted.seconds, token=wanted.token, channel=wanted.channel, mark=wanted.mark)
    flood.run()
    sys.stdout.write(json.dumps(flood.done))


if __name__ == "__main__":
    main()
