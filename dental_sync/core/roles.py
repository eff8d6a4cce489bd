"""The roles of accounts, and what each may do. No other module lists them or compares one with a word.

Rules ask the actor (core/actor.py), which answers from the table below: a new role is an entry here, and every list
that depends on it follows. Beside it stand what cannot read Python: the check constraint and the policies of row-level
security in `migrations/`, which keep their own words on purpose, for a migration says what was so on its day. The table
of docs/permissions.md says where each right is decided, and which test holds the places together.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

Role = Literal["patient", "dentist", "receptionist", "admin", "chatbot"]
# What somebody with a diary does; whoever assists is never booked, and has other rights than their role.
Profession = Literal["dentist", "hygienist", "assistant"]

PATIENT: Final = "patient"
DENTIST: Final = "dentist"
RECEPTIONIST: Final = "receptionist"
ADMIN: Final = "admin"
CHATBOT: Final = "chatbot"
ASSISTANT: Final = "assistant"
VISITOR: Final = "visitor"

# In the order in which documents list them.
ROLES: Final[tuple[Role, ...]] = get_args(Role)


class Reach(enum.Enum):
    """Whose appointments a role sees and moves, and with them the patients, the holds and the messages."""

    EVERYTHING = "everything"
    OWN_DIARY = "the own diary"
    ASSISTED = "the appointments assisted"
    OWN_RECORD = "the own record"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a role may do; each account may also see what is free, and its own requests."""

    reach: Reach = Reach.NOTHING
    # Accounts, the practice's settings (dentists and all their hours, treatments, chairs, rules), the audit trail,
    # statistics, others' requests.
    administers: bool = False
    # Clinical notes of the appointments within reach.
    keeps_notes: bool = False
    # Whoever has none sees what is free, and nothing else.
    has_account: bool = True


RIGHTS: Final[Mapping[str, Rights]] = {
    PATIENT: Rights(reach=Reach.OWN_RECORD),
    DENTIST: Rights(reach=Reach.OWN_DIARY, keeps_notes=True),
    RECEPTIONIST: Rights(reach=Reach.EVERYTHING),
    ADMIN: Rights(reach=Reach.EVERYTHING, administers=True, keeps_notes=True),
    CHATBOT: Rights(),
    # No role of accounts, but what a dentist's account acts as whose profession it is.
    ASSISTANT: Rights(reach=Reach.ASSISTED),
    # Whoever looks at what is free before they sign up.
    VISITOR: Rights(has_account=False),
}

_NO_RIGHTS = Rights()


def has_profession(role: str) -> bool:
    """Whether accounts of this role have one, and a diary."""
    return role == DENTIST


def acting(role: str, profession: str) -> str:
    """As what an account acts: by its role, or as an assistant."""
    return ASSISTANT if has_profession(role) and profession == ASSISTANT else role


def rights_of(role: str) -> Rights:
    """What a role may do; nothing for one that only a later release knows."""
    return RIGHTS.get(role, _NO_RIGHTS)


def _those(have: Callable[[Rights], bool]) -> tuple[Role, ...]:
    return tuple(role for role in ROLES if have(RIGHTS[role]))


# Those who act as patients: for themselves, and for whom they are guardians.
PATIENT_ROLES: Final = _those(lambda rights: rights.reach is Reach.OWN_RECORD)
# Those who book, for themselves or for a patient.
BOOKING_ROLES: Final = _those(lambda rights: rights.reach is not Reach.NOTHING)
# Those who see appointments.
WATCHING_ROLES: Final = (*BOOKING_ROLES, ASSISTANT)
# Those who keep diaries: every one, or the own.
STAFF_ROLES: Final = _those(lambda rights: rights.reach in (Reach.EVERYTHING, Reach.OWN_DIARY))
# Those who have appointments of their own, in a diary or as a patient.
CALENDAR_ROLES: Final = (*_those(lambda rights: rights.reach in (Reach.OWN_RECORD, Reach.OWN_DIARY)), ASSISTANT)
# Those whose accounts are of somebody who works in the practice, in whatever profession.
WORKING_ROLES: Final = (*STAFF_ROLES, ASSISTANT)
# Those who keep every diary, closures, time off, and the patients' records.
DESK_ROLES: Final = _those(lambda rights: rights.reach is Reach.EVERYTHING)
ADMIN_ROLES: Final = _those(lambda rights: rights.administers)
# Those who set weekly hours: of every dentist, or the own ones.
HOURS_ROLES: Final = _those(lambda rights: rights.administers or rights.reach is Reach.OWN_DIARY)
NOTE_ROLES: Final = _those(lambda rights: rights.keeps_notes)
