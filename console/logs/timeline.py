"""A program's log as one sequence of lines, from the oldest rotated file to the end of the live one.

Nothing is indexed and nothing kept but open files: a page costs the same wherever it is and however large the log.
"""

from __future__ import annotations

import bisect
from collections import deque
from pathlib import Path

from .lines import MAX_LINE, Line, lines_back, lines_forward
from .parts import GzipPart, Key, Part, PlainPart, open_parts
from .position import LogLine, Position

# Removed files stay open for a while, so that their inodes are not given to new ones, for which old positions would
# then be taken; only small ones, whose room on the disk nobody misses.
_MOST_GONE = 8
_MOST_GONE_BYTES = 4 * 1024 * 1024


class Joined:
    """The bytes of several files as if they were one, as they were at one moment.

    The last file begins at 0 and the ones before it have offsets below: so that the size of an old packed file, which
    only unpacking tells, is asked for when somebody comes there.
    """

    def __init__(self, parts: list[Part]) -> None:
        self.parts = parts
        self._begins = [0]  # of the last parts, as many as were needed yet, newest first
        self.end = parts[-1].size

    @property
    def begin(self) -> int:
        return self._begin_of(0)

    @property
    def known_begin(self) -> int:
        """Where the oldest file begins whose size was needed yet."""
        return self._begins[-1]

    def reach(self, offset: int) -> int:
        """``offset``, or where the log begins when it lies before that."""
        index = self._index(offset)
        return max(offset, self._begin_of(index)) if index == 0 else offset

    def read(self, count: int, offset: int) -> bytes:
        """``count`` bytes from ``offset`` on; less at the end."""
        buffer = bytearray(max(0, min(count, self.end - offset)))
        view = memoryview(buffer)
        return bytes(view[: self.read_into(view, offset)])

    def read_into(self, buffer: memoryview, offset: int) -> int:
        """Fill ``buffer`` from ``offset`` on; how many bytes came, less than asked at the end, or where a file has
        been emptied since.
        """
        done = 0
        index = self._index(offset)
        while done < len(buffer) and index < len(self.parts):
            part, begin = self.parts[index], self._begin_of(index)
            wanted = min(len(buffer) - done, begin + part.size - offset - done)
            count = part.read_into(buffer[done : done + wanted], offset + done - begin) if wanted > 0 else 0
            done += count
            if count < wanted:
                break
            index += 1
        return done

    def position_of(self, offset: int) -> Position:
        """The lasting name of ``offset``."""
        index = self._index(offset)
        return Position(*self.parts[index].key, max(0, offset - self._begin_of(index)))

    def begin_of(self, key: Key) -> tuple[int, int] | None:
        """Where the file ``key`` begins, and its size; None when it is none of these."""
        for index in range(len(self.parts) - 1, -1, -1):
            if self.parts[index].key == key:
                return self._begin_of(index), self.parts[index].size
        return None

    def _begin_of(self, index: int) -> int:
        while len(self._begins) < len(self.parts) - index:
            older = self.parts[len(self.parts) - 1 - len(self._begins)]
            self._begins.append(self._begins[-1] - older.size)
        return self._begins[len(self.parts) - 1 - index]

    def _index(self, offset: int) -> int:
        """The part that byte ``offset`` is in; the last one at the end, the first one before the beginning."""
        index = len(self.parts) - 1
        while index and self._begin_of(index) > offset:
            index -= 1
        return index


