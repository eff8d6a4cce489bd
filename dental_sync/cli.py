"""The command line: each command opens one door, and imports what is behind it only then."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Literal

import click
from sqlalchemy.orm import Session

from dental_sync.core.config import ConfigurationError, Settings
from dental_sync.core.secret_strength import SHORTEST_SECRET_BYTES
from dental_sync.local.embedded.problems import CannotRun
from dental_sync.records.csv_text import ENCODINGS, SEPARATORS, CannotImport

_SEPARATOR = click.Choice(list(SEPARATORS))


class PlainErrors(click.Group):
    """Refusals of ours end as one line on standard error and exit status 1, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (CannotRun, ConfigurationError) as problem:
            raise click.ClickException(str(problem)) from problem


def _export_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--output", type=click.Path(path_type=Path), help="A file for its owner alone, not the screen."),
        click.option("--separator", type=_SEPARATOR, default="comma", show_default=True),
        click.option("--exact", is_flag=True, help="For a program: a spreadsheet may take fields for formulas."),
    ):
        command = option(command)
    return command


@click.group(cls=PlainErrors)
def main() -> None:
    """Dental Sync keeps a dental practice's diary true on every screen at once."""


@main.command()
@click.option("--var", envvar="DENTAL_SYNC_VAR", type=click.Path(path_type=Path), help="Data folder (project's var/).")
@click.option("--procfile", type=click.Path(path_type=Path), help="The processes to run (Procfile of the project).")
@click.option("--seed/--no-seed", default=True, help="Load the demo data into an empty database.")
@click.option("--healthy-within-seconds", default=60.0, show_default=True, help="Give up when it takes longer.")
@click.option("--stop-with-parent", is_flag=True, help="Stop when the process that started this one ends.")
@click.option(
    "--reload", is_flag=True, help="Start processes again when a .py file changes, and let breakpoint() work."
)
def run(
    *,
    var: Path | None,
    procfile: Path | None,
    seed: bool,
    healthy_within_seconds: float,
    stop_with_parent: bool,
    reload: bool,
) -> None:
    """Run everything on this machine, with its own PostgreSQL and Redis, until Ctrl-C."""
    from dental_sync.local.run import PROJECT_FOLDER, LocalRun
    from dental_sync.local.run import run as run_everything

    run_everything(
        LocalRun(
            var=var or PROJECT_FOLDER / "var",
            procfile=procfile or PROJECT_FOLDER / "Procfile",
            seed_command="dental-sync seed" if seed else None,
            healthy_within_seconds=healthy_within_seconds,
            stop_with_parent=stop_with_parent,
            reload=reload,
        )
    )


@main.command()
def migrate() -> None:
    """Bring the database to the newest schema (the release step)."""
    from dental_sync.storage import schema

    settings = Settings.from_environment()
    urls = settings.database_url, settings.web_database_url, settings.worker_database_url
    schema.upgrade(*urls, audit_retention_days=settings.audit_retention_days, say=click.echo)


@main.command()
def seed() -> None:
    """Load the demo practice into an empty database; only in demo mode, for everybody knows its passwords."""
    from dental_sync.records import demo

    if not Settings.from_environment().demo_mode:
        raise ConfigurationError("the demo accounts have a published password: set DEMO_MODE=1 to load them")
    with _as_owner() as session:
        loaded = demo.load(session, datetime.now(UTC))
    click.echo("The demo practice is loaded." if loaded else "There are accounts already; nothing was loaded.")


@main.command("new-epoch")
def new_epoch() -> None:
    """Start another log, so that every client fetches a snapshot; needed after a dump was restored."""
    from dental_sync.sync import log

    with _as_owner() as session:
        click.echo(f"The log begins anew as epoch {log.begin_epoch(session)}.")


@main.command("create-admin")
@click.argument("email")
@click.option("--name", default="Admin", help="The name that colleagues see.")
@click.password_option(help="At least 8 characters.")
def create_admin(email: str, name: str, password: str) -> None:
    """Make the first account of a new practice."""
    from dental_sync.core.errors import Refusal
    from dental_sync.core.roles import ADMIN
    from dental_sync.core.wire_types import Email, Name, Password
    from dental_sync.records import accounts, audit

    email, name, password = (
        _valid("email", Email, email),
        _valid("name", Name, name),
        _valid("password", Password, password),
    )
    with _as_owner() as session:
        try:
            user = accounts.create_user(session, role=ADMIN, email=email, name=name, password=password)
            audit.note(session, None, "create-account", "user", user.id, details={"commandLine": True})
        except Refusal as refusal:
            raise click.ClickException(refusal.detail) from None
    click.echo(f"{email} may sign in.")


@main.command()
@click.option(
    "--web-processes", type=click.IntRange(1), help="How many will run; those that run now if it is left out."
)
def check(web_processes: int | None) -> None:
    """Look at settings, database, roles, grants, clocks, Redis and the sum of connections; status 1 for a fault."""
    from dental_sync.monitoring.check import check as look

    faults = 0
    for finding in look(Settings.from_environment(), web_processes):
        faults += finding.level == "fault"
        click.echo(f"{finding.level:7} {finding.about:12} {finding.sentence}")
    if faults:
        raise click.ClickException(f"{faults} {'fault' if faults == 1 else 'faults'} to be mended before this may run")


@main.command("list-admins")
def list_admins() -> None:
    """List the accounts that administer the practice, and whether each may sign in."""
    from dental_sync.records import accounts

    with _as_owner() as session:
        found = [(user.email, user.name, user.active) for user in accounts.admins(session)]
    if not found:
        raise click.ClickException("there is no admin yet: `dental-sync create-admin` makes one")
    for email, name, active in found:
        click.echo(f"{email}  {name}" + ("" if active else "  (switched off)"))


