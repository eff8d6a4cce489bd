"""The AsyncAPI document of the Socket.IO protocol, made from the code: `make docs` writes it to docs/asyncapi.yaml.

It only describes: the diary's events are the classes of sync/shapes.py, the server's own and the acknowledgements those
of protocol.py, what clients emit is checked by the shapes in handlers.py.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from dental_sync.core.version import VERSION
from dental_sync.core.wire_types import Answer
from dental_sync.sockets import handlers, protocol
from dental_sync.sockets.protocol import Refused
from dental_sync.sync.shapes import Event, with_envelope

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
    sent: dict[str, type[Answer]] = {
        event.type: with_envelope(event) if issubclass(event, Event) else event for event in protocol.SENT
    }
    answers: list[type[Answer]] = [*sent.values(), *handlers.ACKNOWLEDGED.values(), Refused]
    shapes += [(answer, "serialization") for answer in answers]
    _, found = models_json_schema(
        list(dict.fromkeys(shapes)),  # type: ignore[arg-type]
        schema_generator=_Schema,
        ref_template="#/components/schemas/{model}",
    )
    schemas = dict(sorted(found["$defs"].items()))
    for answer in sent.values():
        _without_type(schemas[answer.__name__])
    messages: dict[str, Any] = {"Refused": _message("refused", Refused)}
    operations: dict[str, Any] = {}
    for event, answer in sent.items():
        name = f"{_name(event)}Sent" if event in handlers.SHAPES else _name(event)
        messages[name] = _message(event, answer)
        operations[f"send{name}"] = {"action": "send", "channel": _CHANNEL, "messages": [_of_channel(name)]}
    for event, shape in handlers.SHAPES.items():
        name, acknowledgement = _name(event), f"{_name(event)}Acknowledgement"
        messages[name] = _message(event, shape)
        messages[acknowledgement] = _message(f"{event} (acknowledgement)", handlers.ACKNOWLEDGED[event])
        operations[f"receive{name}"] = {
            "action": "receive",
            "summary": inspect.getdoc(getattr(handlers, event)),
            "channel": _CHANNEL,
            "messages": [_of_channel(name)],
            "reply": {"channel": _CHANNEL, "messages": [_of_channel(acknowledgement), _of_channel("Refused")]},
        }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Dental Sync", "version": VERSION, "description": _INTRODUCTION},
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
