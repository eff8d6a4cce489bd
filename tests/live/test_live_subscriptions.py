"""What a client may emit, and what it is answered: over a real connection, by the contract's letter."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import jwt
import pytest

from dental_sync.core.instants import format_instant
from dental_sync.records.signatures import AUDIENCE

from .conftest import Connect
from .javascript import JsClient, Node
from .rest import Account
from .system import System

NOBODY = "00000000-0000-7000-8000-000000000000"

EVERY_CHANNEL = {
    "own patient",
    "other patient",
    "own dentist",
    "other dentist",
    "all",
    "availability",
    "all availability",
    "practice",
}
PERMISSIONS = {
    "admin": EVERY_CHANNEL,
    "desk": EVERY_CHANNEL,
    "patient1": {"own patient", "availability", "all availability"},
    "dentist1": {"own dentist", "availability", "all availability", "practice"},
    "chatbot": {"availability", "all availability"},
}


def channels(system: System) -> dict[str, str]:
    """Every kind of channel; `own` is patient 1's and dentist 1's."""
    return {
        "own patient": f"appointments:patient:{system.account('patient1').patient_id}",
        "other patient": f"appointments:patient:{system.account('patient2').patient_id}",
        "own dentist": f"appointments:dentist:{system.account('dentist1').dentist_id}",
        "other dentist": f"appointments:dentist:{system.account('dentist2').dentist_id}",
        "all": "appointments:all",
        "availability": f"availability:{system.account('dentist1').dentist_id}",
        "all availability": "availability:all",
        "practice": "practice",
    }


def refused(answer: dict[str, Any]) -> str:
    """The code of a refusal, which has the contract's shape."""
    assert set(answer) == {"ok", "error"}
    assert answer["ok"] is False
    assert set(answer["error"]) == {"code", "detail"}
    assert answer["error"]["detail"]
    return str(answer["error"]["code"])


# Connecting.


def test_ready_says_where_the_log_stands(system: System, connect: Connect) -> None:
    """A client that is let in learns its connection's id, the log's position and epoch, and when its token expires."""
    head = system.settled_head()
    ready = connect(system, "patient1").wait_connected()
    assert set(ready) == {"connectionId", "epoch", "position", "expiresAt", "heartbeatSeconds"}
    assert ready["epoch"] == system.ask("SELECT epoch::text FROM log_head")
    assert ready["position"] >= head - 1
    assert ready["heartbeatSeconds"] == 1
    expires_in = datetime.fromisoformat(ready["expiresAt"]) - datetime.now(UTC)
    assert timedelta(0) < expires_in <= timedelta(seconds=7200)


def claims_of(system: System, token: str) -> dict[str, Any]:
    """What a token says."""
    claims: dict[str, Any] = jwt.decode(token, system.jwt_secret_key, algorithms=["HS256"], audience=AUDIENCE)
    return claims


def test_connecting_without_a_good_token_is_refused(system: System, stranger: JsClient) -> None:
    """No token, nonsense, a number, a token of another's making, and a refresh token are `unauthorized`."""
    account = system.account("patient1")
    claims = claims_of(system, account.token)
    forged = jwt.encode(claims, "a secret that is not the practice's secret", algorithm="HS256")
    refresh = jwt.encode({**claims, "type": "refresh"}, system.jwt_secret_key, algorithm="HS256")
    for token in (None, "", "nonsense", 17, ["x"], forged, refresh, account.token + "x"):
        stranger.forget()
        stranger.connect(system.url(), token)
        refusal = stranger.wait_refused()
        assert refusal["data"] == {"code": "unauthorized"}, token
        assert refusal["message"] == "unauthorized"


