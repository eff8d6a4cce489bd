"""An appointment as its row is to be stored, and the change of one that exists. Pure."""

from __future__ import annotations

from typing import Any

from dental_sync.diary.model import UPDATE, Appointment, Decision, Diary, RowToStore
from dental_sync.diary.rules import OWN_LAYER
from dental_sync.diary.step_back import Moving, moved


def columns(appointment: Appointment) -> dict[str, Any]:
    """What a decision may change; triggers fill in the rest."""
    last_move = appointment.last_move
    return {
        "dentist_id": appointment.dentist_id,
        "treatment_id": appointment.treatment_id,
        "treatment_ids": appointment.treatment_ids and list(appointment.treatment_ids),
        "chair_id": appointment.chair_id,
        "assistant_id": appointment.assistant_id,
        "starts_at": appointment.time.start,
        "ends_at": appointment.time.end,
        "buffer_before_minutes": appointment.buffer_before_minutes,
        "buffer_after_minutes": appointment.buffer_after_minutes,
        "status": appointment.status,
        "confirmation": appointment.confirmation,
        "reason": appointment.reason,
        "forced": appointment.forced,
        "layers": _layers(appointment.layer),
        "last_move": None if last_move is None else last_move.wire(),
    }


def _layers(layer: int | None) -> str:
    """A range of PostgreSQL's; the empty one asks it for a layer that nobody beside has."""
    if layer is None:
        return "(,)"
    return "empty" if layer == OWN_LAYER else f"[{layer},{layer}]"


def changed(
    diary: Diary, before: Appointment, after: Appointment, moving: Moving, *rows: RowToStore, **values: Any
) -> Decision:
    """Note the move with the appointment, enter it into the diary, and say what is to be stored, after `rows`."""
    return stored(diary, before, moved(moving, before, after), *rows, **values)


def stored(diary: Diary, before: Appointment, after: Appointment, *rows: RowToStore, **values: Any) -> Decision:
    """The same for an appointment that has its note already, or has none."""
    diary.enter(after)
    said = columns(before)
    changes = {name: value for name, value in columns(after).items() if value != said[name]}
    # The status is named even where nothing changes, for the outcome shows the row that was written.
    row = RowToStore(UPDATE, "appointments", after.id, {"status": after.status, **changes, **values})
    # Who stands beside it may say anew, with another version, whether they share their time.
    beside = before.layer is not None or after.layer is not None
    return Decision("changed", after, [*rows, row], changes_others=beside, before=before)
