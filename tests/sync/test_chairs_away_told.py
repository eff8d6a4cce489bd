"""A chair that is away is told, to whom it makes a difference, whoever writes it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import Practice
from tests.sync.test_log import published

A_CHAIR_AWAY = (
    "INSERT INTO chair_time_off (chair_id, starts_at, ends_at, reason)"
    " SELECT id, now(), now() + interval '1 hour', 'x' FROM chairs WHERE kind = '{}'"
)


def test_a_chair_that_is_away_is_told_once_however_it_is_written(owner: Session, practice: Practice) -> None:
    """Entered, changed and taken back by plain SQL, of several chairs at once: one change of hours of each dentist.

    Not where no treatment needs a chair of that kind, and not for another reason: nothing else is free then.
    """
    published(owner)
    owner.execute(text("INSERT INTO chairs (name, kind) VALUES ('1', 'surgery'), ('2', 'surgery'), ('3', 'quiet')"))
    owner.execute(text("UPDATE treatments SET chair_kind = 'surgery' WHERE name = 'Filling'"))
    owner.commit()
    published(owner)
    for statement, is_told in (
        (A_CHAIR_AWAY.format("surgery"), True),
        (A_CHAIR_AWAY.format("quiet"), False),
        ("UPDATE chair_time_off SET ends_at = ends_at + interval '1 hour'", True),
        ("UPDATE chair_time_off SET reason = 'y'", False),
        ("DELETE FROM chair_time_off WHERE chair_id = (SELECT id FROM chairs WHERE kind = 'quiet')", False),
        ("DELETE FROM chair_time_off", True),
        ("DELETE FROM chair_time_off", False),
    ):
        owner.execute(text(statement))
        owner.commit()
        # That the record has changed is told to staff besides.
        messages = [message for message in published(owner) if message.type == "availability:changed"]
        told = [message.payload["dentistId"] for message in messages]
        assert sorted(told) == (sorted(map(str, practice.dentists)) if is_told else []), statement
        assert {message.payload["availability"]["change"] for message in messages} <= {"hours"}


def test_to_staff_the_time_off_has_changed(owner: Session) -> None:
    """On the channel `practice`, once for each, whether a treatment needs the chair or not, and for another reason."""
    owner.execute(text("INSERT INTO chairs (name, kind) VALUES ('1', 'quiet'), ('2', 'quiet')"))
    owner.commit()
    published(owner)
    ids: set[str] = set()
    for statement, change in (
        (A_CHAIR_AWAY.format("quiet"), "created"),
        ("UPDATE chair_time_off SET reason = 'y'", "updated"),
        ("DELETE FROM chair_time_off", "deleted"),
    ):
        owner.execute(text(statement))
        owner.commit()
        ids = ids or {str(id_) for id_ in owner.scalars(text("SELECT id FROM chair_time_off"))}
        messages = published(owner)
        assert {message.channels for message in messages} == {("practice",)}
        told = [(message.payload["kind"], message.payload["id"], message.payload["change"]) for message in messages]
        assert sorted(told) == sorted(("time-off", id_, change) for id_ in ids), statement
