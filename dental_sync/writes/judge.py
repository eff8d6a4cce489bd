"""Decide requests and store what was decided: bookings and holds many at a time, changes of hours one by one."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from sqlalchemy.orm import Session

from dental_sync.core.actor import Actor
from dental_sync.core.config import Settings
from dental_sync.core.errors import AccountDisabled, Refusal
from dental_sync.core.wire_types import Shape
from dental_sync.diary.model import Decision, Diary
from dental_sync.diary.shapes import AsksForTime
from dental_sync.queries import load, remembered
from dental_sync.records import merging
from dental_sync.writes import mails, outcomes, store
from dental_sync.writes.actions import ACTIONS, Asked, DiaryAction, HoursAction, PatientAction, SeveralAction
from dental_sync.writes.outcomes import Decided
from dental_sync.writes.queue import Pending

# By the key of their requests (`Pending.actor_key`).
Actors = Mapping[uuid.UUID, Actor]


def decide_and_store(
    session: Session, settings: Settings, requests: Sequence[Pending], senders: Actors | None = None
) -> list[Decided]:
    """Decide these in their order and store what was decided; what fails must be taken back by the caller.

    `senders` are the active accounts among those who ask, as they are now; None is to be read.
    """
    actors = _actors(session, requests, senders)
    decided: list[Decided] = []
    # A change of hours is judged by what was stored before it, and what comes after it by the new hours.
    for kind, run in itertools.groupby(requests, key=lambda request: type(ACTIONS[request.action])):
        if kind is HoursAction:
            for request in run:
                decided += _judge_hours(session, request, _actor(actors, request))
            remembered.forget(session)
        elif kind is SeveralAction:
            for request in run:
                decided.append(_judge_several(session, settings, request, _actor(actors, request)))
        elif kind is PatientAction:
            for request in run:
                decided.append(_judge_patient(session, request, _actor(actors, request)))
                # It may have changed who acts for whom.
                actors = _actors(session, requests)
        else:
            decided += _judge_diary(session, settings, list(run), actors)
    return decided


def _actors(session: Session, requests: Sequence[Pending], senders: Actors | None = None) -> Actors:
    if senders is None:
        senders = load.actors(session, {request.sender_id for request in requests if request.sender_id is not None})
    by_link = [request.subject_id for request in requests if request.sender_id is None and request.subject_id]
    return {**senders, **load.patients_of_appointments(session, by_link)} if by_link else senders


def _actor(actors: Actors, request: Pending) -> Actor | None:
    return None if request.actor_key is None else actors.get(request.actor_key)


def concerned(session: Session, request: Pending) -> list[uuid.UUID] | None:
    """The records of a request about several, as far as they are known now; None for one that names its own."""
    action = ACTIONS[request.action]
    if not isinstance(action, SeveralAction | PatientAction):
        return None
    return action.concerned(session, request.subject_id, action.shape.model_validate(request.body))


def _judge_hours(session: Session, request: Pending, actor: Actor | None) -> list[Decided]:
    """Decide and store one change of hours, time off, closures or chairs."""
    action = cast("HoursAction[Any]", ACTIONS[request.action])
    wish = action.shape.model_validate(request.body)
    try:
        if actor is None:
            raise AccountDisabled
        found = action.load(session, request.subject_id, wish, request.received_at)
        decision = action.decide(found, actor, wish)
    except Refusal as refusal:
        return [outcomes.rejected(request, refusal)]
    [row] = store.store(session, [(request.id, decision)])
    return [outcomes.applied(request, decision, row)]


def _judge_several(session: Session, settings: Settings, request: Pending, actor: Actor | None) -> Decided:
    """Decide and store one request about several appointments."""
    action = cast(SeveralAction, ACTIONS[request.action])
    [wish] = _wishes(session, [request])
    try:
        if actor is None:
            raise AccountDisabled
        diary = action.load(session, settings, actor, request.subject_id, wish)
        asked = Asked(actor, request.subject_id, wish, request.if_match, request.received_at)
        several = action.decide(diary, asked)
    except Refusal as refusal:
        return outcomes.rejected(request, refusal)
    rows = store.store(session, [(request.id, decision) for decision in several.decisions])
    decided = outcomes.applied_to_several(request, several, rows, tells=action.tells)
    return replace(decided, mailed=mails.caused(actor, several.decisions, request.received_at))


def _judge_patient(session: Session, request: Pending, actor: Actor | None) -> Decided:
    """Let the database do what one request asks for a patient's record."""
    action = cast(PatientAction, ACTIONS[request.action])
    wish = action.shape.model_validate(request.body)
    try:
        if actor is None:
            raise AccountDisabled
        store.caused_by(session, request.id)
        done = action.do(session, Asked(actor, request.subject_id, wish, request.if_match, request.received_at))
    except Refusal as refusal:
        return outcomes.rejected(request, refusal)
    return outcomes.done(request, done)


