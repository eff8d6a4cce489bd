"""A receptionist's morning: what goes wrong in a practice is put right at the desk, and the worker dies meanwhile."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from dental_sync.core.instants import format_instant, parse_instant

from .conftest import Connect, StartSystem
from .javascript import JsClient
from .openings import Opening
from .rest import Account
from .system import System
from .witnesses import assert_followed, log_rows, wait_applied

EVERYTHING = ("appointments:all", "availability:all", "practice")
HALF_AN_HOUR = timedelta(minutes=30)
# The worker decides later; the desk goes on meanwhile.
LATER = {"Prefer": "respond-async"}

Payload = dict[str, Any]


def a_morning(system: System) -> list[Opening]:
    """The eight half hours of one morning in which everybody is free."""
    while True:
        found = [system.opening()]
        for opening in (system.opening() for _ in itertools.count()):
            if parse_instant(opening.starts_at) != parse_instant(found[-1].ends_at):
                break
            found.append(opening)
        if len(found) >= 8:
            return found[:8]


class Desk:
    """The receptionist, on either web process by turns."""

    def __init__(self, system: System) -> None:
        self.account: Account = system.account("desk")
        self._turns = itertools.cycle((0, 1))

    def does(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """What must go well."""
        return self.account.done(method, path, body, web=next(self._turns), **headers)

    def is_refused(self, method: str, path: str, body: object = None) -> str | None:
        """The code of what must not go well."""
        return self.account.call(method, path, body, web=next(self._turns)).code

    def shows(self, appointment_id: str) -> Payload:
        """An appointment as REST has it."""
        found: Payload = self.account.get(f"/appointments/{appointment_id}", web=next(self._turns))
        return found


def screen(client: JsClient) -> dict[str, Payload]:
    """The appointments as a screen has them that was empty and heard everything since."""
    shown: dict[str, Payload] = {}
    for name, payload in client.log():
        if name in ("appointment:created", "appointment:updated"):
            shown[payload["appointment"]["id"]] = payload["appointment"]
        elif name == "appointment:deleted":
            shown.pop(payload["appointmentId"], None)
    return shown


def test_a_receptionists_morning_stays_true_on_every_screen(start_system: StartSystem, connect: Connect) -> None:
    """An emergency beside another, a wrong click, a broken chair, eight appointments handed over, a series, an undo."""
    system = start_system()
    desk, admin = Desk(system), system.account("admin")
    screens = [connect(system, "desk", web) for web in (0, 1)]
    for client in screens:
        for channel in EVERYTHING:
            client.follow(channel)
        client.catch_up_with(system.settled_head())
    patients = [system.account(f"patient{number}").patient_id for number in range(1, 13)]
    anna, ben = (system.account(f"dentist{number}").dentist_id for number in (1, 2))
    morning = a_morning(system)

    # Eight appointments of the first dentist.
    booked = [
        desk.does("POST", "/appointments", opening.with_dentist(anna, patientId=patient))["id"]
        for opening, patient in zip(morning, patients, strict=False)
    ]

    # An emergency is squeezed in beside the second.
    emergency = morning[1].with_dentist(anna, patientId=patients[8])
    assert desk.is_refused("POST", "/appointments", emergency) == "slot-taken"
    squeezed_in = desk.does("POST", "/appointments", {**emergency, "force": True})
    assert squeezed_in["overbooked"] is desk.shows(booked[1])["overbooked"] is True

    # Somebody walks in, and "arrived" is clicked on the wrong line.
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    walk_in = {
        "dentistId": ben,
        "patientId": desk.does("POST", "/patients", {"name": "Nora Neu"})["id"],
        "startsAt": format_instant(now),
        "endsAt": format_instant(now + HALF_AN_HOUR),
        "force": True,
    }
    walked_in = desk.does("POST", "/appointments", walk_in)["id"]
    assert desk.does("POST", f"/appointments/{walked_in}/arrive", {})["status"] == "arrived"
    assert desk.does("POST", f"/appointments/{walked_in}/undo", {})["status"] == "booked"

    # A chair breaks in which somebody is to sit, and they move to another.
    chairs = [admin.done("POST", "/chairs", {"name": name, "kind": "surgery"})["id"] for name in ("One", "Two")]
    surgery = {"name": "Extraction", "durationMinutes": 30, "chairKind": "surgery"}
    treatment = admin.done("POST", "/treatments", surgery)["id"]
    in_chair = {
        "dentistId": ben,
        "patientId": patients[10],
        "startsAt": morning[0].starts_at,
        "treatmentId": treatment,
        "chairId": chairs[0],
    }
    seated = desk.does("POST", "/appointments", in_chair)["id"]
    breaks = {"startsAt": morning[0].starts_at, "endsAt": morning[7].ends_at, "reason": "broken"}
    assert desk.is_refused("POST", f"/chairs/{chairs[0]}/time-off", breaks) == "bookings-in-the-way"
    broken = desk.does("POST", f"/chairs/{chairs[0]}/time-off", {**breaks, "force": True})
    assert broken["appointments"] == [seated]
    assert desk.does("PATCH", f"/appointments/{seated}", {"chairId": chairs[1]})["chairId"] == chairs[1]

    # The worker dies. What is asked for meanwhile is accepted, and decided in its order once there is one again.
    system.worker.kill()
    # The dentist has fallen ill: a colleague takes the morning, but for the time that is taken there already.
    handed_over = desk.account.call(
        "POST",
        f"/dentists/{anna}/hand-over",
        {"to": ben, "from": morning[0].starts_at, "until": morning[7].ends_at},
        **LATER,
    )
    # A check every week, six times, one of which lies where somebody else is.
    first = parse_instant(system.opening().starts_at)
    taken = {"dentistId": anna, "patientId": patients[0], "startsAt": format_instant(first + timedelta(weeks=2))}
    check_up = next(item["id"] for item in admin.get("/treatments")["items"] if item["name"] == "Check-up")
    accepted = [
        desk.account.call("POST", "/appointments", {**taken, "treatmentId": check_up}, **LATER),
        desk.account.call(
            "POST",
            "/appointments/series",
            {
                "dentistId": anna,
                "patientId": patients[11],
                "startsAt": format_instant(first),
                "treatmentId": check_up,
                "every": {"unit": "week", "n": 1},
                "count": 6,
            },
            web=1,
            **LATER,
        ),
    ]
    system.worker.start()
    for answer in (handed_over, *accepted):
        wait_applied(desk.account, answer)
    series = desk.account.get(f"/appointments?patientId={patients[11]}")["items"]
    starts = [parse_instant(one["startsAt"]) for one in series if one["seriesId"]]
    assert starts == [first + timedelta(weeks=week) for week in (0, 1, 3, 4, 5)]
    now_with = [desk.shows(id_)["dentistId"] for id_ in booked]
    # The first one's time is the colleague's with the broken chair; of the two at one time the earlier booked goes.
    assert now_with == [anna, *[ben] * 7]
    assert desk.shows(squeezed_in["id"])["dentistId"] == anna

    # The last one was moved by mistake.
    assert desk.does("POST", f"/appointments/{booked[7]}/undo", {})["dentistId"] == anna

    # Every screen shows what REST shows, and each message came once and in order.
    head, rows = system.settled_head(), log_rows(system)
    of_rest = {one["id"]: one for one in all_appointments(desk.account)}
    for client in screens:
        client.catch_up_with(head)
        for channel in EVERYTHING:
            assert_followed(client, channel, rows)
        for id_, shown in screen(client).items():
            assert shown == of_rest[id_]
    assert {*booked, squeezed_in["id"], walked_in, seated} <= set(screen(screens[0]))


def all_appointments(account: Account) -> list[Payload]:
    """Page by page."""
    found, after = [], ""
    while True:
        page = account.get(f"/appointments?limit=200{after}")
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"
