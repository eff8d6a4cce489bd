"""Reading the mails in a folder, for a demo practice without a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

# Of the folder, the newest; and of each file, which is no larger where we have written it.
FILES_READ = 1_000
LONGEST_FILE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Read:
    """A mail as its reader has it."""

    id: str
    to: str
    from_: str
    subject: str
    date: datetime
    text: str
    html: str
    # The text/calendar part; None where there is none.
    calendar: str | None


def newest(folder: Path, *, to: str | None, limit: int) -> list[Read]:
    """The mails to an address, or to all, the newest first; what cannot be read as a mail is left out."""
    found: list[Read] = []
    for mail in _mails(folder):
        if to is None or mail.to.lower() == to.lower():
            found.append(mail)
        if len(found) == limit:
            break
    return found


def _mails(folder: Path) -> Iterator[Read]:
    # Their names begin with the time.
    for name in sorted((path.name for path in folder.glob("*.eml")), reverse=True)[:FILES_READ]:
        try:
            with open(folder / name, "rb") as file:
                message = message_from_bytes(file.read(LONGEST_FILE_BYTES), policy=default)
            yield _read(message)
        except (OSError, ValueError, LookupError, AttributeError, TypeError):
            # One that was dropped meanwhile, or that somebody else has put there.
            continue


def _read(message: EmailMessage) -> Read:
    calendars = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return Read(
        message["Message-ID"].strip(),
        message["To"].addresses[0].addr_spec,
        message["From"].addresses[0].addr_spec,
        str(message["Subject"]),
        message["Date"].datetime,
        _content(message, "plain"),
        _content(message, "html"),
        str(calendars[0].get_content()) if calendars else None,
    )


def _content(message: EmailMessage, form: str) -> str:
    body = message.get_body((form,))
    return "" if body is None else str(body.get_content())
