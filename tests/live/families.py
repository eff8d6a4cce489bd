"""A mother, her child, and the desk that lets her act for the child."""

from __future__ import annotations

from dataclasses import dataclass

from .rest import Account
from .system import System
from .witnesses import Payload, booking, somebody_new

# The promise is one second; three, lest a machine with other work to do cry wolf.
TOLD_WITHIN_SECONDS = 3.0


@dataclass(frozen=True)
class Family:
    """`mother` is signed in as `user`; `child` is a patient's id, for whom she does not act yet."""

    system: System
    user: Payload
    mother: Account
    child: str

    @classmethod
    def new(cls, system: System) -> Family:
        """Both are new at the practice."""
        user, mother = somebody_new(system, "patient")
        return cls(system, user, mother, system.account("desk").done("POST", "/patients", {"name": "Tim"})["id"])

    @property
    def own_channel(self) -> str:
        return f"appointments:patient:{self.user['patientId']}"

    @property
    def childs_channel(self) -> str:
        return f"appointments:patient:{self.child}"

    def grant(self) -> None:
        """From now on the mother acts for the child."""
        wish = {"userId": self.user["id"], "relation": "mother"}
        self.system.account("desk").done("POST", f"/patients/{self.child}/guardians", wish)

    def end(self) -> None:
        """And from now on no more."""
        self.system.account("desk").done("DELETE", f"/patients/{self.child}/guardians/{self.user['id']}")

    def book_for_child(self, **time: str) -> str:
        """The desk books for the child, at a time of its own; answers the id."""
        body = {**(time or booking(self.system)), "patientId": self.child}
        booked: str = self.system.account("desk").done("POST", "/appointments", body)["id"]
        return booked

    def book_own(self) -> str:
        """The mother books for herself."""
        booked: str = self.mother.done("POST", "/appointments", booking(self.system))["id"]
        return booked
