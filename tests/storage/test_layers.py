"""Layers: what is forced stands beside others, everything else meets all of it, and who shares time is told so."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests import plain_sql
from tests.conftest import Practice, a_free_monday

MINUTES = timedelta(minutes=1)


class Book:
    """Appointments of half an hour with one dentist, each for another patient, by plain SQL."""

    def __init__(self, session: Session, practice: Practice) -> None:
        self.session = session
        self._practice = practice
        self._patients = iter(practice.patients)
        self.monday = a_free_monday()

    def at(self, start: int, *, dentist: int = 0, forced: bool = False, **columns: Any) -> uuid.UUID:
        """Book so many minutes after Monday morning."""
        id_ = plain_sql.book(
            self.session,
            next(self._patients),
            self._practice.dentists[dentist],
            self.monday + start * MINUTES,
            **({"layers": "empty"} if forced else {}),
            **columns,
        )
        self.session.commit()
        return id_

    def is_refused(self, start: int, **how: Any) -> bool:
        """Whether a booking meets somebody."""
        try:
            self.at(start, **how)
        except IntegrityError as refused:
            self.session.rollback()
            return "claims_no_double_booking" in str(refused.orig)
        return False

    def set(self, id_: uuid.UUID, **columns: Any) -> None:
        """Change columns of an appointment."""
        said = ", ".join(f"{name} = :{name}" for name in columns)
        self.session.execute(text(f"UPDATE appointments SET {said} WHERE id = :id"), {"id": id_, **columns})
        self.session.commit()

    def shares(self, id_: uuid.UUID) -> bool:
        """Whether it says that it shares its time."""
        return bool(self._column(id_, "overbooked"))

    def version(self, id_: uuid.UUID) -> int:
        """How often it was changed, and one."""
        return int(self._column(id_, "version"))

    def is_forced(self, id_: uuid.UUID) -> bool:
        """Whether it was asked for in spite of something."""
        return bool(self._column(id_, "forced"))

    def freed(self) -> list[tuple[datetime, datetime]]:
        """What has become free with the last change whose notes say so."""
        [ranges] = self.session.execute(
            text("SELECT freed FROM changes WHERE freed IS NOT NULL ORDER BY id DESC LIMIT 1")
        ).one()
        return [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in ranges]

    def range(self, start: int, end: int) -> tuple[datetime, datetime]:
        """From so many minutes after Monday morning until so many."""
        return self.monday + start * MINUTES, self.monday + end * MINUTES

    def _column(self, id_: uuid.UUID, name: str) -> Any:
        return self.session.scalar(text(f"SELECT {name} FROM appointments WHERE id = :id"), {"id": id_})


@pytest.fixture
def book(owner: Session, practice: Practice) -> Book:
    """A Monday morning on which nothing is booked."""
    return Book(owner, practice)


def test_what_is_not_forced_meets_every_forced_row(book: Book) -> None:
    """Beside, before and after a forced one as far as it reaches; once it is gone its own time is free again."""
    book.at(0)
    forced = book.at(15, forced=True)
    assert [book.is_refused(minutes) for minutes in (-15, 0, 15, 30, 44)] == [True] * 5
    book.set(forced, status="cancelled")
    assert not book.is_refused(30)
    assert book.is_refused(0)


def test_a_forced_one_can_be_put_beside_forced_ones(book: Book) -> None:
    """As many as the desk wants; each has a layer of its own."""
    booked = [book.at(0), *(book.at(5 * number, forced=True) for number in range(4))]
    assert all(book.shares(id_) for id_ in booked)
    assert [book.is_forced(id_) for id_ in booked] == [False, True, True, True, True]
    layers = book.session.scalars(text("SELECT DISTINCT lower(layers) FROM claims WHERE layers <> '(,)'")).all()
    assert len(layers) == 5


def test_who_shares_time_is_told_so_once_and_no_longer_than_it_is_so(book: Book) -> None:
    """Both say it, each with a version; when one moves away or is cancelled the other stands alone."""
    first = book.at(0)
    assert not book.shares(first)
    second = book.at(15, forced=True)
    assert (book.shares(first), book.version(first)) == (True, 2)
    assert (book.shares(second), book.version(second)) == (True, 1)
    third = book.at(40, forced=True)
    assert (book.shares(second), book.version(second)) == (True, 1)
    book.set(second, status="cancelled")
    assert [book.shares(id_) for id_ in (first, second, third)] == [False, False, False]
    assert book.version(first) == 3


def test_a_forced_one_that_shares_no_time_is_not_overbooked(book: Book) -> None:
    """It was forced out of hours, perhaps: that is another matter."""
    forced = book.at(0, forced=True)
    assert (book.is_forced(forced), book.shares(forced)) == (True, False)
    assert book.is_refused(0)


def test_what_comes_back_meets_only_what_was_taken_since(book: Book) -> None:
    """It comes back on the layer that it had."""
    first = book.at(0)
    second = book.at(15, forced=True)
    book.set(first, status="cancelled")
    book.set(first, status="booked")
    assert book.shares(first)
    book.set(second, status="cancelled")
    book.set(first, status="cancelled")
    since = book.at(0)
    with pytest.raises(IntegrityError):
        book.set(second, status="booked")
    book.session.rollback()
    book.set(since, status="cancelled")
    book.set(second, status="booked")
    assert not book.shares(second)


def test_another_time_without_force_is_judged_as_not_forced(book: Book) -> None:
    """`forced` stays with the time, the dentist and the chair, and goes with them; another word changes nothing."""
    book.at(0)
    forced = book.at(15, forced=True)
    book.set(forced, reason="It hurts.")
    assert book.is_forced(forced)
    with pytest.raises(IntegrityError):
        book.set(forced, ends_at=book.monday + 50 * MINUTES)
    book.session.rollback()
    book.set(forced, starts_at=book.monday + 30 * MINUTES, ends_at=book.monday + 60 * MINUTES)
    assert (book.is_forced(forced), book.shares(forced)) == (False, False)
    assert book.session.scalar(text("SELECT layers = '(,)' FROM appointments WHERE id = :id"), {"id": forced})


def test_a_moved_one_can_be_forced_beside_another(book: Book) -> None:
    """What it leaves stands alone again."""
    first, second = book.at(0), book.at(60)
    book.set(second, starts_at=book.monday + 10 * MINUTES, ends_at=book.monday + 40 * MINUTES, layers="empty")
    assert book.is_forced(second)
    assert book.shares(first)
    assert book.shares(second)
    book.set(second, starts_at=book.monday + 90 * MINUTES, ends_at=book.monday + 120 * MINUTES, layers="empty")
    assert (book.shares(first), book.shares(second)) == (False, False)


def test_only_time_that_nobody_else_claims_is_noted_as_free(book: Book) -> None:
    """A forced one that ends frees what lies outside the other; the other's end frees nothing under it."""
    first = book.at(0)
    second = book.at(-10, forced=True, minutes=60)
    book.set(second, status="cancelled")
    assert book.freed() == [book.range(-10, 0), book.range(30, 50)]
    third = book.at(-10, forced=True, minutes=60)
    book.set(first, status="cancelled")
    assert book.freed() == []
    book.set(third, status="cancelled")
    assert book.freed() == [book.range(-10, 50)]


