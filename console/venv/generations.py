"""The virtualenvs in /srv/.venvs: their names, the one in use, the one before, and those half built.

``<stamp>-py3.12.1`` is one that a rebuild made, ``<stamp>-original`` the folder that stood at /srv/venv before
the first rebuild; ``previous`` is a symlink to the one for ``rollback``. A folder with MARKER in it is not
finished: a build that still runs holds the console's lock, so whoever holds the lock may remove it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from datetime import datetime
from pathlib import Path

from ..atomic import replace_link, unwritable
from ..container import Container
from .folder_tree import remove_tree
from .marks import MARKER
from .own_files import own_files

PREVIOUS = "previous"
_MADE_HERE = re.compile(r"\d{8}-\d{6}(?:-\d+)?-py[\d.]+")
_FOUND_HERE = re.compile(r"\d{8}-\d{6}(?:-\d+)?-original")
_PACKED_HERE = re.compile(r"\d{8}-\d{6}(?:-\d+)?-before\.tar\.gz(?:\.part)?")


def link_target(path: Path) -> Path | None:
    """Where the symlink ``path`` points, absolute, one step; None when it is none."""
    try:
        return path.parent / path.readlink()
    except OSError:
        return None


def current(container: Container) -> Path | None:
    """The folder that is in use through the symlink /srv/venv; None when that is no symlink or leads nowhere."""
    if not container.venv.is_symlink() or not container.venv.exists():
        return None
    return Path(os.path.realpath(container.venv))


def previous(container: Container) -> Path | None:
    """The folder that ``rollback`` goes back to; None when there is none."""
    target = link_target(container.venvs / PREVIOUS)
    if target is None or not target.is_dir():
        return None
    real = Path(os.path.realpath(target))
    return None if real == current(container) else real


def remember_previous(container: Container, folder: Path | None) -> None:
    """Make ``folder`` the one for ``rollback``; None forgets it. Raises ConsoleError when that cannot be written."""
    link = container.venvs / PREVIOUS
    if folder is not None:
        real = Path(os.path.realpath(folder))
        replace_link(link, real.name if real.parent == Path(os.path.realpath(container.venvs)) else real)
        return
    try:
        link.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(link, error) from error


def begin(container: Container, version: str) -> Path:
    """A new, empty folder for a virtualenv with Python ``version``, marked as half built.

    Raises ConsoleError when it cannot be made.
    """
    try:
        container.venvs.mkdir(exist_ok=True)
        folder = _free(container.venvs, f"py{version}")
        folder.mkdir()
        (folder / MARKER).touch()
    except OSError as error:
        raise unwritable(container.venvs, error) from error
    return folder


def finish(folder: Path) -> None:
    """Take the half-built mark away: from here on it is a virtualenv to switch to."""
    (folder / MARKER).unlink(missing_ok=True)


def original_folder(container: Container) -> Path:
    """Where a real folder found at /srv/venv goes; does not exist yet."""
    return _free(container.venvs, "original")


def archive_path(container: Container) -> Path:
    """Where a virtualenv is packed to that is rebuilt in place; does not exist yet."""
    return _free(container.venvs, "before.tar.gz")


def sweep(container: Container) -> int:
    """Remove what a killed build left half done; return the bytes freed. Only for the holder of the lock, when no
    killed job is left to be recovered.
    """
    return sum(_removed(folder) for folder in _made_here(container) if (folder / MARKER).exists()) + sum(
        _removed(archive) for archive in _entries(container) if _PACKED_HERE.fullmatch(archive.name)
    )


def prune(container: Container, keep: int) -> int:
    """Remove virtualenvs, but the one in use and ``keep`` others (at least one): the one for ``rollback`` first, then
    the newest. Return the bytes freed.

    Only those that a rebuild made, or found at /srv/venv with no file of the customer's own in it.
    """
    used, before = current(container), previous(container)
    found = [folder for folder in _entries(container) if _FOUND_HERE.fullmatch(folder.name) and folder.is_dir()]
    plain = [folder for folder in found if folder not in (used, before) and not own_files(folder, limit=1)]
    others = [folder for folder in (*_made_here(container), *plain) if folder not in (used, before)]
    left = max(1, keep) - (1 if before is not None else 0)
    # What was found at the beginning is the oldest, although its name says when it was moved.
    others.sort(key=lambda folder: (_FOUND_HERE.fullmatch(folder.name) is None, folder.name), reverse=True)
    return sum(_removed(folder) for folder in others[left:])


def finished(container: Container) -> list[Path]:
    """The virtualenvs that rebuilds made and finished, the oldest first."""
    return sorted(folder for folder in _made_here(container) if not (folder / MARKER).exists())


def _made_here(container: Container) -> list[Path]:
    return [each for each in _entries(container) if _MADE_HERE.fullmatch(each.name) and not each.is_symlink()]


def _entries(container: Container) -> list[Path]:
    if not container.venvs.is_dir():
        return []
    return list(Path(os.path.realpath(container.venvs)).iterdir())


def _removed(folder: Path) -> int:
    # What cannot be removed today (a file in use over NFS, a wrong owner) must not spoil the job; the next
    # rebuild tries it again.
    with contextlib.suppress(OSError):
        return remove_tree(folder)
    return 0


def _free(folder: Path, ending: str) -> Path:
    """A name in ``folder`` that nothing has: the time, a number where that second is taken, ``ending``."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    names = (f"{stamp}-{ending}" if number == 1 else f"{stamp}-{number}-{ending}" for number in itertools.count(1))
    return next(folder / name for name in names if not os.path.lexists(folder / name))
