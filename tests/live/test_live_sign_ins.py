"""A practice's morning: sixty people sign in at once, and everybody else goes on at their pace."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.records import demo

from .callers import Call, all_at_once
from .conftest import assert_no_complaints, running_system
from .javascript import Connect
from .rest import Answer, call
from .system import System
from .witnesses import assert_stayed_connected

# It measures seconds.
pytestmark = pytest.mark.alone

SIGN_INS = 60


@pytest.fixture(scope="module")
def morning(servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A practice behind one router: all of it signs in from one address."""
    settings = {"LOGIN_LIMIT_PER_MINUTE": "1000"}
    with running_system(servers, template, tmp_path_factory.mktemp("morning"), settings) as system:
        yield system
        assert_no_complaints(system)


def sign_in(system: System, number: int) -> Call:
    """One of the demo's accounts signs in, all of them at one process.

    Who is asked to come back does: a machine with other work to do may need longer than the 15 s that a sign-in waits.
    bench/sign_ins.py says how it is where nothing else runs.
    """
    body = {"email": f"patient{number % 12 + 1}@demo.test", "password": demo.PASSWORD}

    def insist() -> Answer:
        while True:
            answer = call(system.ports[0], "POST", "/api/auth/login", body)
            if answer.status != 503:
                return answer
            time.sleep(int(answer.headers["Retry-After"]))

    return insist


def test_sixty_sign_ins_at_once_all_succeed_and_starve_nobody(morning: System, connect: Connect) -> None:
    """While they are hashed, others read lists and book at the same process, and screens are told."""
    dentist = morning.account("dentist1")
    patient = morning.account("patient1")
    screen = connect(morning, "dentist1", 0)
    channel = f"appointments:dentist:{dentist.dentist_id}"
    screen.subscribe(channel)
    signed_in = threading.Event()
    answers: list[Answer] = []

    def sign_everybody_in() -> None:
        answers.extend(all_at_once([sign_in(morning, number) for number in range(SIGN_INS)]))
        signed_in.set()

    flood = threading.Thread(target=sign_everybody_in)
    flood.start()
    lists: list[int] = []
    booked: list[str] = []
    told_meanwhile = 0
    while not signed_in.is_set():
        lists.append(dentist.call("GET", "/appointments?limit=50").status)
        if len(booked) < 5:
            made = patient.call("POST", "/appointments", morning.opening().with_dentist(dentist.dentist_id))
            assert made.status == 201, made
            booked.append(made.body["id"])
        told = {payload["appointment"]["id"] for payload in screen.events("appointment:created")}
        told_meanwhile = len(told & set(booked))
        time.sleep(0.1)
    flood.join()
    assert [answer.status for answer in answers] == [200] * SIGN_INS
    assert set(lists) == {200}
    assert len(lists) >= 10
    # Not afterwards: live messages went on while the others were signing in.
    assert told_meanwhile >= 3
    screen.catch_up_with(morning.settled_head())
    assert [payload["appointment"]["id"] for payload in screen.events("appointment:created")] == booked
    assert_stayed_connected(screen)
