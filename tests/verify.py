"""What each viewer knows before a change, and from its messages after it, is what a fresh look shows.

Named after zulip's `verify_action`: a client that took a snapshot and then heard the messages must be where a client
is that takes its snapshot now.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from dental_sync.core.instants import parse_instant
from dental_sync.sync import channels, shapes
from tests.conftest import Caller, Practice

# Everything that lies in the demo's diary, and what a test books.
EVER = {"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "limit": "200"}

# What patients are called whose data were erased.
ERASED = "Erased patient"

Records = dict[str, dict[str, Any]]


@dataclass
class Viewer:
    """Somebody who looks: by their own account, and by the channels that they may follow."""

    name: str
    caller: Caller
    dentist_id: str | None
    rooms: frozenset[str]

    @property
    def role(self) -> str:
        """The role of the account."""
        role: str = self.caller.user["role"]
        return role

    @property
    def keeps_every_diary(self) -> bool:
        """Whether notice and horizon hide nothing from it."""
        return self.role in ("receptionist", "admin")


@dataclass
class Snapshot:
    """What one viewer may see: lists by id, and which times are free by dentist and treatment."""

    position: int
    appointments: Records
    dentists: Records
    closures: Records
    time_off: Records
    free: set[tuple[str, str, str, str]]
    # Of staff, by kind: what the channel `practice` tells of. The practice is the one record without an id.
    records: dict[str, Records]


def viewer(caller: Caller, name: str, practice: Practice) -> Viewer:
    """A demo account, or an assistant's, as one that follows all it may hear."""
    rooms, dentist_id = {channels.ALL_AVAILABILITY}, None
    number = int("".join(c for c in name if c.isdigit()) or 0) - 1
    if caller.user.get("profession") == "assistant":
        rooms.add(channels.of_dentist(caller.user["dentistId"]))
        return Viewer(name, caller, dentist_id, frozenset(rooms))
    if caller.user["role"] in ("dentist", "receptionist", "admin"):
        rooms.add(channels.PRACTICE)
    match caller.user["role"]:
        case "patient":
            rooms.add(channels.of_patient(practice.patients[number]))
        case "dentist":
            dentist_id = str(practice.dentists[number])
            rooms.add(channels.of_dentist(dentist_id))
        case "receptionist" | "admin":
            rooms.add(channels.ALL_APPOINTMENTS)
    return Viewer(name, caller, dentist_id, frozenset(rooms))


@dataclass(frozen=True)
class Free:
    """Which times are free by dentist and treatment, and from which position of the log on that is kept true."""

    position: int
    times: frozenset[tuple[str, str, str, str]]


def look_at_free_times(caller: Caller, around: datetime) -> Free:
    """What is free a few days around an instant, for the shortest and the longest treatment."""
    days = {
        "from": (around - timedelta(days=1)).isoformat(timespec="milliseconds"),
        "to": (around + timedelta(days=3)).isoformat(timespec="milliseconds"),
    }
    shortest, *_, longest = sorted(caller.get("/treatments").json["items"], key=lambda t: t["durationMinutes"])
    positions, times = [], set()
    for treatment in (shortest, longest):
        found = caller.get(f"/availability?{urlencode({**days, 'treatmentId': treatment['id']})}").json
        positions.append(found["position"])
        times |= {(s["dentistId"], treatment["id"], s["startsAt"], s["endsAt"]) for s in found["slots"]}
    return Free(min(positions), frozenset(times))


def look_at_all(viewers: list[Viewer], practice: Practice, around: datetime) -> dict[str, Snapshot]:
    """What each viewer may see, by name.

    What is free is the same for everybody whom notice binds, and for the desk: each is asked once, and first, for its
    position is that of a log that has everything the lists were read without.
    """
    free: dict[bool, Free] = {}
    for viewer in viewers:
        if viewer.keeps_every_diary not in free:
            free[viewer.keeps_every_diary] = look_at_free_times(viewer.caller, around)
    return {viewer.name: look(viewer, practice, free[viewer.keeps_every_diary]) for viewer in viewers}


def look(viewer: Viewer, practice: Practice, free: Free) -> Snapshot:
    """Ask REST for everything that the viewer may see, beside what is free."""
    listed: Records = {}
    if viewer.role != "chatbot":
        listed = _all(viewer, f"/appointments?{urlencode(EVER)}")
    time_off: Records = {}
    for dentist_id in map(str, practice.dentists):
        if viewer.keeps_every_diary or viewer.dentist_id == dentist_id:
            time_off |= _all(viewer, f"/dentists/{dentist_id}/time-off?limit=200")
    dentists, closures = _all(viewer, "/dentists?limit=200"), _all(viewer, "/closures?limit=200")
    records: dict[str, Records] = {}
    if channels.PRACTICE in viewer.rooms:
        # Whether a dentist sees a patient follows from the appointments, which have events of their own.
        records = {"time-off": {**time_off}, "closure": {**closures}, "dentist": {**dentists}}
        kinds = {"hold": "holds", "treatment": "treatments", "chair": "chairs"}
        kinds |= {"patient": "patients"} if viewer.role != "dentist" else {}
        records |= {kind: _all(viewer, f"/{path}?limit=200") for kind, path in kinds.items()}
        for patient in records.get("patient", {}).values():
            # How often a patient did not come follows from the appointments too.
            patient.pop("noShows")
        records["practice"] = {"": viewer.caller.get("/practice").json}
    return Snapshot(free.position, listed, dentists, closures, time_off, set(free.times), records)


