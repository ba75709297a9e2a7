"""A log gone through in large blocks of whole lines, forward or back, with one buffer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .lines import lines_back, next_line_end
from .timeline import Joined

BLOCK = 1024 * 1024
_LINE_END = 0x0A  # put behind a block: an expression's "$" sees what is there


@dataclass(frozen=True)
class Block:
    """Whole lines: ``data[begin:end]``, where ``data[0]`` is byte ``offset`` of the log.

    A line that is longer than a block comes alone and without ``data``. The buffer is used again for the next one.
    """

    offset: int
    begin: int
    end: int
    data: bytearray | None

    @property
    def first(self) -> int:
        """Where in the log it begins."""
        return self.offset + self.begin

    @property
    def last(self) -> int:
        """Where in the log the next one begins."""
        return self.offset + self.end


def forward(log: Joined, start: int, stop: int) -> Iterator[Block]:
    """The lines between ``start`` and ``stop``, both at lines' beginnings or the log's end."""
    buffer = bytearray(min(BLOCK, max(0, stop - start)) + 1)
    view = memoryview(buffer)
    while start < stop:
        count = log.read_into(view[: min(len(buffer) - 1, stop - start)], start)
        if not count:  # emptied meanwhile
            return
        buffer[count] = _LINE_END
        end = count if start + count >= stop else buffer.rfind(b"\n", 0, count) + 1
        if end:
            yield Block(start, 0, end, buffer)
        else:
            end = next_line_end(log, start + count, stop) - start
            yield Block(start, 0, end, None)
        start += end


def back(log: Joined, start: int | None, stop: int) -> Iterator[Block]:
    """The same from the end back; ``start`` None: from the log's beginning on."""
    buffer = bytearray(BLOCK + 1)
    view = memoryview(buffer)
    while start is None or start < stop:
        offset = log.reach(stop - BLOCK) if start is None else max(start, log.reach(stop - BLOCK))
        if offset >= stop:
            return
        count = log.read_into(view[: stop - offset], offset)
        if not count:
            return
        buffer[count] = _LINE_END
        at_beginning = offset == start or log.reach(offset - 1) == offset
        begin = 0 if at_beginning else buffer.find(b"\n", 0, count - 1) + 1
        if begin or at_beginning:
            yield Block(offset, begin, count, buffer)
            stop = offset + begin
        else:
            found = lines_back(log, stop, 1, max_line=0)
            first = max(found[0].offset, start or found[0].offset)
            yield Block(first, 0, stop - first, None)
            stop = first
