"""What was written to logs since a moment: a mark remembers where each file ended then.

supervisord rotates by renaming (``app.log`` becomes ``app.log.1``, with a new file in its place) or, with no
backups, by truncating the same file; both are followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

# Enough for the last traceback of the wordiest framework, and quick to read and to take apart.
TAIL_BYTES = 65536


@dataclass(frozen=True)
class Place:
    """The end of a file at some moment: which file it was, and its size in bytes."""

    device: int
    inode: int
    size: int


@dataclass(frozen=True)
class LogMark:
    """Where logs ended; a file that did not exist then is not in ``places``. ``oom_kills``: the cgroup's count then."""

    places: dict[Path, Place]
    oom_kills: int | None = None


def mark_logs(paths: Iterable[Path | None], oom_kills: int | None = None) -> LogMark:
    """A mark at the present ends of ``paths``."""
    places = {}
    for path in paths:
        if path is not None and (found := _place(path)) is not None:
            places[path] = found
    return LogMark(places, oom_kills)


def read_since(path: Path, mark: LogMark | None, limit: int = TAIL_BYTES) -> bytes:
    """What was written to ``path`` since ``mark``, at most its last ``limit`` bytes; without a mark those.

    Empty for a file that cannot be read.
    """
    now = _place(path)
    if now is None:
        return b""
    if mark is None:
        return _read(path, 0, now.size, limit)
    then = mark.places.get(path)
    if then is None:
        return _read(path, 0, now.size, limit)
    if (now.device, now.inode) == (then.device, then.inode):
        return _read(path, then.size if now.size >= then.size else 0, now.size, limit)
    return (_rotated(path, then, limit) + _read(path, 0, now.size, limit))[-limit:]


def _rotated(path: Path, then: Place, limit: int) -> bytes:
    """What was still written to the marked file before it was rotated to ``.1``."""
    older = path.with_name(path.name + ".1")
    found = _place(older)
    if found is None or (found.device, found.inode) != (then.device, then.inode):
        return b""
    return _read(older, then.size, found.size, limit)


def _place(path: Path) -> Place | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return Place(found.st_dev, found.st_ino, found.st_size)


def _read(path: Path, begin: int, end: int, limit: int) -> bytes:
    begin = max(begin, end - limit)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # never wait for a pipe's other end
    except OSError:
        return b""
    try:
        return os.pread(fd, max(0, end - begin), begin)
    except OSError:  # a pipe or a folder has no places to read at
        return b""
    finally:
        os.close(fd)
