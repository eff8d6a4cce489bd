"""Celery, and its connection to its broker: after an outage it is back within a second, however long the outage was.

Nothing else of the app is imported here: beat, which only sends tasks, needs no more than this.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu.connection import Connection

BACK_OFF_SECONDS = 0.5


class PromptConnection(Connection):
    """Kombu's own waits 2, 4, … up to 30 s between two attempts, and Celery has no setting for it."""

    def ensure_connection(self, *arguments: Any, **named: Any) -> Any:
        """Try until there is a connection, or until the caller's number of attempts is used up."""
        patience = {"interval_start": BACK_OFF_SECONDS, "interval_step": 0, "interval_max": BACK_OFF_SECONDS}
        return super().ensure_connection(*arguments, **{**patience, **named})  # type: ignore[no-untyped-call]


class PromptAMQP(AMQP):  # type: ignore[misc]  # Celery has no types
    """Celery's own, with that connection."""

    Connection = PromptConnection


celery = Celery("dental_sync", amqp="dental_sync.core.broker:PromptAMQP")
