"""A Python client that notes what it was told and what came through its socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from dental_sync_client import RealtimeSync, SyncError
from dental_sync_client.transport import CLOSED, CONNECTED, LOST, REFUSED, Answered, Receive, SocketIO
from jsonschema import Draft202012Validator
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from dental_sync.core.config import sqlalchemy_url
from dental_sync.core.late_begin import LateBegin
from dental_sync.sockets import asyncapi
from dental_sync.sync import log

from ..rest import Account
from ..system import System, wait_until

LIVE_SECONDS = 15.0


class Tapped(SocketIO):
    """The real socket, and a note of whatever came through it."""

    def __init__(self, receive: Receive, wire: list[tuple[str, Any]]) -> None:
        self._wire = wire

        def noted(event: str, payload: Any) -> None:
            wire.append((event, payload))
            receive(event, payload)

        super().__init__(noted)

    def ask(self, event: str, payload: dict[str, Any], answered: Answered) -> None:
        def noted(answer: Any) -> None:
            self._wire.append((f"{event} (acknowledgement)", answer))
            answered(answer)

        super().ask(event, payload, noted)

    def cut(self) -> None:
        """The network is gone, in the middle of whatever it is."""
        self._client.eio.ws.sock.shutdown(socket.SHUT_RDWR)


def assert_described(wire: list[tuple[str, Any]]) -> None:
    """Whatever came is as the AsyncAPI document says."""
    document = asyncapi.document()
    payloads = {message["name"]: message["payload"] for message in document["components"]["messages"].values()}
    payloads |= {message["name"]: message["payload"] for message in sent_by_the_server(document)}
    for event, payload in wire:
        if event not in (CONNECTED, REFUSED, CLOSED, LOST):
            name = "refused" if event.endswith("(acknowledgement)") and not payload["ok"] else event
            Draft202012Validator({**payloads[name], "components": document["components"]}).validate(payload)


def sent_by_the_server(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of its own, where a client has an event of the same name."""
    sent = [each["messages"][0]["$ref"] for each in document["operations"].values() if each["action"] == "send"]
    return [document["components"]["messages"][reference.rpartition("/")[2]] for reference in sent]


class Follower:
    """A client, and what it was told."""

    def __init__(self, url: str, get_token: Callable[[], str], **options: Any) -> None:
        self.told: list[tuple[str, Any]] = []
        self.threads: set[int] = set()
        self.resyncs: list[tuple[Any, ...]] = []
        self.errors: list[SyncError] = []
        # For each token that was fetched, whether it had to be fresh.
        self.fresh: list[bool] = []
        self._get_token = get_token
        self.wire: list[tuple[str, Any]] = []
        self.sync = RealtimeSync(
            url,
            self._token,
            on_resync=lambda *resync: self.resyncs.append(resync),
            on_error=self.errors.append,
            new_socket=self._new_socket,
            **options,
        )

    def _new_socket(self, receive: Receive) -> Tapped:
        self.socket = Tapped(receive, self.wire)
        return self.socket

    @property
    def connections(self) -> int:
        """How often it was let in."""
        return [event for event, _ in self.wire].count(CONNECTED)

    def _token(self, fresh: bool) -> str:
        self.fresh.append(fresh)
        return self._get_token()

    def appointments(self, patient_id: str) -> None:
        """Follow a patient's."""
        subscription = self.sync.subscribe_to_appointments(
            patient_id,
            "patient",
            on_appointment_created=lambda appointment: self._tell("created", appointment["id"]),
            on_appointment_updated=lambda appointment, previous: self._tell("updated", (appointment["id"], previous)),
            on_appointment_deleted=lambda appointment_id: self._tell("deleted", appointment_id),
        )
        assert subscription.wait_until_live(LIVE_SECONDS)

    def availability(self) -> None:
        """Follow everybody's."""
        subscription = self.sync.subscribe_to_global_availability(
            on_availability_changed=lambda dentist_id, availability: self._tell(
                availability["change"], (dentist_id, availability["from"])
            )
        )
        assert subscription.wait_until_live(LIVE_SECONDS)

    def of(self, kind: str) -> list[Any]:
        return [what for told, what in self.told if told == kind]

    def _tell(self, kind: str, what: Any) -> None:
        self.threads.add(threading.get_ident())
        self.told.append((kind, what))


Follow = Callable[..., Follower]


def book(system: System, count: int, web: int = 0) -> tuple[list[str], list[tuple[str, str]]]:
    """Book for patient 1: the ids, and what availability says of them, both in order."""
    ids, taken = [], []
    for _ in range(count):
        dentist = system.account("dentist1").dentist_id
        body = system.opening().with_dentist(dentist)
        ids.append(system.account("patient1").done("POST", "/appointments", body, web=web)["id"])
        taken.append((dentist, body["startsAt"]))
    return ids, taken


def assert_told(patient: Follower, chatbot: Follower, ids: list[str], taken: list[tuple[str, str]]) -> None:
    """Each was told once, in order, and each client in one thread."""
    wait_until(
        lambda: len(patient.of("created")) >= len(ids) and len(chatbot.of("busy")) >= len(taken),
        20,
        lambda: f"told of {len(patient.of('created'))} and {len(chatbot.of('busy'))} of {len(ids)}",
    )
    assert patient.of("created") == ids
    assert chatbot.of("busy") == taken
    assert len(patient.threads) == len(chatbot.threads) == 1


def snapshot(account: Account) -> Any:
    """The coming appointments, with the place in the log at which the list was made."""
    now = datetime.now(UTC)
    times = {"from": now.isoformat(), "to": (now + timedelta(days=3000)).isoformat(), "limit": 200}
    return account.get(f"/appointments?{urlencode(times)}")


def new_epoch(system: System) -> None:
    """As `dental-sync new-epoch` does."""
    engine = create_engine(sqlalchemy_url(system.urls.owner), connect_args={"connection_factory": LateBegin})
    with Session(engine) as session:
        log.begin_epoch(session)
        session.commit()
    engine.dispose()
