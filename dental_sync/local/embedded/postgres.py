"""The embedded PostgreSQL: a cluster with password authentication, three roles and the app's database."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extensions import encrypt_password

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.problems import CannotRun
from dental_sync.local.embedded.server import HOST, Server, plain_environment
from dental_sync.local.embedded.workspace import Workspace

SUPERUSER = "postgres"
OWNER, WEB, WORKER = "dental_sync_owner", "dental_sync_web", "dental_sync_worker"
DATABASE = "dental_sync"
MAX_CONNECTIONS = 200
# What makes a guessed password expensive is most of what a connection costs, and protects nothing in a test.
FEW_ITERATIONS = "1"


# Statements hold names, addresses and notes: none is written into the log, whatever becomes of it, nor the row that it
# was about. storage/statement_log.py says whether another PostgreSQL is set up so.
WITHOUT_STATEMENTS = {
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True)
class DatabaseUrls:
    """One database as its owner, as the web processes and as the workers see it."""

    owner: str
    web: str
    worker: str


class Postgres(Server):
    """`durable=False` hashes cheaply and does without fsync: it survives the death of its processes, not of power."""

    label = "PostgreSQL"
    folder_name = "postgres"
    process_name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
    port_setting = "DENTAL_SYNC_POSTGRES_PORT"

    def __init__(self, workspace: Workspace, port: int, passwords: Passwords, *, durable: bool = True) -> None:
        super().__init__(workspace, port)
        self.passwords = passwords
        self.durable = durable

    def urls(self, database: str = DATABASE) -> DatabaseUrls:
        return DatabaseUrls(
            owner=self._url(OWNER, self.passwords.owner, database),
            web=self._url(WEB, self.passwords.web, database),
            worker=self._url(WORKER, self.passwords.worker, database),
        )

    def superuser_url(self, database: str = "postgres") -> str:
        return self._url(SUPERUSER, self.passwords.postgres, database)

    def create_database(self, name: str, template: str | None = None) -> DatabaseUrls:
        """A further database of the owner's, empty or a copy of `template` (which must have no connections).

        A template with rows is made ready by `ready_to_be_copied` first.
        """
        create = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(OWNER))
        if template is not None:
            create += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with self._superuser() as cursor:
            cursor.execute(create)
            self._open_to_roles(cursor, name)
        return self.urls(name)

    def ready_to_be_copied(self, name: str) -> None:
        """Let the identities of its copies survive a crash.

        A sequence notes 32 values ahead in the write-ahead log and counts in its page how many of them are left. CREATE
        DATABASE copies the count (PostgreSQL 15 and newer, strategy WAL_LOG), but no such note: after a crash the
        copy's sequence would go back. setval sets the count to none, so that a copy notes its first value anew.
        """
        connection = psycopg2.connect(self.superuser_url(name))
        with closing(connection), connection, connection.cursor() as cursor:
            cursor.execute("""
                SELECT setval(sequence, last) FROM (
                    SELECT seqrelid AS sequence, pg_sequence_last_value(seqrelid) AS last FROM pg_sequence
                ) AS used WHERE last IS NOT NULL
            """)

    def drop_database(self, name: str) -> None:
        """Drop it, if it is there; connections to it are ended."""
        with self._superuser() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def prepare(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        # Made beside and renamed: a cluster that was half made when we were killed is made again.
        beside = self.data.with_name("postgres.new")
        shutil.rmtree(beside, ignore_errors=True)
        password_file = self.workspace.reachable / "postgres.password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        try:
            password_file.write_text(self.passwords.postgres)
            self.workspace.give(password_file)
            self.workspace.own_folder(beside.name)
            self._initialise(beside, password_file)
        finally:
            password_file.unlink()
        self.data.rmdir()
        beside.rename(self.data)

    def after_start(self) -> None:
        """Make the roles and the database, and set the roles' passwords to those we know."""
        with self._superuser() as cursor:
            for role, password in (
                (OWNER, self.passwords.owner),
                (WEB, self.passwords.web),
                (WORKER, self.passwords.worker),
            ):
                self._make_role(cursor, role, password)
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
            missing = cursor.fetchone() is None
        if missing:
            self.create_database(DATABASE)

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": str(MAX_CONNECTIONS),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_line_prefix": "%m [%p] %u@%d ",
            **WITHOUT_STATEMENTS,
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "scram_iterations": FEW_ITERATIONS}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.workspace.programs.postgres / "postgres"), "-D", str(self.data), *options]

    def answers(self) -> bool:
        try:
            with self._superuser() as cursor:
                cursor.execute("SHOW data_directory")
                row = cursor.fetchone()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise CannotRun(
                    f"The passwords in {self.workspace.folder} are not those of the data in {self.data}. "
                    f"Restore the passwords, or remove both to start afresh."
                ) from None
            return False
        if row is None or Path(row[0]) != self.data:
            raise CannotRun(f"Another PostgreSQL answers on port {self.port}. Set {self.port_setting} to a free port.")
        return True

    def _initialise(self, folder: Path, password_file: Path) -> None:
        # The built-in locale is the same on every machine; the C library's may be missing or change its order.
        options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += ["--auth=scram-sha-256", f"--username={SUPERUSER}", f"--pwfile={password_file}", "--no-instructions"]
        if not self.durable:
            options += ["--no-sync", f"--set=scram_iterations={FEW_ITERATIONS}"]
        account = self.workspace.account
        done = subprocess.run(  # noqa: S603 — our own program
            [str(self.workspace.programs.postgres / "initdb"), "-D", str(folder), *options],
            cwd=folder,
            env=plain_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
            user=account.user_id if account else None,
            group=account.group_id if account else None,
            extra_groups=[] if account else None,
        )
        if done.returncode != 0:
            said = [line for line in (done.stderr + done.stdout).splitlines() if "error" in line] or ["no reason given"]
            raise CannotRun(f"Cannot make the PostgreSQL data in {folder}: {said[0]}")

    def _make_role(self, cursor: Cursor, role: str, password: str) -> None:
        # Hashed here, so that the password is in no log of the server, whatever fails.
        hashed = encrypt_password(password, role, cursor.connection, "scram-sha-256")
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
        verb = sql.SQL("CREATE ROLE {}" if cursor.fetchone() is None else "ALTER ROLE {}").format(sql.Identifier(role))
        rights = sql.SQL(" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD {}")
        cursor.execute(verb + rights.format(sql.Literal(hashed)))

    def _open_to_roles(self, cursor: Cursor, database: str) -> None:
        name, roles = sql.Identifier(database), sql.SQL(", ").join(map(sql.Identifier, (OWNER, WEB, WORKER)))
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        cursor.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(name, roles))

    @contextmanager
    def _superuser(self) -> Iterator[Cursor]:
        connection: Connection = psycopg2.connect(self.superuser_url(), connect_timeout=5, sslmode="disable")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            with suppress(psycopg2.Error):
                connection.close()

    def _url(self, user: str, password: str, database: str) -> str:
        return f"postgresql://{user}:{password}@{HOST}:{self.port}/{database}"
