"""/srv/venv becomes a symlink to another virtualenv, and what stood there is kept and can come back.

File operations only; the caller has stopped what runs from it.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ..atomic import replace_link, sync_folder, unwritable
from ..container import Container
from ..errors import ConsoleError
from ..results import as_json, from_json
from ..text import _
from .anatomy import read_anatomy
from .generations import finish, original_folder, previous, remember_previous


@dataclass(frozen=True)
class SwitchFacts:
    """What stands before a switch to ``new``, enough to finish it or to take it back after a death in its middle.

    ``moved`` is where a real folder found at /srv/venv goes, ``old_link`` the text of a symlink found there; both
    None where nothing stood. ``old_previous`` is what ``rollback`` went back to.
    """

    new: Path
    moved: Path | None
    old_link: str | None
    old_previous: Path | None


class Switch:
    """One switch of ``container``'s /srv/venv, once ``refuse_switch`` had nothing against it.

    ``apply`` and ``undo`` may be called in any state, also in one that a death in the middle of either left; they do
    nothing the second time. Somebody else's symlink is replaced, what it points to is never touched.
    """

    kind = "switch"

    def __init__(self, container: Container, new: Path, facts: SwitchFacts | None = None) -> None:
        self.new = new
        self._container = container
        self._restored = facts

    @classmethod
    def restored(cls, container: Container, told: Any) -> Switch:
        """The switch whose ``facts`` were written down as ``told``. Raises ValueError where they are none."""
        facts = from_json(SwitchFacts, told)
        return cls(container, facts.new, facts)

    @property
    def facts(self) -> Any:
        """What ``restored`` takes."""
        return as_json(self._facts)

    @cached_property
    def _facts(self) -> SwitchFacts:
        """As it was when it was first asked for, which is before anything is changed."""
        return self._restored or _look(self._container, self.new)

    @property
    def applied(self) -> bool:
        """/srv/venv is a symlink to the new one."""
        venv = self._container.venv
        return venv.is_symlink() and os.path.realpath(venv) == os.path.realpath(self.new)

    @property
    def before(self) -> Path | None:
        """What is to be kept for ``rollback``; None where nothing stood that could be."""
        if self._facts.moved is not None:
            return self._facts.moved
        if self._facts.old_link is None:
            return None
        target = Path(os.path.realpath(self._container.venv.parent / self._facts.old_link))
        return target if target.exists() else None

    def apply(self) -> None:
        """Switch. Raises ConsoleError with everything as it was when that is not possible."""
        if self.applied:
            return
        venv, moved = self._container.venv, self._facts.moved
        try:
            finish(self.new)  # not before: until the switch a folder without an owner is to be swept
            if self.before is not None:
                # Noted first: should the machine die in the middle, rollback finds it and nothing prunes it.
                remember_previous(self._container, self.before)
            if moved is not None and not venv.is_symlink() and venv.exists():
                venv.rename(moved)
            replace_link(venv, os.path.relpath(self.new, venv.parent))
        except (OSError, ConsoleError) as error:
            self.undo()
            raise unwritable(venv, error) if isinstance(error, OSError) else error from error

    def undo(self) -> None:
        """Put back what stood there. Raises ConsoleError when that is not possible."""
        venv, facts = self._container.venv, self._facts
        try:
            if facts.old_link is not None:
                if not venv.is_symlink() or str(venv.readlink()) != facts.old_link:
                    replace_link(venv, facts.old_link)
            else:
                if venv.is_symlink():
                    venv.unlink()
                if facts.moved is not None and facts.moved.exists() and not venv.exists():
                    facts.moved.rename(venv)
                sync_folder(venv.parent)
        except OSError as error:
            raise unwritable(venv, error) from error
        remember_previous(self._container, facts.old_previous)


def _look(container: Container, new: Path) -> SwitchFacts:
    venv = container.venv
    link = str(venv.readlink()) if venv.is_symlink() else None
    moved = original_folder(container) if link is None and venv.exists() else None
    return SwitchFacts(new, moved, link, previous(container))


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
