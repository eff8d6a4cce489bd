"""Worker, housekeeper and beat, as Celery runs them: their log is ours, and what a worker is made of besides.

Beat sends names of tasks, and imports nothing of the app: what a worker needs is in `working`, which Celery imports
when it puts one together.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, signals

from dental_sync.core import logs
from dental_sync.core.config import Settings
from dental_sync.core.version import VERSION
from dental_sync.processes import celery_settings


def prepare() -> Celery:
    """Celery, as the environment says; its option `-l` means nothing any more. Raises ConfigurationError."""
    settings = Settings.from_environment()
    celery = celery_settings.configure(settings)

    def configure(**_: Any) -> None:
        # Celery leaves logging alone where somebody answers.
        logs.configure(settings)

    def beat_starts(**_: Any) -> None:
        logs.say_start(settings, "beat", version=VERSION)

    def embedded_beat_starts(sender: Any, **_: Any) -> None:
        # Celery says beforehand, too, that beat starts.
        sender.scheduler.ends_with(os.getppid())

    signals.setup_logging.connect(configure, weak=False)
    signals.worker_init.connect(use_threads_for_several, weak=False)
    signals.beat_init.connect(beat_starts, weak=False)
    signals.beat_embedded_init.connect(embedded_beat_starts, weak=False)
    celery.steps["worker"].add("dental_sync.processes.working:Working")
    return celery


def use_threads_for_several(sender: Any, **_: Any) -> None:
    """Let a worker with `-c 2` do two tasks at a time, so that a lane that stays keeps no heartbeat waiting."""
    if sender.concurrency > 1:
        sender.pool_cls = "threads"
