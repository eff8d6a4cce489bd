"""How Celery works here, for all who send tasks or do them: the broker, the queues, and beat's timers.

The tasks themselves are in `tasks`, which only a worker imports.
"""

from __future__ import annotations

from celery import Celery

from dental_sync.core.broker import celery
from dental_sync.core.config import Settings
from dental_sync.core.redis import tls_options

PRUNE_SECONDS = 600.0
REMIND_SECONDS = 60.0

WRITES_QUEUE = "writes"
HOUSEKEEPING_QUEUE = "housekeeping"


def configure(settings: Settings) -> Celery:
    """Set up Celery: two queues, so that a busy lane never starves the heartbeat."""
    celery.conf.update(
        broker_url=settings.redis_url,
        # Without it Celery takes any certificate.
        broker_use_ssl=tls_options(settings) or None,
        # One process, which does its task itself: of two, the one that works waits half a minute at its end for the
        # other to read what it answered last, and the other does not read any more (billiard's prefork pool). For
        # several tasks at a time there are threads (processes/worker.py).
        worker_pool="solo",
        task_ignore_result=True,
        task_acks_late=False,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "socket_connect_timeout": 2.0,
            "socket_timeout": 10.0,
            "socket_keepalive": True,
            # How long a worker waits for a task at a time: a task wakes it, and each end of this wait does.
            "polling_interval": 5,
        },
        timezone="UTC",
        task_routes={
            "process_writes": {"queue": WRITES_QUEUE},
            "remind": {"queue": WRITES_QUEUE},
            "heartbeat": {"queue": HOUSEKEEPING_QUEUE},
            "send_mails": {"queue": HOUSEKEEPING_QUEUE},
            "prune": {"queue": HOUSEKEEPING_QUEUE},
        },
        beat_scheduler="dental_sync.processes.beat:QuietScheduler",
        # One that was not begun in time is worth nothing: the next is on its way.
        beat_schedule={
            "heartbeat": _every(settings.heartbeat_seconds, "heartbeat"),
            "prune": _every(PRUNE_SECONDS, "prune"),
            **({"reminders": _every(REMIND_SECONDS, "remind")} if settings.writes_to_people else {}),
        },
    )
    return celery


def _every(seconds: float, task: str) -> dict[str, object]:
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}
