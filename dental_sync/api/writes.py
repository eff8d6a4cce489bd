"""The HTTP side of the write lane: send a request on its way, wait for its outcome, look it up later."""

from __future__ import annotations

import json
import re
import uuid
from functools import partial
from typing import Any

from apiflask import APIBlueprint
from flask import Response, request

from dental_sync.api import conditions, once, openapi
from dental_sync.api.requests import actor, token_auth
from dental_sync.core import callers, errors, request_ids, services
from dental_sync.core.extensions import db
from dental_sync.core.ids import new_id
from dental_sync.core.services import settings
from dental_sync.core.wire_types import Outcome, Shape
from dental_sync.records import audit
from dental_sync.records.remembered_sign_ins import RememberedSignIns
from dental_sync.writes import requests
from dental_sync.writes.actions import ACTIONS
from dental_sync.writes.alternatives import Alternatives
from dental_sync.writes.intake import Intake
from dental_sync.writes.storing import Accepted, NewRequest
from dental_sync.writes.waiting import waiting

blueprint = APIBlueprint("writes", __name__, tag="Writes")

# What no sign-in rests on.
_OF_THE_DIARY = frozenset({"appointment", "hold"})

# RFC 7240; the header may carry other preferences beside this one.
_RESPOND_ASYNC = re.compile(r"(^|,)\s*respond-async\s*(,|;|$)", re.IGNORECASE)


def submit(action: str, wish: Shape, subject_id: uuid.UUID | None = None) -> Response:
    """Store a write request, wait `WRITE_WAIT_SECONDS` for its outcome, and answer with that; 202 when it comes later.

    `Prefer: respond-async` (RFC 7240) asks for 202 at once. Raises PreconditionFailed for an `If-Match` that no answer
    can have given, ValidationFailed for an `Idempotency-Key` that is none, IdempotencyKeyReused for one that came with
    another body before, and Unauthorized where the sign-in has just ended. What the rules refuse is not raised: it is
    the outcome.
    """
    body = wish.model_dump(mode="json", by_alias=True, exclude_unset=True)
    new = NewRequest(
        sender=actor(),
        action=action,
        subject_id=subject_id,
        body=body,
        method=request.method,
        path=request.path,
        if_match=conditions.if_match(),
        idempotency_key=conditions.idempotency_key(),
        request_ids=request_ids.current(),
        caller=callers.current(),
    )
    respond_async = _RESPOND_ASYNC.search(request.headers.get("Prefer", "")) is not None
    # Neither storing nor waiting holds another connection to the database: a slow lane must not use up the pool.
    db.session.close()
    id_ = new_id()
    with waiting().expect(id_) as slot:
        accepted = services.current(Intake).accept(id_, new)
        is_new = accepted.id == id_
        outcome = slot.wait(_patience(), partial(_look, id_)) if is_new and not respond_async else accepted.outcome
    if not is_new:
        outcome = _outcome_of_earlier(accepted, ACTIONS[action].record_kind, at_once=respond_async)
    if ACTIONS[action].record_kind not in _OF_THE_DIARY:
        # The lane may have ended a right, of which this process hears in a moment.
        services.current(RememberedSignIns).forget()
    if outcome is not None:
        outcome = _with_alternatives(outcome, requests.Asked(action, subject_id, body, actor()))
    return _answer(accepted.id, outcome, respond_async=respond_async)


def committed_outcome_of(accepted: Accepted) -> Outcome | None:
    """Commit a request, and wait `WRITE_WAIT_SECONDS` for its outcome; None where it comes later."""
    with waiting().expect(accepted.id) as slot:
        db.session.commit()
        db.session.close()
        return slot.wait(_patience(), partial(_look, accepted.id))


def _outcome_of_earlier(accepted: Accepted, kind: str, *, at_once: bool) -> Outcome | None:
    """That of a request which was sent before with the same key: it may be decided, or still wait."""
    if accepted.outcome is not None:
        # It shows a record once more, without an action that would be noted.
        audit.note_read(db.session(), actor(), "replay", kind, accepted.subjects)
    if accepted.outcome is not None or at_once:
        return accepted.outcome
    with waiting().expect(accepted.id) as slot:
        return slot.wait(_patience(), partial(_look, accepted.id))


def _patience() -> float:
    return settings().write_wait_seconds


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
