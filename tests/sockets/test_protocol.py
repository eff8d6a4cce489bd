"""What the server says of its own is typed where it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from dental_sync.core import errors
from dental_sync.sockets import handlers, protocol
from dental_sync.sockets.protocol import Acknowledgement, Beaten, ServerEvent

EPOCH = "0198c0de-0000-7000-8000-000000000001"
TIME = "2030-01-07T09:00:00.000Z"
SUBSCRIPTION = {"id": "availability:all-1", "channelName": "availability:all", "active": True, "createdAt": TIME}

EXAMPLES: dict[str, dict[str, Any]] = {
    "Ready": {"connectionId": "x", "epoch": EPOCH, "position": 1, "expiresAt": TIME, "heartbeatSeconds": 30.0},
    "Beat": {"timestamp": TIME, "position": 1, "epoch": EPOCH},
    "Resync": {"channel": "availability:all", "reason": "the log is another one"},
    "SubscriptionClosed": {"id": "x", "channelName": "availability:all", "reason": "the session has ended"},
    "AccountChanged": {},
    "TokenExpiring": {"expiresAt": TIME},
    "Draining": {"reconnectAfterMs": 250},
    "Subscribed": {
        "ok": True,
        "subscription": SUBSCRIPTION,
        "position": 1,
        "epoch": EPOCH,
        "replayed": 0,
        "resync": False,
    },
    "Done": {"ok": True},
    "UnsubscribedAll": {"ok": True, "count": 2},
    "Subscriptions": {"ok": True, "subscriptions": [SUBSCRIPTION]},
    "Authenticated": {"ok": True, "expiresAt": TIME},
    "Beaten": {"ok": True, "timestamp": TIME, "position": 1, "epoch": EPOCH},
    "Refused": {"ok": False, "error": {"code": "forbidden", "detail": "No."}},
}

CLASSES = {
    each.__name__: each for each in (*ServerEvent.__subclasses__(), protocol.Refused, *handlers.ACKNOWLEDGED.values())
}


def test_every_event_of_the_server_is_listed() -> None:
    """What is not on the list is in no document and in no client's types."""
    assert {each for each in protocol.SENT if issubclass(each, ServerEvent)} == set(ServerEvent.__subclasses__()) - {
        Beaten
    }


def test_every_acknowledgement_is_a_class_of_the_protocol() -> None:
    """And each event of a client has one."""
    assert handlers.ACKNOWLEDGED.keys() == handlers.SHAPES.keys()
    assert all(issubclass(each, Acknowledgement) for each in handlers.ACKNOWLEDGED.values())


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_a_field_that_is_forgotten_or_not_declared_fails_where_the_message_is_made(name: str) -> None:
    """Each class refuses what is not exactly its members, and sends exactly them."""
    shape, example = CLASSES[name], EXAMPLES[name]
    assert shape.model_validate(example).wire() == example
    for member in example:
        with pytest.raises(ValidationError, match="Field required"):
            shape.model_validate({key: value for key, value in example.items() if key != member})
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        shape.model_validate({**example, "patientName": "Mia Schmidt"})


def test_a_refusal_says_its_code_and_its_sentence() -> None:
    """As the contract has it."""
    assert protocol.refused(errors.Forbidden("No.")) == EXAMPLES["Refused"]
