"""A folder with all that is in it: what it takes on the disk, and taking it away.

A virtualenv has ten thousands of files: each is looked at once, and by its name in its folder, not by its whole path.
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

_BLOCK = 512  # the unit of st_blocks, whatever the file system's own block is (stat(2))
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def allocated_bytes(folder: Path) -> int:
    """The disk blocks of everything under ``folder``, each file once however many names it has there.

    What cannot be read counts nothing. Symlinks are not followed, but for ``folder`` itself.
    """
    blocks: dict[tuple[int, int], int] = {}
    waiting = [os.fspath(folder)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:  # not readable, or gone meanwhile
            for entry in entries:
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                blocks[facts.st_dev, facts.st_ino] = facts.st_blocks
                if stat.S_ISDIR(facts.st_mode):
                    waiting.append(entry.path)
    return sum(blocks.values()) * _BLOCK


def remove_tree(folder: Path) -> int:
    """Remove ``folder`` and return the bytes that this gave back: a file with a name elsewhere gives none.

    A symlink or a file in its place is removed, not followed. Raises OSError where something cannot be removed; what
    is left then is a part of it.
    """
    return _removed(os.fspath(folder), None) * _BLOCK


def _removed(name: str, parent: int | None) -> int:
    """Remove ``name`` of the open folder ``parent`` with all that is in it; the blocks that this gave back."""
    facts = os.lstat(name, dir_fd=parent)
    if not stat.S_ISDIR(facts.st_mode):
        os.unlink(name, dir_fd=parent)
        return facts.st_blocks if facts.st_nlink == 1 else 0
    if facts.st_mode & stat.S_IRWXU != stat.S_IRWXU and not os.access(name, os.R_OK | os.W_OK | os.X_OK, dir_fd=parent):
        # Packages may bring read-only folders; what is in them has to go too.
        os.chmod(name, stat.S_IRWXU, dir_fd=parent)
    freed = facts.st_blocks
    opened = os.open(name, _OPEN_FOLDER, dir_fd=parent)
    try:
        for inside in os.listdir(opened):  # noqa: PTH208 - Path takes no open folder
            with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                freed += _removed(inside, opened)
    finally:
        os.close(opened)
    os.rmdir(name, dir_fd=parent)
    return freed
