"""The files that one log consists of: the live one, and the rotated ones beside it, plain or packed by gzip."""

from __future__ import annotations

import contextlib
import os
import re
import time
import zlib
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ..errors import ConsoleError
from .lines import LogMissing, open_log

Key = tuple[int, int]  # device and inode
_FEED = 64 * 1024  # packed bytes at a time
_GAIN = 256 * 1024  # unpacked bytes at a time, whatever the packed ones promise
_SPACING = 1024 * 1024  # unpacked bytes between two seek points, at first
_MOST_POINTS = 32  # of some 40 kB each
_ATTEMPTS = 20  # to see all names while nobody renames them
_PAUSE = 0.001  # seconds between two attempts
_GZIP = 31  # zlib's window bits for a gzip stream: https://www.zlib.net/manual.html (inflateInit2)


class Part(Protocol):
    """One file of a log. ``size`` is that of the text, in bytes, as it was when last looked at."""

    key: Key
    path: Path

    @property
    def size(self) -> int: ...

    def look(self) -> None:
        """Take in what was written since."""

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Fill ``buffer`` from byte ``offset`` on; how many bytes came, less than asked only at the end."""

    def close(self) -> None: ...


class PlainPart:
    """A file as it is."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd = fd
        found = os.fstat(fd)
        self.key: Key = (found.st_dev, found.st_ino)
        self.modified = int(found.st_mtime)
        self._size = found.st_size

    @property
    def size(self) -> int:
        return self._size

    def look(self) -> None:
        found = os.fstat(self._fd)
        self._size, self.modified = found.st_size, int(found.st_mtime)

    def read_into(self, buffer: memoryview, offset: int) -> int:
        done = 0
        while done < len(buffer):
            count = os.preadv(self._fd, [buffer[done:]], offset + done)
            if not count:
                break
            done += count
        return done

    def close(self) -> None:
        os.close(self._fd)


class _Point(NamedTuple):
    """A place to begin unpacking at: byte ``unpacked`` of the text, ``packed`` of the file."""

    unpacked: int
    packed: int
    state: Any  # zlib's decompressor, which its type stubs give no public name


class GzipPart:
    """A file packed by gzip, unpacked in passing: nothing of it is kept but places to begin at."""

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self._fd = fd
        found = os.fstat(fd)
        self.key: Key = (found.st_dev, found.st_ino)
        self.modified = int(found.st_mtime)
        self._spacing = _SPACING
        self._points = [_Point(0, 0, zlib.decompressobj(_GZIP))]
        self._size: int | None = None
        self._now = self._copy(self._points[0])
        self._rest = b""  # unpacked already, before ``_now``

    @property
    def promised(self) -> int:
        """The size of the text by the file's last four bytes, which is the truth below 4 GiB for one gzip stream."""
        end = os.fstat(self._fd).st_size
        return int.from_bytes(os.pread(self._fd, 4, end - 4), "little") if end >= 18 else 0

    @property
    def size(self) -> int:
        if self._size is None:
            self._go_to(self._points[-1].unpacked)
            while self._more():
                pass
            self._size = self._now.unpacked
        return self._size

    def look(self) -> None:
        """A packed file does not grow."""

    def read_into(self, buffer: memoryview, offset: int) -> int:
        self._go_to(offset)
        done = 0
        while done < len(buffer):
            begin = self._now.unpacked - len(self._rest)
            if offset + done < self._now.unpacked:
                piece = self._rest[offset + done - begin :][: len(buffer) - done]
                buffer[done : done + len(piece)] = piece
                done += len(piece)
            elif not self._more():
                break
        return done

    def close(self) -> None:
        os.close(self._fd)

    def _go_to(self, offset: int) -> None:
        """Stand at or before ``offset``: where reading goes on anyway, or at the nearest point."""
        here = self._now.unpacked - len(self._rest)
        point = max((point for point in self._points if point.unpacked <= offset), key=lambda point: point.unpacked)
        if not point.unpacked <= here <= offset:
            self._now, self._rest = self._copy(point), b""

    @staticmethod
    def _copy(point: _Point) -> _Point:
        return point._replace(state=point.state.copy())

    def _more(self) -> bool:
        """Unpack a little more into ``_rest``; False at the end, which is also where a damaged file breaks off."""
        unpacked, packed, state = self._now
        while True:
            fed = os.pread(self._fd, _FEED, packed)
            try:
                self._rest = state.decompress(fed, _GAIN)
            except zlib.error:
                self._rest = b""
                return False
            packed += len(fed) - len(state.unconsumed_tail) - len(state.unused_data)
            if state.eof:  # another stream may follow
                state = zlib.decompressobj(_GZIP)
            if self._rest:
                break
            if not fed:
                self._now = _Point(unpacked, packed, state)
                return False
        self._now = _Point(unpacked + len(self._rest), packed, state)
        if self._now.unpacked >= self._points[-1].unpacked + self._spacing:
            self._points.append(self._copy(self._now))
            if len(self._points) > _MOST_POINTS:
                del self._points[1::2]
                self._spacing *= 2
        return True


