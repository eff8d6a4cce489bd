"""A desk that enters callers twice, merges their records into patients' and parts them again; and the oracle."""

from __future__ import annotations

from dataclasses import dataclass, field

from .keeper import Keeper, found_of
from .system import System

# What must not be there: (what, query).
NEVER = (
    (
        "of a record that was merged",
        "SELECT a.id::text FROM appointments a JOIN patients p ON p.id = a.patient_id WHERE p.merged_into IS NOT NULL",
    ),
    (
        "merged twice at a time",
        "SELECT source_id::text FROM patient_merges WHERE undone_at IS NULL GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "merged and not undone, and a record of its own",
        "SELECT p.id::text FROM patients p JOIN patient_merges m ON m.source_id = p.id"
        " WHERE m.undone_at IS NULL AND p.merged_into IS DISTINCT FROM m.target_id",
    ),
)


@dataclass
class DoublesDesk(Keeper):
    """Enters callers; `act` does one thing with one of them."""

    _callers: list[str] = field(default_factory=list)
    _merges: list[str] = field(default_factory=list)

    def act(self, body: dict[str, str], patient: str) -> str | None:
        """Do one thing; `body` books an opening, and the appointment that was booked is given back."""
        match self.dice.randrange(6):
            case 0:
                made = self.done("POST", "/patients", {"name": f"Caller {self.dice.getrandbits(32):x}"}, {201})
                self._callers += [made.body["id"]] if made.status == 201 else []
            case 1 if self._callers:
                self._merge(self.dice.choice(self._callers), patient)
            case 2 if self._merges:
                merge = self._merges.pop(self.dice.randrange(len(self._merges)))
                self.done("POST", f"/patients/merges/{merge}/undo", {}, {200, 202})
            case _ if self._callers:
                # Merged meanwhile or not, it is booked for whoever the id means now.
                return self._book({**body, "patientId": self.dice.choice(self._callers)})
        return None

    def _merge(self, caller: str, patient: str) -> None:
        # 422: it is that patient's already. 409: both are booked at one time.
        answer = self.done("POST", f"/patients/{caller}/merge", {"into": patient}, {200, 202, 409, 422})
        if answer.status == 200:
            self._merges.append(answer.body["id"])

    def _book(self, body: dict[str, str]) -> str | None:
        answer = self.done("POST", "/appointments", body, {201, 202, 409, 422})
        return str(answer.body["id"]) if answer.status == 201 else None


def what_must_not_be(system: System) -> list[str]:
    """What is in the database against every promise about merged records."""
    return found_of(system, NEVER)