@main.command("reset-password")
@click.argument("email")
@click.password_option(help="The new password, at least 8 characters.")
@click.option("--without-second-factor", is_flag=True, help="Take the second factor away too: for who has lost it.")
def reset_password(email: str, password: str, *, without_second_factor: bool) -> None:
    """Set another password for an account, and end its sign-ins: for who has forgotten it."""
    from dental_sync.core.errors import Refusal
    from dental_sync.core.wire_types import Password
    from dental_sync.records import accounts, audit

    password = _valid("password", Password, password)
    with _as_owner() as session:
        user = accounts.with_address(session, email)
        if user is None:
            raise click.ClickException(f"there is no account with the address {email}")
        changes: dict[str, Any] = {"password": password}
        if without_second_factor:
            changes["second_factor"] = False
        try:
            accounts.update_user(session, user.id, changes)
        except Refusal as refusal:
            raise click.ClickException(refusal.detail) from None
        audit.note(session, None, "change-account", "user", user.id, details={"commandLine": True})
        address, active = user.email, user.active
    if active:
        click.echo(f"{address} may sign in with the new password; all earlier sign-ins have ended.")
    else:
        click.echo(f"{address} has the new password, and is switched off: an admin may switch it on again.")


@main.command("import-patients")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--skip-doubles", "doubles", flag_value="skip", help="Leave out who may be entered already.")
@click.option("--allow-doubles", "doubles", flag_value="allow", help="Enter them too.")
@click.option("--encoding", type=click.Choice(list(ENCODINGS)), help="Where it is not recognised.")
@click.option("--separator", type=_SEPARATOR, help="Where it is not recognised.")
@click.option("--remarks-by", metavar="ADDRESS", help="The account of staff whose remarks those of the file are.")
def import_patients(file: IO[bytes], doubles: Literal["skip", "allow"] | None, **options: Any) -> None:
    """Enter the patients of a CSV file (- is standard input), in one transaction or not at all."""
    from dental_sync.records import patients_import

    with _as_owner() as session:
        try:
            report = patients_import.run(session, file, doubles=doubles or "refuse", now=datetime.now(UTC), **options)
        except CannotImport as problem:
            raise click.ClickException(str(problem)) from None
    for sentence in report.sentences:
        click.echo(sentence)
    if report.refusal:
        raise click.ClickException(report.refusal)


@main.command("export-patients")
@_export_options
def export_patients(output: Path | None, **options: Any) -> None:
    """Write all patients as CSV, as `import-patients` reads them."""
    from dental_sync.records import patients_csv

    _export("patient", patients_csv.write, output, options)


@main.command("export-appointments")
@_export_options
def export_appointments(output: Path | None, **options: Any) -> None:
    """Write all appointments as CSV, without clinical notes."""
    from dental_sync.records import appointments_csv

    _export("appointment", appointments_csv.write, output, options)


@main.command()
def prune() -> None:
    """Delete now what is past its retention, as the housekeeper does every ten minutes."""
    from dental_sync import create_app
    from dental_sync.core.extensions import db
    from dental_sync.processes import pruning

    settings = Settings.from_environment()
    # With the rights that the task has.
    with create_app(settings, process="worker").app_context():
        deleted = pruning.prune(db.session(), settings)
    click.echo("Deleted: " + ", ".join(f"{count} {what}" for what, count in deleted.items()) + ".")


@main.command()
def openapi() -> None:
    """Print the API's OpenAPI document, as every web process answers it."""
    import json

    from dental_sync import create_app

    # Nothing is connected to: the document follows from the code.
    nowhere = "postgresql://nobody@127.0.0.1:1/nowhere"
    settings = Settings(
        database_url=nowhere,
        web_database_url=nowhere,
        worker_database_url=nowhere,
        redis_url="redis://127.0.0.1:1/0",
        secret_key="-" * SHORTEST_SECRET_BYTES,
        jwt_secret_key="-" * SHORTEST_SECRET_BYTES,
    )
    app = create_app(settings)
    click.echo(json.dumps(app.spec, indent=1, ensure_ascii=False))


def _export(kind: str, write: Callable[..., None], output: Path | None, options: dict[str, Any]) -> None:
    """Write a table, and note that it was written: no transaction is open while whoever wants it reads it slowly."""
    from dental_sync.records import audit

    try:
        with TemporaryFile() as table:
            with _as_owner() as session:
                write(session, table, **options)
                audit.note_read(session, None, "export", kind, None, details={"commandLine": True})
            table.seek(0)
            with click.open_file("-", "wb") if output is None else open(output, "wb", opener=_for_its_owner) as target:
                shutil.copyfileobj(table, target)
    except OSError as failure:
        raise click.ClickException(f"the table cannot be written: {failure.strerror}") from None


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _valid(fact: str, kind: Any, value: str) -> str:
    """What the API would take, as it would take it; what it would refuse is refused here too."""
    from pydantic import TypeAdapter, ValidationError

    from dental_sync.core.wire_types import field_errors

    try:
        taken: str = TypeAdapter(kind).validate_python(value)
    except ValidationError as failure:
        raise click.ClickException(f"{fact}: {field_errors(failure)[0]['detail']}") from None
    return taken


@contextmanager
def _as_owner() -> Iterator[Session]:
    """One committed transaction with the owner's rights."""
    from dental_sync import create_app
    from dental_sync.core.extensions import db

    settings = Settings.from_environment()
    app = create_app(dataclasses.replace(settings, worker_database_url=settings.database_url), process="worker")
    with app.app_context():
        yield db.session()
        db.session.commit()


if __name__ == "__main__":
    main()
