"""What a decision or a refusal says over HTTP: status, `Location`, `ETag`, body; stored with the request."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dental_sync.core import preconditions
from dental_sync.core.errors import Refusal
from dental_sync.core.ids import array_of
from dental_sync.core.instants import format_instant
from dental_sync.core.wire_types import Outcome
from dental_sync.diary import wire
from dental_sync.diary.model import (
    Absence,
    Appointment,
    Chair,
    ChairAbsence,
    Decision,
    DentistHours,
    Hold,
    PracticeRules,
    Record,
)
from dental_sync.diary.several import Refused, Several
from dental_sync.storage.models import Row
from dental_sync.storage.one_call import Statement
from dental_sync.sync import events
from dental_sync.writes import mails
from dental_sync.writes.actions import Done
from dental_sync.writes.queue import Pending

_STATUS = {"made": 201, "changed": 200, "removed": 204}

_KEEP = """
    UPDATE write_requests AS w
    SET status = decided.status, outcome = decided.outcome, decided_at = clock_timestamp(),
        subject_id = decided.subject_id, resource = decided.resource
    FROM unnest(CAST(:decided AS uuid[]), CAST(:statuses AS text[]), CAST(:outcomes AS jsonb[]),
        CAST(:subject_ids AS uuid[]), CAST(:resources AS text[])) AS decided (id, status, outcome, subject_id, resource)
    WHERE w.id = decided.id AND w.id = ANY (CAST(:decided AS uuid[]))
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """A request with its outcome; `subject_id` is what it made or was about, `resource` the path to it."""

    request: Pending
    status: Literal["applied", "rejected"]
    outcome: Outcome
    subject_id: uuid.UUID | None
    resource: str | None = None
    # Where they are several.
    subjects: Sequence[uuid.UUID] | None = None
    # The appointments that changed with another record.
    appointments: Sequence[uuid.UUID] = ()
    # What is told by mail.
    mailed: Sequence[mails.Cause] = ()


def applied(request: Pending, decision: Decision, row: Row | None) -> Decided:
    """The outcome of a decision; `row` is the appointment as it was stored, None for other records."""
    path = _path(decision.record)
    headers = {}
    if decision.effect == "made":
        headers["Location"] = path
    body = None
    if decision.effect != "removed":
        body = _body(decision, row)
        if row is not None:
            headers["ETag"] = preconditions.etag(row["version"])
    outcome: Outcome = {"status": _STATUS[decision.effect], "headers": headers, "body": body}
    # There is one practice, and it has no id.
    subject_id = None if isinstance(decision.record, PracticeRules) else decision.record.id
    return Decided(request, "applied", outcome, subject_id, path)


def applied_to_several(
    request: Pending, several: Several, rows: Sequence[Row | None], *, tells: Literal["ids", "appointments"]
) -> Decided:
    """The outcome of a decision about several appointments; `rows` are they as they were stored."""
    ids = [decision.record.id for decision in several.decisions if isinstance(decision.record, Appointment)]
    refused = [_refused(one) for one in several.refused]
    path = request.path
    if tells == "ids":
        body: dict[str, Any] = {"moved": [str(id_) for id_ in ids], "refused": refused}
    else:
        told = sorted((events.appointment(row) for row in rows if row is not None), key=lambda one: one["startsAt"])
        body = {"appointments": told, "refused": refused}
    if several.series_id is not None:
        body["seriesId"] = str(several.series_id)
        path = f"/api/appointments?seriesId={several.series_id}"
    # Of the one that was named.
    named = next((row for row in rows if row is not None and row["id"] == request.subject_id), None)
    headers = {} if named is None else {"ETag": preconditions.etag(named["version"])}
    outcome: Outcome = {"status": 200 if several.series_id is None else 201, "headers": headers, "body": body}
    return Decided(request, "applied", outcome, request.subject_id, path, ids)


def done(request: Pending, done: Done) -> Decided:
    """The outcome of what was done to a patient's record."""
    outcome: Outcome = {"status": 200, "headers": {}, "body": done.body}
    return Decided(
        request, "applied", outcome, request.subject_id, done.resource, done.patients, appointments=done.appointments
    )


def _refused(one: Refused) -> dict[str, str]:
    named = {"id": str(one.id)} if one.id is not None else {}
    at = {"startsAt": format_instant(one.starts_at)} if one.starts_at is not None else {}
    return {**named, **at, "code": one.code}


def rejected(request: Pending, refusal: Refusal) -> Decided:
    """The outcome of a refusal: its problem document (RFC 9457)."""
    problem = {**refusal.problem(), "instance": request.path}
    outcome: Outcome = {"status": refusal.status, "headers": refusal.headers, "body": problem}
    return Decided(request, "rejected", outcome, request.subject_id)


def _path(record: Record) -> str:
    match record:
        case Appointment():
            return f"/api/appointments/{record.id}"
        case Hold():
            return f"/api/holds/{record.id}"
        case DentistHours():
            return f"/api/dentists/{record.id}"
        case PracticeRules():
            return "/api/practice"
        case Absence(dentist_id=None):
            return f"/api/closures/{record.id}"
        case Absence():
            return f"/api/dentists/{record.dentist_id}/time-off/{record.id}"
        case Chair():
            return f"/api/chairs/{record.id}"
        case ChairAbsence():
            return f"/api/chairs/{record.chair_id}/time-off/{record.id}"


def _body(decision: Decision, row: Row | None) -> Mapping[str, Any]:
    stranded = {"appointments": [str(id_) for id_ in decision.stranded]}
    match decision.record:
        case Appointment():
            if row is None:
                raise TypeError("an appointment is shown as it was stored")
            return events.appointment(row)
        case Hold():
            return wire.hold(decision.record)
        case DentistHours():
            return {**wire.dentist(decision.record), **stranded}
        case PracticeRules():
            return {**wire.practice(decision.record), **stranded}
        case Absence():
            return {**wire.absence(decision.record), **stranded}
        case Chair():
            # A new one strands nobody.
            return {**wire.chair(decision.record), **(stranded if decision.effect == "changed" else {})}
        case ChairAbsence():
            return {**wire.chair_absence(decision.record), **stranded}


def keeping(decided: Sequence[Decided]) -> list[Statement]:
    """What keeps the outcomes with their requests, for calls that wait and for repeats."""
    if not decided:
        return []
    values = {
        "decided": array_of(entry.request.id for entry in decided),
        "statuses": [entry.status for entry in decided],
        "outcomes": [json.dumps(entry.outcome) for entry in decided],
        "subject_ids": [entry.subject_id and str(entry.subject_id) for entry in decided],
        "resources": [entry.resource for entry in decided],
    }
    return [Statement(_KEEP, values)]