class Timeline:
    """The log at ``path`` with its rotated files (``path.1`` is newer than ``path.2``; ``.gz`` too).

    Shows the log as it was at the last ``refresh``, which costs a look into its folder. Files stay open, so that a
    position in one stays good while it is renamed; in one that was packed by gzip it is found again in the packed
    one (up to 4 MiB), in one that was removed it means the oldest line that there is. ``unreadable``: rotated files
    that had to be left out. Not to be shared between threads.

    Raises LogMissing when there is no such log, ConsoleError when it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.unreadable: tuple[Path, ...] = ()
        self._open: dict[Key, Part] = {}
        self._gone: deque[Part] = deque()
        self._packed: dict[Key, Key] = {}  # files that were packed since, and into which
        self.refresh()

    def __enter__(self) -> Timeline:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the files go; nothing can be read any more."""
        for part in [*self._open.values(), *self._gone]:
            part.close()
        self._open.clear()
        self._gone.clear()

    def refresh(self) -> None:
        """Take in what was written and rotated since. Raises like the constructor; the log is as before then."""
        parts, unreadable = open_parts(self.path, self._open)
        self.unreadable = tuple(unreadable)
        now = {part.key: part for part in parts}
        for key, part in self._open.items():
            if key in now:
                continue
            for other in parts:
                if isinstance(part, PlainPart) and isinstance(other, GzipPart) and _is_packed(part, other):
                    self._packed[key] = other.key
            self._let_go(part)
        self._open = now
        for part in parts:
            part.look()
        self.bytes = Joined(parts)

    def _let_go(self, part: Part) -> None:
        if isinstance(part, PlainPart) and part.size > _MOST_GONE_BYTES:
            self._packed.pop(part.key, None)
            part.close()
            return
        self._gone.append(part)
        if len(self._gone) > _MOST_GONE:
            old = self._gone.popleft()
            self._packed.pop(old.key, None)
            old.close()

    @property
    def begin(self) -> Position:
        """Where the oldest line begins."""
        return self.bytes.position_of(self.bytes.begin)

    @property
    def end(self) -> Position:
        """Where the next line will begin, or the last one goes on when it has no line end yet."""
        return self.bytes.position_of(self.bytes.end)

    def before(self, position: Position | None, n: int, *, max_line: int = MAX_LINE) -> list[LogLine]:
        """The ``n`` lines before ``position`` (None: the end), oldest first; none at the beginning."""
        stop = self.bytes.end if position is None else self.offset_of(position)
        return self.placed(lines_back(self.bytes, stop, n, max_line=max_line))

    def after(self, position: Position | None, n: int, *, max_line: int = MAX_LINE) -> list[LogLine]:
        """The ``n`` lines from ``position`` (None: the beginning) on; none at the end."""
        start = self.bytes.begin if position is None else self.offset_of(position)
        return self.placed(lines_forward(self.bytes, start, n, self.bytes.end, max_line=max_line))

    def around(
        self, position: Position, before: int, after: int, *, max_line: int = MAX_LINE
    ) -> tuple[list[LogLine], list[LogLine]]:
        """The lines before that which ``position`` is in, and those from it on."""
        start = self.line_at(position)
        return self.before(start, before, max_line=max_line), self.after(start, after, max_line=max_line)

    def whole(self, position: Position) -> bytes:
        """The whole line that begins at ``position``, however long, without its line end."""
        start = self.offset_of(position)
        found = lines_forward(self.bytes, start, 1, self.bytes.end, max_line=self.bytes.end - start)
        return found[0].data if found else b""

    def line_at(self, position: Position) -> Position:
        """The beginning of the line that ``position`` is in."""
        return self.bytes.position_of(self.line_start(self.offset_of(position)))

    def at_fraction(self, fraction: float) -> Position:
        """The line at this part of the log's bytes: 0.0 is the first, 1.0 the end."""
        begin, end = self.bytes.begin, self.bytes.end
        if fraction >= 1:
            return self.end
        return self.bytes.position_of(self.line_start(begin + int((end - begin) * max(0.0, fraction))))

    # -- for the rest of this package ----------------------------------------------------------

    def offset_of(self, position: Position) -> int:
        """Where ``position`` is in ``bytes``."""
        key = position[:2]
        found = self.bytes.begin_of(self._packed.get(key, key))
        return self.bytes.begin if found is None else found[0] + min(position.offset, found[1])

    def line_start(self, offset: int) -> int:
        """Where the line begins that byte ``offset`` is in."""
        if offset <= self.bytes.reach(offset - 1) or self.bytes.read(1, offset - 1) == b"\n":
            return offset
        found = lines_back(self.bytes, offset, 1, max_line=0)
        return found[0].offset if found else offset

    def placed(self, lines: list[Line]) -> list[LogLine]:
        """``lines`` of ``bytes`` with their lasting positions."""
        # Most pages are of one file, whose name is then looked up once for all of them.
        starts: list[int] = []
        keys: list[Key] = []
        if lines:
            for index in range(len(self.bytes.parts) - 1, -1, -1):
                key = self.bytes.parts[index].key
                found = self.bytes.begin_of(key)
                assert found is not None
                starts.insert(0, found[0])
                keys.insert(0, key)
                if found[0] <= lines[0].offset:
                    break

        def position(offset: int) -> Position:
            index = max(0, bisect.bisect_right(starts, offset) - 1)
            return Position(*keys[index], offset - starts[index])

        return [
            LogLine(position(line.offset), position(line.end), line.data, line.missing, line.complete) for line in lines
        ]


def _is_packed(plain: PlainPart, packed: GzipPart) -> bool:
    # gzip(1) gives the packed file the time of the plain one.
    return packed.modified == plain.modified and packed.promised == plain.size % (1 << 32)
