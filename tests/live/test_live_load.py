"""People book without a pause while something dies or is restarted: each booking is there once, and told once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import psutil
import pytest

from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.local.run import is_healthy

from .callers import Call, all_at_once
from .conftest import assert_no_complaints, running_system
from .javascript import Connect, JsClient, Node
from .load import Load
from .raw import RawConnection
from .system import Process, System, seconds_without_processor, wait_until
from .witnesses import assert_followed, assert_stayed_connected, assert_whole, follow_everything, log_rows

# It measures seconds.
pytestmark = pytest.mark.alone

WRITE_WAIT_SECONDS = 2.0
DRAIN_SECONDS = 4.0
SETTINGS = {"WRITE_WAIT_SECONDS": f"{WRITE_WAIT_SECONDS:.0f}", "DRAIN_SECONDS": f"{DRAIN_SECONDS:.0f}"}
# What a call may take beyond its wait: to store the request and to look once more, on a machine with other work.
SLACK_SECONDS = 4.0
REDIS_AWAY_SECONDS = 5.0

# What somebody in front of a screen is promised when the process dies to which they are connected.
BACK_WITHIN_SECONDS = 5.0
CLIENTS = 200
# As the library has it by itself, but for the first pause: a second, give or take half of it.
RECONNECTION = {"reconnection": True, "reconnectionDelay": 500, "reconnectionDelayMax": 1000}


@pytest.fixture(scope="module")
def busy_system(servers: TemporaryServers, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of this module's own, where calls do not wait for long and processes stop soon."""
    with running_system(servers, template, tmp_path_factory.mktemp("busy"), SETTINGS) as running:
        yield running


@pytest.fixture
def busy(busy_system: System) -> Iterator[System]:
    """It runs before each test, and has logged no traceback after it."""
    busy_system.mend()
    yield busy_system
    assert_no_complaints(busy_system)


def test_redis_killed_for_five_seconds_costs_nobody_anything(busy: System, connect: Connect) -> None:
    """Calls are answered in time, what was accepted meanwhile is applied, and every screen gets all of it."""
    system = busy
    followers = [follow_everything(system, connect, web) for web in (0, 1)]
    with Load(system) as load:
        load.wait_for(20)
        system.redis.kill()
        time.sleep(REDIS_AWAY_SECONDS)
        system.redis.start()
        load.wait_for(20)
        # The fast path is back: what is booked now need not be waited for.
        wait_until(lambda: load.made[-1].answer.status == 201, 20, lambda: "calls still are not decided in time")
    assert load.accepted
    load.assert_each_is_there_once()
    assert max(booked.seconds for booked in load.made) < WRITE_WAIT_SECONDS + SLACK_SECONDS
    head = system.settled_head()
    for client, since in followers:
        client.catch_up_with(head)
        assert_whole(client, since)
        assert client.log()[-1][1]["position"] == head
        told = Counter(payload["appointment"]["reason"] for payload in client.events("appointment:created"))
        assert told == Counter(booked.words for booked in load.made)
        assert_stayed_connected(client)


def test_two_hundred_clients_of_a_killed_web_process_are_back_in_five_seconds(
    busy: System, connect: Connect, node: Node
) -> None:
    """They reconnect to the other process, resume from their positions, and have everything: nothing twice."""
    system = busy
    channels = channels_by_account(system)
    everybody: list[tuple[JsClient, str]] = []
    began = time.monotonic()
    for number in range(CLIENTS):
        name, channel = channels[number % len(channels)]
        client = connect(system, name, 1, wait=False, **RECONNECTION)
        client.follow(channel)
        everybody.append((client, channel))
    for client, channel in everybody:
        wait_followed(client, channel, 1)
    # A machine that takes long to let them in at all takes longer to let them in again.
    promised = max(BACK_WITHIN_SECONDS, 2 * (time.monotonic() - began))
    attempts: list[float] = []
    with Load(system, pause=0.2, careful=True) as load:
        # Three times at most: a machine with other work to do may need longer once.
        for killed in (1, 0, 1):
            load.wait_for(10)
            attempts.append(seconds_until_all_are_back(system, node, everybody, killed, len(attempts) + 2))
            system.start()
            if attempts[-1] < promised:
                break
        load.wait_for(10)
    assert min(attempts) < promised, attempts
    load.assert_each_is_there_once()
    head = system.settled_head()
    catch_up_all(everybody, head)
    rows = log_rows(system)
    for client, channel in everybody:
        assert_followed(client, channel, rows)
    assert sum(answer["replayed"] for client, channel in everybody for answer in client.resumptions(channel)) > 0


def seconds_until_all_are_back(
    system: System, node: Node, everybody: list[tuple[JsClient, str]], killed: int, subscription: int
) -> float:
    """Kill one web process; how long until all have resumed at the other and have what the log has by then."""
    other = 1 - killed

    def kept_waiting() -> tuple[float, float]:
        return system.web[other].seconds_without_processor(), seconds_without_processor(node.pid)

    for client, _ in everybody:
        # The load balancer notices at once.
        client.point(system.url(other))
    system.web[killed].kill()
    killed_at, before = time.monotonic(), kept_waiting()
    for client, channel in everybody:
        wait_followed(client, channel, subscription)
    head = int(system.ask("SELECT position FROM log_head"))
    catch_up_all(everybody, head)
    # It is promised for machines of their own, not for one that has the clients, the load and other work to do too.
    return time.monotonic() - killed_at - max(now - then for now, then in zip(kept_waiting(), before, strict=True))


