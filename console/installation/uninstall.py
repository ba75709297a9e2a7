"""`console uninstall`: takes out what `console install` put there, and nothing else."""

from __future__ import annotations

import contextlib
import shlex
from dataclasses import dataclass
from pathlib import Path

from ..atomic import unwritable
from ..errors import ConsoleError, Locked, NothingThere
from ..lock import held
from ..login.look import read_login
from ..text import _
from ..venv.folder_tree import remove_tree
from .install import refuse_foreign
from .places import Places
from .tree import present_tree, running_from


@dataclass(frozen=True)
class Removal:
    """What was taken out: ``version``, the paths ``removed``, the ``bytes`` that this gave back. ``kept`` is what stays
    of the console in its folder: the customer's backups, jobs and settings.
    """

    version: str | None
    removed: tuple[Path, ...]
    kept: tuple[Path, ...]
    bytes: int


def uninstall_commands(places: Places) -> tuple[str, ...]:
    """What one would type."""
    files = (places.launcher, places.link, places.last_python)
    return (shlex.join(["rm", "-f", *map(str, files)]), shlex.join(["rm", "-r", str(places.trees)]))


def find_installed(places: Places) -> str | None:
    """The version that is installed at ``places``; None where a damaged one is.

    Raises NothingThere when there is none, ConsoleError when something else stands there.
    """
    refuse_foreign(places)
    if not any(path.exists() or path.is_symlink() for path in (places.launcher, places.link, places.trees)):
        raise NothingThere(
            _("No console is installed here: {path} is missing.").format(path=places.launcher),
            "",
            _("One that is installed elsewhere is named with --to."),
        )
    tree = present_tree(places)
    return tree.version if tree is not None else None


def uninstall(places: Places) -> Removal:
    """Take the console out.

    Raises Locked while a job is at work or something else runs from it, NothingThere when none is installed,
    ConsoleError while the login starts it, and when something cannot be removed.
    """
    version = find_installed(places)
    _refuse_while_at_login(places)
    old = present_tree(places)
    left: tuple[Path, ...] = (places.launcher, places.link, places.trees, places.last_python, places.lock)
    with contextlib.ExitStack() as locks:
        if places.container is not None:
            if not places.container.lock.exists():
                left += (places.container.lock,)  # made by this very command
            locks.enter_context(held(places.container.lock, "uninstall"))
        locks.enter_context(held(places.lock, "install"))
        _refuse_while_running(places)
        try:
            removed, freed = _remove(left, old.made if old is not None else ())
        except OSError as error:
            raise unwritable(Path(error.filename or places.home), error) from error
    kept = tuple(sorted(places.home.iterdir())) if places.home.is_dir() else ()
    return Removal(version, removed, kept, freed)


def _refuse_while_at_login(places: Places) -> None:
    """Without the launcher each login would say that it is missing, and there would be no console to turn that off."""
    login = read_login(places.container) if places.container is not None else None
    if login is not None and login.state != "off":
        raise ConsoleError(
            _("The console is still started at login."),
            _("{path} has a block for it.").format(path=login.file),
            _("Turn it off first with: console login off"),
        )


def _refuse_while_running(places: Places) -> None:
    trees = sorted(places.trees.iterdir()) if places.trees.is_dir() else []
    pids = sorted({pid for tree in trees for pid in running_from(tree)})
    if pids:
        raise Locked(
            _("The console is in use: processes {pids} run from it.").format(pids=", ".join(map(str, pids))),
            _("They load parts of it as they need them, and would break."),
            _("Leave the other consoles, wait for the job, and try again."),
        )


def _remove(paths: tuple[Path, ...], made: tuple[Path, ...]) -> tuple[tuple[Path, ...], int]:
    """Remove ``paths`` in their order, the launcher first, so that nothing starts any more; and the folders that were
    ``made`` for it, where nothing else is in them.
    """
    removed, freed = [], 0
    for path in paths:
        if path.exists() or path.is_symlink():
            freed += remove_tree(path)
            removed.append(path)
    for folder in reversed(made):
        with contextlib.suppress(OSError):  # something else is in it
            folder.rmdir()
            removed.append(folder)
    return tuple(removed), freed
