"""A desk that books visits, names assistants, sends them away and changes what dentists offer; and the oracle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .keeper import Keeper, found_of
from .openings import Opening
from .system import System

ASSISTANTS = ("assistant1", "assistant2")
# What nobody does alone from `prepare` on.
ASSISTED = "Cleaning"

# What must not be there: (what, query).
NEVER = (
    (
        "without the assistant who is needed",
        # The demo's were booked before anybody was needed.
        "SELECT a.id::text FROM appointments a"
        " JOIN write_requests w ON w.subject_id = a.id AND w.action = 'book' AND w.status = 'applied'"
        " JOIN treatments t ON t.id = ANY (coalesce(a.treatment_ids, ARRAY[a.treatment_id]))"
        " WHERE t.needs_assistant AND a.assistant_id IS NULL AND a.status IN ('pending', 'booked') AND NOT a.forced",
    ),
    (
        "with an assistant who is away",
        "SELECT a.id::text FROM appointments a"
        " JOIN time_off off ON off.dentist_id = a.assistant_id AND off.starts_at < a.ends_at"
        " AND off.ends_at > a.starts_at"
        " JOIN write_requests w ON w.subject_id = off.id AND w.action = 'take-time-off'"
        " WHERE a.status IN ('pending', 'booked') AND NOT a.forced AND a.created_at > w.decided_at",
    ),
    (
        "a visit that does not begin with its first treatment",
        "SELECT id::text FROM appointments WHERE treatment_ids[1] <> treatment_id OR cardinality(treatment_ids) < 2",
    ),
    (
        "treated by somebody who assists",
        "SELECT a.id::text FROM appointments a JOIN dentists d ON d.id = a.dentist_id WHERE d.profession = 'assistant'",
    ),
)


def prepare(system: System) -> None:
    """Two assistants with the hours of a dentist, and a treatment that needs one."""
    admin = system.account("admin")
    hours = admin.get("/dentists")["items"][0]["workingHours"]
    for name in ASSISTANTS:
        new = {"email": f"{name}@demo.test", "name": name, "role": "dentist", "profession": "assistant"}
        user = admin.done("POST", "/users", {**new, "password": "demo-password-1"})
        admin.done("PUT", f"/dentists/{user['dentistId']}/working-hours", {"hours": hours})
    [assisted] = [item["id"] for item in admin.get("/treatments")["items"] if item["name"] == ASSISTED]
    admin.done("PATCH", f"/treatments/{assisted}", {"needsAssistant": True})


@dataclass
class AssistedDesk(Keeper):
    """Books with assistants."""

    _ids: list[str] = field(default_factory=list)
    _treatments: list[str] = field(default_factory=list)
    _away: list[str] = field(default_factory=list)

    def act(self, wanted: Opening, body: dict[str, str], mine: Sequence[str]) -> str | None:
        """Do one thing; `body` books the opening, and the appointment that was booked is given back."""
        if not self._ids:
            self._look()
        if not self._ids:
            return None
        match self.dice.randrange(6):
            case 0:
                self._go_away(wanted)
            case 1:
                self._come_back()
            case 2:
                self._take_longer(body["dentistId"])
            case 3 if mine:
                self._name(self.dice.choice(mine))
            case _:
                return self._visit(body)
        return None

    def _look(self) -> None:
        """By id and not by name: treatments are renamed meanwhile."""
        assisting = self.done("GET", "/dentists?profession=assistant", None, {200})
        offered = self.done("GET", "/treatments", None, {200})
        if assisting.status == offered.status == 200:
            self._ids = [item["id"] for item in assisting.body["items"]]
            ordered = sorted(offered.body["items"], key=lambda item: item["needsAssistant"])
            self._treatments = [item["id"] for item in ordered]

    def _visit(self, body: dict[str, str]) -> str | None:
        """What needs an assistant last; it takes as long as it takes, and may end after the practice has closed."""
        wish = {name: value for name, value in body.items() if name != "endsAt"}
        ids = [self.dice.choice(self._treatments), self._treatments[-1]]
        answer = self.done("POST", "/appointments", {**wish, "treatmentIds": ids}, {201, 202, 409, 422})
        return str(answer.body["id"]) if answer.status == 201 else None

    def _name(self, appointment: str) -> None:
        named = self.dice.choice([*self._ids, None])
        wish = {"assistantId": named, "force": self.dice.random() < 0.3}
        self.done("PATCH", f"/appointments/{appointment}", wish, {200, 202, 404, 409})

    def _take_longer(self, dentist: str) -> None:
        lengths = [
            {"treatmentId": id_, "durationMinutes": self.dice.choice([None, 25, 50])} for id_ in self._treatments
        ]
        wish = {"treatments": self.dice.choice([None, lengths]), "force": True}
        self.done("PUT", f"/dentists/{dentist}/treatments", wish, {200, 202})

    def _go_away(self, wanted: Opening) -> None:
        body = {"startsAt": wanted.starts_at, "endsAt": wanted.ends_at, "force": True}
        path = f"/dentists/{self.dice.choice(self._ids)}/time-off"
        answer = self.done("POST", path, body, {201, 202})
        if answer.status == 201:
            self._away.append(f"{path}/{answer.body['id']}")

    def _come_back(self) -> None:
        if self._away:
            self.done("DELETE", self._away.pop(), None, {202, 204})


def what_must_not_be(system: System) -> list[str]:
    """What is in the database against every promise about assistants and visits."""
    return found_of(system, NEVER)