def test_connecting_with_an_expired_token_is_refused_as_such(system: System, stranger: JsClient) -> None:
    """The client learns that a fresh token would do: `token-expired`."""
    claims = claims_of(system, system.account("patient1").token)
    expired = jwt.encode({**claims, "exp": int(time.time()) - 1}, system.jwt_secret_key, algorithm="HS256")
    stranger.connect(system.url(), expired)
    assert stranger.wait_refused()["data"] == {"code": "token-expired"}


def test_connecting_as_a_disabled_account_is_refused_as_such(system: System, stranger: JsClient) -> None:
    """The client learns that no token will do: `account-disabled`."""
    new = {"email": "disabled@live.test", "name": "Gone", "role": "chatbot", "password": "gone-tomorrow"}
    user = system.account("admin").done("POST", "/users", new)
    account = Account.sign_in(system.ports, new["email"], new["password"])
    system.account("admin").done("PATCH", f"/users/{user['id']}", {"active": False})
    stranger.connect(system.url(1), account.token)
    assert stranger.wait_refused()["data"] == {"code": "account-disabled"}


# Subscribing.


@pytest.mark.parametrize("name", PERMISSIONS)
def test_each_role_may_hear_its_own_channels_and_no_others(system: System, connect: Connect, name: str) -> None:
    """The contract's table of roles and channels, on the second process as on the first."""
    for web in (0, 1):
        client = connect(system, name, web)
        for kind, channel in channels(system).items():
            answer = client.emit("subscribe", {"channel": channel})
            if kind in PERMISSIONS[name]:
                assert answer["ok"] is True, (kind, answer)
            else:
                assert refused(answer) == "forbidden", kind


def test_a_channel_that_does_not_exist_is_unknown(system: System, connect: Connect) -> None:
    """Misspelt, of nobody, or of somebody who does not exist."""
    admin = connect(system, "admin")
    dentist_id = system.account("dentist1").dentist_id
    names = ["", "appointments", "appointments:", "appointments:all:", "appointments:patient:", "nonsense:all"]
    names += ["appointments:patient:17", f"appointments:patient:{NOBODY}", f"appointments:dentist:{NOBODY}"]
    names += [f"availability:{NOBODY}", f"availability:{dentist_id.upper()}", "availability:all ", "heartbeat"]
    for name in names:
        assert refused(admin.emit("subscribe", {"channel": name})) == "unknown-channel", name


def test_an_acknowledged_subscription_has_the_contracts_shape(system: System, connect: Connect) -> None:
    """Its id is the channel and the milliseconds of its making; it says where the log stands."""
    client = connect(system, "admin")
    answer = client.emit("subscribe", {"channel": "appointments:all"})
    assert set(answer) == {"ok", "subscription", "position", "epoch", "replayed", "resync"}
    assert (answer["ok"], answer["replayed"], answer["resync"]) == (True, 0, False)
    assert answer["epoch"] == client.wait_connected()["epoch"]
    subscription = answer["subscription"]
    assert set(subscription) == {"id", "channelName", "active", "createdAt"}
    assert (subscription["channelName"], subscription["active"]) == ("appointments:all", True)
    made_at = datetime.fromisoformat(subscription["createdAt"])
    milliseconds = int(subscription["id"].removeprefix("appointments:all-"))
    assert abs(milliseconds - made_at.timestamp() * 1000) < 1000
    assert format_instant(made_at) == subscription["createdAt"]


def test_subscribing_twice_gives_the_same_subscription(system: System, connect: Connect) -> None:
    """The second time changes nothing, and messages still come once; with `since` it replays again."""
    client = connect(system, "admin")
    first = client.subscribe("availability:all")
    assert client.subscribe("availability:all")["subscription"] == first["subscription"]
    before = system.settled_head()
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    system.account("patient1").done("POST", "/appointments", body)
    client.catch_up_with(system.settled_head())
    assert len(client.events("availability:changed")) == 1
    again = client.subscribe("availability:all", since=before)
    assert (again["subscription"], again["replayed"]) == (first["subscription"], 1)
    assert len(client.events("availability:changed")) == 2


