"""The mails that the lane makes: what the practice has decided about somebody's appointment, told to who cares for it.

What a patient's account does itself is answered there, and makes no mail. Nor does what happens by plain SQL: nobody
has said then that it is to be told.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.instants import format_instant
from dental_sync.diary.model import Appointment, Decision
from dental_sync.storage import one_call
from dental_sync.storage.one_call import Statement

Kind = Literal["booked", "moved", "cancelled", "handed-over", "approved"]

_COMING = frozenset({"pending", "booked"})
_GONE = frozenset({"cancelled", "entered-in-error"})

# Who they go to: see mail_recipients in 0038. What becomes of an appointment twice in one batch is told as it is then.
_MAKE = Statement("""
    INSERT INTO mails (kind, language, recipient, facts)
    SELECT c.kind, coalesce(r.language, CAST(:language AS text)), r.address, jsonb_build_object(
        'appointmentId', a.id, 'sequence', a.version, 'startsAt', a.starts_at, 'endsAt', a.ends_at, 'zone', d.time_zone,
        'dentistName', a.dentist_name, 'patientName', a.patient_name, 'forSelf', r.is_self,
        'pending', a.status = 'pending',
        'before', jsonb_build_object('startsAt', c.starts_at, 'dentistName', before.name))
    FROM jsonb_to_recordset(CAST(:causes AS jsonb)) AS c (kind text, id uuid, starts_at text, dentist_id uuid)
    CROSS JOIN LATERAL (SELECT * FROM appointments WHERE id = c.id OFFSET 0) AS a
    JOIN dentists d ON d.id = a.dentist_id LEFT JOIN dentists before ON before.id = c.dentist_id
    CROSS JOIN LATERAL mail_recipients(a.patient_id) AS r
    WHERE (c.kind = 'cancelled') = (a.status NOT IN ('pending', 'booked')) AND outbox_has_room()
""")


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened to an appointment, and what it said before where it was there before."""

    kind: Kind
    appointment_id: uuid.UUID
    before: Appointment | None


def caused(actor: Actor, decisions: Iterable[Decision], now: datetime) -> list[Cause]:
    """What is to be told of these decisions of one account: about appointments to come, by who works here."""
    if not actor.is_staff:
        return []
    return [
        Cause(kind, decision.record.id, decision.before)
        for decision in decisions
        if isinstance(decision.record, Appointment) and (kind := _kind(decision.before, decision.record, now))
    ]


def make(session: Session, settings: Settings, causes: Iterable[Cause]) -> None:
    """Put the mails into the outbox, in one statement; none without `MAIL_URL`.

    A patient with an account is told by that; one without by the guardians', and only where there are none by the
    address in the record.
    """
    last = {cause.appointment_id: cause for cause in causes}
    if not last or not settings.mail_url:
        return
    told = [
        {
            "kind": cause.kind,
            "id": str(cause.appointment_id),
            "starts_at": cause.before and format_instant(cause.before.time.start),
            "dentist_id": cause.before and str(cause.before.dentist_id),
        }
        for cause in last.values()
    ]
    one_call.execute(session, [_MAKE], {"causes": json.dumps(told), "language": settings.mail_language})


def _kind(before: Appointment | None, after: Appointment, now: datetime) -> Kind | None:
    if after.time.start <= now:
        return None
    was_coming = before is not None and before.status in _COMING
    if after.status in _GONE:
        return "cancelled" if was_coming else None
    if after.status not in _COMING:
        return None
    if before is None or not was_coming:
        # It may have been there before, and was taken back.
        return "booked"
    if before.status == "pending" and after.status == "booked":
        return "approved"
    if before.time.start != after.time.start:
        return "moved"
    return "handed-over" if before.dentist_id != after.dentist_id else None
