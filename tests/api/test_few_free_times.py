"""The first few free times, and the rest page by page: the same list, and no more read than is needed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from dental_sync.core.extensions import db
from dental_sync.core.instants import format_instant
from tests.api.free import DAY, HOUR, MONDAY, SignIn, ask, booking, query
from tests.api.refused import AN_ID, cursor
from tests.conftest import Caller, Practice, sign_in_to

MONTH = 31 * DAY


def slots(caller: Caller, asked: dict[str, str], **more: Any) -> list[dict[str, str]]:
    """The times of one answer."""
    answer = ask(caller, {**asked, **{name: str(value) for name, value in more.items()}})
    assert answer.status_code == 200, answer.json
    found: list[dict[str, str]] = answer.json["slots"]
    return found


@contextmanager
def spans_read(app: APIFlask) -> Iterator[list[timedelta]]:
    """How long the ranges are in which this process looks for what is taken."""
    spans: list[timedelta] = []

    def note(_connection: Any, _cursor: Any, _statement: str, values: Any, *_: Any) -> None:
        # By its values: once it is prepared its text is not sent again.
        if "claimable" in values:
            spans.append(values["end"] - values["start"])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield spans
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("limit", [1, 3, 7, 500])
@pytest.mark.parametrize("dentist", [0, None])
def test_pages_of_free_times_make_the_whole_list(
    chatbot: Caller, practice: Practice, owner: Session, limit: int, dentist: int | None
) -> None:
    """In its order, each time once, whatever is taken and however much begins together."""
    owner.execute(
        text("DELETE FROM working_hours WHERE iso_weekday IN (1, 2) AND dentist_id = :d"), {"d": practice.dentists[0]}
    )
    owner.commit()
    asked = query(practice, MONDAY + 20 * timedelta(minutes=1), 3 * DAY if limit == 1 else 9 * DAY, dentist=dentist)
    whole = slots(chatbot, asked)
    assert len(whole) >= 30
    found, after = [], {}
    while True:
        answer = ask(chatbot, {**asked, "limit": str(limit), **after})
        found += answer.json["slots"]
        if "next" not in answer.json:
            assert "Link" not in answer.headers
            break
        assert len(answer.json["slots"]) == limit
        assert 'rel="next"' in answer.headers["Link"]
        after = {"after": answer.json["next"]}
    assert found == whole


def test_without_a_limit_there_is_no_next(chatbot: Caller, practice: Practice) -> None:
    """The answer is what it was, to the letter; with one that is enough it is the same."""
    asked = query(practice)
    assert set(ask(chatbot, asked).json) == {"slots", "position", "epoch"}
    assert ask(chatbot, {**asked, "limit": "500"}).json == ask(chatbot, asked).json


def test_after_without_a_limit_gives_the_rest(chatbot: Caller, practice: Practice) -> None:
    """Everything after the place."""
    asked = query(practice)
    first = ask(chatbot, {**asked, "limit": "5"}).json
    assert [*first["slots"], *slots(chatbot, asked, after=first["next"])] == slots(chatbot, asked)


def test_the_next_three_read_a_day_and_not_a_month(app: APIFlask, chatbot: Caller, practice: Practice) -> None:
    """Where they are found on the first day nothing else is read, nor computed."""
    with spans_read(app) as spans:
        few = slots(chatbot, query(practice, length=MONTH, dentist=None), limit=3)
    assert len(few) == 3
    assert spans == [DAY + timedelta(minutes=30)]


def test_who_finds_nothing_soon_reads_each_day_once(
    app: APIFlask, chatbot: Caller, practice: Practice, owner: Session
) -> None:
    """In growing steps: a few days of holidays are no reason for thirty questions, nor to read anything twice."""
    away = {"d": practice.dentists[0], "from": MONDAY - DAY, "to": MONDAY + 9 * DAY}
    owner.execute(text("INSERT INTO time_off (dentist_id, starts_at, ends_at) VALUES (:d, :from, :to)"), away)
    owner.commit()
    with spans_read(app) as spans:
        [slot] = slots(chatbot, query(practice, length=MONTH), limit=1)
    assert slot["startsAt"] == format_instant(MONDAY + 9 * DAY)
    # What begins on the last day of a step may end half an hour later.
    assert spans == [days * DAY + timedelta(minutes=30) for days in (1, 2, 4, 8)]
    owner.execute(text("UPDATE time_off SET ends_at = :to"), {"to": MONDAY + 2 * MONTH})
    owner.commit()
    with spans_read(app) as spans:
        assert slots(chatbot, query(practice, length=MONTH), limit=1) == []
    assert sum(spans, timedelta()) == MONTH + (len(spans) - 1) * timedelta(minutes=30)
    assert len(spans) == 5


def test_a_later_page_reads_only_what_comes_after_it(app: APIFlask, chatbot: Caller, practice: Practice) -> None:
    """Not the days before it again."""
    asked = query(practice, length=MONTH)
    late = cursor(format_instant(MONDAY + 21 * DAY), str(practice.dentists[0]), "1", AN_ID)
    with spans_read(app) as spans:
        [slot] = slots(chatbot, asked, limit=1, after=late)
    assert slot["startsAt"] > format_instant(MONDAY + 21 * DAY)
    assert spans == [DAY + timedelta(minutes=30)]


def test_later_pages_are_followed_from_where_the_first_was_read(
    sign_in: SignIn, chatbot: Caller, practice: Practice
) -> None:
    """So that what happens between two pages comes again as an event."""
    asked = {**query(practice), "limit": "5"}
    first = ask(chatbot, asked).json
    assert sign_in("patient1").post("/appointments", booking(practice, MONDAY + 8 * HOUR)).status_code == 201
    second = ask(chatbot, {**asked, "after": first["next"]}).json
    assert (second["position"], second["epoch"]) == (first["position"], first["epoch"])
    assert ask(chatbot, asked).json["position"] > first["position"]


def test_a_time_at_the_edge_of_a_step_is_listed_once(chatbot: Caller, practice: Practice, owner: Session) -> None:
    """Around the clock, across midnight and across the end of each day that is read."""
    dentist = practice.dentists[0]
    owner.execute(text("DELETE FROM working_hours"))
    owner.execute(
        text("""INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends, ends_next_day)
            SELECT :d, day, '00:00', '00:00', true FROM generate_series(1, 7) AS day"""),
        {"d": dentist},
    )
    owner.commit()
    asked = query(practice, MONDAY + timedelta(minutes=7), 8 * DAY)
    whole = slots(chatbot, asked)
    starts = [datetime.fromisoformat(slot["startsAt"]) for slot in whole]
    assert {later - earlier for earlier, later in itertools.pairwise(starts)} == {timedelta(minutes=15)}
    assert slots(chatbot, asked, limit=500) == whole[:500]


def test_a_treatment_that_is_longer_than_a_step_is_found(chatbot: Caller, practice: Practice, owner: Session) -> None:
    """What begins within a step may end long after it."""
    dentist, long = practice.dentists[0], practice.treatments["Check-up"]
    owner.execute(text("DELETE FROM working_hours"))
    owner.execute(
        text("""INSERT INTO working_hours (dentist_id, iso_weekday, starts, ends, ends_next_day)
            SELECT :d, day, '00:00', '00:00', true FROM generate_series(1, 7) AS day"""),
        {"d": dentist},
    )
    owner.execute(text("UPDATE treatments SET duration_minutes = 1800 WHERE id = :id"), {"id": long})
    owner.commit()
    asked = query(practice, length=4 * DAY)
    whole = slots(chatbot, asked)
    assert len(whole) > 200
    found, after = [], {}
    while True:
        answer = ask(chatbot, {**asked, "limit": "60", **after}).json
        found += answer["slots"]
        if "next" not in answer:
            break
        after = {"after": answer["next"]}
    assert found == whole


@pytest.fixture(scope="module")
def asker(shared_app: APIFlask) -> Caller:
    """Somebody who asks what cannot be answered."""
    return sign_in_to(shared_app, "chatbot")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"limit": "0"}, "/limit"),
        ({"limit": "501"}, "/limit"),
        ({"limit": "-1"}, "/limit"),
        ({"limit": ""}, "/limit"),
        ({"limit": "three"}, "/limit"),
        ({"after": "x"}, "/after"),
        ({"after": cursor("2030-01-07T09:00:00.000Z", AN_ID)}, "/after"),
        ({"after": cursor("2030-01-07T09:00:00", AN_ID, "1", AN_ID)}, "/after"),
        ({"after": cursor("2030-01-07T09:00:00.000Z", "anna", "1", AN_ID)}, "/after"),
        ({"after": cursor("2030-01-07T09:00:00.000Z", AN_ID, "-1", AN_ID)}, "/after"),
        ({"after": "A" * 4_000}, "/after"),
    ],
    ids=str,
)
def test_a_page_of_free_times_that_cannot_be_is_refused(asker: Caller, wrong: dict[str, str], pointer: str) -> None:
    """422, with a pointer."""
    good = {"from": "2030-03-01T00:00:00Z", "to": "2030-03-02T00:00:00Z", "treatmentId": AN_ID}
    answer = ask(asker, {**good, **wrong})
    assert (answer.status_code, answer.json["code"]) == (422, "validation-failed")
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]


def test_an_unknown_treatment_is_named_on_every_page(chatbot: Caller, practice: Practice) -> None:
    """Also where the place is beyond the range, and nothing would be listed."""
    beyond = cursor("2040-01-07T09:00:00.000Z", AN_ID, "1", AN_ID)
    asked = {**query(practice), "limit": "3", "after": beyond}
    assert ask(chatbot, asked).json["slots"] == []
    assert ask(chatbot, {**asked, "treatmentId": AN_ID}).json["code"] == "unknown-treatment"