def test_unsubscribing_stops_the_messages(system: System, connect: Connect) -> None:
    """Of that channel only; an id that is not known is fine."""
    client = connect(system, "patient1")
    own = client.subscribe(channels(system)["own patient"])
    client.subscribe("availability:all")
    assert client.emit("unsubscribe", {"id": own["subscription"]["id"]}) == {"ok": True}
    assert client.emit("unsubscribe", {"id": own["subscription"]["id"]}) == {"ok": True}
    assert client.emit("unsubscribe", {"id": "never-heard-of"}) == {"ok": True}
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    system.account("patient1").done("POST", "/appointments", body)
    client.catch_up_with(system.settled_head())
    assert [name for name, _ in client.log()] == ["availability:changed"]


def test_nobody_ends_anothers_subscription(system: System, connect: Connect) -> None:
    """An id that belongs to another socket is an unknown one, even to the same account."""
    mine, yours = connect(system, "patient1"), connect(system, "patient1")
    subscription = yours.subscribe("availability:all")["subscription"]
    assert mine.emit("unsubscribe", {"id": subscription["id"]}) == {"ok": True}
    assert yours.emit("subscriptions", {})["subscriptions"] == [subscription]


def test_unsubscribe_all_leaves_every_channel_and_counts_them(system: System, connect: Connect) -> None:
    """Afterwards the list is empty, and so is the count."""
    client = connect(system, "patient1")
    made = [client.subscribe(channels(system)[kind])["subscription"] for kind in PERMISSIONS["patient1"]]
    listed = client.emit("subscriptions", {})
    assert listed["ok"] is True
    assert sorted(listed["subscriptions"], key=str) == sorted(made, key=str)
    assert client.emit("unsubscribe_all", {}) == {"ok": True, "count": 3}
    assert client.emit("unsubscribe_all") == {"ok": True, "count": 0}
    assert client.emit("subscriptions") == {"ok": True, "subscriptions": []}
    body = system.opening().with_dentist(system.account("dentist1").dentist_id)
    system.account("patient1").done("POST", "/appointments", body)
    client.catch_up_with(system.settled_head())
    assert client.log() == []


def test_a_connection_may_follow_a_hundred_channels(system: System, connect: Connect) -> None:
    """The hundred and first is refused; one that is followed already is not counted again."""
    admin = connect(system, "admin")
    made = []
    for number in range(88):
        patient = {"email": f"crowd{number}@live.test", "name": f"Crowd {number}"}
        made.append(patient["name"])
    with system.owner() as cursor:
        cursor.execute(
            "INSERT INTO patients (id, name) SELECT gen_random_uuid(), unnest(%s) RETURNING id::text", [made]
        )
        crowd = [row[0] for row in cursor.fetchall()]
    demo = [system.account(f"patient{number}").patient_id for number in range(1, 13)]
    for patient_id in crowd + demo:
        admin.subscribe(f"appointments:patient:{patient_id}")
    assert refused(admin.emit("subscribe", {"channel": "appointments:all"})) == "too-many-subscriptions"
    admin.subscribe(f"appointments:patient:{demo[0]}")
    assert admin.emit("unsubscribe_all", {})["count"] == 100


# The heartbeat.


def test_a_heartbeat_is_acknowledged(system: System, connect: Connect) -> None:
    """With the time and how far this process has delivered, also where nothing is subscribed."""
    client = connect(system, "chatbot")
    answer = client.emit("heartbeat", {})
    assert set(answer) == {"ok", "timestamp", "position", "epoch"}
    assert abs(datetime.fromisoformat(answer["timestamp"]) - datetime.now(UTC)) < timedelta(seconds=5)
    assert answer["epoch"] == client.wait_connected()["epoch"]


