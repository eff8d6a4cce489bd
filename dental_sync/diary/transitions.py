"""The appointment's states: which move is allowed from where, to whom, and when. One table, and nothing else says so.

The states are codes of FHIR R5 AppointmentStatus. The doors, the rules, the tests and docs/protocol.md follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from dental_sync.core import errors
from dental_sync.core.roles import ASSISTANT, BOOKING_ROLES, DESK_ROLES, ROLES, STAFF_ROLES

# The codes of FHIR R5 AppointmentStatus that a practice needs.
STATUSES = frozenset(
    {"pending", "booked", "arrived", "checked-in", "fulfilled", "cancelled", "noshow", "entered-in-error"}
)

# An appointment in one of these takes its time; the database's constraints list them too, and have the last word.
BLOCKING_STATUSES = frozenset({"pending", "booked", "arrived", "checked-in", "fulfilled"})

# These are still to come, or were missed by everybody.
OPEN_STATUSES = frozenset({"pending", "booked"})

# Until the cut-off: a patient only that long before the start, staff always. On the day: of the start, in the dentist's
# zone, or within COMES_EARLY before the start.
When = Literal["always", "until the cut-off", "after the start", "on the day"]
COMES_EARLY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Move:
    """One move: from which states it is allowed, which state it leads to (None: it stays), to whom, and when.

    `staff_sources` are further states, from which staff may.
    """

    name: str
    summary: str
    sources: frozenset[str]
    target: str | None
    roles: frozenset[str]
    when: When = "always"
    # What it changes is not the status but the confirmation.
    confirms: bool = False
    staff_sources: frozenset[str] = frozenset()

    def sources_for(self, role: str) -> frozenset[str]:
        """From which states this role may make it."""
        return self.sources | self.staff_sources if role in STAFF_ROLES else self.sources

    @property
    def retakes_time(self) -> bool:
        """Whether it takes a time that was free before it, so that it may find the time taken."""
        return self.target in BLOCKING_STATUSES and not self.sources <= BLOCKING_STATUSES


_EVERYBODY = frozenset(BOOKING_ROLES)
_STAFF = frozenset(STAFF_ROLES)
# Whoever meets the patient.
_AT_THE_CHAIR = _STAFF | {ASSISTANT}
_DESK = frozenset(DESK_ROLES)
# The patient is in the practice.
RUNNING = frozenset({"arrived", "checked-in"})

MOVES = {
    move.name: move
    for move in (
        Move(
            "reschedule",
            "Change the time, the dentist, the treatment, the chair, the assistant or the reason; "
            "one that is running, its end.",
            OPEN_STATUSES,
            None,
            _EVERYBODY,
            "until the cut-off",
            staff_sources=RUNNING,
        ),
        Move(
            "cancel",
            "Cancel; the time is free at once.",
            OPEN_STATUSES,
            "cancelled",
            _EVERYBODY,
            "until the cut-off",
            # Who left without being seen.
            staff_sources=frozenset({"arrived"}),
        ),
        Move("approve", "Accept what waits for the practice's approval.", frozenset({"pending"}), "booked", _STAFF),
        Move("confirm", "Say that the patient will come.", frozenset({"booked"}), None, _EVERYBODY, confirms=True),
        Move("arrive", "The patient is here.", frozenset({"booked"}), "arrived", _AT_THE_CHAIR, "on the day"),
        Move(
            "check-in",
            "The patient is ready to be seen.",
            frozenset({"booked", "arrived"}),
            "checked-in",
            _AT_THE_CHAIR,
            "on the day",
        ),
        Move("complete", "The treatment is done.", frozenset({"arrived", "checked-in"}), "fulfilled", _STAFF),
        Move(
            "no-show",
            "The patient did not come, or left without being seen; the time is free again.",
            frozenset({"booked", "arrived"}),
            "noshow",
            _STAFF,
            "after the start",
        ),
        Move(
            "undo-no-show",
            "The patient did come; refused when the time was taken since.",
            frozenset({"noshow"}),
            "booked",
            _STAFF,
        ),
        Move(
            "delete",
            "Strike out what was entered in error.",
            STATUSES - {"entered-in-error"},
            "entered-in-error",
            _DESK,
        ),
    )
}

# What only changes the status, or the confirmation: one door for each, without a body.
STEPS = ("approve", "confirm", "arrive", "check-in", "complete", "no-show", "undo-no-show")
STEP_MOVES = tuple(MOVES[name] for name in STEPS)


def check(name: str, *, role: str, status: str) -> Move:
    """The move, if the role may ever make it and the status allows it; raises Forbidden or IllegalTransition."""
    move = MOVES[name]
    if role not in move.roles:
        raise errors.Forbidden
    if status not in move.sources_for(role):
        allowed = " or ".join(sorted(move.sources_for(role)))
        raise errors.IllegalTransition(f"The appointment is {status}; to {name} it must be {allowed}.")
    return move


def table() -> str:
    """The table of moves as docs/protocol.md shows it."""
    lines = ["| Move | From | To | Who | When |", "|---|---|---|---|---|"]
    for move in MOVES.values():
        roles = ", ".join(role for role in (*ROLES, ASSISTANT) if role in move.roles)
        sources = "any" if len(move.sources) == len(STATUSES) - 1 else ", ".join(sorted(move.sources))
        if move.staff_sources:
            sources += "; by staff also " + ", ".join(sorted(move.staff_sources))
        lines.append(f"| {move.name} | {sources} | {move.target or 'the same'} | {roles} | {move.when} |")
    return "\n".join(lines)
