"""The HTTP side of the write lane: send a request on its way, wait for its outcome, look it up later."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from dental_sync.api import conditions, once, openapi
from dental_sync.api.requests import actor, token_auth
from dental_sync.core import callers, errors, request_ids, services
from dental_sync.core.extensions import db
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Outcome, Shape
from dental_sync.records import audit
from dental_sync.writes import requests
from dental_sync.writes.actions import ACTIONS
from dental_sync.writes.alternatives import Alternatives
from dental_sync.writes.waiting import waiting

blueprint = APIBlueprint("writes", __name__, tag="Writes")

# RFC 7240; the header may carry other preferences beside this one.
_RESPOND_ASYNC = re.compile(r"(^|,)\s*respond-async\s*(,|;|$)", re.IGNORECASE)


def submit(action: str, wish: Shape, subject_id: uuid.UUID | None = None) -> Response:
    """Store a write request, wait `WRITE_WAIT_SECONDS` for its outcome, and answer with that; 202 when it comes later.

    `Prefer: respond-async` (RFC 7240) asks for 202 at once. Raises PreconditionFailed for an `If-Match` that no answer
    can have given, ValidationFailed for an `Idempotency-Key` that is none, and IdempotencyKeyReused for one that came
    with another body before. What the rules refuse is not raised: it is the outcome.
    """
    session = db.session()
    body = wish.model_dump(mode="json", by_alias=True, exclude_unset=True)
    accepted = requests.accept(
        session,
        actor(),
        requests.NewRequest(
            action=action,
            subject_id=subject_id,
            body=body,
            method=request.method,
            path=request.path,
            if_match=conditions.if_match(),
            idempotency_key=conditions.idempotency_key(),
            request_ids=request_ids.current(),
            caller=callers.current(),
        ),
        idempotency_hours=settings().idempotency_hours,
    )
    if accepted.outcome is not None:
        # It shows a record once more, without an action that would be noted.
        audit.note_read(session, actor(), "replay", ACTIONS[action].record_kind, accepted.subjects)
    respond_async = _RESPOND_ASYNC.search(request.headers.get("Prefer", "")) is not None
    outcome = outcome_of(accepted, at_once=respond_async)
    if outcome is not None:
        outcome = _with_alternatives(outcome, requests.Asked(action, subject_id, body, actor()))
    return _answer(accepted.id, outcome, respond_async=respond_async)


def outcome_of(accepted: requests.Accepted, *, at_once: bool = False) -> Outcome | None:
    """Commit a request, and wait `WRITE_WAIT_SECONDS` for its outcome, or look `at_once`; None where it comes later."""
    with waiting().expect(accepted.id) as slot:
        db.session.commit()
        # Waiting holds no connection to the database: a slow lane must not use up the pool.
        db.session.close()
        if accepted.outcome is not None or at_once:
            return accepted.outcome
        return slot.wait(settings().write_wait_seconds, lambda: _look(accepted.id))


@blueprint.get("/writes/<uuid:write_id>")
@blueprint.auth_required(token_auth)
@openapi.answers(openapi.WriteAnswer)
def get_write(write_id: uuid.UUID) -> dict[str, Any]:
    """What became of a write."""
    session = db.session()
    write = requests.find(session, actor(), write_id)
    if write is None:
        raise errors.NotFound
    refused = requests.find_refused(session, actor(), write_id) if "problem" in write else None
    if refused is not None:
        write["problem"] = _with_alternatives(*refused)["body"]
    return write


def _with_alternatives(outcome: Outcome, asked: requests.Asked) -> Outcome:
    return services.current(Alternatives).added_to(outcome, asked, db.session(), settings())


def _look(request_id: uuid.UUID) -> Outcome | None:
    outcome = requests.outcome_of(db.session(), request_id)
    db.session.rollback()
    return outcome


def _answer(request_id: uuid.UUID, outcome: Outcome | None, *, respond_async: bool) -> Response:
    if outcome is None:
        pending = {"id": str(request_id), "status": "pending"}
        response = Response(json.dumps(pending), status=202, mimetype="application/json")
        response.headers["Location"] = f"/api/writes/{request_id}"
        if respond_async:
            response.headers["Preference-Applied"] = "respond-async"
        return response
    return once.respond(outcome)
