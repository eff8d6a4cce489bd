"""The web process: `python wsgi.py`. Patches first, then everything else.

ASYNC_MODE picks the event loop, and this file is the only one that knows what that means: eventlet (the default),
gevent (needs the `gevent` extra), or threading (for a debugger).
"""

import os
import warnings

ASYNC_MODE = os.environ.get("ASYNC_MODE") or "eventlet"

if ASYNC_MODE == "eventlet":
    # Known, and decided: see docs/decisions. gevent is one setting away.
    warnings.filterwarnings("ignore", message="\\s*Eventlet is deprecated", category=DeprecationWarning)
    import eventlet

    eventlet.monkey_patch()
elif ASYNC_MODE == "gevent":
    from gevent import monkey

    monkey.patch_all()

import logging  # noqa: E402
import sys  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

from dental_sync import create_app, web  # noqa: E402
from dental_sync.config import ConfigurationError, Settings  # noqa: E402
from dental_sync.extensions import socketio  # noqa: E402


def offload() -> Callable[..., Any]:
    """How to run work that holds the processor: in a real thread, so that the event loop goes on."""
    if ASYNC_MODE == "eventlet":
        import eventlet.tpool

        execute: Callable[..., Any] = eventlet.tpool.execute
        return execute
    if ASYNC_MODE == "gevent":
        import gevent

        apply: Callable[..., Any] = lambda work, *arguments: gevent.get_hub().threadpool.apply(work, arguments)  # noqa: E731
        return apply
    return lambda work, *arguments: work(*arguments)


def make_psycopg2_green() -> None:
    """Let psycopg2 yield to gevent while it waits; eventlet's patches do that by themselves."""
    import psycopg2
    from gevent.socket import wait_read, wait_write
    from psycopg2 import extensions

    def wait(connection: Any) -> None:
        while True:
            match connection.poll():
                case extensions.POLL_OK:
                    return
                case extensions.POLL_READ:
                    wait_read(connection.fileno())
                case extensions.POLL_WRITE:
                    wait_write(connection.fileno())
                case state:
                    raise psycopg2.OperationalError(f"unexpected answer to poll: {state}")

    extensions.set_wait_callback(wait)


def main() -> None:
    """Serve until stopped."""
    try:
        settings = Settings.from_environment()
    except ConfigurationError as problem:
        sys.exit(f"dental-sync: {problem}")
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if ASYNC_MODE == "gevent":
        make_psycopg2_green()
    app = create_app(settings, offload=offload())
    web.start(app)
    # eventlet's server counts WebSockets as requests and holds 1,024 of them unless told otherwise.
    options: dict[str, Any] = {"max_size": settings.max_connections} if ASYNC_MODE == "eventlet" else {}
    if ASYNC_MODE == "threading":
        options = {"allow_unsafe_werkzeug": True}
    socketio.run(app, host=settings.host, port=settings.port, debug=False, use_reloader=False, **options)


if __name__ == "__main__":
    main()
