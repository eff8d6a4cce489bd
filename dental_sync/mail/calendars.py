"""The appointment as a calendar takes it (iCalendar, RFC 5545; how it is sent, iTIP, RFC 5546).

PUBLISH and not REQUEST: nobody reads what a calendar would answer. Each later mail about an appointment has the same
UID and a higher SEQUENCE, so that calendars change what they have; CANCEL takes it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from icalendar import Calendar, Event, vCalAddress, vText

from dental_sync.core.instants import parse_instant

if TYPE_CHECKING:
    from dental_sync.mail.letters import From
    from dental_sync.mail.outbox import Taken

_SUMMARY = {"de": "Zahnarzttermin", "en": "Dental appointment"}


@dataclass(frozen=True, slots=True)
class Part:
    """A text/calendar part."""

    method: Literal["PUBLISH", "CANCEL"]
    body: str


def of(taken: Taken, sender: From) -> Part:
    """What a mail about an appointment brings along: when and where, and neither with whom nor what for."""
    facts = taken.facts
    is_cancelled = taken.kind == "cancelled"
    method: Literal["PUBLISH", "CANCEL"] = "CANCEL" if is_cancelled else "PUBLISH"
    calendar = Calendar()
    calendar.add("prodid", "-//Dental Sync//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"{facts['appointmentId']}@dental-sync")
    event.add("sequence", facts["sequence"])
    event.add("dtstamp", taken.created_at)
    event.add("dtstart", parse_instant(facts["startsAt"]))
    event.add("dtend", parse_instant(facts["endsAt"]))
    # As in a calendar feed (records/calendar_text.py): a calendar is often on a screen that others see.
    event.add("summary", _SUMMARY[taken.language])
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    event.add("location", sender.practice)
    event.add("status", "CANCELLED" if is_cancelled else "TENTATIVE" if facts["pending"] else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{sender.address}")
    organizer.params["cn"] = vText(sender.practice)
    event["organizer"] = organizer
    calendar.add_component(event)
    return Part(method, calendar.to_ical().decode())