def test_a_subscribed_socket_gets_each_heartbeat_once(system: System, connect: Connect) -> None:
    """Every HEARTBEAT_SECONDS, however many channels it follows, with what has been delivered; others get none."""
    several, one, none = connect(system, "admin", 0), connect(system, "chatbot", 1), connect(system, "admin", 1)
    for channel in channels(system).values():
        several.subscribe(channel)
    one.subscribe("availability:all")
    head = system.settled_head()
    several.catch_up_with(head)
    for client in (several, one):
        client.wait_for(lambda client=client: len(client.events("heartbeat")) >= 4, "four heartbeats")
        beats = client.events("heartbeat")
        assert {frozenset(beat) for beat in beats} == {frozenset(("timestamp", "position", "epoch"))}
        times = [datetime.fromisoformat(beat["timestamp"]) for beat in beats]
        assert len(set(times)) == len(times), "one came twice"
        pauses = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(times)]
        assert 0.5 < sum(pauses) / len(pauses) < 4, pauses
        assert beats[-1]["position"] >= head
    assert none.emit("heartbeat", {})["ok"] is True
    assert none.events("heartbeat") == []


# What is wrong.

WRONG_PAYLOADS: dict[str, list[Any]] = {
    "subscribe": [
        *("appointments:all", 17, True, ["appointments:all"], [], {}, None),
        *({"channel": None}, {"channel": 17}, {"channel": ["availability:all"]}, {"channel": {"a": 1}}),
        *({"channel": "x" * 501}, {"channel": "x" * 900_000}, {"channel": "a\x00b"}),
        *({"channel": "availability:all", "colour": "red"}, {"channel": "availability:all", "__proto__x": 1}),
        *({"channel": "availability:all", "since": value} for value in (-1, 1.5, "x", True, [], {}, 10**19)),
        *({"channel": "availability:all", "epoch": value} for value in ("x", 17, [], "")),
    ],
    "unsubscribe": ["x", 17, [], {}, {"id": 17}, {"id": None}, {"id": "x" * 501}, {"id": "x", "more": 1}],
    "unsubscribe_all": ["x", 17, [1], {"a": 1}],
    "subscriptions": ["x", 17, [1], {"a": 1}],
    "authenticate": ["x", 17, [], {}, {"token": 17}, {"token": None}, {"token": "x", "more": 1}],
    "heartbeat": ["x", 17, [1], {"a": 1}, "x" * 900_000],
}


@pytest.mark.parametrize("event", WRONG_PAYLOADS)
def test_a_payload_of_another_shape_is_answered_and_harms_nothing(system: System, connect: Connect, event: str) -> None:
    """Strings, numbers, arrays, huge ones, unknown fields: each is `invalid-payload`, and the connection goes on."""
    client = connect(system, "admin")
    for payload in WRONG_PAYLOADS[event]:
        assert refused(client.emit(event, payload)) == "invalid-payload", str(payload)[:80]
    assert refused(client.emit(event, {}, {})) == "invalid-payload"
    assert client.emit("subscriptions") == {"ok": True, "subscriptions": []}


def test_an_event_that_does_not_exist_is_answered(system: System, connect: Connect) -> None:
    """A slip of the pen does not leave its author waiting; a client cannot play the server's part either."""
    client = connect(system, "admin")
    for name in ("subscribee", "appointment:created", "ready", "message", "json", "x" * 1000, ""):
        assert refused(client.emit(name, {"channel": "appointments:all"})) == "invalid-payload", name


def test_events_that_ask_for_no_answer_harm_nothing(system: System, connect: Connect) -> None:
    """Good ones are done and bad ones ignored, in their order."""
    client = connect(system, "admin")
    client.tell("nonsense", 1, 2, 3)
    client.tell("subscribe", "nonsense")
    client.tell("subscribe", {"channel": "availability:all"})
    [subscription] = client.emit("subscriptions")["subscriptions"]
    assert subscription["channelName"] == "availability:all"


