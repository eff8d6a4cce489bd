"""What a web process says of itself to Prometheus: nothing is kept here but how long HTTP calls took.

Everything else is counted where it happens and read at each scrape. No label has more values than the code has
words: nothing that a caller sent, no id, and nothing about anybody is in it.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from dental_sync.monitoring.health import Backlog, Health
from dental_sync.monitoring.request_log import OTHER, method_of
from dental_sync.sockets.connections import Connections
from dental_sync.sockets.subscriptions import statistics
from dental_sync.sync.delivery import Delivery

# The format that every Prometheus reads.
MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4

# A booking takes a few milliseconds; one that waits for the lane takes WRITE_WAIT_SECONDS (5) at most.
BUCKET_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class Durations:
    """How many calls took how long."""

    seconds: float = 0.0
    # Each bucket's own, not yet with those of the buckets below.
    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKET_SECONDS) + 1))

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BUCKET_SECONDS, seconds)] += 1
        self.seconds += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """How many took at most so long."""
        names = [*map(str, BUCKET_SECONDS), "+Inf"]
        return list(zip(names, itertools.accumulate(self.counts), strict=True))


class HttpRequests:
    """The HTTP requests that this process has answered; Socket.IO's own are not among them."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, str, int]] = Counter()
        self.durations: defaultdict[tuple[str, str], Durations] = defaultdict(Durations)

    def answered(self, method: str, rule: str | None, status: int, seconds: float) -> None:
        """Count one; `rule` is the route as the code has it, None where the address is none of ours."""
        method, route = method_of(method), rule or OTHER
        self.answers[method, route, status] += 1
        self.durations[method, route].add(seconds)


# The library keeps collectors by identity.
@dataclass(frozen=True, eq=False)
class WebProcess(Collector):
    """Everything that there is to say, at this moment."""

    http_requests: HttpRequests
    in_flight: int
    connections: Connections
    delivery: Delivery
    health: Health

    def text(self) -> bytes:
        """As Prometheus reads it."""
        # A registry for one answer: the library's own is one for all apps of a process.
        registry = CollectorRegistry()
        registry.register(self)
        ProcessCollector(registry=registry)
        return generate_latest(registry)

    def collect(self) -> Iterator[Metric]:
        """What the library asks for."""
        yield from self._http()
        yield from self._sockets()
        yield from self._delivered()
        yield from self._checks()
        if self.health.backlog is not None:
            yield from self._waiting(self.health.backlog)

    def _http(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "dental_sync_http_requests",
            "HTTP requests that were answered, by the rule of their route.",
            labels=["method", "route", "status"],
        )
        for (method, route, status), count in list(self.http_requests.answers.items()):
            requests.add_metric([method, route, str(status)], count)
        yield requests
        durations = HistogramMetricFamily(
            "dental_sync_http_request_duration_seconds",
            "How long HTTP requests took until their answer was ready.",
            labels=["method", "route"],
        )
        for labels, found in list(self.http_requests.durations.items()):
            durations.add_metric(labels, found.buckets(), found.seconds)
        yield durations
        yield GaugeMetricFamily(
            "dental_sync_http_requests_in_flight",
            "HTTP requests that are being answered, this one among them.",
            self.in_flight,
        )

    def _sockets(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "dental_sync_socketio_connections",
            "Socket.IO clients of this process that are signed in.",
            len(self.connections.open),
        )
        kinds = statistics(self.connections.subscriptions())
        del kinds["total"]
        yield _gauges(
            "dental_sync_socketio_subscriptions",
            "Channels that this process's clients follow: appointments, one dentist's availability, everybody's.",
            "kind",
            kinds,
        )
        yield _counters(
            "dental_sync_socketio_connects_refused",
            "Socket.IO clients that were not let in, by the code of the refusal.",
            "code",
            dict(self.connections.refused),
        )
        yield CounterMetricFamily(
            "dental_sync_socketio_clients_cut_off",
            "Clients that this process hung up on because they did not read.",
            self.connections.cut_off_count(),
        )

    def _delivered(self) -> Iterator[Metric]:
        tally = self.delivery.tally
        yield _counters(
            "dental_sync_messages_delivered",
            "Messages passed on, by how they came: through Redis, or read from the log, as repairs are.",
            "source",
            {"queue": tally.by_queue, "log": tally.by_log},
        )
        yield CounterMetricFamily(
            "dental_sync_replays", "Subscriptions that were sent what they had missed.", tally.replays
        )
        yield CounterMetricFamily(
            "dental_sync_messages_replayed", "Messages that were sent to one client in a replay.", tally.replayed
        )
        yield CounterMetricFamily(
            "dental_sync_resyncs", "Subscriptions that were sent for a snapshot when they asked.", tally.resyncs
        )
        yield CounterMetricFamily(
            "dental_sync_log_restarts",
            "How often every client was sent for a snapshot: the log was another one, or no longer reached back.",
            tally.restarts,
        )
        if self.delivery.started.is_set():
            yield GaugeMetricFamily(
                "dental_sync_delivered_position",
                "The position in the log up to which this process has delivered.",
                self.delivery.position,
            )

    def _checks(self) -> Iterator[Metric]:
        yield _gauges(
            "dental_sync_check_ok",
            "Whether a check of /api/sync/health is well (1), or not, or not to be known (0).",
            "check",
            {name: int(said == "ok") for name, said in self.health.checks.items()},
        )

    def _waiting(self, backlog: Backlog) -> Iterator[Metric]:
        yield GaugeMetricFamily("dental_sync_log_head_position", "The last position of the log.", backlog.head.position)
        if self.delivery.started.is_set():
            yield GaugeMetricFamily(
                "dental_sync_delivery_lag_messages",
                "Messages of the log that this process has not delivered yet.",
                max(0, backlog.head.position - self.delivery.position),
            )
        yield GaugeMetricFamily(
            "dental_sync_writes_pending", "Writes that are not decided yet.", backlog.pending_writes
        )
        yield GaugeMetricFamily(
            "dental_sync_oldest_pending_write_age_seconds",
            "For how long the oldest pending write has been waiting; 0 where there is none.",
            backlog.oldest_write_seconds,
        )
        yield GaugeMetricFamily(
            "dental_sync_changes_unpublished",
            "Changed rows that the log does not tell of yet.",
            backlog.unpublished_changes,
        )
        yield GaugeMetricFamily(
            "dental_sync_oldest_unpublished_change_age_seconds",
            "How long ago the oldest unpublished change was made; 0 where there is none.",
            backlog.oldest_change_seconds,
        )


def _gauges(name: str, says: str, label: str, values: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _counters(name: str, says: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
