"""PostgreSQL and Redis for one machine: started, proven to be ours, and stopped again.

`dental-sync run` keeps their data in `var/` on fixed ports; the tests use `temporary_servers()`. Nothing here is used
where the platform brings its own servers.
"""

from dental_sync.embedded.passwords import Passwords
from dental_sync.embedded.place import Place
from dental_sync.embedded.postgres import DatabaseUrls, Postgres
from dental_sync.embedded.problems import CannotRun, PortTaken
from dental_sync.embedded.redis import Redis
from dental_sync.embedded.server import free_port, require_free_port
from dental_sync.embedded.temporary import TemporaryServers, temporary_servers

__all__ = [
    "CannotRun",
    "DatabaseUrls",
    "Passwords",
    "Place",
    "PortTaken",
    "Postgres",
    "Redis",
    "TemporaryServers",
    "free_port",
    "require_free_port",
    "temporary_servers",
]
