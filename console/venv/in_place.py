"""The rebuild in place, for a disk that has no room for two virtualenvs: the old one is packed, removed, and comes back
out of its archive when the new one does not work.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..atomic import replace_link, sync_folder, unwritable
from ..container import Container
from ..errors import ConsoleError
from ..results import as_json, from_json
from ..text import _
from .folder_tree import remove_tree

# Of what a virtualenv takes without its byte code, measured with Django, pandas and Flask sites: 0.26 to 0.36.
PACKED = 0.4
_BYTE_CODE = "__pycache__"


@dataclass(frozen=True)
class InPlaceFacts:
    """``old`` is the real folder of the old virtualenv, ``archive`` what it is packed into, ``new`` the new one.

    ``old_link`` is the text of the symlink at /srv/venv, None where the real folder stands there.
    """

    old: Path
    old_link: str | None
    archive: Path
    new: Path


class InPlace:
    """One rebuild in place. ``build`` makes and proves the virtualenv in ``new``; it raises when it cannot.

    ``apply`` and ``undo`` may be called in any state, also in one that a death in the middle of either left.
    """

    kind = "in-place"

    def __init__(self, container: Container, facts: InPlaceFacts, build: Callable[[], None] | None = None) -> None:
        self._container = container
        self.new = facts.new
        self._facts = facts
        self._build = build

    @classmethod
    def restored(cls, container: Container, told: Any) -> InPlace:
        """The one whose ``facts`` were written down as ``told``. Raises ValueError where they are none."""
        return cls(container, from_json(InPlaceFacts, told))

    @property
    def facts(self) -> Any:
        """What ``restored`` takes."""
        return as_json(self._facts)

    @property
    def applied(self) -> bool:
        """/srv/venv is a symlink to the new one, which is finished."""
        venv = self._container.venv
        return venv.is_symlink() and os.path.realpath(venv) == os.path.realpath(self.new)

    def apply(self) -> None:
        """Remove the old one, build the new one. Whatever it raises, the old one is back then."""
        if self.applied:
            return
        if self._build is None:
            raise ConsoleError(_("The new virtualenv is not finished."))
        try:
            self._remove_old()
            self._build()
            replace_link(self._container.venv, os.path.relpath(self.new, self._container.venv.parent))
        except BaseException:
            self.undo()
            raise

    def undo(self) -> None:
        """Bring the old one back out of its archive. Raises ConsoleError when that is not possible; the archive is
        still there then.
        """
        venv, facts = self._container.venv, self._facts
        try:
            if venv.is_symlink() and (facts.old_link is None or str(venv.readlink()) != facts.old_link):
                venv.unlink()
            if self.new.exists():
                remove_tree(self.new)
            if not facts.old.exists():
                unpack(facts.archive, facts.old)
            if facts.old_link is not None and not venv.is_symlink():
                replace_link(venv, facts.old_link)
            facts.archive.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(venv, error) from error

    def finish(self) -> None:
        """Forget the archive: the new one is to stay."""
        try:
            self._facts.archive.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self._facts.archive, error) from error

    def _remove_old(self) -> None:
        old = self._facts.old
        leaving = old.with_name(f".{old.name}.leaving")
        try:
            if old.exists():
                # In one step: whoever finds the old name gone knows that only the archive has it whole.
                old.rename(leaving)
                sync_folder(old.parent)
            if leaving.exists():
                remove_tree(leaving)
        except OSError as error:
            raise unwritable(old, error) from error


def pack(folder: Path, archive: Path, read: Callable[[int], None]) -> None:
    """Pack ``folder`` into ``archive`` (tar, gzip), without byte code. ``read`` gets the bytes packed so far, and may
    raise to stop. Raises ConsoleError when it does not fit; nothing of the archive is left then.
    """
    partial = archive.with_name(f"{archive.name}.part")
    done = 0

    def wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        nonlocal done
        done += entry.size
        read(done)
        return None if Path(entry.name).name == _BYTE_CODE else entry

    try:
        with partial.open("wb") as file:
            # Quick before small: the app runs meanwhile on a quarter of a core.
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as tar:
                tar.add(folder, arcname=".", filter=wanted)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(archive)
        sync_folder(archive.parent)
    except OSError as error:
        raise unwritable(archive, error) from error
    finally:
        partial.unlink(missing_ok=True)


def unpack(archive: Path, folder: Path) -> None:
    """Make ``folder``, which does not exist, out of ``archive``; it appears when it is whole. Raises OSError."""
    beside = folder.with_name(f".{folder.name}.coming")
    leaving = folder.with_name(f".{folder.name}.leaving")
    for half in (beside, leaving):
        if half.exists():
            remove_tree(half)
    with archive.open("rb") as file, tarfile.open(fileobj=file, mode="r:gz") as tar:
        _extract(tar, beside)
    beside.rename(folder)
    sync_folder(folder.parent)


def _extract(tar: tarfile.TarFile, folder: Path) -> None:
    # It is our own archive of the customer's own files, absolute links and all: nothing in it is to be refused.
    if hasattr(tarfile, "fully_trusted_filter"):
        tar.extractall(folder, filter="fully_trusted")
    else:
        tar.extractall(folder)

