"""The repair of a virtualenv whose X.Y the image still has: its interpreter's links are made anew, its packages stay.

The links come from a shell: a virtualenv made beside without packages, whose ``lib`` is a symlink to that of the
broken one. With it the repair can be proved before anything is touched.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..atomic import put_copy, unwritable, write_file
from ..container import Container
from ..errors import ConsoleError
from ..results import as_json, from_json
from .folder_tree import remove_tree
from .marks import BACKUP

SETTINGS = "pyvenv.cfg"
_INTERPRETER = re.compile(r"python[\d.]*")


@dataclass(frozen=True)
class RepairFacts:
    """``folder`` is the virtualenv that is repaired, ``shell`` the one that its links come from."""

    folder: Path
    shell: Path


@dataclass(frozen=True)
class _Manifest:
    """What the repair replaces in ``folder``: names relative to it; the backup holds those that were ``present``."""

    present: tuple[str, ...]
    absent: tuple[str, ...]


class Repair:
    """Replaces the interpreter's links and ``pyvenv.cfg`` of a virtualenv, each in one step, with a backup of all.

    ``apply`` and ``undo`` may be called in any state, also in one that a death in the middle of either left.
    """

    kind = "repair"

    def __init__(self, container: Container, folder: Path, shell: Path) -> None:
        self._facts = RepairFacts(folder, shell)
        self.new = shell
        self._backup = folder / BACKUP

    @classmethod
    def restored(cls, container: Container, told: Any) -> Repair:
        """The repair whose ``facts`` were written down as ``told``. Raises ValueError where they are none."""
        facts = from_json(RepairFacts, told)
        return cls(container, facts.folder, facts.shell)

    @property
    def facts(self) -> Any:
        """What ``restored`` takes."""
        return as_json(self._facts)

    @property
    def applied(self) -> bool:
        """Something of it may have been replaced."""
        return (self._backup / "manifest.json").exists()

    def apply(self) -> None:
        """Replace the links. Raises ConsoleError with everything as it was when that is not possible."""
        folder, shell = self._facts.folder, self._facts.shell
        try:
            names = self._names()
            self._back_up(names)
            for name in names:
                put_copy(shell / name, folder / name)
        except (OSError, ConsoleError) as error:
            self.undo()
            raise unwritable(folder, error) if isinstance(error, OSError) else error from error

    def undo(self) -> None:
        """Put back what was replaced. Raises ConsoleError when that is not possible."""
        folder = self._facts.folder
        try:
            manifest = from_json(_Manifest, json.loads((self._backup / "manifest.json").read_text("utf-8")))
        except (OSError, ValueError):  # not begun: the manifest is the last thing that is backed up
            manifest = _Manifest((), ())
        for name in manifest.present:
            put_copy(self._backup / name, folder / name)
        for name in manifest.absent:
            with contextlib.suppress(FileNotFoundError):
                (folder / name).unlink()
        self.finish()

    def finish(self) -> None:
        """Forget the backup: what was made is to stay."""
        try:
            # The manifest first: without it the rest of the backup means nothing.
            (self._backup / "manifest.json").unlink(missing_ok=True)
            if self._backup.exists():
                remove_tree(self._backup)
        except OSError as error:
            raise unwritable(self._backup, error) from error

    def _names(self) -> list[str]:
        tools = sorted(entry for entry in os.listdir(self._facts.shell / "bin") if _INTERPRETER.fullmatch(entry))
        return [*(f"bin/{name}" for name in tools), SETTINGS]

    def _back_up(self, names: list[str]) -> None:
        if self.applied:
            return
        (self._backup / "bin").mkdir(parents=True, exist_ok=True)
        present = [name for name in names if os.path.lexists(self._facts.folder / name)]
        for name in present:
            put_copy(self._facts.folder / name, self._backup / name)
        manifest = _Manifest(tuple(present), tuple(name for name in names if name not in present))
        write_file(self._backup / "manifest.json", json.dumps(as_json(manifest)).encode())


def share_library(shell: Path, folder: Path) -> None:
    """Let ``shell``, a fresh virtualenv, see the packages of ``folder``. Raises ConsoleError."""
    try:
        remove_tree(shell / "lib")
        (shell / "lib").symlink_to(os.path.realpath(folder / "lib"))
    except OSError as error:
        raise unwritable(shell, error) from error
