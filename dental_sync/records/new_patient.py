"""What is known about a patient who is entered: over REST, and from a file."""

from __future__ import annotations

from dental_sync.core.wire_types import Date, Email, Language, Line, Name, Shape, Text


class NewPatient(Shape):
    """A person who is to be treated; no account is needed."""

    name: Name
    phone: Line | None = None
    email: Email | None = None
    birth_date: Date | None = None
    remark: Text | None = None
    online_booking_barred: bool = False
    language: Language | None = None
