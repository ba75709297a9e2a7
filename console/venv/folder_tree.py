"""A folder with all that is in it: what it takes on the disk, and taking it away."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_BLOCK = 512  # the unit of st_blocks, whatever the file system's own block is (stat(2))


def allocated_bytes(folder: Path) -> int:
    """The disk blocks of everything under ``folder``, each file once however many names it has there."""
    return sum(facts.st_blocks * _BLOCK for facts, _names in _files(folder))


def remove_tree(folder: Path) -> int:
    """Remove ``folder`` and return the bytes that this gave back: a file with a name elsewhere gives none.

    A symlink or a file in its place is removed, not followed. Raises OSError where something cannot be removed.
    """
    if folder.is_symlink() or folder.is_file():
        facts = folder.lstat()
        folder.unlink()
        return facts.st_blocks * _BLOCK if facts.st_nlink == 1 else 0
    import shutil

    freed = sum(facts.st_blocks * _BLOCK for facts, names in _files(folder) if facts.st_nlink <= names)
    for parent, names, _files_there in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            if not path.is_symlink() and not os.access(path, os.W_OK | os.X_OK):
                path.chmod(stat.S_IRWXU)  # packages may bring read-only folders; what is in them has to go too
    shutil.rmtree(folder)
    return freed


def _files(folder: Path) -> Iterator[tuple[os.stat_result, int]]:
    """Each file and folder once: its facts, and how many of its names lie under ``folder``."""
    seen: dict[tuple[int, int], int] = {}
    facts: dict[tuple[int, int], os.stat_result] = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            try:
                found = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - ten thousands of files: Path costs more
            except FileNotFoundError:  # taken away while we look
                continue
            key = (found.st_dev, found.st_ino)
            facts[key] = found
            seen[key] = seen.get(key, 0) + 1
    for key, found in facts.items():
        directory = stat.S_ISDIR(found.st_mode)  # a folder's links are its subfolders', not other names
        yield found, found.st_nlink if directory else seen[key]