def catch_up_all(everybody: list[tuple[JsClient, str]], position: int) -> None:
    """Wait until all have been sent what the log has up to a position."""
    answers = [client.begin("heartbeat", {}) for client, _ in everybody]
    for (client, _), answer in zip(everybody, answers, strict=True):
        if answer()["position"] < position:
            client.catch_up_with(position)


def channels_by_account(system: System) -> list[tuple[str, str]]:
    """Who follows what: every kind of channel, and most of the accounts."""
    patients = {f"patient{n}": f"appointments:patient:{system.account(f'patient{n}').patient_id}" for n in range(1, 13)}
    dentists = {f"dentist{n}": system.account(f"dentist{n}").dentist_id for n in (1, 2, 3)}
    return [
        ("admin", "appointments:all"),
        ("admin", patients["patient1"]),
        ("chatbot", "availability:all"),
        ("chatbot", f"availability:{dentists['dentist1']}"),
        *patients.items(),
        *((name, f"appointments:dentist:{number}") for name, number in dentists.items()),
    ]


def wait_followed(client: JsClient, channel: str, times: int) -> None:
    """Wait until a client has subscribed so often, once for each connection."""
    client.wait_for(lambda: len(client.resumptions(channel)) >= times, f"subscription {times} to {channel}", 90)


def test_a_second_worker_that_was_started_by_mistake_does_no_harm(busy: System, connect: Connect) -> None:
    """Two lanes over one queue: of a hundred callers one gets the time, and a hundred bookings are made once each."""
    system = busy
    followers = [follow_everything(system, connect, web) for web in (0, 1)]
    lanes = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE '%%worker'"
    before = system.ask(lanes)
    with system.second_worker():
        wait_until(lambda: system.ask(lanes) > before, 20, lambda: "the second worker has not gone to work")
        wanted = system.opening().with_dentist(system.account("dentist1").dentist_id)
        patients = [system.account(f"patient{number}") for number in range(1, 13)]

        def caller(number: int) -> Call:
            return lambda: patients[number % 12].call("POST", "/appointments", wanted, web=number % 2)

        answers = all_at_once([caller(number) for number in range(100)])
        with Load(system) as load:
            load.wait_for(100)
    given = Counter((answer.status, answer.code) for answer in answers)
    assert given == {(201, None): 1, (409, "slot-taken"): 99}
    load.assert_each_is_there_once()
    head = system.settled_head()
    for client, since in followers:
        client.catch_up_with(head)
        assert_whole(client, since)
        assert client.log()[-1][1]["position"] == head
        assert len(client.events("appointment:created")) == 1 + len(load.made)


def test_a_rolling_restart_under_load_goes_unnoticed(busy: System, connect: Connect) -> None:
    """Each process in its turn is asked to stop, ends well and in time, and comes back; nothing is lost or doubled."""
    system = busy
    everything = ("appointments:all", "availability:all", "practice")
    clients = [connect(system, "admin", web, **RECONNECTION) for web in (0, 1)]
    for client in clients:
        for channel in everything:
            client.follow(channel)
            wait_followed(client, channel, 1)
    with Load(system, careful=True) as load:
        load.wait_for(20)
        # The worker more often: whatever it is doing when it is asked, it ends soon.
        for process in [*system.processes, *[system.worker] * 4]:
            restart(system, process)
            load.wait_for(20)
    load.assert_each_is_there_once()
    head = system.settled_head()
    rows = log_rows(system)
    for client in clients:
        for channel in everything:
            wait_followed(client, channel, 2)
        client.catch_up_with(head)
        for channel in everything:
            assert_followed(client, channel, rows)
        assert client.log()[-1][1]["position"] == head


def restart(system: System, process: Process) -> None:
    """Ask a process to stop, which it does in time and with a good exit status, and start it again."""
    process.ask_to_stop()
    assert process.has_stopped_within(DRAIN_SECONDS + WRITE_WAIT_SECONDS + SLACK_SECONDS), process.name
    assert process.exit_status == 0, f"{process.name} ended with {process.exit_status}"
    process.start()
    if process in system.web:
        port = system.ports[system.web.index(process)]
        wait_until(lambda: is_healthy(port), 30, lambda: f"{process.name} is not healthy")


def test_an_idle_client_costs_little_memory(busy: System) -> None:
    """No task waits for it: with one that reads, one that writes and one that pings it was 65 KiB and more."""
    tokens = [busy.account(f"patient{number}").token for number in range(1, 9)]
    web = psutil.Process(busy.web[0].pid)
    with ExitStack() as closing:

        def come(number: int) -> None:
            for place in range(number):
                connection = closing.enter_context(RawConnection(busy.ports[0]))
                connection.sign_in(tokens[place % len(tokens)])

        come(100)
        before = web.memory_full_info().uss
        come(300)
        each = (web.memory_full_info().uss - before) / 300
        assert each < 30 * 1024, each
