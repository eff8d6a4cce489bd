"""A flood of everything that a stranger may do, while ten people book: each is answered, and no log is soiled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.local.run import PROJECT_FOLDER

from ..conftest import assert_no_complaints, running_system
from ..javascript import Connect
from ..load import Load
from ..system import System
from ..witnesses import assert_stayed_connected, assert_whole, follow_everything

# `make test-long` lets it last a minute.
FLOOD_SECONDS = float(os.environ.get("FLOOD_SECONDS", "15"))
# How long a booking may take meanwhile; a quiet one takes 30 ms.
ANSWERED_WITHIN_SECONDS = 2.0
PEOPLE = 10
MARK = "marked-7f3a"


@pytest.fixture(scope="module")
def flooded(servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system as it is deployed, with the limits that it has by default."""
    settings = {"SOCKET_EVENTS_PER_SECOND": "50", "HEARTBEAT_SECONDS": "30"}
    with running_system(servers, template, tmp_path_factory.mktemp("flooded"), settings) as system:
        yield system
        assert_no_complaints(system)


def test_ten_people_book_while_everything_is_flooded(flooded: System, connect: Connect) -> None:
    """Sign-ins, silent connections, malformed requests, repeated subscribes and polling sessions, all at once."""
    system = flooded
    # Who books has signed in before: the flood comes from the same address.
    for number in range(1, 13):
        system.account(f"patient{number}")
    chatbot = system.account("chatbot")
    screen, since = follow_everything(system, connect, 0)
    audited = "SELECT count(*) FROM audit WHERE action = 'subscribe'"
    audited_before = system.ask(audited)
    with Load(system, pause=0.1, callers=PEOPLE) as load:
        load.wait_for(PEOPLE)
        before = len(load.made)
        flood = subprocess.run(
            [
                *(sys.executable, "-m", "tests.live.hostile.flood", *map(str, system.ports)),
                *("--seconds", str(FLOOD_SECONDS), "--token", chatbot.token),
                *("--channel", "availability:all", "--mark", MARK),
            ],
            cwd=PROJECT_FOLDER,
            capture_output=True,
            text=True,
            timeout=FLOOD_SECONDS + 60,
            check=True,
        )
        meanwhile = load.made[before:]
    done = json.loads(flood.stdout)
    assert all(done.values()), done
    assert len(meanwhile) > PEOPLE
    assert max(booked.seconds for booked in meanwhile) < ANSWERED_WITHIN_SECONDS
    load.assert_each_is_there_once()
    head = system.settled_head()
    screen.catch_up_with(head)
    assert_whole(screen, since)
    assert_stayed_connected(screen)
    # One row for each connection that followed, and none for each time that it asked.
    assert system.ask(audited) - audited_before < done["subscribed"] / 10
    for log in [system.postgres.log, *sorted(system.logs.glob("*.log"))]:
        assert MARK not in log.read_text(errors="replace"), f"{log.name} has what a stranger wrote"
