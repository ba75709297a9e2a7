"""A log that grows, followed over rotation, truncation and re-creation without losing or repeating a line.

Files are told apart by device and inode, never by name; a followed one stays open, so that what went into it
before it was renamed is still read from it first, and its inode cannot be another file's.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from ..errors import ConsoleError
from ..text import _
from .lines import MAX_LINE, LogMissing, mark_cut, open_log, read_back
from .position import Position

MOST = 1024 * 1024
_CHUNK = 256 * 1024
_PROOF = 256  # bytes before the position that show whether the file still is what was read
_NAMES = 100  # rotated files looked through at most
_ATTEMPTS = 5  # to see all names while nobody renames them


_Key = tuple[int, int]
_Identity = tuple[int, int, int, int]


class News(NamedTuple):
    """What a look found. ``lines`` have no line ends and are complete; ``positions`` are where they begin.

    ``restarted``: another file stands at the path now, or it was emptied: its offsets begin again.
    """

    lines: list[bytes]
    restarted: bool
    positions: list[Position]


class Follower:
    """Follows the file at ``path``, which need not exist yet.

    Starts at byte ``offset``; by default behind the last line that is complete now. A last line without line
    end is handed out when its end has come (or its file has), until then it is ``partial``; where a rotation
    cut a line in two, the halves are joined. Not to be shared between threads. Raises ConsoleError for what
    can be no log or cannot be read, from ``poll`` too, which may then be called again.
    """

    def __init__(self, path: Path, *, offset: int | None = None, max_line: int = MAX_LINE) -> None:
        self.path = path
        self.behind = False  # the last poll stopped at its limit: more is there already
        self._max_line = max_line
        self._sources: deque[_Source] = deque()  # the first is being read, the last is at the path
        self._unsettled: list[_Key | None] = []
        self._partial = bytearray()
        self._partial_at = Position(0, 0, 0)
        self._missing = 0
        self._restarted = False
        with contextlib.suppress(LogMissing):
            first = _Source(path)
            first.start_at(_behind_last_line(first.fd) if offset is None else offset)
            self._sources.append(first)
        self._before = _identity(self._rotated(1))

    def __enter__(self) -> Follower:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the files go; nothing can be polled any more."""
        while self._sources:
            self._sources.pop().close()

    @property
    def position(self) -> Position | None:
        """Where the next line begins that ``poll`` will give; None as long as there is no file."""
        if self._partial or not self._sources:
            return self._partial_at if self._partial else None
        return Position(*self._sources[0].key, self._sources[0].position)

    @property
    def partial(self) -> bytes:
        """The last line as far as it has been written; empty when the last line is complete."""
        return mark_cut(bytes(self._partial), self._missing)

    def tail(self, n: int) -> list[bytes]:
        """The ``n`` complete lines before the next one that ``poll`` gives, of the file being read."""
        if not self._sources:
            return []
        source = self._sources[0]
        found = read_back(source.fd, source.position, n + 1, max_line=self._max_line)
        return [line.marked for line in found if line.complete][-n:] if n > 0 else []

    def poll(self, most: int = MOST) -> News:
        """The lines that were completed since the last call, of about ``most`` bytes read.

        Costs one stat when nothing happened. ``behind`` says whether the limit ended it.
        """
        self._restarted = False
        self.behind = False
        news = News([], False, [])
        now = self._look()
        if len(self._sources) == 1 and now is not None and self._sources[0].saw_nothing_new(now):
            return news
        while self._sources and most > 0:
            source = self._sources[0]
            # Looked at first: whoever writes to the next file has written all that this one will get.
            moved_on = len(self._sources) > 2 or (len(self._sources) == 2 and self._sources[1].size() > 0)
            begin, chunk = self._chunk_of(source, min(most, _CHUNK), news)
            most -= len(chunk)
            self._take(chunk, Position(*source.key, begin), news)
            if not chunk:
                if not moved_on:
                    break
                self._sources.popleft().close()
                if not self._sources[0].continues:
                    self._finish_partial(news)
        else:
            self.behind = bool(self._sources)
        return news._replace(restarted=self._restarted)

    def _look(self) -> os.stat_result | None:
        """What stands at the path now; files that came since the last look are queued."""
        try:
            now = os.stat(self.path)  # noqa: PTH116 - four times a second, without pathlib's detours
        except FileNotFoundError:  # not there yet, deleted, or between the two steps of a rotation
            return None
        except OSError as error:
            raise ConsoleError(
                _("Could not read {path}.").format(path=self.path), error.strerror or str(error)
            ) from error
        if not self._sources or self._sources[-1].key != (now.st_dev, now.st_ino):
            fresh = self._newer()
            self._restarted = bool(fresh and self._sources)
            self._sources.extend(fresh)
        return now

    def _newer(self) -> list[_Source]:
        """The files newer than the last source, oldest first; none while a rotation goes on."""
        names: list[_Key | None] = []
        for _attempt in range(_ATTEMPTS):
            names = self._names()
            if not names:
                return []
            chained = bool(self._sources) and names[-1] == self._sources[-1].key
            fresh = self._open(names[:-1] if chained else names)
            # A gap in the numbers is a rotation at work, unless it stays.
            if fresh and self._names() == names and (None not in names or names == self._unsettled):
                self._before = _identity(self._rotated(1))
                for source in fresh[1:]:
                    source.continues = True
                fresh[0].continues = chained
                return fresh
            for source in fresh:
                source.close()
        self._unsettled = names
        return []

    def _names(self) -> list[_Key | None]:
        """The files at the path, at ``.1``, ``.2`` ... down to the last source, or to what was before it."""
        found: list[_Key | None] = []
        known = self._sources[-1].key if self._sources else None
        for number in range(_NAMES):
            identity = _identity(self._rotated(number))
            if identity is None and (not found or found[-1] is None):
                break
            if number and identity is not None and identity == self._before:
                break
            found.append(identity and identity[:2])
            if known is not None and found[-1] == known:
                break
        while found and found[-1] is None:
            found.pop()
        return found

    def _open(self, names: list[_Key | None]) -> list[_Source]:
        """These files, oldest first; empty when one is another by now."""
        opened: list[_Source] = []
        for number, key in reversed(list(enumerate(names))):
            if key is None:
                continue
            try:
                opened.append(_Source(self._rotated(number)))
            except LogMissing:
                break
            if opened[-1].key != key:
                break
        else:
            return opened
        for source in opened:
            source.close()
        return []

    def _rotated(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}") if number else self.path

    def _chunk_of(self, source: _Source, most: int, news: News) -> tuple[int, bytes]:
        begin = source.position
        chunk = source.read(most)
        if chunk is None:
            self._restarted = True
            self._finish_partial(news)
            source.start_at(0)
            begin, chunk = 0, source.read(most) or b""
        return begin, chunk

    def _take(self, chunk: bytes, at: Position, news: News) -> None:
        device, inode, offset = at
        *whole, rest = chunk.split(b"\n")
        for number, part in enumerate(whole):
            if number or not self._partial:
                news.positions.append(Position(device, inode, offset))
                offset += len(part) + 1
                # NULs at a line's begin are a gap: the writer went on at its old place in an emptied file.
                part = part.lstrip(b"\0")
                news.lines.append(mark_cut(part[: self._max_line], max(0, len(part) - self._max_line)))
            else:
                self._add_partial(part, at)
                self._finish_partial(news)
                offset += len(part) + 1
        self._add_partial(rest, Position(device, inode, offset))

    def _add_partial(self, part: bytes, at: Position) -> None:
        if not self._partial:
            part = part.lstrip(b"\0")
            self._partial_at = at
        room = max(0, self._max_line - len(self._partial))
        self._partial += part[:room]
        self._missing += max(0, len(part) - room)

    def _finish_partial(self, news: News) -> None:
        if self._partial:
            news.lines.append(self.partial)
            news.positions.append(self._partial_at)
        self._partial.clear()
        self._missing = 0


