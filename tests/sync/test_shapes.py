"""Messages are typed where they are made, and passed on as they are where they are read."""

from __future__ import annotations

import ast
import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.orm import Session

import dental_sync
from dental_sync.sync import log, shapes
from dental_sync.sync.events import ChangedRow, Message, Zones, expand
from dental_sync.sync.shapes import EVENTS, AppointmentDeleted, Event
from tests.conftest import RunLane
from tests.sync.test_events import NOW, ROW, ZONES

PACKAGE = Path(dental_sync.__file__).parent


def leaves(base: type[Event]) -> Iterator[type[Event]]:
    """The classes that are built."""
    for derived in base.__subclasses__():
        yield from leaves(derived) if derived.__subclasses__() else [derived]


def test_every_event_is_listed() -> None:
    """What is not on the list is in no document and in no client's list of types."""
    assert set(EVENTS) == set(leaves(Event))
    assert len({event.type for event in EVENTS}) == len(EVENTS)


def test_a_field_that_is_forgotten_fails_where_the_message_is_made() -> None:
    """A row without one of the members makes no message."""
    row = {name: value for name, value in ROW.items() if name != "confirmation"}
    with pytest.raises(KeyError, match="confirmation"):
        expand(ChangedRow("appointments", None, row, NOW), ZONES)
    with pytest.raises(ValidationError, match="Field required"):
        AppointmentDeleted.model_validate({})


def test_a_field_that_is_not_declared_fails_where_the_message_is_made() -> None:
    """A member that no document knows is not sent."""
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        AppointmentDeleted.model_validate({"appointment_id": uuid.uuid4(), "patient_name": "Mia Schmidt"})


def test_a_value_that_this_release_does_not_know_does_not_stop_the_log() -> None:
    """While two releases run, the older one publishes rows that the newer one wrote."""
    row = {**ROW, "status": "waitlist", "confirmation": "by-telephone", "cancelled_by": "receptionist"}
    [created, *_] = expand(ChangedRow("appointments", None, row, NOW), Zones("Europe/Berlin", {}))
    assert created.payload["appointment"]["status"] == "waitlist"


def test_what_another_release_wrote_into_the_log_is_passed_on_as_it_is(owner: Session, run_lane: RunLane) -> None:
    """A type and members that no class here has: read, and given to sockets, as they were stored."""
    run_lane()
    payload = {"invoiceId": "7", "lines": [{"cents": 1200}], "appointmentId": None}
    owner.execute(
        text("""
            WITH head AS (UPDATE log_head SET position = position + 1 RETURNING position)
            INSERT INTO sync_events (position, type, channels, payload, occurred_at)
            SELECT position, 'invoice:created', ARRAY['invoices:all'], CAST(:payload AS jsonb), now() FROM head
        """),
        {"payload": json.dumps(payload)},
    )
    owner.commit()
    *_, message = log.read(owner, since=0, limit=10_000)
    assert (message.type, message.payload) == ("invoice:created", payload)
    assert {key: message.wire()[key] for key in payload} == payload


def test_what_another_release_sent_through_redis_is_passed_on_as_it_is() -> None:
    """A worker of another release may say more, or less, than the classes here."""
    sent = {
        "position": 7,
        "epoch": "e",
        "occurredAt": "then",
        "channels": ["appointments:all"],
        "appointment": {"x": 1},
    }
    assert Message.from_wire("appointment:created", sent).wire() == sent


def test_the_name_of_an_event_is_written_once() -> None:
    """On its class; everything else reads it there."""
    names = {event.type for event in EVENTS}
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in names and path != Path(shapes.__file__)
    ]
    assert found == []
