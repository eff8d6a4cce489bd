"""What an older release has told has every member of the newest; by the table that both clients are held to."""

from __future__ import annotations

import json
from pathlib import Path

from dental_sync_client.appointment import in_full

TABLE = json.loads((Path(__file__).parents[3] / "clients/scenarios/older/appointment.json").read_text())


def test_an_older_appointment_is_told_in_full() -> None:
    """Every case of the table."""
    assert len(TABLE["cases"]) >= 3
    for case in TABLE["cases"]:
        assert in_full({"position": 1, "appointment": case["older"]}) == {"position": 1, "appointment": case["told"]}


def test_a_message_without_an_appointment_is_told_as_it_is() -> None:
    """Such as one about free time."""
    message = {"position": 1, "dentistId": "d"}
    assert in_full(message) is message
