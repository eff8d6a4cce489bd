"""The worker, the housekeeper and beat: `celery -A celery_worker worker|beat`. Nothing is patched here."""

import sys

from dental_sync.core.config import ConfigurationError
from dental_sync.processes import worker

try:
    app = worker.prepare()
except ConfigurationError as problem:
    sys.exit(f"dental-sync: {problem}")