def _judge_diary(session: Session, settings: Settings, requests: Sequence[Pending], actors: Actors) -> list[Decided]:
    """Decide bookings and holds in memory, one after the other, and store them in bulk."""
    decided: list[Decided] = []
    while len(decided) < len(requests):
        decided += _judge_until_others_change(session, settings, requests[len(decided) :], actors)
    return decided


def _judge_until_others_change(
    session: Session, settings: Settings, requests: Sequence[Pending], actors: Actors
) -> list[Decided]:
    """The same up to the first decision that changes others once it is stored: what comes after it is read anew."""
    actions = [cast(DiaryAction, ACTIONS[request.action]) for request in requests]
    wishes = _as_asked(requests)
    diary = _load(session, settings, requests, wishes, actors)
    if not diary.patients.issuperset(_named(wishes)):
        # One may have been merged; a merge waits for its turn in the lane.
        wishes = _wishes(session, requests)
        diary = _load(session, settings, requests, wishes, actors)
    outcome_of: dict[uuid.UUID, Decided] = {}
    decisions: list[tuple[Pending, Actor, Decision]] = []
    for action, request, wish in zip(actions, requests, wishes, strict=True):
        actor = _actor(actors, request)
        try:
            if actor is None:
                raise AccountDisabled
            asked = Asked(actor, request.subject_id, wish, request.if_match, request.received_at)
            decision = action.decide(diary, asked)
        except Refusal as refusal:
            outcome_of[request.id] = outcomes.rejected(request, refusal)
            continue
        if decision.changes_others:
            # What was decided before it is stored before it, for it is put beside what is stored.
            outcome_of |= _store(session, decisions)
            decisions = [(request, actor, decision)]
            break
        decisions.append((request, actor, decision))
    outcome_of |= _store(session, decisions)
    return [outcome_of[request.id] for request in requests if request.id in outcome_of]


def _load(
    session: Session, settings: Settings, requests: Sequence[Pending], wishes: Sequence[Any], actors: Actors
) -> Diary:
    actions = [cast(DiaryAction, ACTIONS[request.action]) for request in requests]
    needs = [
        action.needs(_actor(actors, request), request.subject_id, wish)
        for action, request, wish in zip(actions, requests, wishes, strict=True)
    ]
    return load.load(session, settings, needs)


def _as_asked(requests: Sequence[Pending]) -> list[Any]:
    return [ACTIONS[request.action].shape.model_validate(request.body) for request in requests]


def _wishes(session: Session, requests: Sequence[Pending]) -> list[Any]:
    """What these requests ask for; a patient whose record was merged is the one whose record is left."""
    wishes = _as_asked(requests)
    named = _named(wishes)
    now = merging.successors(session, named) if named else {}
    return [
        wish.model_copy(update={"patient_id": now[patient_id]})
        if (patient_id := _patient_of(wish)) is not None and patient_id in now
        else wish
        for wish in wishes
    ]


def _named(wishes: Sequence[Any]) -> set[uuid.UUID]:
    return {patient_id for wish in wishes if (patient_id := _patient_of(wish)) is not None}


def _patient_of(wish: Shape) -> uuid.UUID | None:
    return wish.patient() if isinstance(wish, AsksForTime) else None


def _store(session: Session, decisions: Sequence[tuple[Pending, Actor, Decision]]) -> dict[uuid.UUID, Decided]:
    rows = store.store(session, [(request.id, decision) for request, _, decision in decisions])
    return {
        request.id: replace(
            outcomes.applied(request, decision, row), mailed=mails.caused(actor, [decision], request.received_at)
        )
        for (request, actor, decision), row in zip(decisions, rows, strict=True)
    }
