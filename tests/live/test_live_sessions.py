"""Whoever loses the right to listen stops hearing: their sockets are closed, on every web process."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .javascript import JsClient, Node
from .rest import Account
from .system import System
from .witnesses import NEW_PASSWORD, somebody_new

# The promise is one second, on both web processes; three, lest a machine with other work to do cry wolf.
CLOSED_WITHIN_SECONDS = 3.0

Make = Callable[[str], tuple[dict[str, Any], Account]]
Listen = Callable[[Account], list[JsClient]]


@pytest.fixture
def make(system: System) -> Make:
    """Make an account and sign it in: `user, account = make("dentist")`."""

    return functools.partial(somebody_new, system)


@pytest.fixture
def listen(system: System, node: Node) -> Iterator[Listen]:
    """Listen to what is free with one session, on each web process."""
    everybody: list[JsClient] = []

    def listen(account: Account) -> list[JsClient]:
        clients = []
        for web in range(len(system.web)):
            client = node.client()
            client.connect(system.url(web), account.token)
            client.wait_connected()
            client.subscribe("availability:all")
            clients.append(client)
        everybody.extend(clients)
        return clients

    yield listen
    for client in everybody:
        client.disconnect()


def assert_closed(clients: list[JsClient]) -> None:
    """Each is told soon that its subscription ended, and disconnected in a way that the library does not undo."""
    closed_by = time.monotonic() + CLOSED_WITHIN_SECONDS
    for client in clients:
        assert client.wait_disconnected(max(0.0, closed_by - time.monotonic())) == "io server disconnect"
        [closed] = client.events("subscription:closed")
        assert set(closed) == {"id", "channelName", "reason"}
        assert closed["channelName"] == "availability:all"


def assert_open(system: System, clients: list[JsClient]) -> None:
    """Each has lived through everything that was committed, and still listens."""
    head = system.settled_head()
    for client in clients:
        client.catch_up_with(head)
        assert [entry["channelName"] for entry in client.emit("subscriptions")["subscriptions"]] == ["availability:all"]


def test_signing_out_closes_the_sockets_of_that_session_only(system: System, make: Make, listen: Listen) -> None:
    """The same person's other session, on another device, goes on."""
    user, here = make("patient")
    elsewhere = Account.sign_in(system.ports, user["email"], NEW_PASSWORD)
    ended, others = listen(here), listen(elsewhere)
    assert here.call("POST", "/auth/logout", web=1).status == 204
    assert_closed(ended)
    assert_open(system, others)
    assert here.call("GET", "/auth/me").status == 401


def test_a_new_password_closes_the_sockets_of_all_other_sessions(system: System, make: Make, listen: Listen) -> None:
    """Whoever set it goes on; whoever else had the old one is out."""
    user, here = make("patient")
    elsewhere = Account.sign_in(system.ports, user["email"], NEW_PASSWORD)
    kept, ended = listen(here), listen(elsewhere)
    here.done("POST", "/auth/password", {"current": NEW_PASSWORD, "new": "better-than-before"})
    assert_closed(ended)
    assert_open(system, kept)


@pytest.mark.parametrize(
    "change",
    [{"active": False}, {"role": "dentist"}, {"password": "set-by-the-admin"}],
    ids=["deactivated", "role changed", "password set"],
)
def test_what_an_admin_takes_away_closes_every_socket(
    system: System, make: Make, listen: Listen, change: dict[str, Any]
) -> None:
    """Deactivation, another role, a password set by an admin: all sessions end, and nothing more is heard."""
    user, here = make("patient")
    elsewhere = Account.sign_in(system.ports, user["email"], NEW_PASSWORD)
    ended = listen(here) + listen(elsewhere)
    system.account("admin").done("PATCH", f"/users/{user['id']}", change, web=1)
    assert_closed(ended)
    for client in ended:
        client.forget()
        client.reconnect()
        code = client.wait_refused()["data"]["code"]
        assert code == ("account-disabled" if change == {"active": False} else "unauthorized")


def test_a_new_name_closes_nothing(system: System, make: Make, listen: Listen) -> None:
    """Only what concerns rights ends a session."""
    user, here = make("patient")
    kept = listen(here)
    system.account("admin").done("PATCH", f"/users/{user['id']}", {"name": "Somebody Else"})
    assert_open(system, kept)


@pytest.mark.parametrize(
    "statement",
    ["UPDATE users SET active = false WHERE id = %s", "DELETE FROM auth_sessions WHERE user_id = %s"],
    ids=["deactivated", "sessions deleted"],
)
def test_plain_sql_that_takes_a_right_away_closes_sockets_too(
    system: System, make: Make, listen: Listen, statement: str
) -> None:
    """An operator who deactivates an account or deletes its sessions in psql need not know about sockets."""
    user, here = make("chatbot")
    ended = listen(here)
    with system.owner() as cursor:
        cursor.execute(statement, [user["id"]])
    assert_closed(ended)


def test_nothing_that_came_after_the_loss_is_heard(system: System, make: Make, listen: Listen) -> None:
    """What is committed after the deactivation never reaches the socket, however soon it follows."""
    user, here = make("chatbot")
    ended = listen(here)
    opening = system.opening()
    with system.owner() as cursor:
        cursor.execute("UPDATE users SET active = false WHERE id = %s", [user["id"]])
        cursor.execute(
            "INSERT INTO appointments (patient_id, dentist_id, starts_at, ends_at) VALUES (%s, %s, %s, %s)",
            [
                system.account("patient1").patient_id,
                system.account("dentist1").dentist_id,
                opening.starts_at,
                opening.ends_at,
            ],
        )
    assert_closed(ended)
    for client in ended:
        assert client.log() == []


def _sign_out(_system: System, account: Account) -> None:
    account.done("POST", "/auth/logout", {}, web=1)
    assert account.call("GET", "/appointments", web=1).status == 401


def _deactivate(system: System, account: Account) -> None:
    system.account("admin").done("PATCH", f"/users/{account.user['id']}", {"active": False}, web=1)
    assert account.call("GET", "/appointments", web=1).status == 401


def _deactivate_in_plain_sql(system: System, account: Account) -> None:
    with system.owner() as cursor:
        cursor.execute("UPDATE users SET active = false WHERE id = %s", [account.user["id"]])


@pytest.mark.parametrize(
    "take_away", [_sign_out, _deactivate, _deactivate_in_plain_sql], ids=lambda take_away: take_away.__name__
)
def test_a_lost_right_is_refused_within_a_second_by_every_process(
    system: System, make: Make, take_away: Callable[[System, Account], None]
) -> None:
    """Though each has just looked the sign-in up, and is asked all the time. Who took it away refuses it at once."""
    _, account = make("patient")
    for web in range(len(system.web)):
        for _ in range(3):
            account.get("/appointments", web=web)
    take_away(system, account)
    lost_at = time.monotonic()
    serving = set(range(len(system.web)))
    while serving:
        serving -= {web for web in serving if account.call("GET", "/appointments", web=web).status in (401, 403)}
        assert time.monotonic() - lost_at < CLOSED_WITHIN_SECONDS, "a lost right is still served"
