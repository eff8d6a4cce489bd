"""The command line: each command opens one door, and imports what is behind it only then."""

from pathlib import Path

import click

from dental_sync.embedded.problems import CannotRun


class PlainErrors(click.Group):
    """Refusals of ours end as one line on standard error and exit status 1, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except CannotRun as problem:
            raise click.ClickException(str(problem)) from problem


@click.group(cls=PlainErrors)
def main() -> None:
    """Dental Sync keeps a dental practice's diary true on every screen at once."""


@main.command()
@click.option("--var", envvar="DENTAL_SYNC_VAR", type=click.Path(path_type=Path), help="Data folder (project's var/).")
@click.option("--procfile", type=click.Path(path_type=Path), help="The processes to run (Procfile of the project).")
@click.option("--seed/--no-seed", default=True, help="Load the demo data into an empty database.")
@click.option("--healthy-within-seconds", default=60.0, show_default=True, help="Give up when it takes longer.")
@click.option("--stop-with-parent", is_flag=True, help="Stop when the process that started this one ends.")
def run(
    var: Path | None, procfile: Path | None, seed: bool, healthy_within_seconds: float, stop_with_parent: bool
) -> None:
    """Run everything on this machine, with its own PostgreSQL and Redis, until Ctrl-C."""
    from dental_sync import local  # noqa: PLC0415 — not installed where only the app is

    local.run(
        local.LocalRun(
            var=var or local.PROJECT_FOLDER / "var",
            procfile=procfile or local.PROJECT_FOLDER / "Procfile",
            seed_command="dental-sync seed" if seed else None,
            healthy_within_seconds=healthy_within_seconds,
            stop_with_parent=stop_with_parent,
        )
    )


if __name__ == "__main__":
    main()
