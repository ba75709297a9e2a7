"""The traceback at any place of a log, with its whole extent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from .position import Position
from .timeline import Joined, Timeline
from .tracebacks import CHAINS, Traceback, tracebacks

HEADER = b"Traceback (most recent call last):"
_WINDOW = 64 * 1024  # bytes of context in which a traceback's begin and end are looked for
_LARGE_WINDOW = 512 * 1024  # for one that does not end there
_LONGEST_FRAME = 500  # bytes
_LINK = 6  # lines between two chained tracebacks at most


@dataclass(frozen=True)
class FoundTraceback:
    """A traceback of a log: its first line begins at ``begin``, the one after it at ``end``."""

    begin: Position
    end: Position
    traceback: Traceback

    @property
    def text(self) -> str:
        """It as Python wrote it, without the prefixes that the log put before its lines; not safe for a terminal."""
        return "\n".join(self.traceback.lines) + "\n"


def traceback_at(timeline: Timeline, position: Position) -> FoundTraceback | None:
    """The traceback that the line at ``position`` belongs to."""
    found = covering(timeline.bytes, timeline.offset_of(position))
    return None if found is None else _placed(timeline, found)


# -- for the rest of this package --------------------------------------------------------------


def span_at(log: Joined, first: int) -> int | None:
    """Where the traceback ends whose header is in the line at ``first``; None when it is torn."""
    found = covering(log, first, look_back=False)
    return None if found is None else found[1]


def open_at(log: Joined, offset: int) -> int | None:
    """Where the traceback ends that began before the line at ``offset`` and goes on in it; None where there is none."""
    found = covering(log, offset)
    return found[1] if found is not None and found[0] < offset else None


def goes_on_at(timeline: Timeline, position: Position) -> bool:
    """Whether the line at ``position`` belongs to a traceback that began before it."""
    return open_at(timeline.bytes, timeline.offset_of(position)) is not None


def leading(lines: Sequence[bytes]) -> int | None:
    """How many of ``lines`` the traceback has that begins in the first one; None when it is torn or goes on."""
    found = next(tracebacks(_decoded(lines)), None)
    return found.end if found is not None and found.begin == 0 else None


def may_go_on(after: Sequence[bytes]) -> bool:
    """Whether the lines ``after`` a traceback are no more than the begin of one that is chained to it."""
    chained = False
    for line in _decoded(after[:_LINK]):
        if chained and HEADER.decode() in line:
            return True
        if line.strip() in CHAINS:
            chained = True
        elif line.strip():
            return False
    return len(after) < _LINK


def covering(log: Joined, offset: int, *, look_back: bool = True) -> tuple[int, int, Traceback] | None:
    """The traceback that byte ``offset`` lies in, with its begin and its end in the log."""
    start = offset
    if look_back:
        reach = log.reach(offset - _WINDOW)
        before = log.read(offset - reach, reach)
        first = before.find(HEADER)
        # Without a header before it, that is in this very line, or nowhere.
        start = reach + before.rfind(b"\n", 0, first if first >= 0 else len(before)) + 1
    found = _in_window(log, start, offset, _WINDOW, first_line_only=not look_back)
    ends = offset + _WINDOW
    if (found is not None and found[1] >= ends - 2) or (found is None and _is_indented(log, ends)):
        found = _in_window(log, start, offset, _LARGE_WINDOW, first_line_only=not look_back) or found
    return found


def _is_indented(log: Joined, offset: int) -> bool:
    """Whether the line behind ``offset`` looks like one of a traceback that goes on."""
    _cut, _end, line = log.read(_LONGEST_FRAME, offset).partition(b"\n")
    return line.startswith(b"  ")


def _in_window(
    log: Joined, start: int, offset: int, window: int, *, first_line_only: bool
) -> tuple[int, int, Traceback] | None:
    data = log.read(offset - start + window, start)
    lines = data.split(b"\n")
    if lines[-1] and start + len(data) < log.end:
        del lines[-1]  # cut by the window
    starts = [start, *(start + end for end in accumulate(len(line) + 1 for line in lines))]
    for traceback in tracebacks(_decoded(lines)):
        begin, end = starts[traceback.begin], min(starts[traceback.end], log.end)
        if begin > offset or (first_line_only and traceback.begin):
            break
        if offset < end:
            return begin, end, traceback
    return None


def _decoded(lines: Sequence[bytes]) -> list[str]:
    return [line.decode("utf-8", "replace").rstrip("\r") for line in lines]


def _placed(timeline: Timeline, found: tuple[int, int, Traceback]) -> FoundTraceback:
    begin, end, traceback = found
    return FoundTraceback(timeline.bytes.position_of(begin), timeline.bytes.position_of(end), traceback)
