"""A rush for one time looks once: who wants the same shares what is free, and not what they are told of it."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.core.errors import Refusal
from dental_sync.core.instants import parse_instant
from dental_sync.queries import alternatives as search
from dental_sync.writes import alternatives
from tests import plain_sql
from tests.api.test_alternatives import (
    HOUR,
    MONDAY,
    QUARTER,
    SignIn,
    Slot,
    a_check_up,
    nearest,
    offered,
    take,
)
from tests.conftest import Caller, Practice, sign_in_to
from tests.statements import messages


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """How far it was looked, each time; what was found is kept for as long as the test takes."""
    monkeypatch.setattr(alternatives, "KEPT_SECONDS", 60.0)
    found: list[timedelta] = []
    original = search.free_within

    def noted(asked: Any, want: Any, reach: timedelta, at: datetime) -> Any:
        found.append(reach)
        return original(asked, want, reach, at)

    monkeypatch.setattr(search, "free_within", noted)
    return found


def beside(slots: list[Slot], *busy: tuple[datetime, datetime]) -> list[Slot]:
    """The first three that overlap none of these."""
    return [
        slot
        for slot in slots
        if not any(
            parse_instant(slot["startsAt"]) < end and start < parse_instant(slot["endsAt"]) for start, end in busy
        )
    ][:3]


def test_patients_who_are_elsewhere_at_different_times_share_what_was_looked_for(
    sign_in: SignIn, owner: Session, practice: Practice, looks: list[timedelta]
) -> None:
    """Each is told what they would be told alone; who needs more looks further, for whoever comes later too."""
    take(owner, practice)
    early, late, all_day = (
        (MONDAY - HOUR, MONDAY + HOUR),
        (MONDAY, MONDAY + 2 * HOUR),
        (MONDAY - HOUR, MONDAY + 3 * HOUR),
    )
    busy = {1: [early], 2: [], 3: [late], 4: [all_day], 5: [all_day]}
    for number, times in busy.items():
        for start, end in times:
            minutes = (end - start) // timedelta(minutes=1)
            # Past the dentists' hours, whose times stay free.
            plain_sql.book(owner, practice.patients[number - 1], away(owner, number), start, minutes=minutes)
    owner.commit()
    callers = {number: sign_in(f"patient{number}") for number in busy}
    free = nearest(callers[1], practice)
    for number in (1, 2, 3, 4, 2, 5, 1):
        answer = callers[number].post("/holds", a_check_up(practice))
        assert offered(answer) == beside(free, *busy[number])
    assert looks == [timedelta(hours=3), timedelta(days=2)]


def away(owner: Session, number: int) -> uuid.UUID:
    """A dentist whom nobody can book any more."""
    new = text("INSERT INTO dentists (name, time_zone, active) VALUES (:name, 'UTC', false) RETURNING id")
    id_: uuid.UUID = owner.execute(new, {"name": f"Dr. Away {number}"}).scalar_one()
    return id_


def test_who_comes_while_others_look_waits_for_what_they_find(
    app: APIFlask, owner: Session, practice: Practice, looks: list[timedelta], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six at once, of whom five have said what they want before the first has found anything: one search."""
    monkeypatch.setattr(alternatives, "PATIENCE_SECONDS", plain_sql.PATIENCE_SECONDS)
    take(owner, practice)
    callers = [sign_in_to(app, f"patient{number}") for number in range(1, 7)]
    asked = threading.Semaphore(0)
    understand, find = alternatives.understand, search.free_within

    def understood(*arguments: Any) -> Any:
        found = understand(*arguments)
        asked.release()
        return found

    def found_when_all_have_asked(*arguments: Any) -> Any:
        assert all(asked.acquire(timeout=plain_sql.PATIENCE_SECONDS) for _ in callers)
        return find(*arguments)

    monkeypatch.setattr(alternatives, "understand", understood)
    monkeypatch.setattr(search, "free_within", found_when_all_have_asked)
    with ThreadPoolExecutor(len(callers)) as threads:
        answers = list(threads.map(lambda caller: offered(caller.post("/holds", a_check_up(practice))), callers))
    assert answers == [nearest(callers[0], practice)[:3]] * len(callers)
    assert looks == [timedelta(hours=3)]


def test_who_comes_after_a_search_that_failed_looks_for_themselves(
    sign_in: SignIn, owner: Session, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has found nothing for anybody."""
    take(owner, practice)
    find = search.free_within
    failing = [Refusal()]

    def fails_once(*arguments: Any) -> Any:
        if failing:
            raise failing.pop()
        return find(*arguments)

    monkeypatch.setattr(search, "free_within", fails_once)
    first, second = (offered(sign_in(f"patient{n}").post("/holds", a_check_up(practice))) for n in (1, 2))
    assert first == []
    assert second == nearest(sign_in("patient2"), practice)[:3]


def test_a_refusal_asks_the_database_twice_and_one_that_shares_once(
    sign_in: SignIn, owner: Session, practice: Practice, looks: list[timedelta]
) -> None:
    """What is wanted, and who is free; neither costs a message to begin or to end a transaction."""
    take(owner, practice)
    first, second = sign_in("patient1"), sign_in("patient2")
    # The dentists are known then.
    offered(first.post("/holds", a_check_up(practice, MONDAY + QUARTER)))

    def asked(caller: Caller) -> int:
        with messages() as sent:
            offered(caller.post("/holds", a_check_up(practice)))
        return sum("set_config('dental_sync.role', 'patient', true)" in message for message in sent)

    assert [asked(first), asked(second)] == [2, 1]
    assert len(looks) == 2
