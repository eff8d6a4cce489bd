"""Decide a request in memory, as the lane does, by the table of actions."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from dental_sync.core.actor import Actor
from dental_sync.core.wire_types import Shape
from dental_sync.diary.claims import Claims
from dental_sync.diary.model import Decision, Diary
from dental_sync.writes.actions import ACTIONS, Asked, DiaryAction


def decide(
    diary: Diary,
    actor: Actor,
    name: str,
    subject_id: uuid.UUID | None,
    wish: Shape,
    *,
    if_match: str | None,
    received_at: datetime,
) -> Decision:
    """What the action of this name decides; raises its refusal."""
    action = ACTIONS[name]
    assert isinstance(action, DiaryAction)
    assert isinstance(wish, action.shape)
    return action.decide(diary, Asked(actor, subject_id, wish, if_match, received_at))


def copy_of(diary: Diary) -> Diary:
    """A diary that a decision may change; what none changes is shared, for to copy it all takes ten times as long."""
    return replace(
        diary,
        appointments=dict(diary.appointments),
        holds=dict(diary.holds),
        taken={id_: _copy_of(claims) for id_, claims in diary.taken.items()},
        patient_times={id_: dict(times) for id_, times in diary.patient_times.items()},
    )


def _copy_of(claims: Claims) -> Claims:
    copied = Claims()
    copied.extend(list(claims))
    return copied
