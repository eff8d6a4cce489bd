"""Free times are compressed where the caller takes that, and nothing about anybody is."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from dental_sync.api import packed
from tests.api.free import DAY, SignIn, booking, query
from tests.api.hours import MONDAY
from tests.conftest import Caller, Practice


@pytest.fixture
def asker(sign_in: SignIn) -> Caller:
    """Somebody who asks for free times."""
    return sign_in("chatbot")


def free(caller: Caller, practice: Practice, path: str = "availability", days: int = 5, **headers: str) -> Any:
    """What is free with everybody."""
    asked = "&".join(f"{name}={value}" for name, value in query(practice, length=days * DAY, dentist=None).items())
    return caller.get(f"/{path}?{asked}", **headers)


@pytest.mark.parametrize("path", ["availability", "public/availability"])
@pytest.mark.parametrize("accepted", ["gzip", "deflate, gzip;q=0.5, br", "*"])
def test_free_times_are_compressed_for_who_takes_that(
    asker: Caller, practice: Practice, path: str, accepted: str
) -> None:
    """The same times, in a tenth of the bytes; and it is said that others get them in another form."""
    plain, small = (free(asker, practice, path, Accept_Encoding=each) for each in ("identity", accepted))
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert 10 * len(small.data) < len(plain.data)
    assert "Content-Encoding" not in plain.headers
    assert {"Accept-Encoding"} <= set(plain.vary) & set(small.vary)


@pytest.mark.parametrize("accepted", [None, "br", "gzip;q=0", "identity, *;q=0"])
def test_who_does_not_take_it_is_answered_as_it_is(asker: Caller, practice: Practice, accepted: str | None) -> None:
    """Whatever else is taken."""
    answer = free(asker, practice, **({} if accepted is None else {"Accept_Encoding": accepted}))
    assert "Content-Encoding" not in answer.headers
    assert answer.json["slots"]


def test_what_is_small_is_not_compressed(asker: Caller, practice: Practice) -> None:
    """It would not come sooner."""
    answer = asker.get(
        f"/availability?{'&'.join(f'{k}={v}' for k, v in query(practice).items())}&limit=3", Accept_Encoding="gzip"
    )
    assert len(answer.data) < packed.SMALLEST
    assert "Content-Encoding" not in answer.headers


def test_a_tag_is_good_for_either_form(asker: Caller, practice: Practice) -> None:
    """It is a weak one; 304 says what else is said of the list."""
    small = free(asker, practice, Accept_Encoding="gzip")
    same = free(asker, practice, If_None_Match=small.headers["ETag"])
    assert same.status_code == 304
    assert "Accept-Encoding" in same.vary


def test_nothing_about_anybody_is_compressed(sign_in: SignIn, practice: Practice) -> None:
    """Its length would tell what is in it to who may write a word into it."""
    patient = sign_in("patient1")
    for number in range(4):
        body = {**booking(practice, MONDAY + number * DAY), "reason": "x" * 400}
        assert patient.post("/appointments", body).status_code == 201
    for caller in (patient, sign_in("admin")):
        for path in ("/appointments", "/sync/events?since=0"):
            answer = caller.get(path, Accept_Encoding="gzip, br")
            assert len(answer.data) > packed.SMALLEST
            assert "Content-Encoding" not in answer.headers
