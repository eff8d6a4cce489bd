"""Somebody in front of a screen who keeps a copy of the diary, and minds every promise while it is kept up to date.

The copy is a snapshot and the events after its position, as a real client would have it. Whatever happens to the
network, the processes and the account, in the end it must equal a fresh snapshot.
"""

from __future__ import annotations

import random
import threading
from typing import Any

from .javascript import JsClient, Node, Record
from .rest import Account
from .system import System

Payload = dict[str, Any]

CONNECT_SECONDS = 10.0


class Follower:
    """One account in front of one screen, with its own thread; `complaints` says which promises were broken."""

    EVENTS: tuple[str, ...] = ("appointment:created", "appointment:updated", "appointment:deleted")

    def __init__(self, system: System, node: Node, name: str, channel: str, seed: int) -> None:
        self.name = name
        self.channel = channel
        self.copy: dict[str, Payload] = {}
        self.complaints: list[str] = []
        self.messages = 0
        self.repeated = 0
        self.resyncs = 0
        self.reconnections = 0
        self._system = system
        self._node = node
        self._random = random.Random(seed)
        self._account: Account | None = None
        self._client: JsClient | None = None
        self._position = -1
        self._epoch = ""
        self._seen_in_connection = -1
        self._reached = -1
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"follower {name}", daemon=True)

    def start(self) -> None:
        """Sit down in front of the screen."""
        self._thread.start()

    def stop(self) -> None:
        """Go home."""
        self._stop.set()
        with self._node.happened:
            self._node.happened.notify_all()
        self._thread.join(30)

    @property
    def reached(self) -> int:
        """The position up to which everything has been sent to this screen."""
        return self._reached

    def cut(self) -> None:
        """Lose the network."""
        if self._client is not None:
            self._client.cut()

    def log_out(self) -> None:
        """End the session, as from another screen of the same sign-in."""
        if self._account is not None:
            self._account.call("POST", "/auth/logout", {})

    def differences(self) -> list[str]:
        """What the copy lacks, has too much, or has otherwise than a fresh snapshot of this moment."""
        fresh, _, _ = self._snapshot()
        return differences(self.copy, fresh)

    def _snapshot(self) -> tuple[dict[str, Payload], int, str]:
        """Everything that the account may see now, with the position and epoch to go on from."""
        rows: dict[str, Payload] = {}
        page = self._get("/appointments?limit=200")
        while True:
            rows.update((row["id"], row) for row in page["items"])
            if page["next"] is None:
                return rows, page["position"], page["epoch"]
            page = self._get(f"/appointments?limit=200&after={page['next']}")

    def _get(self, path: str) -> Payload:
        """What a GET gives; whoever was signed out meanwhile signs in again."""
        for _ in range(2):
            account = self._signed_in()
            answer = account.call("GET", path, web=self._random.randrange(len(account.ports)))
            if answer.status == 200:
                return dict(answer.body)
            if answer.status != 401:
                break
            self._account = None
        raise ConnectionError(f"GET {path} was answered with {answer.status} {answer.code}")

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._sit()
            except (AssertionError, OSError, ConnectionError):
                # Refused, cut off, a process or the database away: try again, somewhere else perhaps.
                self._stop.wait(self._random.uniform(0.05, 0.3))

    def _sit(self) -> None:
        """One connection, from its beginning to its end."""
        if self._epoch == "":
            self._take_snapshot()
        client = self._client = self._node.client()
        web = self._random.randrange(len(self._system.ports))
        client.connect(self._system.url(web), self._signed_in().token)
        try:
            self._wait(lambda: any(r["kind"] != "event" or r["name"] == "ready" for r in client.records))
            refused = [record for record in client.records if record["kind"] == "connect_error"]
            if refused:
                self._on_refusal(refused[0])
                return
            self.reconnections += 1
            self._seen_in_connection = -1
            self._follow(client)
        finally:
            client.disconnect()

    def _on_refusal(self, refused: Record) -> None:
        if (refused.get("data") or {}).get("code") in ("unauthorized", "token-expired"):
            self._account = None
        raise ConnectionError("refused")

    def _follow(self, client: JsClient) -> None:
        """Subscribe since the last position, then take what comes until the connection ends."""
        call = client.ask("subscribe", {"channel": self.channel, "since": self._position, "epoch": self._epoch})
        read = 0
        acknowledged = False
        while not self._stop.is_set():
            record = self._next_record(client, read)
            if record is None:
                return
            read += 1
            if record["kind"] == "disconnect":
                return
            if record["kind"] == "answer" and record["call"] == call:
                [answer] = record["answer"]
                if not answer["ok"]:
                    raise ConnectionError(str(answer))
                acknowledged = True
                if answer["resync"]:
                    self._take_snapshot()
                    call = client.ask(
                        "subscribe", {"channel": self.channel, "since": self._position, "epoch": self._epoch}
                    )
                    acknowledged = False
                else:
                    self._reach(answer["position"])
            elif record["kind"] == "event":
                if record["name"] == "resync":
                    self._take_snapshot()
                elif record["name"] == "heartbeat":
                    if acknowledged and record["payload"][0]["epoch"] == self._epoch:
                        self._reach(record["payload"][0]["position"])
                elif record["name"] in self.EVENTS:
                    self._take(record["name"], record["payload"][0])

    def _next_record(self, client: JsClient, number: int) -> Record | None:
        self._wait(lambda: len(client.records) > number)
        return None if self._stop.is_set() else client.records[number]

    def _take(self, name: str, payload: Payload) -> None:
        """One message: mind the promises, then apply it."""
        self.messages += 1
        position = payload["position"]
        if self.channel not in payload["channels"]:
            self.complaints.append(f"{self.name} got a message for {payload['channels']}")
        if payload["epoch"] != self._epoch:
            # Of a log that began after the snapshot: a `resync` is on its way.
            return
        if position <= self._seen_in_connection:
            self.complaints.append(f"{self.name} got {position} after {self._seen_in_connection} on one connection")
        self._seen_in_connection = position
        if position <= self._position:
            self.repeated += 1
            return
        self._position = position
        self._apply(name, payload)

    def _apply(self, name: str, payload: Payload) -> None:
        if name == "appointment:deleted":
            self.copy.pop(payload["appointmentId"], None)
            return
        appointment = payload["appointment"]
        self._mind_audience(appointment)
        known = self.copy.get(appointment["id"])
        if known is None or known["version"] < appointment["version"]:
            self.copy[appointment["id"]] = appointment

    def _mind_audience(self, appointment: Payload) -> None:
        _, kind, *record_id = self.channel.split(":")
        about = (
            {appointment["patientId"]} if kind == "patient" else {appointment["dentistId"], appointment["assistantId"]}
        )
        if record_id and record_id[0] not in about:
            self.complaints.append(f"{self.name} was told of {appointment['id']}, which is not theirs")

    def _take_snapshot(self) -> None:
        self.copy, position, self._epoch = self._snapshot()
        self._position = self._reached = position
        self._seen_in_connection = -1
        self.resyncs += 1

    def _reach(self, position: int) -> None:
        """All of this channel up to here was sent: move the place to go on from."""
        self._reached = max(self._reached, position)
        self._position = max(self._position, position)

    def _signed_in(self) -> Account:
        if self._account is None:
            self._account = Account.sign_in(
                self._random.sample(self._system.ports, len(self._system.ports)),
                f"{self.name}@demo.test",
                "demo-password-1",
            )
        return self._account

    def _wait(self, is_so: Any) -> None:
        with self._node.happened:
            if not self._node.happened.wait_for(lambda: self._stop.is_set() or is_so(), CONNECT_SECONDS):
                raise ConnectionError("nothing happens")


