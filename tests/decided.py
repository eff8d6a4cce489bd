"""Decide a request in memory, as the lane does, by the table of actions."""

from __future__ import annotations

import uuid
from datetime import datetime

from dental_sync.core.actor import Actor
from dental_sync.core.wire_types import Shape
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