def _all(viewer: Viewer, path: str) -> Records:
    found: Records = {}
    cursor: str | None = ""
    while cursor is not None:
        page = viewer.caller.get(path + (f"&after={quote(cursor)}" if cursor else "")).json
        found |= {record["id"]: record for record in page["items"]}
        cursor = page["next"]
    return found


def heard(viewer: Viewer, since: int) -> list[dict[str, Any]]:
    """The messages that the viewer's sockets would have had since then."""
    found: list[dict[str, Any]] = []
    more = True
    while more:
        page = viewer.caller.get(f"/sync/events?since={since}&limit=500").json
        found += page["events"]
        since, more = page["position"], page["more"]
    return [message for message in found if viewer.rooms & set(message["channels"])]


def told(before: Snapshot, messages: list[dict[str, Any]], fresh: Snapshot) -> Snapshot:
    """What a client has that held `before` and heard these messages.

    An appointment's message carries it. A message about availability, or about a record, says what to fetch anew, and
    only that is taken from `fresh`.
    """
    known = copy.deepcopy(before)
    known.position = fresh.position
    for message in messages:
        match message["type"]:
            case shapes.AppointmentCreated.type:
                assert message["appointment"]["id"] not in known.appointments
                known.appointments[message["appointment"]["id"]] = message["appointment"]
            case shapes.AppointmentUpdated.type:
                after, previous = message["appointment"], message["previous"]
                before = known.appointments[after["id"]]
                if after["patientName"] == ERASED:
                    # What was erased is not said once more.
                    before = {**before, "patientName": ERASED, "reason": None, "cancelReason": None}
                assert before == {**after, **previous}, "the change starts from what was known"
                known.appointments[after["id"]] = after
            case shapes.AppointmentDeleted.type:
                del known.appointments[message["appointmentId"]]
            case shapes.AvailabilityChanged.type:
                _fetch_what_it_names(known, message, fresh)
            case shapes.RecordChanged.type:
                _fetch_the_record(known, message, fresh)
    return known


def _fetch_the_record(known: Snapshot, message: Mapping[str, Any], fresh: Snapshot) -> None:
    """As it is now, where it is there and the viewer's to see."""
    kind, record_id = message["kind"], message["id"] or ""
    if kind not in fresh.records:
        return
    if message["change"] == "created":
        assert record_id not in known.records[kind], "it was there before"
    known.records[kind].pop(record_id, None)
    if record_id in fresh.records[kind]:
        assert message["change"] != "deleted", "it is there all the same"
        known.records[kind][record_id] = fresh.records[kind][record_id]
        if kind == "dentist":
            # A name concerns no free time, and is told to staff alone.
            known.dentists[record_id] = fresh.dentists[record_id]


def _fetch_what_it_names(known: Snapshot, message: Mapping[str, Any], fresh: Snapshot) -> None:
    dentist_id, availability = message["dentistId"], message["availability"]
    start, end = (parse_instant(v) if v is not None else None for v in (availability["from"], availability["to"]))

    def is_named(slot: tuple[str, str, str, str]) -> bool:
        if dentist_id not in (None, slot[0]):
            return False
        starts_at, ends_at = parse_instant(slot[2]), parse_instant(slot[3])
        return start is None or end is None or (starts_at < end and start < ends_at)

    known.free = {slot for slot in known.free if not is_named(slot)} | {slot for slot in fresh.free if is_named(slot)}
    match availability["change"]:
        case "hours":
            known.dentists[dentist_id] = fresh.dentists[dentist_id]
        case "closure":
            known.closures = fresh.closures
        case "time-off":
            theirs = {key: row for key, row in fresh.time_off.items() if row["dentistId"] == dentist_id}
            others = {key: row for key, row in known.time_off.items() if row["dentistId"] != dentist_id}
            known.time_off = {**others, **theirs}


@contextmanager
def verifying(viewers: list[Viewer], practice: Practice, around: datetime) -> Iterator[None]:
    """Around one change: for every viewer the old snapshot and the messages must make the fresh snapshot.

    The change must be seen by one of them, or nothing was verified.
    """
    before = look_at_all(viewers, practice, around)
    yield
    is_seen = False
    now = look_at_all(viewers, practice, around)
    for viewer in viewers:
        old, fresh = before[viewer.name], now[viewer.name]
        known = told(old, heard(viewer, old.position), fresh)
        for part in ("appointments", "dentists", "closures", "time_off", "free", "records"):
            assert getattr(known, part) == getattr(fresh, part), f"{viewer.name} does not know of {part}"
            is_seen = is_seen or getattr(old, part) != getattr(fresh, part)
    assert is_seen, "nobody sees this change"
