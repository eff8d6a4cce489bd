"""One policy for Redis' certificate: redis-py, Celery and the message queue take it, or refuse it, all alike."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

from dental_sync import create_app
from dental_sync.core.broker import celery
from dental_sync.core.config import Settings
from dental_sync.core.redis import connect_redis, tls_options
from dental_sync.local.embedded.temporary import TemporaryServers
from dental_sync.sync.message_queue import QUEUE_CHANNEL, QueueManager, WritingEnd
from tests.core.test_config import DEMO
from tests.tls import Authority, gate

Reach = Callable[[Settings], bool]


def by_redis(settings: Settings) -> bool:
    """Our own client."""
    client = connect_redis(settings.redis_url, **tls_options(settings))
    with contextlib.closing(client), contextlib.suppress(RedisError):
        return bool(client.ping())
    return False


def by_celery(settings: Settings) -> bool:
    """The broker of web processes, worker, housekeeper and beat."""
    create_app(settings, process="worker")
    with celery.connection_for_write() as connection, contextlib.suppress(OperationalError, RedisError):
        connection.ensure_connection(max_retries=1)
        connection.default_channel.client.ping()
        return True
    return False


def by_writing_to_the_queue(settings: Settings) -> bool:
    """The worker's end of the message queue, which swallows every failure."""
    plain = Redis.from_url(PLAIN[settings.redis_url])
    with plain, plain.pubsub(ignore_subscribe_messages=True) as heard:
        heard.subscribe(QUEUE_CHANNEL)
        while heard.get_message(timeout=0.2) is not None:
            pass
        WritingEnd(settings.redis_url, **tls_options(settings)).emit("hello", {"a": 1})
        message = heard.get_message(timeout=2)
        return message is not None and json.loads(message["data"])["event"] == "hello"


def by_listening_to_the_queue(settings: Settings) -> bool:
    """A web process's end: it asks delivery to look once it has subscribed, and tries for ever until then."""
    queue = QueueManager(settings.redis_url, lambda _outcomes: None, **tls_options(settings))
    subscribed = threading.Event()

    class Inbox:
        """Stands where delivery stands."""

        def receive(self, _what: object) -> None:
            """The look that a fresh subscription asks for; nothing more is wanted."""
            subscribed.set()
            raise SystemExit

    def listen() -> None:
        with suppress(SystemExit, ValueError):
            next(queue._listen())

    queue.delivery = Inbox()  # type: ignore[assignment]
    threading.Thread(target=listen, daemon=True).start()
    is_subscribed = subscribed.wait(2)
    # Or it would try for ever, and say so in other tests' logs.
    queue.redis_url = "the end"
    return is_subscribed


# The address without TLS behind each address with it.
PLAIN: dict[str, str] = {}
EVERY_WAY = [by_redis, by_celery, by_writing_to_the_queue, by_listening_to_the_queue]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Who signed Redis' certificate; no machine knows it."""
    return Authority(tmp_path)


@pytest.fixture
def safe_url(servers: TemporaryServers, authority: Authority) -> Iterator[Callable[[str], str]]:
    """Redis with TLS, under a certificate for the host that is named."""
    address = urlsplit(servers.redis.url)
    with contextlib.ExitStack() as gates:

        def open_gate(host: str) -> str:
            port = gates.enter_context(gate(authority.context(host), servers.redis.port))
            url = f"rediss://:{address.password}@localhost:{port}/0"
            PLAIN[url] = servers.redis.url
            return url

        yield open_gate


def with_redis(url: str, **named: object) -> Settings:
    """Settings, checked as at start."""
    environment = {**DEMO, "REDIS_URL": url, **{name.upper(): str(value) for name, value in named.items()}}
    return dataclasses.replace(Settings.from_environment(environment), async_mode="threading")


@pytest.mark.parametrize("reach", EVERY_WAY)
def test_a_certificate_that_nobody_has_signed_is_refused_by_all(safe_url: Callable[[str], str], reach: Reach) -> None:
    """As long as nothing else is set, also by Celery, which takes any certificate by itself."""
    assert not reach(with_redis(safe_url("localhost")))


@pytest.mark.parametrize("reach", EVERY_WAY)
def test_with_the_signers_file_it_is_taken_by_all(
    safe_url: Callable[[str], str], authority: Authority, reach: Reach
) -> None:
    """`REDIS_CA_FILE` is what a hosting platform hands out."""
    assert reach(with_redis(safe_url("localhost"), redis_ca_file=authority.file))


@pytest.mark.parametrize("reach", EVERY_WAY)
def test_a_certificate_for_another_host_is_taken_only_where_that_is_said(
    safe_url: Callable[[str], str], authority: Authority, reach: Reach
) -> None:
    """`full` refuses it; `ca` takes it, and still only from the signer that is named."""
    url = safe_url("elsewhere.example")
    assert not reach(with_redis(url, redis_ca_file=authority.file))
    assert reach(with_redis(url, redis_ca_file=authority.file, redis_tls_verify="ca"))
    assert not reach(with_redis(url, redis_tls_verify="ca"))


@pytest.mark.parametrize("reach", EVERY_WAY)
def test_unverified_means_unverified_for_all(safe_url: Callable[[str], str], reach: Reach) -> None:
    """Whoever signed it, for whatever host; health says so as long as it is so."""
    assert reach(with_redis(safe_url("elsewhere.example"), redis_tls_verify="none"))


def test_without_tls_nobody_is_told_anything(servers: TemporaryServers) -> None:
    """`redis://` is as it was."""
    assert tls_options(with_redis(servers.redis.url)) == {}