class _Source:
    """An open file and how far it was read. ``continues``: it goes on where the one before it ended."""

    def __init__(self, path: Path) -> None:
        self._file = FileIO(open_log(path))
        self.fd = self._file.fileno()
        found = os.fstat(self.fd)
        self.key = (found.st_dev, found.st_ino)
        self.position = 0
        self.continues = False
        self._seen = (-1, -1)
        self._proof = b""

    def close(self) -> None:
        self._file.close()

    def size(self) -> int:
        return os.fstat(self.fd).st_size

    def saw_nothing_new(self, now: os.stat_result) -> bool:
        """Nothing was written since the last call, and everything before was read."""
        before, self._seen = self._seen, (now.st_size, now.st_mtime_ns)
        return before == self._seen and now.st_size == self.position

    def start_at(self, offset: int) -> None:
        self.position = min(offset, self.size())
        begin = max(0, self.position - _PROOF)
        self._proof = os.pread(self.fd, self.position - begin, begin)

    def read(self, most: int) -> bytes | None:
        """The next bytes; None when those before the position have changed: the file was begun anew."""
        begin = self.position - len(self._proof)
        found = os.pread(self.fd, len(self._proof) + most, begin)
        if not found.startswith(self._proof):
            return None
        chunk = found[len(self._proof) :]
        self.position += len(chunk)
        self._proof = found[-_PROOF:]
        if len(chunk) == most and not chunk.strip(b"\0"):
            self._skip_hole()
        return chunk

    def _skip_hole(self) -> None:
        # A gap takes no room on the disk and may be gigabytes long.
        with contextlib.suppress(OSError):  # a hole up to the end, or a file system that knows no holes
            self.position = os.lseek(self.fd, self.position, os.SEEK_DATA)
            self._proof = b""


def _identity(path: Path) -> _Identity | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size


def _behind_last_line(fd: int) -> int:
    last = read_back(fd, None, 1, max_line=0)
    if not last:
        return 0
    return last[0].end if last[0].complete else last[0].offset
