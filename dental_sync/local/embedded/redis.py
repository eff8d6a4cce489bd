"""The embedded Redis: Valkey, which speaks the same protocol, with an append-only file."""

import signal

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dental_sync.local.embedded.server import HOST, Server
from dental_sync.local.embedded.workspace import Workspace

NO_RETRY = Retry(NoBackoff(), 0)


class Redis(Server):
    label = "Redis"
    folder_name = "redis"
    process_name = "valkey-server"
    stop_signal = signal.SIGTERM
    port_setting = "DENTAL_SYNC_REDIS_PORT"

    def __init__(self, workspace: Workspace, port: int, password: str) -> None:
        super().__init__(workspace, port)
        self.password = password

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def command(self) -> list[str]:
        return [str(self.workspace.programs.valkey), "-"]

    def configuration(self) -> bytes:
        quoted = str(self.data).replace("\\", "\\\\").replace('"', '\\"')
        return "\n".join(
            [
                f"port {self.port}",
                f"bind {HOST}",
                f"requirepass {self.password}",
                f'dir "{quoted}"',
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                "daemonize no",
                "",
            ]
        ).encode()

    def answers(self) -> bool:
        # No retries of the client's own: a server that is loading its data is asked again by the caller.
        client = redis.Redis(host=HOST, port=self.port, password=self.password, socket_timeout=2, retry=NO_RETRY)
        try:
            return int(client.info("server")["process_id"]) == self.pid
        except redis.RedisError:
            return False
        finally:
            client.close()
