"""Decide requests and store what was decided: bookings and holds many at a time, changes of hours one by one."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping, Sequence
from typing import cast

from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.errors import AccountDisabled, Refusal
from dental_sync.diary.model import Decision
from dental_sync.queries import load
from dental_sync.writes import outcomes, store
from dental_sync.writes.actions import ACTIONS, Asked, DiaryAction, HoursAction
from dental_sync.writes.outcomes import Decided
from dental_sync.writes.queue import Pending

# How long a request waits for a lock that another session holds, before it gives way to the others.
LOCK_TIMEOUT_MILLISECONDS = 200


def decide_and_store(session: Session, settings: Settings, requests: Sequence[Pending]) -> list[Decided]:
    with session.begin_nested():
        senders = {request.sender_id for request in requests}
        actors = load.actors(session, senders, before=f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MILLISECONDS}ms'")
        decided: list[Decided] = []
        # A change of hours is judged by what was stored before it, and what comes after it by the new hours.
        for kind, run in itertools.groupby(requests, key=lambda request: type(ACTIONS[request.action])):
            if kind is HoursAction:
                for request in run:
                    decided += _judge_hours(session, request, actors.get(request.sender_id))
            else:
                decided += _judge_diary(session, settings, list(run), actors)
    return decided


def _judge_hours(session: Session, request: Pending, actor: Actor | None) -> list[Decided]:
    """Decide and store one change of hours, time off or closures."""
    action = cast(HoursAction, ACTIONS[request.action])
    wish = action.shape.model_validate(request.body)
    try:
        if actor is None:
            raise AccountDisabled
        found = action.load(session, request.subject_id, wish, request.received_at)
        decision = action.decide(found, actor, wish)
    except Refusal as refusal:
        return [outcomes.rejected(request, refusal)]
    [row] = store.store(session, [decision])
    return [outcomes.applied(request, decision, row)]


def _judge_diary(
    session: Session, settings: Settings, requests: Sequence[Pending], actors: Mapping[uuid.UUID, Actor]
) -> list[Decided]:
    """Decide bookings and holds in memory, one after the other, and store them in bulk."""
    actions = [cast(DiaryAction, ACTIONS[request.action]) for request in requests]
    wishes = [action.shape.model_validate(request.body) for action, request in zip(actions, requests, strict=True)]
    needs = [
        action.needs(actors.get(request.sender_id), request.subject_id, wish)
        for action, request, wish in zip(actions, requests, wishes, strict=True)
    ]
    diary = load.load(session, settings, needs)
    decided: list[Decided] = []
    decisions: list[tuple[Pending, Decision]] = []
    for action, request, wish in zip(actions, requests, wishes, strict=True):
        actor = actors.get(request.sender_id)
        try:
            if actor is None:
                raise AccountDisabled
            asked = Asked(actor, request.subject_id, wish, request.if_match, request.received_at)
            decision = action.decide(diary, asked)
        except Refusal as refusal:
            decided.append(outcomes.rejected(request, refusal))
        else:
            decisions.append((request, decision))
    rows = store.store(session, [decision for _, decision in decisions])
    for (request, decision), row in zip(decisions, rows, strict=True):
        decided.append(outcomes.applied(request, decision, row))
    return decided
