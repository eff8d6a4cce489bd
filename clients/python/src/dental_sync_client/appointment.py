"""An appointment with every member, though an older release of the server has told or stored it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What it says that was told by a release which knew nothing of it.
_ADDED: Mapping[str, Any] = {
    "overbooked": False,
    "forced": False,
    "assistantId": None,
    "assistantName": None,
    "seriesId": None,
    "arrivedAt": None,
    "checkedInAt": None,
}


def in_full(message: dict[str, Any]) -> dict[str, Any]:
    """The message with its appointment, where it has one, as the newest release tells it."""
    appointment = message.get("appointment")
    if not isinstance(appointment, dict):
        return message
    treatment_id = appointment.get("treatmentId")
    treatment_ids = [] if treatment_id is None else [treatment_id]
    return {**message, "appointment": {**appointment, **_ADDED, "treatmentIds": treatment_ids, **appointment}}
