"""An appointment's row, as a trigger notes it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from dental_sync.sync.events import Zones

ID, MIA, NOAH, ANNA, BEN, CHAIR, TREATMENT = (str(uuid.uuid4()) for _ in range(7))
NOW = datetime(2025, 11, 3, 12, tzinfo=UTC)
ZONES = Zones("Europe/Berlin", {ANNA: "Europe/Berlin", BEN: "America/New_York"})

# As to_jsonb writes a row.
OLDER_ROW: dict[str, Any] = {
    "id": ID,
    "patient_id": MIA,
    "patient_name": "Mia Schmidt",
    "dentist_id": ANNA,
    "dentist_name": "Dr. Anna Keller",
    "treatment_id": TREATMENT,
    "chair_id": None,
    "starts_at": "2025-11-11T09:00:00+00:00",
    "ends_at": "2025-11-11T09:30:00+00:00",
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 10,
    "claimed_from": "2025-11-11T08:55:00+00:00",
    "claimed_to": "2025-11-11T09:40:00+00:00",
    "status": "booked",
    "confirmation": "unconfirmed",
    "reason": "It hurts.",
    "version": 1,
    "created_at": "2025-11-03T12:00:00.123+00:00",
    "updated_at": "2025-11-03T12:00:00.123+00:00",
    "cancelled_at": None,
    "cancelled_by": None,
    "cancel_reason": None,
}
ADDED: dict[str, Any] = {
    "overbooked": False,
    "forced": False,
    "assistant_id": None,
    "assistant_name": None,
    "treatment_ids": None,
    "series_id": None,
    "arrived_at": None,
    "checked_in_at": None,
}
ROW: dict[str, Any] = {**OLDER_ROW, **ADDED}


def row(**changes: Any) -> dict[str, Any]:
    """The appointment above, changed."""
    return {**ROW, **changes}
