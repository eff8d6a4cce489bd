"""What a connect and a subscribe ask of the database, and that no lost right gets past it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import event, text
from sqlalchemy.orm import Session
from werkzeug.test import EnvironBuilder

from dental_sync.core import services
from dental_sync.core.extensions import db, socketio
from dental_sync.records import tokens
from dental_sync.records.remembered_sign_ins import RememberedSignIns
from dental_sync.sockets import handlers
from dental_sync.sockets.connections import Connections
from dental_sync.sockets.transport import Transport
from dental_sync.sync.delivery import Delivery
from tests.conftest import Caller
from tests.statements import name_of, statements_of


@pytest.fixture
def memory(app: APIFlask) -> RememberedSignIns[Any]:
    """Of a process that delivers, and knows the log."""
    delivery = services.of(app, Delivery)
    delivery.epoch = "6a1c5d3e-0000-4000-8000-000000000000"
    delivery.started.set()
    remembered = RememberedSignIns[Any](lambda: 0.0)
    services.provide(app, remembered)
    return remembered


@pytest.fixture
def statements(app: APIFlask) -> Iterator[list[str]]:
    """What the database is told, from here on."""
    with app.app_context():
        engine = db.engine
    with statements_of(app) as said:
        event.listen(engine, "commit", lambda _connection: said.append("COMMIT"))
        yield said


class Client:
    """A client of Socket.IO that polls, as the libraries see it once HTTP is behind it."""

    def __init__(self, app: APIFlask, caller: Caller) -> None:
        self._engine = socketio.server.eio
        self._id = self._engine.generate_id()
        self._transport = self._engine.sockets[self._id] = Transport(self._engine, self._id)
        environ = {**EnvironBuilder(path="/socket.io/").get_environ(), "REMOTE_ADDR": "127.0.0.1", "flask.app": app}
        self._engine.handlers["connect"](self._id, environ)
        self.send("0" + json.dumps({"token": caller.token}))

    def send(self, text: str) -> None:
        """Send a packet of Socket.IO."""
        self._engine.handlers["message"](self._id, text)

    def hear(self, beginning: str) -> Any:
        """What the next packet that begins so holds."""
        while not (text := self._transport.queue.get(timeout=20).data).startswith(beginning):
            pass
        return json.loads(text.removeprefix(beginning))

    def subscribe(self, channel: str) -> dict[str, Any]:
        """The acknowledgement."""
        self.send("20" + json.dumps(["subscribe", {"channel": channel}]))
        [answer] = self.hear("30")
        return dict(answer)


@pytest.mark.usefixtures("memory")
def test_a_connect_and_a_subscribe_cost_one_look_and_one_entry_of_the_audit_trail(
    app: APIFlask, sign_in: Callable[..., Caller], statements: list[str]
) -> None:
    """Who follows the own appointments: that they are there is known with who it is."""
    mia = sign_in("patient1")
    statements.clear()
    assert Client(app, mia).subscribe(f"appointments:patient:{mia.user['patientId']}")["ok"] is True
    looks, entries = (
        [said for said in statements if word in said] for word in (name_of(tokens._SIGNED_IN), "INTO audit")
    )
    assert (len(looks), len(entries)) == (1, 1)
    assert statements[-2:] == [*entries, "COMMIT"]
    assert set(statements) == {*looks, *entries, "COMMIT"}


def test_who_is_forgotten_is_looked_up_before_it_follows_anything(
    app: APIFlask, sign_in: Callable[..., Caller], memory: RememberedSignIns[Any], owner: Session
) -> None:
    """As when the log tells that something was withdrawn."""
    mia = sign_in("patient1")
    client = Client(app, mia)
    client.hear("0")
    owner.execute(text("UPDATE users SET active = false WHERE id = :id"), {"id": mia.user["id"]})
    owner.commit()
    memory.forget()
    answer = client.subscribe(f"appointments:patient:{mia.user['patientId']}")
    assert answer["error"]["code"] == "unauthorized"


def test_who_loses_the_right_while_it_connects_is_not_let_in(
    app: APIFlask,
    sign_in: Callable[..., Caller],
    memory: RememberedSignIns[Any],
    owner: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was looked up before, and what withdraws did not find it among the open ones."""
    mia = sign_in("patient1")
    look = handlers._who_connects

    def lose_it_meanwhile(token: object) -> Any:
        signed_in = look(token)
        owner.execute(text("UPDATE users SET active = false WHERE id = :id"), {"id": mia.user["id"]})
        owner.commit()
        memory.forget()
        return signed_in

    monkeypatch.setattr(handlers, "_who_connects", lose_it_meanwhile)
    assert Client(app, mia).hear("4")["data"] == {"code": "unauthorized"}
    assert services.of(app, Connections).open == {}
    assert services.of(app, Connections).refused["unauthorized"] == 1