def test_a_message_beyond_a_megabyte_closes_the_connection(system: System, connect: Connect) -> None:
    """Its sender is cut off, and nobody else notices."""
    client, other = connect(system, "chatbot"), connect(system, "chatbot")
    client.tell("subscribe", {"channel": "x" * 1_100_000})
    assert client.wait_disconnected().startswith("transport")
    assert other.emit("heartbeat")["ok"] is True


# Staying signed in.


def test_a_fresh_token_of_the_same_account_prolongs_the_connection(system: System, connect: Connect) -> None:
    """It is acknowledged with its expiry; the subscriptions stay."""
    client = connect(system, "patient3")
    subscription = client.subscribe("availability:all")["subscription"]
    fresh = Account.sign_in(system.ports, "patient3@demo.test", "demo-password-1")
    claims = claims_of(system, fresh.token)
    answer = client.emit("authenticate", {"token": fresh.token})
    assert answer == {"ok": True, "expiresAt": format_instant(datetime.fromtimestamp(claims["exp"], UTC))}
    assert client.emit("subscriptions")["subscriptions"] == [subscription]


def test_a_token_that_does_not_fit_changes_nothing(system: System, connect: Connect) -> None:
    """Another account's is `forbidden`, an expired one `token-expired`, nonsense `unauthorized`; all stay connected."""
    client = connect(system, "patient3")
    claims = claims_of(system, system.account("patient3").token)
    expired = jwt.encode({**claims, "exp": int(time.time()) - 1}, system.jwt_secret_key, algorithm="HS256")
    wrong = {"forbidden": system.account("admin").token, "token-expired": expired, "unauthorized": "nonsense"}
    for code, token in wrong.items():
        assert refused(client.emit("authenticate", {"token": token})) == code
    assert refused(client.emit("subscribe", {"channel": "appointments:all"})) == "forbidden"
    assert client.subscribe(f"appointments:patient:{system.account('patient3').patient_id}")["ok"] is True


def test_a_token_that_runs_out_ends_the_connection_unless_it_is_renewed(system: System, node: Node) -> None:
    """Both clients are warned; the one that sends a fresh token stays, the other's transport is closed at expiry."""
    claims = claims_of(system, system.account("patient3").token)
    expiry = int(time.time()) + 4
    short = jwt.encode({**claims, "exp": expiry}, system.jwt_secret_key, algorithm="HS256")
    renewed, lapsed = node.client(), node.client()
    for client in (renewed, lapsed):
        client.connect(system.url(), short)
        ready = client.wait_connected()
        assert ready["expiresAt"] == format_instant(datetime.fromtimestamp(expiry, UTC))
        assert client.wait_for_event("token:expiring") == {"expiresAt": ready["expiresAt"]}
    assert renewed.emit("authenticate", {"token": system.account("patient3").token})["ok"] is True
    # Not a disconnection by the server, after which the library would not come back for a fresh token.
    assert lapsed.wait_disconnected() in ("transport close", "transport error")
    assert time.time() >= expiry
    assert renewed.emit("subscriptions")["ok"] is True
    lapsed.reconnect()
    assert lapsed.wait_refused()["data"] == {"code": "token-expired"}
    lapsed.use_token(system.account("patient3").token)
    lapsed.forget()
    lapsed.reconnect()
    lapsed.wait_connected()
    for client in (renewed, lapsed):
        client.disconnect()


def test_an_answer_does_not_wait_for_the_one_before(system: System, connect: Connect) -> None:
    """Two small messages in a row arrive at once: the second is not kept until the first is acknowledged by TCP."""
    client = connect(system, "patient1")
    seconds = []
    for _ in range(61):
        began = time.monotonic()
        for answer in [client.begin("heartbeat", {}), client.begin("heartbeat", {})]:
            answer()
        seconds.append(time.monotonic() - began)
    # A client's kernel puts its acknowledgements off for 40 ms, but for a connection's first.
    assert median(seconds) < 0.03