def test_a_hold_keeps_its_time_beside_a_forced_one(book: Book, practice: Practice) -> None:
    """And is narrowed to a layer, on which the booking from it finds its place."""
    hold = book.session.scalar(
        text(
            "INSERT INTO holds (user_id, dentist_id, starts_at, ends_at, expires_at)"
            " SELECT user_id, :dentist, :start, :end, now() + interval '10 minutes' FROM patients WHERE id = :patient"
            " RETURNING id"
        ),
        {
            "dentist": practice.dentists[0],
            "patient": practice.patients[5],
            "start": book.monday,
            "end": book.monday + 30 * MINUTES,
        },
    )
    book.session.commit()
    forced = book.at(15, forced=True)
    assert not book.shares(forced)
    layers = book.session.scalar(text("SELECT layers::text FROM holds WHERE id = :id"), {"id": hold})
    book.session.execute(text("DELETE FROM holds WHERE id = :id"), {"id": hold})
    booked = book.at(0, layers=layers)
    assert book.shares(forced)
    assert book.shares(booked)


def test_another_word_leaves_the_claims_alone(book: Book) -> None:
    """Claims are rows that are not written again unless they change."""
    booked = book.at(0)
    claims = text("SELECT xmin::text, ctid::text FROM claims WHERE owner_id = :id")
    before = book.session.execute(claims, {"id": booked}).all()
    book.set(booked, reason="It hurts.")
    book.set(booked, status="arrived")
    assert book.session.execute(claims, {"id": booked}).all() == before


def test_a_chair_that_is_shared_is_time_that_is_shared(book: Book) -> None:
    """Two dentists, one chair."""
    chair = book.session.scalar(text("INSERT INTO chairs (name, kind) VALUES ('1', 'surgery') RETURNING id"))
    first = book.at(0, chair_id=chair)
    assert book.is_refused(15, dentist=1, chair_id=chair)
    second = book.at(15, dentist=1, chair_id=chair, forced=True)
    assert book.shares(first)
    book.set(second, chair_id=None)
    assert not book.shares(first)
