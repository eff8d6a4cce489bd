"""Who acts: the account behind a request, a socket or a stored write, with its role and what is its own."""

from __future__ import annotations

import uuid
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """An account as the rules see it; `patient_id` and `dentist_id` are the records that belong to it."""

    user_id: uuid.UUID
    role: str
    name: str
    email: str
    patient_id: uuid.UUID | None = None
    dentist_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None

    def wire(self) -> dict[str, str]:
        """The `user` object of the contract."""
        user = {"id": str(self.user_id), "role": self.role, "name": self.name, "email": self.email}
        if self.patient_id is not None:
            user["patientId"] = str(self.patient_id)
        if self.dentist_id is not None:
            user["dentistId"] = str(self.dentist_id)
        return user

    def may_see(self, *, patient_id: uuid.UUID, dentist_id: uuid.UUID) -> bool:
        """Whether an appointment of this patient with this dentist is this account's to see."""
        return (
            self.role == "admin"
            or (self.role == "patient" and self.patient_id == patient_id)
            or (self.role == "dentist" and self.dentist_id == dentist_id)
        )
