"""Who acts: the account behind a request, a socket or a stored write, with its role and what is its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dental_sync.core import roles
from dental_sync.core.roles import Reach


@dataclass(frozen=True, slots=True)
class OwnPatient:
    """A patient for whom an account acts: the own record (`relation` is "self"), or as a guardian, in words or None."""

    id: uuid.UUID
    name: str
    relation: str | None

    @classmethod
    def read(cls, rows: Iterable[Mapping[str, Any]]) -> tuple[OwnPatient, ...]:
        """From what the functions `signed_in_account` and `patients_of` of the database answer."""
        return tuple(cls(uuid.UUID(row["id"]), row["name"], row["relation"]) for row in rows)

    def wire(self) -> dict[str, str | None]:
        """As the `user` object has it."""
        return {"id": str(self.id), "name": self.name, "relation": self.relation}


@dataclass(frozen=True, slots=True)
class Actor:
    """An account as the rules see it; `patient_id` and `dentist_id` are the records that belong to it.

    `patients` are those for whom it acts, the own record among them, first.

    Rules ask the questions below and never compare the role: core/roles.py says what each role may do.
    """

    user_id: uuid.UUID
    role: str
    name: str
    email: str
    patient_id: uuid.UUID | None = None
    dentist_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    # Of who has a diary.
    profession: str = roles.DENTIST
    patients: tuple[OwnPatient, ...] = ()
    # Looked up where bookings are decided: whether the address is known to be theirs, and whether the practice knows
    # whose account it is.
    has_confirmed_address: bool = True
    is_vouched_for: bool = True
    # In which it is written to.
    language: str = "de"

    def wire(self) -> dict[str, Any]:
        """The `user` object of the contract."""
        user: dict[str, Any] = {"id": str(self.user_id), "role": self.role, "name": self.name, "email": self.email}
        user["language"] = self.language
        if self.patient_id is not None:
            user["patientId"] = str(self.patient_id)
        if self.dentist_id is not None:
            user["dentistId"] = str(self.dentist_id)
            user["profession"] = self.profession
        user["patients"] = [patient.wire() for patient in self.patients if patient.id in self.own_patient_ids]
        return user

    @property
    def acts_as(self) -> str:
        """Its role, or that of an assistant."""
        return roles.acting(self.role, self.profession)

    @property
    def reach(self) -> Reach:
        """Whose appointments it sees and moves."""
        return roles.rights_of(self.acts_as).reach

    @property
    def sees_everything(self) -> bool:
        """Whether all appointments, patients, holds and messages are this account's to see and to keep."""
        return self.reach is Reach.EVERYTHING

    @property
    def is_patient(self) -> bool:
        """Whether it books for itself, within the limits that patients have."""
        return self.reach is Reach.OWN_RECORD

    @property
    def is_staff(self) -> bool:
        """Whether it works in the practice: it books for patients, without the limits that patients have."""
        return self.reach in (Reach.EVERYTHING, Reach.OWN_DIARY)

    @property
    def is_visitor(self) -> bool:
        """Whether it has no account, and only looks at what is free."""
        return not roles.rights_of(self.role).has_account

    @property
    def works_here(self) -> bool:
        """Whether it is the account of somebody who works in the practice, in whatever profession."""
        return self.acts_as in roles.WORKING_ROLES

    @property
    def has_calendar(self) -> bool:
        """Whether there are appointments that are its own, and not everybody's."""
        return self.acts_as in roles.CALENDAR_ROLES

    @property
    def may_book(self) -> bool:
        """Whether it may book and hold at all."""
        return self.is_staff or self.is_patient

    @property
    def administers(self) -> bool:
        """Whether accounts, the practice's settings, the audit trail and others' requests are its to keep."""
        return roles.rights_of(self.acts_as).administers

    @property
    def own_patient_id(self) -> uuid.UUID | None:
        """The own record of who acts as a patient; None for others, though they may have one from a former role."""
        return self.patient_id if self.reach is Reach.OWN_RECORD else None

    @property
    def own_patient_ids(self) -> frozenset[uuid.UUID]:
        """The patients for whom it acts: itself, and those whose guardian it is; none for who acts otherwise."""
        if self.reach is not Reach.OWN_RECORD:
            return frozenset()
        guarded = {patient.id for patient in self.patients}
        return frozenset(guarded if self.patient_id is None else {*guarded, self.patient_id})

    @property
    def own_dentist_id(self) -> uuid.UUID | None:
        """The dentist as whom it acts; None for others, though they may have a diary from a former role."""
        return self.dentist_id if self.reach is Reach.OWN_DIARY else None

    @property
    def own_assistant_id(self) -> uuid.UUID | None:
        """The assistant as whom it acts, by the id of the diary; None for others."""
        return self.dentist_id if self.reach is Reach.ASSISTED else None

    @property
    def own_records(self) -> frozenset[uuid.UUID]:
        """The patients for whom it acts, and the dentist or assistant as whom it does."""
        diaries = (self.own_dentist_id, self.own_assistant_id)
        return self.own_patient_ids.union(diary for diary in diaries if diary is not None)

    def keeps_diary_of(self, dentist_id: uuid.UUID) -> bool:
        """Whether this dentist's diary and time off are this account's to keep."""
        return self.sees_everything or self.own_dentist_id == dentist_id

    def keeps_hours_of(self, dentist_id: uuid.UUID) -> bool:
        """Whether this dentist's weekly hours are this account's to set: they are a setting, as treatments are."""
        return self.administers or self.own_dentist_id == dentist_id

    def may_see(self, patient_id: uuid.UUID, dentist_id: uuid.UUID, assistant_id: uuid.UUID | None) -> bool:
        """Whether an appointment of this patient with these two is this account's to see."""
        return (
            self.keeps_diary_of(dentist_id)
            or patient_id in self.own_patient_ids
            or (assistant_id is not None and self.own_assistant_id == assistant_id)
        )
