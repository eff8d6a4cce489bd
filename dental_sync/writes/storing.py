"""Storing write requests, of one caller or of several at once: each with a sign-in that stands, each key once.

Row-level security knows one account in a transaction, so the database's own function checks for each request that its
sender has signed in (decision 41).
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.errors import IdempotencyKeyReused, Refusal, Unauthorized
from dental_sync.core.ids import array_of, new_id
from dental_sync.core.request_ids import RequestIds
from dental_sync.core.wire_types import Outcome
from dental_sync.storage import locks, one_call
from dental_sync.storage.one_call import Statement

# Not in one message: while the first waits PostgreSQL shows its text, and logs it where it waits in vain.
_LOCK = Statement("SELECT lock_before_storing(CAST(:senders AS uuid[]), CAST(:turns AS bigint[]))")
_STORE = Statement("SELECT * FROM store_requests(CAST(:asked AS jsonb), :keys_hold)")


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request to change something: an action of the table and its body, as it came over HTTP.

    `sender` None is who has a link, without a key.
    """

    sender: Actor | None
    action: str
    subject_id: uuid.UUID | None
    body: Mapping[str, Any]
    method: str
    path: str
    if_match: str | None = None
    idempotency_key: str | None = None
    request_ids: RequestIds | None = None
    # The address and the user agent of who sent it.
    caller: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stored request; `outcome` is there already when this repeats one that was decided."""

    id: uuid.UUID
    outcome: Outcome | None
    # The record that the outcome is about.
    subjects: Sequence[uuid.UUID] = ()


def store(
    connection: Connection | Session, requests: Mapping[uuid.UUID, NewRequest], *, idempotency_hours: int
) -> dict[uuid.UUID, Accepted | Refusal]:
    """Store requests under their new ids, in their order, or find those that they repeat; safe once it is committed.

    In place of a request stands its refusal: Unauthorized where its sign-in has ended, IdempotencyKeyReused where its
    key came with another body before. Two of them with one key are one request. Whoever is in the way is waited for
    before anything is sent that people wrote.
    """
    senders = {request.sender.user_id for request in requests.values() if request.sender is not None}
    turns = {_turn(request) for request in requests.values() if request.idempotency_key is not None}
    one_call.execute(connection, [_LOCK], {"senders": array_of(senders), "turns": array_of(turns)})
    asked = json.dumps([_row(id_, request) for id_, request in requests.items()])
    keys_hold = timedelta(hours=idempotency_hours)
    found = one_call.execute(connection, [_STORE], {"asked": asked, "keys_hold": keys_hold})
    stored = {row.asked_id: row for row in found}
    return {id_: _accepted(stored.get(id_)) for id_ in requests}


def store_one(session: Session, request: NewRequest, *, idempotency_hours: int) -> Accepted:
    """The same for one request in the caller's transaction; raises what else stands in its place."""
    [stored] = store(session, {new_id(): request}, idempotency_hours=idempotency_hours).values()
    if isinstance(stored, Refusal):
        raise stored
    return stored


def _accepted(row: Any) -> Accepted | Refusal:
    if row is None:
        return Unauthorized("This session has ended; sign in again.")
    if not row.same_body:
        return IdempotencyKeyReused()
    return Accepted(row.id, row.outcome, () if row.subject_id is None else (row.subject_id,))


def _turn(request: NewRequest) -> int:
    return locks.turn_of(*map(str, _key(request)))


def _key(request: NewRequest) -> tuple[object, ...]:
    return request.sender and request.sender.user_id, request.method, request.path, request.idempotency_key


def _row(id_: uuid.UUID, request: NewRequest) -> dict[str, Any]:
    canonical = json.dumps(request.body, sort_keys=True, separators=(",", ":")).encode()
    sender, ids = request.sender, request.request_ids
    return {
        "id": str(id_),
        "sign_in": sender and sender.session_id and str(sender.session_id),
        "sender_id": sender and str(sender.user_id),
        "action": request.action,
        "subject_id": request.subject_id and str(request.subject_id),
        "body": request.body,
        "if_match": request.if_match,
        "method": request.method,
        "path": request.path,
        "idempotency_key": request.idempotency_key,
        "body_hash": hashlib.sha256(canonical).hexdigest(),
        "request_id": ids and ids.own,
        "caller_request_id": ids and ids.callers,
        "address": request.caller[0],
        "user_agent": request.caller[1],
    }
