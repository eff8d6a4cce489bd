"""Calendar feeds: an account's own appointments for its calendar program, and nothing of it for anybody else."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from icalendar import Calendar, Event
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from dental_sync.api import calendar_feeds as door
from dental_sync.core import services
from dental_sync.core.config import Settings
from dental_sync.queries import appointments
from dental_sync.records.calendar_text import initials
from tests import plain_sql
from tests.api.assisting import an_assistant
from tests.api.free import SignIn
from tests.api.test_who_may_hear import actor_of
from tests.conftest import Caller, Practice, a_free_monday

Read = Callable[..., Any]
FEED = "/auth/me/calendar"


@pytest.fixture
def read(app: APIFlask) -> Read:
    """What a calendar program gets, which has not signed in."""
    return lambda path, **headers: app.test_client().get(
        path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.fixture
def diary(owner: Session, practice: Practice) -> dict[str, str]:
    """Some appointments: of Mia and of Noah with Anna, of Mia with Ben."""
    owner.execute(text("DELETE FROM appointments"))
    mia, noah, lina = practice.patients[:3]
    anna, ben = practice.dentists[:2]
    monday = a_free_monday()
    booked = {
        "mia anna": plain_sql.book(owner, mia, anna, monday, treatment_id=practice.treatments["Root canal"]),
        "noah anna": plain_sql.book(owner, noah, anna, monday + timedelta(hours=2), status="pending"),
        "mia ben": plain_sql.book(owner, mia, ben, monday + timedelta(days=1)),
        "lina anna": plain_sql.book(owner, lina, anna, monday + timedelta(days=2), status="entered-in-error"),
    }
    owner.execute(text("UPDATE appointments SET reason = 'It aches.'"))
    owner.commit()
    return {name: str(id_) for name, id_ in booked.items()}


def feed_of(caller: Caller) -> str:
    """The path of a feed that somebody has made."""
    made = caller.post(FEED)
    assert made.status_code == 201, made.json
    path: str = made.json["path"]
    return path


def events(answer: Any) -> dict[str, Event]:
    """The appointments of a feed, by id."""
    assert answer.status_code == 200, answer.text
    found = Calendar.from_ical(answer.data).walk("VEVENT")
    return {str(event["UID"]).removesuffix("@dental-sync"): event for event in found}


def test_a_patients_feed_says_when_and_nothing_else(
    sign_in: SignIn, read: Read, diary: dict[str, str], owner: Session
) -> None:
    """At the practice: no name, no treatment, no reason, and not whose it is."""
    owner.execute(text("UPDATE practice SET name = 'Keller, Osei & Ruiz; Berlin'"))
    owner.commit()
    answer = read(feed_of(sign_in("patient1")))
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    found = events(answer)
    assert found.keys() == {diary["mia anna"], diary["mia ben"]}
    event = found[diary["mia anna"]]
    row = owner.execute(text("SELECT * FROM appointments WHERE id = :id"), {"id": diary["mia anna"]}).one()
    assert event.decoded("DTSTART") == row.starts_at
    assert event.decoded("DTEND") == row.ends_at
    assert event.decoded("DTSTAMP") == row.updated_at.replace(microsecond=0)
    assert (event["SEQUENCE"], event["STATUS"], event["CLASS"]) == (row.version, "CONFIRMED", "PRIVATE")
    assert (event["SUMMARY"], event["LOCATION"]) == ("Zahnarzttermin", "Keller, Osei & Ruiz; Berlin")
    for name in ("NAME", "X-WR-CALNAME"):
        assert f"\n{name}:Keller\\, Osei & Ruiz\\; Berlin\r\n" in answer.text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\nX-PUBLISHED-TTL:PT1H\r\n" in answer.text
    for word in ("Mia", "Schmidt", "Anna", "Dr.", "Root", "canal", "aches"):
        assert word not in answer.text
    owner.execute(text("UPDATE practice SET country = NULL"))
    owner.commit()
    assert {event["SUMMARY"] for event in events(read(answer.request.path)).values()} == {"Dental appointment"}


def test_a_dentists_feed_is_the_own_diary_with_initials(sign_in: SignIn, read: Read, diary: dict[str, str]) -> None:
    """A calendar is kept by others: no names, no treatments; what waits for approval is tentative."""
    answer = read(feed_of(sign_in("dentist1")))
    found = events(answer)
    assert {id_: (event["SUMMARY"], event["STATUS"]) for id_, event in found.items()} == {
        diary["mia anna"]: ("M. S.", "CONFIRMED"),
        diary["noah anna"]: ("N. B.", "TENTATIVE"),
    }
    for word in ("Mia", "Becker", "Root", "aches"):
        assert word not in answer.text


@pytest.mark.parametrize(
    ("name", "said"), [("Mia Schmidt", "M. S."), ("Jean-Luc van Dyk", "J. L. V. D."), ("Cher", "C."), ("  ", "")]
)
def test_a_name_is_shown_by_its_initials(name: str, said: str) -> None:
    """Of each word."""
    assert initials(name) == said


def test_an_assistants_feed_is_what_they_assist(
    app: APIFlask, sign_in: SignIn, read: Read, diary: dict[str, str], owner: Session
) -> None:
    """As their list is."""
    emil = an_assistant(app, sign_in("admin"))
    owner.execute(
        text("UPDATE appointments SET assistant_id = :emil WHERE id = :id"),
        {"emil": emil.user["dentistId"], "id": diary["noah anna"]},
    )
    owner.commit()
    assert events(read(feed_of(emil))).keys() == {diary["noah anna"]}


def test_a_guardians_feed_follows_what_the_account_may_now(
    sign_in: SignIn, read: Read, diary: dict[str, str], practice: Practice
) -> None:
    """From the grant to its end, and without the child's name."""
    desk, lina = sign_in("desk"), sign_in("patient3")
    path = feed_of(lina)
    assert events(read(path)) == {}
    guardians = f"/patients/{practice.patients[0]}/guardians"
    desk.post(guardians, {"userId": lina.user["id"]})
    answer = read(path)
    assert events(answer).keys() == {diary["mia anna"], diary["mia ben"]}
    assert "Mia" not in answer.text
    desk.delete(f"{guardians}/{lina.user['id']}")
    assert events(read(path)) == {}


