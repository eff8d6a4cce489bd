"""Every kind of mail in each language, and what typed text cannot do to one."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest
from icalendar import Calendar

from dental_sync.mail import letters
from dental_sync.mail.links import Links
from dental_sync.mail.outbox import Taken
from dental_sync.mail.senders import Refused

WRITTEN_BY = letters.From(
    "Praxis Müller & Söhne",
    "Europe/Berlin",
    "DE",
    "praxis@practice.example",
    "https://practice.example",
    Links("secret"),
)
APPOINTMENT = {
    "appointmentId": "018f0000-0000-7000-8000-000000000001",
    "sequence": 3,
    "startsAt": "2026-12-07T15:30:00+00:00",
    "endsAt": "2026-12-07T16:00:00+00:00",
    "zone": "Europe/Berlin",
    "dentistName": "Dr. Anna Keller",
    "patientName": "Mia Schmidt",
    "forSelf": False,
    "pending": False,
    "confirmed": False,
    "before": {"startsAt": "2026-12-04T15:30:00+00:00", "dentistName": "Dr. Ben Osei"},
}
CODE = {
    "code": "7Q4M-2KXD",
    "url": "https://practice.example/reset#7Q4M-2KXD",
    "minutes": 30,
    "expiresAt": "2026-12-07T16:00:00.000Z",
}
KINDS = {
    **dict.fromkeys(("booked", "moved", "cancelled", "handed-over", "approved", "reminder"), APPOINTMENT),
    **dict.fromkeys(("invitation", "staff-invitation", "reset-code", "address-code"), CODE),
    "address-changed": {},
}


def write(kind: str, language: str, recipient: str = "mia@demo.test", sender: Any = WRITTEN_BY, **facts: Any) -> Any:
    """The mail as it arrives."""
    made_at = datetime(2026, 12, 1, 12, tzinfo=UTC)
    row = Taken(uuid.uuid4(), kind, "mail", language, recipient, {**KINDS[kind], **facts}, made_at)
    return message_from_bytes(letters.write(row, sender).message.as_bytes(), policy=policy.SMTP)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_in_each_language(kind: str, language: str) -> None:
    """Plain and as HTML, from the practice; what it has to say is in both."""
    mail = write(kind, language)
    assert mail["From"].addresses[0].display_name == WRITTEN_BY.practice
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = (mail.get_body((form,)).get_content() for form in ("plain", "html"))
    assert WRITTEN_BY.practice in plain
    assert "Praxis Müller &amp; Söhne" in html
    assert f'lang="{language}"' in html
    if KINDS[kind] is CODE:
        assert CODE["code"] in plain
        assert f'<a href="{CODE["url"]}">' in html
    if KINDS[kind] is APPOINTMENT:
        for body in (plain, html):
            assert {"de": "Montag, 7. Dezember 2026, 16:30", "en": "Monday, 7 December 2026, 16:30"}[language] in body
            assert "Mia Schmidt" in body


@pytest.mark.parametrize("kind", ["booked", "cancelled"])
def test_a_calendar_part_is_complete(kind: str) -> None:
    """What RFC 5545 and RFC 5546 demand of PUBLISH and CANCEL."""
    [attached] = write(kind, "de").iter_attachments()
    calendar = Calendar.from_ical(attached.get_content())
    assert (calendar["VERSION"], bool(calendar["PRODID"])) == ("2.0", True)
    [event] = calendar.events
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "ORGANIZER", "SUMMARY", "STATUS"} <= set(event)
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == "mailto:praxis@practice.example"
    assert not event.errors


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028"])
def test_no_name_adds_a_header(end: str) -> None:
    """However the practice's came into the database."""
    sender = replace(WRITTEN_BY, practice=f"Praxis{end}Bcc: all@demo.test")
    mail = write("invitation", "en", sender=sender)
    assert mail["Bcc"] is None
    assert mail["To"] == "mia@demo.test"


def test_no_name_adds_a_line_to_the_calendar_or_an_element_to_the_page() -> None:
    """Whatever the dentist and the practice are called."""
    sender = replace(WRITTEN_BY, practice="Praxis\r\nATTENDEE:mailto:all@demo.test")
    mail = write("booked", "en", dentistName="<script>", sender=sender)
    assert "<script>" not in mail.get_body(("html",)).get_content()
    [attached] = mail.iter_attachments()
    assert "ATTENDEE" not in Calendar.from_ical(attached.get_content()).events[0]


def test_a_domain_is_written_as_every_server_understands_it() -> None:
    """With letters that only some know."""
    assert write("booked", "en", recipient="mia@bücher.example")["To"] == "mia@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address", ["", "mia", "mia@demo.test\r\nBcc: all@demo.test", "mia@demo.test, all@demo.test", "Ü <"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Once, and not tried for a day."""
    with pytest.raises(Refused):
        write("booked", "en", recipient=address)
