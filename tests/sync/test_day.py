"""A day as it was: whatever was done to appointments, each position of the log gives the day that was there then."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from dental_sync.diary.intervals import Interval
from dental_sync.records import demo
from dental_sync.sync import day, events, log
from tests import plain_sql
from tests.conftest import Practice

BERLIN = ZoneInfo(demo.TIME_ZONE)
HALF_HOUR = timedelta(minutes=30)
MOVES = 70

# The Sunday on which the clocks go back, with 25 hours, and the days around it; nobody has a booking there yet.
SUNDAY = date(2031, 10, 26)
DAYS = [day.span(SUNDAY + timedelta(days=days), BERLIN) for days in (-1, 0, 1)]

Appointments = list[Mapping[str, Any]]


def test_a_day_is_as_long_as_the_clock_of_the_practice_says() -> None:
    """From midnight to midnight there, whatever the clocks do in between."""
    hours = [(within.end - within.start) / timedelta(hours=1) for within in DAYS]
    assert hours == [24, 25, 24]
    assert day.span(date(2031, 3, 30), BERLIN) == Interval(
        datetime(2031, 3, 29, 23, tzinfo=UTC), datetime(2031, 3, 30, 22, tzinfo=UTC)
    )


@dataclass
class Diary:
    """The appointments around one Sunday, changed at random by plain SQL, and what each day was at which position."""

    owner: Session
    practice: Practice
    chance: random.Random
    booked: list[uuid.UUID] = field(default_factory=list)
    was: dict[int, list[Appointments]] = field(default_factory=dict)

    def change(self) -> None:
        """Do one thing to one appointment, or to several; what the constraints refuse has not happened."""
        moves: list[Callable[[], None]] = [
            self.book, self.book, self.book, self.overbook, self.move, self.move, self.hand_over, self.give,
            self.cancel, self.strike_out, self.bring_back, self.remove, self.rename, self.say,
        ]  # fmt: skip
        try:
            with self.owner.begin_nested():
                self.chance.choice(moves)()
        except IntegrityError:
            pass

    def publish(self) -> None:
        """Let everything have a position, and remember what each day is at the last."""
        log.publish(self.owner, wait=True)
        self.owner.commit()
        self.was[log.head(self.owner).position] = [self.today(within) for within in DAYS]

    def today(self, within: Interval) -> Appointments:
        """The day as its rows are."""
        rows = self.owner.execute(
            text(
                "SELECT * FROM appointments WHERE starts_at < :end AND ends_at > :start"
                " AND status <> 'entered-in-error' ORDER BY starts_at, id"
            ),
            {"start": within.start, "end": within.end},
        )
        return [events.appointment(row) for row in rows.mappings()]

    def a_time(self) -> datetime:
        """At any half hour of the three days and a little around them, across midnight too."""
        first = datetime.combine(SUNDAY - timedelta(days=2), time(20), BERLIN).astimezone(UTC)
        return first + HALF_HOUR * self.chance.randrange(2 * 84)

    def book(self, layers: str = "(,)") -> None:
        """Make one, of up to three hours."""
        self.booked.append(
            plain_sql.book(
                self.owner,
                self.chance.choice(self.practice.patients[:5]),
                self.chance.choice(self.practice.dentists),
                self.a_time(),
                minutes=self.chance.choice((30, 60, 180)),
                layers=layers,
            )
        )

    def overbook(self) -> None:
        """Beside whatever is there, which says so then."""
        self.book(layers="empty")

    def update(self, changes: str, **values: Any) -> None:
        """Change one that was ever there."""
        if self.booked:
            self.owner.execute(
                text(f"UPDATE appointments SET {changes} WHERE id = :id"),
                {"id": self.chance.choice(self.booked), **values},
            )

    def move(self) -> None:
        """To another time, and often to another day."""
        self.update("starts_at = :at, ends_at = CAST(:at AS timestamptz) + interval '1 hour'", at=self.a_time())

    def hand_over(self) -> None:
        """To another dentist."""
        self.update("dentist_id = :dentist", dentist=self.chance.choice(self.practice.dentists))

    def give(self) -> None:
        """To another patient."""
        self.update("patient_id = :patient", patient=self.chance.choice(self.practice.patients[:5]))

    def cancel(self) -> None:
        """It stays, and takes no time."""
        self.update("status = 'cancelled', cancelled_at = now(), cancelled_by = 'patient'")

    def strike_out(self) -> None:
        """As if it had never been."""
        self.update("status = 'entered-in-error'")

    def bring_back(self) -> None:
        """From wherever it was."""
        self.update("status = 'booked', cancelled_at = NULL, cancelled_by = NULL")

    def say(self) -> None:
        """Something about it."""
        self.update("reason = :reason", reason=f"For the {self.chance.randrange(99)}th time.")

    def remove(self) -> None:
        """The row itself, too."""
        if self.booked:
            gone = self.booked.pop(self.chance.randrange(len(self.booked)))
            self.owner.execute(text("DELETE FROM appointments WHERE id = :id"), {"id": gone})

    def rename(self) -> None:
        """A patient, and with them every appointment of theirs."""
        self.owner.execute(
            text("UPDATE patients SET name = :name WHERE id = :id"),
            {"name": f"Mia {self.chance.randrange(99)}", "id": self.practice.patients[0]},
        )


@pytest.fixture(params=range(2))
def diary(request: pytest.FixtureRequest, owner: Session, practice: Practice) -> Diary:
    """Changed many times; the last changes have no position yet."""
    changed = Diary(owner, practice, random.Random(request.param))
    changed.publish()
    for _ in range(MOVES):
        changed.change()
        if changed.chance.random() < 0.7:
            changed.publish()
    changed.publish()
    for _ in range(8):
        changed.change()
    return changed


def whole_day(session: Session, within: Interval, at: int, *, limit: int = 200) -> Appointments:
    """Each page of it."""
    found: Appointments = []
    after, place = None, (at, log.head(session).epoch)
    while True:
        page = day.page(session, within, at=place, after=after, limit=limit)
        found += page.rows
        if page.next is None:
            return found
        assert len(page.rows) == limit
        assert day.carried(page.next) == place
        after = page.next


def changes(session: Session, within: Interval, since: int, through: int) -> Sequence[Any]:
    """All of them, in the order in which they happened."""
    found: list[Any] = []
    after: str | None = None
    while True:
        page = day.changes(session, within, since=since, through=through, after=after, limit=7)
        found += page.rows
        if page.next is None:
            return list(reversed(found))
        after = page.next


def test_each_position_gives_the_day_that_was_there_then(diary: Diary) -> None:
    """After random moves between times, days, dentists and patients, with deletions, and with changes that are not
    published yet."""
    assert len(diary.was) > MOVES / 3
    assert any(diary.today(within) != was for within, was in zip(DAYS, diary.was[max(diary.was)], strict=True))
    for position, days in diary.was.items():
        for within, was in zip(DAYS, days, strict=True):
            assert whole_day(diary.owner, within, position) == was, position
    for within, was in zip(DAYS, diary.was[max(diary.was)], strict=True):
        assert whole_day(diary.owner, within, max(diary.was), limit=2) == was


def test_the_changes_between_two_positions_lead_from_one_day_to_the_other(diary: Diary) -> None:
    """Each says what was there before it and what is there after it, and none is missing."""
    first, last = min(diary.was), max(diary.was)
    for number, within in enumerate(DAYS):
        by_id = {one["id"]: one for one in diary.was[first][number]}
        told = changes(diary.owner, within, first, last)
        assert told
        for change in told:
            id_ = str(change.appointment_id)
            assert by_id.pop(id_, None) == (change.before if _lies(change.before, within) else None)
            if _lies(change.after, within):
                by_id[id_] = change.after
            was = diary.was.get(change.position)
            if was is not None:
                assert sorted(by_id.values(), key=_by_start) == was[number]
        assert sorted(by_id.values(), key=_by_start) == diary.was[last][number]


def _lies(appointment: Mapping[str, Any] | None, within: Interval) -> bool:
    if appointment is None:
        return False
    starts, ends = (datetime.fromisoformat(appointment[name]) for name in ("startsAt", "endsAt"))
    return Interval(starts, ends).overlaps(within)


def _by_start(appointment: Mapping[str, Any]) -> tuple[str, str]:
    return appointment["startsAt"], appointment["id"]


def test_the_messages_of_a_day_are_found_by_an_index(owner: Session) -> None:
    """However long the log is."""
    owner.execute(text("SET LOCAL enable_seqscan = off"))
    told = "SELECT * FROM changes_told(tstzrange(now(), now() + interval '1 day'), 0, 10)"
    assert "sync_events_of_day" in "\n".join(owner.scalars(text(f"EXPLAIN {told}")))
