"""The folders in a folder, for a person to pick one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConsoleError
from ..text import _


@dataclass(frozen=True)
class Folders:
    """What ``path`` holds: the ``names`` of its folders, links to folders included, by name, and ``files`` others."""

    path: Path
    names: tuple[str, ...]
    files: int


def read_folders(path: Path) -> Folders:
    """Look into ``path``. Raises ConsoleError when it cannot be opened."""
    names, files = [], 0
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if _is_folder(entry):
                    names.append(entry.name)
                else:
                    files += 1
    except OSError as error:
        raise ConsoleError(_("Could not read {path}.").format(path=path), error.strerror or str(error)) from error
    return Folders(path, tuple(sorted(names)), files)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
