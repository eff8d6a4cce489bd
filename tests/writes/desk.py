"""A front desk that stores write requests as the web process does, for the tests of the lane."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.instants import format_instant
from dental_sync.storage import row_security
from dental_sync.writes import storing
from tests import signed_in
from tests.conftest import Practice, a_free_monday

HALF_HOUR = timedelta(minutes=30)


@dataclass
class Desk:
    """Takes requests as the web process does, and looks up what became of them."""

    session: Session
    users: Mapping[str, uuid.UUID]
    practice: Practice

    def ask(
        self,
        sender: str,
        action: str,
        body: Mapping[str, Any],
        appointment_id: uuid.UUID | str | None = None,
        *,
        if_match: str | None = None,
    ) -> uuid.UUID:
        """Store a request; gives its id."""
        actor = signed_in.sign_in(self.session, self.users[sender])
        path = "/api/appointments" + (f"/{appointment_id}" if appointment_id else "")
        about = uuid.UUID(str(appointment_id)) if appointment_id else None
        wish = storing.NewRequest(actor, action, about, body, "POST", path, if_match)
        accepted = storing.store_one(self.session, wish, idempotency_hours=24)
        self.session.commit()
        row_security.become(self.session, row_security.SYSTEM)
        return accepted.id

    def book(self, sender: str, starts_at: datetime, dentist: int = 0, **wish: Any) -> uuid.UUID:
        """Ask for a check-up."""
        body = {
            "dentistId": str(self.practice.dentists[dentist]),
            "startsAt": format_instant(starts_at),
            "treatmentId": str(self.practice.treatments["Check-up"]),
            **wish,
        }
        return self.ask(sender, "book", body)

    def move(self, sender: str, appointment_id: uuid.UUID | str, **wish: Any) -> uuid.UUID:
        """Ask for a change."""
        body = {k: format_instant(v) if isinstance(v, datetime) else v for k, v in wish.items()}
        return self.ask(sender, "reschedule", body, appointment_id)

    def request(self, request_id: uuid.UUID) -> Any:
        """The stored request as it is now."""
        found = self.session.execute(text("SELECT * FROM write_requests WHERE id = :id"), {"id": request_id}).one()
        self.session.rollback()
        return found

    def answer(self, request_id: uuid.UUID) -> tuple[int, str | None] | None:
        """Status and problem code of the outcome; None while there is none."""
        outcome = self.request(request_id).outcome
        if outcome is None:
            return None
        return outcome["status"], (outcome["body"] or {}).get("code")

    def appointment(self, request_id: uuid.UUID) -> dict[str, Any]:
        """The appointment that a request answered with."""
        body: dict[str, Any] = self.request(request_id).outcome["body"]
        return body


MONDAY = a_free_monday()
