"""The worker, the housekeeper and beat: `celery -A celery_worker worker|beat`. Nothing is patched here."""

import sys

from dental_sync import create_app
from dental_sync.core.config import ConfigurationError
from dental_sync.core.extensions import celery
from dental_sync.processes import worker

try:
    worker.start(create_app(process="worker"))
except ConfigurationError as problem:
    sys.exit(f"dental-sync: {problem}")

app = celery
