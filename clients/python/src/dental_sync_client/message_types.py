"""The names of the messages of the log. Made by `make docs` from docs/asyncapi.yaml."""

from __future__ import annotations

# The rows of the log among the events that the server emits.
MESSAGE_TYPES = (
    "appointment:created",
    "appointment:updated",
    "appointment:deleted",
    "availability:changed",
    "record:changed",
)
