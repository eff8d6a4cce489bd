"""Worker, housekeeper and beat, as Celery runs them: their log is ours, and each says that it has started."""

from __future__ import annotations

from typing import Any

from apiflask import APIFlask
from celery import signals

from dental_sync.core import logs, services
from dental_sync.core.config import Settings
from dental_sync.processes.mailing import Mailing
from dental_sync.processes.tasks import WRITES_QUEUE


def start(app: APIFlask) -> None:
    """Answer what Celery asks and tells while it starts; its option `-l` means nothing any more."""
    settings = services.of(app, Settings)

    def configure(**_: Any) -> None:
        # Celery leaves logging alone where somebody answers.
        logs.configure(settings)

    def worker_is_ready(sender: Any, **_: Any) -> None:
        consumes = sender.app.amqp.queues.consume_from
        logs.say_start(settings, "worker" if WRITES_QUEUE in consumes else "housekeeper", version=app.version)

    def beat_starts(**_: Any) -> None:
        logs.say_start(settings, "beat", version=app.version)

    def worker_stops(**_: Any) -> None:
        services.of(app, Mailing).stop()

    signals.setup_logging.connect(configure, weak=False)
    signals.worker_ready.connect(worker_is_ready, weak=False)
    signals.beat_init.connect(beat_starts, weak=False)
    signals.worker_shutdown.connect(worker_stops, weak=False)
