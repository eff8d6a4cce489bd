"""An admin who enters guests, lets them come or not, and erases them; and the oracle."""

from __future__ import annotations

from dataclasses import dataclass, field

from .keeper import Keeper, found_of
from .system import System

# What must not be there: (what, query).
NEVER = (
    (
        "erased and known",
        "SELECT id::text FROM patients WHERE erased_at IS NOT NULL AND (name <> 'Erased patient'"
        " OR phone IS NOT NULL OR email IS NOT NULL OR birth_date IS NOT NULL OR user_id IS NOT NULL)",
    ),
    (
        "of an erased patient, with a name or a reason",
        "SELECT a.id::text FROM appointments a JOIN patients p ON p.id = a.patient_id WHERE p.erased_at IS NOT NULL"
        " AND (a.patient_name <> 'Erased patient' OR a.cancel_reason IS NOT NULL)",
    ),
    (
        "still to come, of an erased patient",
        "SELECT a.id::text FROM appointments a JOIN patients p ON p.id = a.patient_id WHERE p.erased_at IS NOT NULL"
        " AND a.status IN ('pending', 'booked', 'arrived', 'checked-in') AND a.ends_at > now()",
    ),
    (
        "a message that names an erased patient",
        "SELECT e.position::text FROM sync_events e JOIN patients p"
        " ON p.id::text = e.payload #>> '{appointment,patientId}' WHERE p.erased_at IS NOT NULL"
        " AND e.payload #>> '{appointment,patientName}' <> 'Erased patient'",
    ),
)


@dataclass
class EraserDesk(Keeper):
    """Enters guests; `act` does one thing with one of them."""

    _guests: list[str] = field(default_factory=list)
    _booked: dict[str, str] = field(default_factory=dict)

    def act(self, body: dict[str, str]) -> str | None:
        """Do one thing; `body` books an opening, and the appointment that was booked is given back."""
        guest = self.dice.choice(self._guests) if self._guests else None
        match self.dice.randrange(5):
            case 0 if guest is not None:
                if guest in self._booked:
                    self.done(
                        "POST", f"/appointments/{self._booked[guest]}/cancel", {"reason": "ill"}, {200, 202, 404, 409}
                    )
                # 409: something is to come, for others book and undo too.
                erased = self.done("POST", f"/patients/{guest}/erase", {}, {200, 202, 409})
                if erased.status == 200 and guest in self._guests:
                    self._guests.remove(guest)
            case 1 | 2 if guest is not None:
                # 422: erased meanwhile.
                booked = self.done("POST", "/appointments", {**body, "patientId": guest}, {201, 202, 409, 422})
                if booked.status == 201:
                    return self._booked.setdefault(guest, str(booked.body["id"]))
            case _:
                wish = {"name": f"Guest {self.dice.getrandbits(32):x}", "phone": "030 1"}
                made = self.done("POST", "/patients", wish, {201})
                self._guests += [made.body["id"]] if made.status == 201 else []
        return None


def what_must_not_be(system: System) -> list[str]:
    """What is in the database against every promise about erased patients."""
    return found_of(system, NEVER)
