"""The secrets of one machine: made once, kept in one file that only its owner can read."""

import json
import os
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from dental_sync.local.embedded.problems import CannotRun


@dataclass(frozen=True)
class Passwords:
    """Every field is generated; a field that a newer version adds is generated into an existing file."""

    postgres: str
    owner: str
    web: str
    worker: str
    redis: str
    secret_key: str
    jwt_secret_key: str
    metrics_token: str
    run_mark: str
    """Set in the environment of every process we start, so that a later run knows which ones are ours."""

    @classmethod
    def generate(cls) -> "Passwords":
        # URL-safe, for they become part of the database URLs.
        return cls(**{field.name: secrets.token_urlsafe(32) for field in fields(cls)})

    @classmethod
    def load_or_make(cls, file: Path) -> "Passwords":
        made = asdict(cls.generate())
        try:
            kept = json.loads(file.read_text())
            passwords = cls(**{name: str(kept.get(name, value)) for name, value in made.items()})
        except FileNotFoundError:
            kept = None
            passwords = cls(**made)
        except (ValueError, AttributeError):
            raise CannotRun(f"{file} is damaged. Restore it, or remove its folder to start afresh.") from None
        if kept == asdict(passwords):
            file.chmod(0o600)
        else:
            passwords._keep(file)
        return passwords

    def _keep(self, file: Path) -> None:
        # Written beside and renamed: a crash half-way must not lose the passwords of data that exists.
        beside = file.with_name(file.name + ".new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            json.dump(asdict(self), out, indent=2)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
