"""The AsyncAPI document of the Socket.IO protocol, made from the code: `make docs` writes it to docs/asyncapi.yaml.

The payloads of the diary's events are those of the API's description, what clients emit is checked by the shapes in
handlers.py. What is described here alone are the acknowledgements and the events about the connection; the live tests
of the Python client compare both with what really comes.
"""

from __future__ import annotations

import inspect
import sys
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from dental_sync.core import errors
from dental_sync.core.wire_types import Answer, Count, Id, Instant
from dental_sync.sockets import handlers
from dental_sync.sockets.protocol import SubscriptionAnswer
from dental_sync.sync.shapes import (
    AppointmentCreated,
    AppointmentDeleted,
    AppointmentUpdated,
    AvailabilityChanged,
    Channel,
)

_REFUSALS = (
    errors.Unauthorized,
    errors.TokenExpired,
    errors.AccountDisabled,
    errors.Forbidden,
    errors.UnknownChannel,
    errors.TooManySubscriptions,
    errors.InvalidPayload,
    errors.RateLimited,
    errors.Unavailable,
    errors.InternalError,
)


class Error(Answer):
    """A stable code and a sentence."""

    code: Annotated[str, Field(json_schema_extra={"enum": [refusal.code for refusal in _REFUSALS]})]
    detail: str


class Refused(Answer):
    """What every event may be answered with instead."""

    ok: Literal[False]
    error: Error


class Done(Answer):
    """It is done."""

    ok: Literal[True]


class Subscribed(Done):
    """All of this channel up to `position` has been sent; after `resync` fetch a snapshot instead."""

    subscription: SubscriptionAnswer
    position: Count
    epoch: Id
    replayed: Count
    resync: bool


class UnsubscribedAll(Done):
    """How many subscriptions there were."""

    count: Count


class Subscriptions(Done):
    """What this socket follows."""

    subscriptions: list[SubscriptionAnswer]


class Authenticated(Done):
    """Until when the fresh token is good."""

    expires_at: Instant


class Beat(Answer):
    """Everything of the subscribed channels up to `position` has been sent."""

    timestamp: Instant
    position: Count
    epoch: Id


class Beaten(Done, Beat):
    """How far this process has delivered."""


class Ready(Answer):
    """The connection is accepted."""

    connection_id: str
    epoch: Id
    position: Count
    expires_at: Instant
    heartbeat_seconds: float


class Resync(Answer):
    """Messages are missing: fetch a snapshot, then go on from its position."""

    channel: Channel
    reason: str


class SubscriptionClosed(Answer):
    """Access was withdrawn."""

    id: str
    channel_name: Channel
    reason: str


class TokenExpiring(Answer):
    """60 seconds before the connection is closed, unless it is given a fresh token."""

    expires_at: Instant


class Draining(Answer):
    """The process is about to stop: reconnect after that time."""

    reconnect_after_ms: Count


SENT: dict[str, type[BaseModel]] = {
    "ready": Ready,
    "appointment:created": AppointmentCreated,
    "appointment:updated": AppointmentUpdated,
    "appointment:deleted": AppointmentDeleted,
    "availability:changed": AvailabilityChanged,
    "heartbeat": Beat,
    "resync": Resync,
    "subscription:closed": SubscriptionClosed,
    "token:expiring": TokenExpiring,
    "draining": Draining,
}
ACKNOWLEDGED: dict[str, type[BaseModel]] = {
    "subscribe": Subscribed,
    "unsubscribe": Done,
    "unsubscribe_all": UnsubscribedAll,
    "subscriptions": Subscriptions,
    "authenticate": Authenticated,
    "heartbeat": Beaten,
}

_INTRODUCTION = """\
Socket.IO protocol 5 on the default path and namespace, over WebSocket and long polling. Connect with `auth: {token}`;
a refused connection gives `connect_error` with `data: {code}`: `unauthorized`, `token-expired`, `account-disabled`,
`too-many-connections`. Each event has one JSON object as its payload; what a client emits is acknowledged. What can be
relied on is in docs/protocol.md; this file is made from the code by `make docs`."""


class _Schema(GenerateJsonSchema):
    """Without a title for each member that repeats its name."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


def document() -> dict[str, Any]:
    """The document, as seen from the server: it receives what clients emit, and sends the rest."""
    shapes: list[tuple[type[BaseModel], str]] = [(shape, "validation") for shape in handlers.SHAPES.values()]
    answers: list[type[BaseModel]] = [*SENT.values(), *ACKNOWLEDGED.values(), Refused]
    shapes += [(answer, "serialization") for answer in answers]
    _, found = models_json_schema(
        list(dict.fromkeys(shapes)),  # type: ignore[arg-type]
        schema_generator=_Schema,
        ref_template="#/components/schemas/{model}",
    )
    schemas = dict(sorted(found["$defs"].items()))
    for shape in SENT.values():
        _without_type(schemas[shape.__name__])
    messages: dict[str, Any] = {"Refused": _message("refused", Refused)}
    operations: dict[str, Any] = {}
    for event, shape in SENT.items():
        name = f"{_name(event)}Sent" if event in handlers.SHAPES else _name(event)
        messages[name] = _message(event, shape)
        operations[f"send{name}"] = {"action": "send", "channel": _CHANNEL, "messages": [_of_channel(name)]}
    for event, shape in handlers.SHAPES.items():
        name, answer = _name(event), f"{_name(event)}Acknowledgement"
        messages[name] = _message(event, shape)
        messages[answer] = _message(f"{event} (acknowledgement)", ACKNOWLEDGED[event])
        operations[f"receive{name}"] = {
            "action": "receive",
            "summary": inspect.getdoc(getattr(handlers, event)),
            "channel": _CHANNEL,
            "messages": [_of_channel(name)],
            "reply": {"channel": _CHANNEL, "messages": [_of_channel(answer), _of_channel("Refused")]},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Dental Sync", "version": "0.1.0", "description": _INTRODUCTION},
        "defaultContentType": "application/json",
        "servers": {
            "practice": {
                "host": "{host}",
                "pathname": "/socket.io/",
                "protocol": "ws",
                "variables": {"host": {"default": "127.0.0.1:3000"}},
                "security": [{"$ref": "#/components/securitySchemes/accessToken"}],
            }
        },
        "channels": {
            "socket": {
                "address": "/",
                "description": "The default namespace: everything goes through one socket.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": operations,
        "components": {
            "securitySchemes": {
                "accessToken": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "The access token, as `auth: {token}` of the connection.",
                }
            },
            "messages": messages,
            "schemas": schemas,
        },
    }


def text() -> str:
    """The document as YAML."""
    import yaml

    return str(yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=120))


_CHANNEL = {"$ref": "#/channels/socket"}


def _of_channel(name: str) -> dict[str, str]:
    return {"$ref": f"#/channels/socket/messages/{name}"}


def _message(event: str, shape: type[BaseModel]) -> dict[str, Any]:
    summary, _, _ = (inspect.getdoc(shape) or "").partition("\n")
    return {"name": event, "summary": summary, "payload": {"$ref": f"#/components/schemas/{shape.__name__}"}}


def _without_type(schema: dict[str, Any]) -> None:
    """Over HTTP an event's type is a member; here it is the event's name."""
    if schema["properties"].pop("type", None) is not None:
        schema["required"].remove("type")


def _name(event: str) -> str:
    return "".join(word.capitalize() for word in event.replace(":", "_").split("_"))


if __name__ == "__main__":
    sys.stdout.write(text())
