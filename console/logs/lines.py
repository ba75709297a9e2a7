"""Lines of a file read from its end backwards: the same cost and memory, whatever its size."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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
    return lines_back(_File(fd), size if offset is None else min(offset, size), n, max_line=max_line)


class Bytes(Protocol):
    """What lines are read from."""

    def read(self, count: int, offset: int) -> bytes:
        """``count`` bytes from ``offset`` on; less at the end."""

    def reach(self, offset: int) -> int:
        """``offset``, or where the bytes begin when it lies before that."""


def lines_back(source: Bytes, stop: int, n: int, *, max_line: int = MAX_LINE) -> list[Line]:
    """The ``n`` lines of ``source`` that end at byte ``stop`` or before it, oldest first."""
    if n <= 0 or source.reach(stop - 1) >= stop:
        return []
    starts = list(_line_starts(source, stop, n))
    starts.reverse()
    first = starts[0]
    whole = source.read(stop - first, first) if stop - first <= _AT_ONCE else None
    lines = []
    for start, end in zip(starts, [*starts[1:], stop], strict=True):
        if whole is not None:
            complete = whole[end - first - 1 : end - first] == b"\n"
        else:
            complete = source.read(1, end - 1) == b"\n"
        length = end - start - complete
        kept = min(length, max_line)
        data = whole[start - first : start - first + kept] if whole is not None else source.read(kept, start)
        lines.append(Line(start, end, data, length - kept, complete))
    return lines


def lines_forward(source: Bytes, start: int, n: int, end: int, *, max_line: int = MAX_LINE) -> list[Line]:
    """The ``n`` lines of ``source`` from byte ``start`` on; what is behind ``end`` is not looked at."""
    lines: list[Line] = []
    while len(lines) < n and start < end:
        block = source.read(min(_BLOCK, end - start), start)
        if not block:  # emptied meanwhile
            break
        at = 0
        while len(lines) < n and (stop := block.find(b"\n", at)) >= 0:
            kept = min(stop - at, max_line)
            lines.append(Line(start + at, start + stop + 1, block[at : at + kept], stop - at - kept))
            at = stop + 1
        if at == 0 or (start + len(block) >= end and len(lines) < n and at < len(block)):
            # A line longer than the block, or the last one without its end.
            lines.append(_long_line(source, start + at, start + len(block), end, max_line))
            start = lines[-1].end
        else:
            start += at
    return lines


def _long_line(source: Bytes, begin: int, position: int, end: int, max_line: int) -> Line:
    """The line that begins at ``begin`` and has not ended at ``position``."""
    stop = next_line_end(source, position, end)
    complete = source.read(1, stop - 1) == b"\n"
    length = stop - begin - complete
    kept = min(length, max_line)
    return Line(begin, stop, source.read(kept, begin), length - kept, complete)


def next_line_end(source: Bytes, position: int, end: int) -> int:
    """Where the line ends that goes on at ``position``: behind its line end, or at ``end``."""
    while position < end:
        block = source.read(min(4 * _BLOCK, end - position), position)
        at = block.find(b"\n")
        if at >= 0:
            return position + at + 1
        if not block:
            return position
        position += len(block)
    return end


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


class _File:
    def __init__(self, fd: int) -> None:
        self._fd = fd

    def read(self, count: int, offset: int) -> bytes:
        return os.pread(self._fd, count, offset)

    def reach(self, offset: int) -> int:
        return max(0, offset)


def _line_starts(source: Bytes, stop: int, n: int) -> Iterator[int]:
    """Where the ``n`` lines before ``stop`` begin, last one first; only a block is held at a time."""
    position = stop - 1  # the line end at ``stop`` belongs to the last line
    while (begin := source.reach(position - _BLOCK)) < position:
        block = source.read(position - begin, begin)
        at = block.rfind(b"\n")
        while at >= 0:
            yield begin + at + 1
            n -= 1
            if not n:
                return
            at = block.rfind(b"\n", 0, at)
        position = begin
    yield begin
