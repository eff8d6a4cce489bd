"""An admin who puts chairs up, books into them, sends them away and withdraws them by force; and the oracle."""

from __future__ import annotations

from dataclasses import dataclass, field

from .keeper import Keeper, found_of
from .openings import Opening
from .system import System

KIND = "surgery"

# What must not be there: (what, query).
NEVER = (
    ("one chair twice", "SELECT name FROM chairs GROUP BY name HAVING count(*) > 1"),
    ("one time off twice", "SELECT reason FROM chair_time_off GROUP BY reason HAVING count(*) > 1"),
    (
        "a chair that was withdrawn and is in use",
        "SELECT chairs.id::text FROM chairs JOIN write_requests w ON w.subject_id = chairs.id"
        " WHERE w.action = 'withdraw-chair' AND w.status = 'applied' AND chairs.active",
    ),
    (
        "booked into a chair after it was withdrawn",
        "SELECT a.id::text FROM appointments a JOIN write_requests w ON w.subject_id = a.chair_id"
        " WHERE w.action = 'withdraw-chair' AND w.status = 'applied' AND a.created_at > w.decided_at",
    ),
    (
        "booked into a chair while it is away",
        "SELECT a.id::text FROM appointments a"
        " JOIN chair_time_off off ON off.chair_id = a.chair_id AND off.starts_at < a.claimed_to"
        " AND off.ends_at > a.claimed_from"
        " JOIN write_requests w ON w.subject_id = off.id AND w.action = 'take-chair-away'"
        " WHERE a.status IN ('pending', 'booked') AND NOT a.forced AND a.created_at > w.decided_at",
    ),
)


@dataclass
class ChairKeeper(Keeper):
    """Keeps some chairs."""

    _chairs: list[str] = field(default_factory=list)
    _away: list[str] = field(default_factory=list)

    def act(self, wanted: Opening, body: dict[str, str]) -> str | None:
        """Do one thing; `body` books the opening, and the appointment that was booked is given back."""
        if not self._chairs:
            self._put_up()
        if not self._chairs:
            return None
        kinds = [self._bring_back, self._withdraw, self._rename, self._take_away, self._take_away, self._take_away]
        chair = self.dice.choice(self._chairs)
        self.dice.choice(kinds)(chair, wanted)
        # Where the chair is away by now, or gone, it must be refused.
        return self._book(chair, body)

    def _put_up(self) -> None:
        body = {"name": f"chair {self.dice.getrandbits(64):x}", "kind": KIND}
        answer = self.done("POST", "/chairs", body, {201, 202})
        if answer.status == 201:
            self._chairs.append(answer.body["id"])

    def _book(self, chair: str, body: dict[str, str]) -> str | None:
        answer = self.done("POST", "/appointments", {**body, "chairId": chair}, {201, 202, 409, 422})
        return str(answer.body["id"]) if answer.status == 201 else None

    def _take_away(self, chair: str, wanted: Opening) -> None:
        body = {
            "startsAt": wanted.starts_at,
            "endsAt": wanted.ends_at,
            "reason": f"away {self.dice.getrandbits(64):x}",
            "force": True,
        }
        answer = self.done("POST", f"/chairs/{chair}/time-off", body, {201, 202})
        if answer.status == 201:
            self._away.append(f"/chairs/{chair}/time-off/{answer.body['id']}")

    def _bring_back(self, _chair: str, _wanted: Opening) -> None:
        if self._away:
            self.done("DELETE", self._away.pop(), None, {202, 204})

    def _withdraw(self, chair: str, _wanted: Opening) -> None:
        self._chairs.remove(chair)
        self.done("DELETE", f"/chairs/{chair}?force=true", None, {202, 204})

    def _rename(self, chair: str, _wanted: Opening) -> None:
        self.done("PATCH", f"/chairs/{chair}", {"name": f"chair {self.dice.getrandbits(64):x}"}, {200, 202})


def let_a_treatment_need_one(system: System) -> None:
    """So that what is free changes with the chairs, and everybody who follows that is told."""
    with system.owner() as cursor:
        cursor.execute("UPDATE treatments SET chair_kind = %s WHERE name = 'Check-up'", [KIND])


def what_must_not_be(system: System) -> list[str]:
    """What is in the database against every promise about chairs."""
    return found_of(system, NEVER)
