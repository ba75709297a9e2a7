"""Lines of a file read from its end backwards: the same cost and memory, whatever its size."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConsoleError
from ..text import _

MAX_LINE = 64 * 1024
_BLOCK = 64 * 1024
_AT_ONCE = 1024 * 1024  # spans up to this are read in one go


class LogMissing(ConsoleError):
    """There is no file at the log's path (yet)."""


@dataclass(frozen=True)
class Line:
    """A line of a file: it begins at byte ``offset``, ``end`` is where the next one begins.

    ``data`` is the line without its line end, at most as many bytes as were asked for; ``missing`` counts the
    bytes left out. ``complete`` is False for a last line that has no line end yet.
    """

    offset: int
    end: int
    data: bytes
    missing: int = 0
    complete: bool = True

    @property
    def marked(self) -> bytes:
        """``data``, with a mark that says how much was left out where it was cut."""
        return mark_cut(self.data, self.missing)


def last_lines(path: Path, n: int, *, max_line: int = MAX_LINE) -> list[bytes]:
    """The last ``n`` lines, oldest first, without line ends; a longer one than ``max_line`` bytes is cut and marked.

    Raises LogMissing when there is no such file, ConsoleError when it is no regular file or cannot be read.
    """
    return [line.marked for line in lines_before(path, None, n, max_line=max_line)]


def lines_before(path: Path, offset: int | None, n: int, *, max_line: int = MAX_LINE) -> list[Line]:
    """The ``n`` lines that end at byte ``offset`` (None: the end of the file) or before it, oldest first.

    To page back, pass the first line's ``offset`` again; at the beginning of the file the list is empty.
    Raises ConsoleError like ``last_lines``.
    """
    with opened(path) as fd:
        return read_back(fd, offset, n, max_line=max_line)


def read_back(fd: int, offset: int | None, n: int, *, max_line: int = MAX_LINE) -> list[Line]:
    """``lines_before`` for an open file. Its position is neither used nor changed."""
    size = os.fstat(fd).st_size
    stop = size if offset is None else min(offset, size)
    if n <= 0 or stop <= 0:
        return []
    starts = list(_line_starts(fd, stop, n))
    starts.reverse()
    first = starts[0]
    whole = os.pread(fd, stop - first, first) if stop - first <= _AT_ONCE else None
    lines = []
    for start, end in zip(starts, [*starts[1:], stop], strict=True):
        if whole is not None:
            complete = whole[end - first - 1 : end - first] == b"\n"
        else:
            complete = os.pread(fd, 1, end - 1) == b"\n"
        length = end - start - complete
        kept = min(length, max_line)
        data = whole[start - first : start - first + kept] if whole is not None else os.pread(fd, kept, start)
        lines.append(Line(start, end, data, length - kept, complete))
    return lines


def mark_cut(data: bytes, missing: int) -> bytes:
    """``data`` with the mark of a line that was cut; unchanged when nothing is ``missing``."""
    if not missing:
        return data
    return data + _(" … [cut here: {n} more bytes]").format(n=f"{missing:,}").encode()


@contextlib.contextmanager
def opened(path: Path) -> Iterator[int]:
    """A descriptor of the regular file at ``path`` for the time of the block. Raises like ``last_lines``."""
    fd = open_log(path)
    try:
        yield fd
    finally:
        os.close(fd)


def open_log(path: Path) -> int:
    """A descriptor of the regular file at ``path``, to be closed by the caller. Raises like ``last_lines``."""
    try:
        # Not to wait for a writer, should a pipe stand there.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    except FileNotFoundError as error:
        raise LogMissing(
            _("{path} does not exist.").format(path=path), _("Its program has written nothing yet.")
        ) from error
    except OSError as error:
        raise ConsoleError(_("Could not read {path}.").format(path=path), error.strerror or str(error)) from error
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ConsoleError(_("{path} is no regular file.").format(path=path))
    return fd


def _line_starts(fd: int, stop: int, n: int) -> Iterator[int]:
    """Where the ``n`` lines before ``stop`` begin, last one first; only a block is held at a time."""
    position = stop - 1  # the line end at ``stop`` belongs to the last line
    while position > 0:
        begin = max(0, position - _BLOCK)
        block = os.pread(fd, position - begin, begin)
        at = block.rfind(b"\n")
        while at >= 0:
            yield begin + at + 1
            n -= 1
            if not n:
                return
            at = block.rfind(b"\n", 0, at)
        position = begin
    yield 0
