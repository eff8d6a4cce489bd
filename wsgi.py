"""The web process: `python wsgi.py`. Patches first, then everything else.

ASYNC_MODE picks the event loop, and this file is the only one that knows what that means: eventlet (the default),
gevent (needs the `gevent` extra), or threading (for a debugger).
"""

import os
import sys
import warnings

ASYNC_MODE = os.environ.get("ASYNC_MODE") or "eventlet"

if ASYNC_MODE == "eventlet":
    # Known, and decided: see docs/decisions. gevent is one setting away.
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet

    eventlet.monkey_patch()
elif ASYNC_MODE == "gevent":
    try:
        from gevent import monkey
    except ImportError:
        sys.exit("dental-sync: ASYNC_MODE=gevent needs the package gevent: pip install '.[gevent]'")

    monkey.patch_all()

import _thread  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
from collections.abc import Callable  # noqa: E402
from functools import partial  # noqa: E402
from types import ModuleType  # noqa: E402
from typing import Any, NoReturn  # noqa: E402

from dental_sync import create_app  # noqa: E402
from dental_sync.core import logs  # noqa: E402
from dental_sync.core.blocking import Offload, in_a_low_thread  # noqa: E402
from dental_sync.core.config import ConfigurationError, Settings  # noqa: E402
from dental_sync.core.extensions import socketio  # noqa: E402
from dental_sync.processes import siblings, web  # noqa: E402


def offload() -> Offload:
    """How to do work that holds the processor: in real threads, so that the event loop goes on."""
    if ASYNC_MODE == "eventlet":
        import eventlet.patcher
        import eventlet.tpool

        execute: Callable[..., Any] = eventlet.tpool.execute
        threads = eventlet.patcher.original("_thread")
        return Offload(run=execute, give_way=partial(execute, in_a_low_thread, threads))
    if ASYNC_MODE == "gevent":
        import gevent

        def apply(work: Callable[..., Any], *arguments: Any) -> Any:
            return gevent.get_hub().threadpool.apply(work, arguments)

        # gevent puts its own functions into the module, and keeps what it replaced.
        names = ("allocate_lock", "start_new_thread", "get_native_id")
        threads = ModuleType("threads")
        vars(threads).update(zip(names, monkey.get_original("_thread", names), strict=True))
        return Offload(run=apply, give_way=partial(apply, in_a_low_thread, threads))
    return Offload(give_way=partial(in_a_low_thread, _thread))


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
    logs.configure(settings)
    if ASYNC_MODE == "gevent":
        make_psycopg2_green()
    if settings.web_processes == 1:
        run(settings)
    modules = eventlet.patcher.original("os"), eventlet.patcher.original("socket")
    siblings.run(settings, partial(run, settings), modules)


def run(settings: Settings, place: siblings.Place | None = None) -> NoReturn:
    """Be the web process, or the one with this place among several."""
    if place is not None:
        # Or all would share the parent's, if it has one.
        eventlet.hubs.use_hub()
    waiting, waking = socket.socketpair()
    stop_asked = False

    def ask_to_stop(_signal: int, _frame: object) -> None:
        # Nothing more than this: a handler runs anywhere, in the middle of the event loop too.
        nonlocal stop_asked
        if stop_asked:
            os._exit(1)
        stop_asked = True

    waking.setblocking(False)
    # Python writes to it at each signal, which ends the wait below.
    signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, ask_to_stop)
    app = create_app(settings, offload=offload())
    web.start(app)

    def serve() -> None:
        try:
            serve_for_ever(app, settings, place)
        except OSError as failure:
            sys.stderr.write(f"dental-sync: {failure.strerror}\n")
        os._exit(1)

    socketio.start_background_task(serve)
    while not stop_asked:
        waiting.recv(1)
    web.stop(app)
    # Past every thread that would go on: all that mattered is in PostgreSQL.
    os._exit(0)


def serve_for_ever(app: Any, settings: Settings, place: siblings.Place | None) -> None:
    """Serve by the event loop that was chosen; raises OSError when the address is not to be had."""
    if ASYNC_MODE == "eventlet":
        from dental_sync.processes import eventlet_server, handing_on

        if place is None:
            eventlet_server.serve(app, settings)
        else:
            handing_on.serve(app, settings, place)
        return
    options: dict[str, Any] = {"allow_unsafe_werkzeug": True} if ASYNC_MODE == "threading" else {}
    try:
        socketio.run(app, host=settings.host, port=settings.port, debug=False, use_reloader=False, **options)
    except OSError as failure:
        address = f"{settings.host}:{settings.port}"
        raise OSError(failure.errno, f"cannot listen on {address}: {failure.strerror}") from failure


if __name__ == "__main__":
    main()
