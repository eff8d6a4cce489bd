"""The Python side of service.mjs: applications with the package, and what they were told, in order."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dental_sync.records.demo import PASSWORD as DEMO_PASSWORD

from ..javascript import JsClient, Node, Record
from ..system import System

# The states in which there is a connection.
CONNECTED = ("catching-up", "live")


class FrontEnd:
    """One application with the package; `client.records` has what happened to it."""

    def __init__(self, node: Node, system: System, email: str, password: str, **options: object) -> None:
        self.client: JsClient = node.client()
        self._node = node
        self._calls = itertools.count(1)
        self.do("create", port=system.ports[0], email=email, password=password, **options)
        self.client.wait_for_record(lambda record: record["kind"] == "created", "the front end")

    def do(self, command: str, **more: object) -> None:
        """Give one of the commands of service.mjs."""
        self._node.send({"do": command, "client": self.client.number, **more})

    def subscribe(self, name: str, method: str, *values: object) -> None:
        """Call one of the package's methods that subscribe; what its callbacks are told is kept under a name."""
        self.do("subscribe", name=name, method=method, values=values)

    def describe(self) -> Record:
        """What it has now."""
        call = next(self._calls)
        self.do("describe", call=call)
        return self.client.wait_for_record(
            lambda record: record["kind"] == "description" and record["call"] == call, "a description"
        )

    def told(self, name: str, what: str) -> list[Any]:
        """The first value that each callback was given, in order."""
        return [
            record["values"][0]
            for record in self.client.records
            if record["kind"] == "told" and (record["name"], record["what"]) == (name, what)
        ]

    def all_told(self, name: str) -> list[tuple[str, Any]]:
        """What the callbacks of one subscription were told, whichever they were: what, and the first value."""
        return [
            (record["what"], record["values"][0])
            for record in self.client.records
            if record["kind"] == "told" and record["name"] == name
        ]

    def states(self) -> list[str]:
        """Each state that it was in."""
        return [record["status"] for record in self.client.records if record["kind"] == "state"]

    def state(self) -> str | None:
        """The state that it is in."""
        return next((record["status"] for record in reversed(self.client.records) if record["kind"] == "state"), None)

    def losses(self) -> list[str]:
        """In which state it was each time that it lost its connection."""
        return [
            before for before, after in itertools.pairwise(self.states()) if before in CONNECTED and after == "offline"
        ]

    def wait_live(self, seconds: float = 15.0) -> None:
        """Wait until it says that nothing is missing."""
        self.client.wait_for(lambda: self.state() == "live", "live", seconds)

    def wait_told(self, name: str, what: str, is_it: Callable[[Any], bool]) -> None:
        """Wait until a callback was given a certain value."""
        self.client.wait_for(lambda: any(map(is_it, self.told(name, what))), f"{name} to be told {what}")

    def wait_created(self, name: str, appointment: dict[str, Any]) -> None:
        """Wait until it was told that an appointment was made."""
        self.wait_told(name, "created", lambda told: told["id"] == appointment["id"])


Open = Callable[..., FrontEnd]


@contextmanager
def front_ends(packed: Path) -> Iterator[Open]:
    """Open front ends: `open_one(system, email, password)`, as the admin unless said; all are closed at the end."""
    opened: list[FrontEnd] = []
    script = packed / "service.mjs"
    shutil.copy(Path(__file__).parent / script.name, script)
    with Node(script) as node:

        def open_one(
            system: System, email: str = "admin@demo.test", password: str = DEMO_PASSWORD, **more: object
        ) -> FrontEnd:
            opened.append(FrontEnd(node, system, email, password, **more))
            return opened[-1]

        yield open_one
        for front_end in opened:
            front_end.do("close")
