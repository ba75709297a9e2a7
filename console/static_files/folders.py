"""What a served folder holds: how much, what nginx may not read, and what nobody should."""

from __future__ import annotations

import os
import stat
from collections import deque
from dataclasses import dataclass
from pathlib import Path

ENTRIES = 20_000  # of a folder tree looked at; a tree of that size takes about 0.2 s
SAMPLES = 200
_SECRET_FOLDERS = (".git", ".hg", ".svn", ".ssh")
_SECRET_FILES = (".env", ".htpasswd", ".netrc", ".pgpass", "settings.py", "local_settings.py", "id_rsa", "id_ed25519")
_DATABASES = (".sqlite", ".sqlite3", ".db")
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True)
class Account:
    """Whom nginx's workers run as."""

    uid: int
    groups: frozenset[int]

    def may_enter(self, folder: os.stat_result) -> bool:
        """Whether the mode of a folder lets this account through to what is in it."""
        return self._may(folder, stat.S_IXUSR)

    def may_read(self, file: os.stat_result) -> bool:
        """Whether the mode of a file or folder lets this account read it."""
        return self._may(file, stat.S_IRUSR)

    def missing_bit(self, found: os.stat_result, bit: int) -> int:
        """``bit`` (S_IXUSR, S_IRUSR) as it has to be set for this account."""
        if found.st_uid == self.uid:
            return bit
        return bit >> 3 if found.st_gid in self.groups else bit >> 6

    def _may(self, found: os.stat_result, bit: int) -> bool:
        return self.uid == 0 or bool(found.st_mode & self.missing_bit(found, bit))


@dataclass(frozen=True)
class FolderFacts:
    """``files`` (regular ones and links to them) and their ``bytes``; ``counted`` False: there are more.

    ``samples`` are names of files in it, relative, nearest first. ``unreadable`` are files that the account may not
    open and ``closed`` folders that it may not enter; ``secrets`` what must not be served; ``links_out`` symlinks
    that lead out of the folder, with what they lead to.
    """

    files: int
    bytes: int
    counted: bool
    samples: tuple[str, ...]
    unreadable: tuple[Path, ...]
    closed: tuple[Path, ...]
    secrets: tuple[Path, ...]
    links_out: tuple[tuple[Path, Path], ...]


def survey(folder: Path, account: Account) -> FolderFacts | None:
    """Look through ``folder``, at most ENTRIES entries; None where it cannot be opened. Links are not followed down."""
    real = folder.resolve()
    files = size = seen = 0
    samples: list[str] = []
    unreadable: list[Path] = []
    closed: list[Path] = []
    secrets: list[Path] = []
    links_out: list[tuple[Path, Path]] = []
    folders = deque([folder])
    while folders and seen < ENTRIES:
        place = folders.popleft()
        try:
            entries = sorted(os.scandir(place), key=lambda each: each.name)
        except OSError:
            if place == folder:
                return None
            closed.append(place)
            continue
        for entry in entries:
            seen += 1
            path = Path(entry.path)
            if is_secret(path):
                secrets.append(path)
            try:
                if entry.is_symlink():
                    target = path.resolve()
                    if not target.is_relative_to(real):
                        links_out.append((path, target))
                about = entry.stat()
            except (OSError, RuntimeError):  # a dead link, or one to itself; nothing is served there
                continue
            if stat.S_ISDIR(about.st_mode):
                if not account.may_enter(about):
                    closed.append(path)
                if not entry.is_symlink():
                    folders.append(path)
            elif stat.S_ISREG(about.st_mode):
                files += 1
                size += about.st_size
                if not account.may_read(about):
                    unreadable.append(path)
                if len(samples) < SAMPLES:
                    samples.append(str(path.relative_to(folder)))
    return FolderFacts(
        files,
        size,
        not folders,
        tuple(samples),
        tuple(unreadable),
        tuple(closed),
        tuple(secrets),
        tuple(links_out),
    )


def is_secret(path: Path) -> bool:
    """Whether a file or folder of this name is one that a site must not give away."""
    name = path.name
    if name in _SECRET_FOLDERS or name.startswith(".env."):
        return True
    if name in _SECRET_FILES:
        return True
    if path.suffix in _DATABASES:
        try:
            with path.open("rb") as file:
                return file.read(len(_SQLITE)) == _SQLITE
        except OSError:
            return False
    return name == "settings" and (path / "__init__.py").is_file()


def secret_in(folder: Path) -> Path | None:
    """The first secret directly in ``folder``."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208  names alone, and this is on the way of a status
    except OSError:
        return None
    return next((folder / name for name in names if is_secret(folder / name)), None)


def closed_on_the_way(folder: Path, account: Account) -> tuple[Path, ...]:
    """The folders on the way to ``folder``, itself included, that the account may not enter, the first one first."""
    closed = []
    for each in (*reversed(folder.parents), folder):
        try:
            found = each.stat()
        except FileNotFoundError:
            break
        except NotADirectoryError:
            break
        except PermissionError:
            if each.parent not in closed:
                closed.append(each.parent)
            break
        if stat.S_ISDIR(found.st_mode) and not account.may_enter(found):
            closed.append(each)
    return tuple(closed)