def open_parts(path: Path, known: dict[Key, Part]) -> tuple[list[Part], list[Path]]:
    """The files of the log at ``path``, oldest first, and rotated ones that cannot be read.

    Files that are ``known`` already are taken from there, and renamed. A rotation that happens meanwhile is waited
    out: no file is missed or comes twice. Raises LogMissing when there is none, ConsoleError when the live one cannot
    be read.
    """
    names = _names(path)
    for attempt in range(_ATTEMPTS):
        parts, unreadable, fresh = _open(names, known)
        again = _names(path)
        if again == names or attempt == _ATTEMPTS - 1:
            break
        names = again
        for part in fresh:
            part.close()
        time.sleep(_PAUSE)
    if not parts:
        open_log(path)  # says what is the matter
        raise LogMissing(str(path))
    return parts, unreadable


def _names(path: Path) -> list[tuple[int, Path, Key]]:
    """The log's files by age: the highest number is the oldest, 0 the live one."""
    pattern = re.compile(re.escape(path.name) + r"\.(\d{1,6})(\.gz)?")
    found: dict[int, tuple[int, Path, Key]] = {}
    try:
        with os.scandir(path.parent) as entries:
            for entry in entries:
                match = pattern.fullmatch(entry.name)
                if match is None and entry.name != path.name:
                    continue
                number = int(match[1]) if match is not None else 0
                if number in found and match is not None and match[2]:
                    continue  # gzip is at work: the plain one is whole
                with contextlib.suppress(OSError):
                    stat = entry.stat()
                    found[number] = (number, path.with_name(entry.name), (stat.st_dev, stat.st_ino))
    except OSError:  # no such folder, or it may not be listed: the live file may be readable all the same
        return [(0, path, (0, 0))]
    return [found[number] for number in sorted(found, reverse=True)]


def _open(names: list[tuple[int, Path, Key]], known: dict[Key, Part]) -> tuple[list[Part], list[Path], list[Part]]:
    parts: dict[Key, Part] = {}
    unreadable: list[Path] = []
    fresh: list[Part] = []
    for number, name, key in names:
        if key in known:
            parts[key] = known[key]
            continue
        try:
            fd = open_log(name)
        except LogMissing:
            continue
        except ConsoleError:
            if not number:
                for other in fresh:
                    other.close()
                raise
            unreadable.append(name)
            continue
        part: Part = GzipPart(name, fd) if name.suffix == ".gz" else PlainPart(name, fd)
        if part.key in parts or part.key in known:  # renamed since the folder was read
            part.close()
            continue
        fresh.append(part)
        parts[part.key] = part
    for _number, name, key in names:
        if key in parts:
            parts[key].path = name
    return list(parts.values()), unreadable, fresh