def test_what_is_moved_or_cancelled_is_the_same_event(sign_in: SignIn, read: Read, diary: dict[str, str]) -> None:
    """With a higher number, which tells a calendar which of two it has read is the later one."""
    mia = sign_in("patient1")
    path = feed_of(mia)
    before = events(read(path))[diary["mia anna"]]
    assert mia.post(f"/appointments/{diary['mia anna']}/cancel", {}).status_code == 200
    after = events(read(path))[diary["mia anna"]]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert (after["STATUS"], after["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert after["DTSTART"].dt == before["DTSTART"].dt


@pytest.mark.usefixtures("diary")
def test_what_has_not_changed_is_not_sent(sign_in: SignIn, read: Read, practice: Practice, owner: Session) -> None:
    """By an entity tag of what is in it."""
    path = feed_of(sign_in("patient1"))
    first = read(path)
    again = read(path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    plain_sql.book(owner, practice.patients[0], practice.dentists[2], a_free_monday(weeks=6))
    owner.commit()
    assert len(events(read(path, If_None_Match=first.headers["ETag"]))) == 3


def test_a_feed_is_bounded_in_time_and_number(
    sign_in: SignIn, read: Read, practice: Practice, owner: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of too many those that are nearest to now."""
    owner.execute(text("DELETE FROM appointments"))
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    days = [-91, -89, -1, 2, 399, 401]
    booked = [
        str(plain_sql.book(owner, practice.patients[0], practice.dentists[0], now + timedelta(days=day)))
        for day in days
    ]
    owner.commit()
    path = feed_of(sign_in("patient1"))
    assert list(events(read(path))) == booked[1:5]
    monkeypatch.setattr(appointments, "MOST_AROUND", 2)
    assert list(events(read(path))) == booked[2:4]


def test_a_renewed_feed_is_at_another_address(sign_in: SignIn, read: Read) -> None:
    """The last one is not found any more; nor is one that was ended, or that nobody has made."""
    mia = sign_in("patient1")
    first, second = feed_of(mia), feed_of(mia)
    assert [read(path).status_code for path in (first, second)] == [404, 200]
    assert mia.delete(FEED).status_code == 204
    assert [read(second).status_code, mia.delete(FEED).status_code] == [404] * 2
    assert mia.get(FEED).json == {}
    assert read("/api/calendar/x.ics").json["code"] == "not-found"


def test_a_feed_ends_with_the_account(sign_in: SignIn, read: Read, owner: Session) -> None:
    """Switched off, or of a role that has no appointments of its own; another role's are another role's."""
    paths = {name: feed_of(sign_in(name)) for name in ("patient1", "dentist1")}
    for change in ("active = false", "active = true, role = 'receptionist'", "role = 'chatbot'"):
        owner.execute(text(f"UPDATE users SET {change} WHERE email ~ '^(patient|dentist)1@'"))
        owner.commit()
        assert [read(path).status_code for path in paths.values()] == [404, 404], change
    assert owner.scalar(text("SELECT count(*) FROM calendar_feeds")) == 2


def test_who_must_have_a_second_factor_reads_nothing_without_one(app: APIFlask, sign_in: SignIn, read: Read) -> None:
    """A feed is no way around what signing in would ask for."""
    paths = [feed_of(sign_in(name)) for name in ("patient1", "dentist1")]
    services.provide(app, dataclasses.replace(services.of(app, Settings), require_second_factor=True))
    assert [read(path).status_code for path in paths] == [200, 404]


@pytest.mark.parametrize("name", ["desk", "admin", "chatbot"])
def test_whose_appointments_are_everybodys_has_no_feed(sign_in: SignIn, settings: Settings, name: str) -> None:
    """The whole practice is nothing for somebody else's calendar; the database says so too."""
    caller = sign_in(name)
    answers = [caller.post(FEED), caller.get(FEED), caller.delete(FEED)]
    assert [answer.status_code for answer in answers] == [403] * 3
    make = text("INSERT INTO calendar_feeds (user_id, secret_hash) VALUES (:me, 'x')")
    assert settings.web_database_url
    acting = plain_sql.connect(settings.web_database_url, actor_of(caller))
    with acting as session, pytest.raises(ProgrammingError, match="row-level"):
        session.execute(make, {"me": caller.user["id"]})


def test_nobody_makes_renews_or_ends_anothers_feed(sign_in: SignIn, settings: Settings, read: Read) -> None:
    """Not by SQL past all rules either."""
    mia, noah = sign_in("patient1"), sign_in("patient2")
    path = feed_of(mia)
    me = {"mia": mia.user["id"]}
    with plain_sql.connect(settings.web_database_url, actor_of(noah)) as session:
        assert session.scalar(text("SELECT count(*) FROM calendar_feeds")) == 0
        for statement in ("DELETE FROM calendar_feeds", "UPDATE calendar_feeds SET secret_hash = 'x'"):
            session.execute(text(statement))
        session.commit()
        with pytest.raises(ProgrammingError, match="row-level"):
            session.execute(text("INSERT INTO calendar_feeds (user_id, secret_hash) VALUES (:mia, 'y')"), me)
    assert read(path).status_code == 200


def test_the_account_sees_since_when_and_when_it_was_read(
    sign_in: SignIn, read: Read, owner: Session, practice: Practice
) -> None:
    """And never the address again: only a hash of it is kept. Nothing was read where there was nothing."""
    owner.execute(text("DELETE FROM appointments"))
    owner.commit()
    mia = sign_in("patient1")
    made = mia.post(FEED).json
    assert made["url"] is None
    read(made["path"])
    assert mia.get(FEED).json == {"createdAt": made["createdAt"]}
    plain_sql.book(owner, practice.patients[0], practice.dentists[0], a_free_monday())
    owner.commit()
    read(made["path"])
    assert mia.get(FEED).json["readAt"] >= made["createdAt"]


def test_the_address_is_a_link_where_pages_are_reachable(app: APIFlask, sign_in: SignIn) -> None:
    """Behind a path too."""
    services.provide(app, dataclasses.replace(services.of(app, Settings), public_url="https://x.example/dental/"))
    made = sign_in("patient1").post(FEED).json
    assert made["url"] == f"https://x.example/dental{made['path']}"


def test_a_read_is_in_the_audit_trail_once_an_hour(
    sign_in: SignIn, read: Read, diary: dict[str, str], owner: Session
) -> None:
    """With what was shown, as the account whose feed it is; programs look every few minutes."""
    mia = sign_in("patient1")
    path = feed_of(mia)
    noted = text("SELECT * FROM audit WHERE action = 'read-calendar' ORDER BY id")
    for _ in range(3):
        read(path, User_Agent="Calendar/1")
    [entry] = owner.execute(noted).all()
    assert (str(entry.actor_id), entry.actor_role, entry.record_kind) == (mia.user["id"], "patient", "appointment")
    assert {str(id_) for id_ in entry.record_ids} == {diary["mia anna"], diary["mia ben"]}
    assert (entry.user_agent, entry.address) == ("Calendar/1", "127.0.0.1")
    owner.execute(text("UPDATE calendar_feeds SET noted_at = noted_at - interval '61 minutes'"))
    owner.commit()
    read(path)
    assert len(owner.execute(noted).all()) == 2
    actions = "SELECT action FROM audit WHERE action LIKE '%-calendar' AND record_kind = 'user' ORDER BY id"
    assert mia.delete(FEED).status_code == 204
    assert owner.scalars(text(actions)).all() == ["make-calendar", "end-calendar"]


def test_reads_are_counted_by_feed_and_by_address(
    app: APIFlask, sign_in: SignIn, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is read in a loop is 429, and so is who tries secrets."""
    monkeypatch.setattr(door, "READS_PER_MINUTE", 2)
    services.provide(app, dataclasses.replace(services.of(app, Settings), rate_limit_per_minute=5))
    mine, another = feed_of(sign_in("patient1")), feed_of(sign_in("patient2"))
    assert [read(mine).status_code for _ in range(3)] == [200, 200, 429]
    assert read(another).status_code == 200
    assert [read("/api/calendar/guess.ics").status_code for _ in range(2)] == [404, 429]


def test_the_secret_is_in_no_log(sign_in: SignIn, read: Read, caplog: pytest.LogCaptureFixture) -> None:
    """The line of a request names the rule of its route, also where the request fails."""
    caplog.set_level(logging.DEBUG)
    path = feed_of(sign_in("patient1"))
    secret = path.split("/")[-1].removesuffix(".ics")
    for tried in (path, path.removesuffix(".ics"), f"{path}?token={secret}", f"/api/calendar/{secret}x.ics"):
        read(tried).close()
    assert "/api/calendar/<secret>.ics" in "".join(str(vars(record)) for record in caplog.records)
    assert secret not in "".join(str(vars(record)) for record in caplog.records)
