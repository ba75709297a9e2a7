"""/srv/venv becomes a symlink to another virtualenv, and what stood there is kept and can come back.

File operations only; the caller has stopped what runs from it.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from ..atomic import replace_link, sync_folder, unwritable
from ..container import Container
from ..errors import ConsoleError
from ..text import _
from .anatomy import read_anatomy
from .generations import link_target, original_folder, previous, remember_previous


@dataclass
class Switch:
    """One switch of ``container``'s /srv/venv to the folder ``new``, once ``refuse_switch`` had nothing against it.

    ``apply`` and ``undo`` may be called in any state and do nothing the second time. ``moved`` is where a real
    folder found at /srv/venv was renamed to, ``before`` what is to be kept for ``rollback``: that folder, or
    what the symlink pointed to; None where nothing stood there. Somebody else's symlink is replaced, what it
    points to is never touched.
    """

    container: Container
    new: Path
    moved: Path | None = None
    before: Path | None = None
    applied: bool = False
    _old_link: str | None = None
    _old_previous: Path | None = field(default=None, repr=False)

    def apply(self) -> None:
        """Switch. Raises ConsoleError with everything as it was when that is not possible."""
        if self.applied:
            return
        venv = self.container.venv
        self._old_previous = previous(self.container)
        try:
            if venv.is_symlink():
                self._old_link = str(venv.readlink())
                target = link_target(venv)
                self.before = Path(os.path.realpath(target)) if target is not None and target.exists() else None
            elif venv.exists():
                self.moved = self.before = original_folder(self.container)
            if self.before is not None:
                # Noted first: should the machine die between the two renames below, rollback finds it.
                remember_previous(self.container, self.before)
            if self.moved is not None:
                venv.rename(self.moved)
            replace_link(venv, os.path.relpath(self.new, venv.parent))
        except (OSError, ConsoleError) as error:
            self._put_back()
            raise unwritable(venv, error) if isinstance(error, OSError) else error from error
        self.applied = True

    def undo(self) -> None:
        """Put back what stood there. Raises ConsoleError when that is not possible."""
        if self.applied:
            self._put_back()
            self.applied = False

    def _put_back(self) -> None:
        venv = self.container.venv
        try:
            if self._old_link is not None:
                replace_link(venv, self._old_link)
            else:
                if venv.is_symlink():
                    venv.unlink()
                if self.moved is not None and self.moved.exists():
                    self.moved.rename(venv)
                sync_folder(venv.parent)
        except OSError as error:
            raise unwritable(venv, error) from error
        remember_previous(self.container, self._old_previous)
        self.moved = self.before = self._old_link = None


def refuse_switch(container: Container) -> None:
    """Raise ConsoleError where /srv/venv could not be switched: it is no virtualenv, cannot be renamed to /srv/.venvs
    (which need not exist yet), or its folder may not be written. Changes nothing.
    """
    venv = container.venv
    for folder in (venv.parent, container.venvs):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            raise ConsoleError(
                _("The virtualenv cannot be switched."),
                _("{path} may not be written.").format(path=folder),
                _("Check the owner and the mode of the folder."),
            )
    if venv.is_symlink() and not venv.exists():
        return
    if venv.exists() and read_anatomy(venv) is None:
        raise ConsoleError(
            _("{path} is no virtualenv, so it is not replaced.").format(path=venv),
            _("It was not made by virtualenv, venv or uv, and may hold something of yours."),
            _("Move it away, and try again."),
        )
    if venv.exists() and not venv.is_symlink():
        beside = container.venvs if container.venvs.exists() else venv.parent
        if venv.is_mount() or venv.stat().st_dev != beside.stat().st_dev:
            raise ConsoleError(
                _("The virtualenv cannot be switched."),
                _("{path} is on another file system than {beside}, so it cannot be renamed.").format(
                    path=venv, beside=beside
                ),
                _("Move it beside {beside} and make {path} a symlink to it.").format(path=venv, beside=beside),
            )


def switch_commands(container: Container, new: Path) -> tuple[str, ...]:
    """The shell commands that a switch to ``new`` stands for."""
    venv = container.venv
    commands = []
    if venv.exists() and not venv.is_symlink():
        commands.append(shlex.join(["mv", str(venv), str(container.venvs / "original")]))
    commands.append(shlex.join(["ln", "-sfn", os.path.relpath(new, venv.parent), str(venv)]))
    return tuple(commands)
