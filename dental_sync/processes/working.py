"""What a worker is made of beside Celery: the app, and, by the queues that it does, the sweep and the mails' thread."""

from __future__ import annotations

import sys
from typing import Any

from celery import bootsteps, signals

from dental_sync import create_app
from dental_sync.core import logs, services
from dental_sync.core.config import ConfigurationError, Settings
from dental_sync.core.version import VERSION
from dental_sync.processes import memory
from dental_sync.processes.celery_settings import HOUSEKEEPING_QUEUE, WRITES_QUEUE
from dental_sync.processes.mailing import Mailing
from dental_sync.processes.sweep import SWEEP_SECONDS, Sweep


class Working(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """Made and started by Celery with its own parts, before it takes a task; whatever fails here ends the worker."""

    def create(self, worker: Any) -> None:
        """Make the app, whose tasks are known from here on."""
        try:
            self.app = create_app(process="worker", tasks_at_once=worker.concurrency)
        except ConfigurationError as problem:
            sys.exit(f"dental-sync: {problem}")
        self.consumes = [name for name in (WRITES_QUEUE, HOUSEKEEPING_QUEUE) if name in _consumed_by(worker)]
        signals.worker_ready.connect(self.is_ready)
        memory.settle()

    def start(self, worker: Any) -> None:
        """Begin what goes on beside the tasks."""
        if WRITES_QUEUE in self.consumes:
            worker.timer.call_repeatedly(SWEEP_SECONDS, Sweep(self.app))
        if HOUSEKEEPING_QUEUE in self.consumes:
            services.of(self.app, Mailing).start()

    def stop(self, _worker: Any) -> None:
        """Let the mail that is being sent be noted."""
        services.of(self.app, Mailing).stop()

    def is_ready(self, **_: Any) -> None:
        """Say so, once tasks are taken."""
        process = "housekeeper" if self.consumes == [HOUSEKEEPING_QUEUE] else "worker"
        logs.say_start(services.of(self.app, Settings), process, version=VERSION)


def _consumed_by(worker: Any) -> Any:
    return worker.app.amqp.queues.consume_from