class Listener(Follower):
    """The chatbot: follows what is free, has no snapshot, and keeps every message by its position.

    What it must have heard is what the log says over HTTP since it began to listen.
    """

    EVENTS = ("availability:changed",)
    # All that may be said.
    MEMBERS = frozenset({"position", "epoch", "occurredAt", "channels", "dentistId", "availability"})

    def differences(self) -> list[str]:
        """What was not heard, not said, or heard otherwise than the log has it."""
        said: dict[str, Payload] = {}
        since, more = self._since, True
        while more:
            page = self._get(f"/sync/events?since={since}&epoch={self._epoch}&limit=200")
            for event in page["events"]:
                del event["type"]
                if self.channel in event["channels"]:
                    said[str(event["position"])] = event
            since, more = page["position"], page["more"]
        return differences(self.copy, said)

    def _snapshot(self) -> tuple[dict[str, Payload], int, str]:
        status = self._get("/sync/status")
        self._since: int = status["position"]
        return {}, self._since, status["epoch"]

    def _apply(self, name: str, payload: Payload) -> None:
        if payload.keys() != self.MEMBERS:
            self.complaints.append(f"{self.name} was told {sorted(payload)} in {name}")
        self.copy[str(payload["position"])] = payload


class Desk(Listener):
    """Staff who follow which records change: ids alone, as the log has them, and of each that is another one now."""

    EVENTS = ("record:changed",)
    MEMBERS = frozenset({"position", "epoch", "occurredAt", "channels", "kind", "id", "change"})

    def differences(self) -> list[str]:
        """The same, and the records that have changed in silence."""
        told = {(said["kind"], said["id"]) for said in self.copy.values()}
        silent = [key for key, record in self._records().items() if record != self._known.get(key) and key not in told]
        return [*super().differences(), *(f"was not told of {kind} {record_id}" for kind, record_id in silent)]

    def _snapshot(self) -> tuple[dict[str, Payload], int, str]:
        found = super()._snapshot()
        self._known = self._records()
        return found

    def _records(self) -> dict[tuple[str, str], Payload]:
        """What everybody on the staff may see; which patients a dentist may see follows from appointments."""
        paths = {"treatment": "/treatments?limit=200", "dentist": "/dentists?limit=200"}
        if self.name in ("admin", "desk"):
            paths["patient"] = "/patients?limit=200"
        rows = {(kind, row["id"]): row for kind, path in paths.items() for row in self._get(path)["items"]}
        for row in rows.values():
            # It follows from the appointments, which are told.
            row.pop("noShows", None)
        return rows


def differences(copy: dict[str, Payload], fresh: dict[str, Payload]) -> list[str]:
    """What a copy lacks, has too much, or has otherwise than a fresh snapshot."""
    found = [f"lacks {key}" for key in fresh.keys() - copy.keys()]
    found += [f"still has {key}" for key in copy.keys() - fresh.keys()]
    for key in fresh.keys() & copy.keys():
        changed = {name: (copy[key][name], value) for name, value in fresh[key].items() if copy[key][name] != value}
        if changed:
            found.append(f"{key} differs (copy, fresh): {changed}")
    return found
