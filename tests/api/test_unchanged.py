"""Who has a list already is told so without it being read: then, and only then, when it is the same to the byte."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import text
from sqlalchemy.orm import Session

from dental_sync.api import availability, unchanged
from dental_sync.core import shared
from dental_sync.records import tokens
from dental_sync.sync import log
from tests.api.assisting import an_assistant
from tests.api.changing_practice import CHANGES, ChangingPractice
from tests.api.free import DAY, HOUR, MONDAY, SignIn
from tests.conftest import Caller, Practice, visit
from tests.statements import name_of, statements_of

# So many of a reader's tags are sent, and some of other states of the practice among them.
KEPT = 6


@dataclass
class Reader:
    """Somebody who asks for one list, and keeps what was answered by its tags."""

    caller: Caller
    path: str
    kept: dict[str, bytes] = field(default_factory=dict)
    is_refused: bool = False

    @property
    def tag(self) -> str:
        """Of what was read last."""
        return list(self.kept)[-1]

    def read(self) -> None:
        """Ask for all of it; what is refused has no tag."""
        self._keep(self.caller.get(self.path))

    def is_told_that_nothing_changed(self) -> bool:
        """Whether 304 is answered to who sends the tags, which must be true then; what is answered instead is kept."""
        told = self.caller.get(self.path, If_None_Match=", ".join(self.kept))
        if told.status_code != 304:
            self._keep(told)
            return False
        assert (told.data, told.headers["Cache-Control"]) == (b"", "no-store")
        now = self.caller.get(self.path)
        assert now.data == self.kept[told.headers["ETag"]], f"{self.path} was said to be the same"
        return True

    def _keep(self, answer: Any) -> None:
        self.is_refused = answer.status_code != 200
        if not self.is_refused:
            self.kept = dict([*self.kept.items(), (answer.headers["ETag"], answer.data)][-KEPT:])


@pytest.fixture
def changing(app: APIFlask, sign_in: SignIn, owner: Session, practice: Practice) -> ChangingPractice:
    """A practice that is about to change."""
    assistant = an_assistant(app, sign_in("admin"))
    return ChangingPractice(owner, practice, uuid.UUID(assistant.user["dentistId"]))


@pytest.fixture
def readers(app: APIFlask, sign_in: SignIn, changing: ChangingPractice) -> list[Reader]:
    """Everybody who may ask, for what each may ask for."""
    patient, desk, asked = sign_in("patient1"), sign_in("desk"), changing.asked
    of_patients = [
        Reader(patient, "/appointments"),
        Reader(sign_in("patient2"), "/appointments?status=booked,cancelled"),
        Reader(sign_in("dentist1"), "/appointments"),
        Reader(sign_in("emil", "quite a long password of an assistant"), "/appointments"),
        Reader(desk, "/appointments?limit=1"),
        Reader(desk, f"/appointments?patientId={changing.values['entered']}"),
    ]
    return [
        *of_patients,
        Reader(patient, f"/availability?{asked()}"),
        Reader(patient, f"/availability?{asked(dentistId=changing.values['d0'])}"),
        Reader(desk, f"/availability?{asked(durationMinutes=20)}"),
        Reader(sign_in("chatbot"), f"/availability?{asked(limit=3)}"),
        Reader(visit(app), f"/availability?{asked(length=2 * DAY)}"),
        Reader(desk, f"/public/availability?{asked(length=2 * DAY)}"),
    ]


def publish(owner: Session) -> None:
    """Give positions to what has changed."""
    log.publish(owner, wait=True)
    owner.commit()


def test_nothing_is_said_to_be_the_same_that_is_not(readers: list[Reader], changing: ChangingPractice) -> None:
    """Whatever changes, while it has no position yet and afterwards, and whether it was read before or in between.

    And what has not changed is said to be the same.
    """
    for name in CHANGES:
        publish(changing.owner)
        for reader in readers:
            reader.is_told_that_nothing_changed()
        assert all(reader.is_told_that_nothing_changed() for reader in readers if not reader.is_refused), name
        changing.change(name)
        assert not any(reader.is_told_that_nothing_changed() for reader in readers), name


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Lets so much time pass for what computes free times."""

    def to(passed: timedelta) -> None:
        class Later(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return datetime.now(tz) + passed

        for module in (availability, unchanged, shared):
            monkeypatch.setattr(module, "datetime", Later)

    return to


def test_a_list_is_the_same_only_until_time_changes_it(
    readers: list[Reader], changing: ChangingPractice, travel: Callable[[timedelta], None]
) -> None:
    """A hold expires, a time comes too near, or near enough: nobody does anything, and no position tells."""
    owner = changing.owner
    owner.execute(text("UPDATE practice SET minimum_notice_minutes = 120, furthest_advance_days = 30"))
    changing.change("an appointment is cancelled")
    changing.change("a time is held")
    publish(owner)
    of_times = [reader for reader in readers if "availability" in reader.path]
    chance = random.Random(2)
    told = []
    for reader in of_times:
        reader.read()
    moments = [timedelta(minutes=4), timedelta(minutes=6), MONDAY - datetime.now(MONDAY.tzinfo) - 30 * DAY]
    moments += [MONDAY - datetime.now(MONDAY.tzinfo) + hours * HOUR for hours in (-26, -3, -1, 0, 1, 2, 9)]
    for moment in moments:
        travel(moment + timedelta(seconds=chance.randrange(60)))
        told += [reader.is_told_that_nothing_changed() for reader in of_times]
        for reader in of_times:
            reader.read()
    assert told.count(True) > 5
    assert told.count(False) > 20


def test_another_question_another_account_and_other_rights_have_other_tags(
    readers: list[Reader], changing: ChangingPractice, sign_in: SignIn
) -> None:
    """Though the log stands where it stood."""
    publish(changing.owner)
    patient = readers[0]
    patient.read()
    assert patient.is_told_that_nothing_changed()
    for caller, path in (
        (sign_in("patient2"), patient.path),
        (patient.caller, "/appointments?limit=50"),
        (patient.caller, readers[6].path),
    ):
        assert caller.get(path, If_None_Match=patient.tag).status_code == 200


@pytest.mark.parametrize(
    "tags",
    ["*", "", '"1"', "W/", '"1.1.0.9.AAAAAAAAAAAAAAAAAAAAAA"', f'"{"9" * 19}.1.0.{"9" * 18}.{"A" * 22}"', "\xe9" * 900],
)
def test_what_is_no_tag_of_ours_is_answered_as_if_it_was_not_sent(sign_in: SignIn, tags: str) -> None:
    """Whatever it is."""
    assert sign_in("patient1").get("/appointments", If_None_Match=tags).status_code == 200


def test_one_of_several_tags_and_a_tag_that_somebody_made_strong_will_do(
    readers: list[Reader], changing: ChangingPractice
) -> None:
    """As RFC 9110 has it: a list, compared weakly."""
    publish(changing.owner)
    reader = readers[0]
    reader.read()
    strong = reader.tag.removeprefix("W/")
    assert reader.caller.get(reader.path, If_None_Match=f'"1", W/"x" , {strong}').status_code == 304


def test_what_is_said_to_be_the_same_is_not_computed(
    app: APIFlask, readers: list[Reader], changing: ChangingPractice
) -> None:
    """The log is looked at, and neither appointments nor claims."""
    publish(changing.owner)
    for reader in readers:
        reader.read()
        with statements_of(app) as sent:
            assert reader.caller.get(reader.path, If_None_Match=reader.tag).status_code == 304
        read = ("FROM appointments", "FROM claims", "dentists d", "EXECUTE")
        asked = [one for one in sent if name_of(tokens._SIGNED_IN) not in one]
        assert not [one for one in asked if any(word in one for word in read)]


def test_however_many_tags_are_sent_the_log_is_looked_at_once(
    app: APIFlask, readers: list[Reader], changing: ChangingPractice
) -> None:
    """A header has room for a hundred."""
    publish(changing.owner)
    readers[0].read()
    tags = [readers[0].tag.replace(".", f".{number}", 1) for number in range(90)]
    with statements_of(app) as sent:
        answer = readers[0].caller.get(readers[0].path, If_None_Match=", ".join([*tags, readers[0].tag]))
    assert answer.status_code == 304
    assert len([one for one in sent if "anything_unpublished" in one]) == 1


def test_the_trail_says_of_which_read_it_was_told_that_nothing_had_changed(
    readers: list[Reader], changing: ChangingPractice, sign_in: SignIn
) -> None:
    """By the tag: the read has it beside its ids, and the other entry has none. An empty page is not entered."""
    publish(changing.owner)
    reader, nobody = readers[0], sign_in("patient12")
    reader.read()
    assert reader.caller.get(reader.path, If_None_Match=reader.tag).status_code == 304
    empty = nobody.get("/appointments?from=2090-01-01T00:00:00Z")
    again = nobody.get("/appointments?from=2090-01-01T00:00:00Z", If_None_Match=empty.headers["ETag"])
    assert (empty.json["items"], again.status_code) == ([], 304)
    entries = sign_in("admin").get("/audit?action=list").json["items"]
    told, read = (entry for entry in entries if entry.get("details") == {"etag": reader.tag})
    assert told["record"] == {"kind": "appointment", "ids": []}
    listed = reader.caller.get(reader.path).json["items"]
    assert read["record"].get("ids", [read["record"].get("id")]) == [item["id"] for item in listed]
    assert not [entry for entry in entries if entry["actorId"] == nobody.user["id"]]


def test_who_may_not_read_is_refused_with_a_tag_too(sign_in: SignIn, readers: list[Reader]) -> None:
    """Rights come first."""
    readers[0].read()
    chatbot = sign_in("chatbot")
    assert chatbot.get("/appointments", If_None_Match=readers[0].tag).status_code == 403
    assert chatbot.client.get("/api/appointments", headers={"If-None-Match": readers[0].tag}).status_code == 401
