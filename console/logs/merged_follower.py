"""Several logs that grow, followed as one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from .follow import Follower
from .merged_lines import MergedLine, Places, merged_line
from .position import LogLine
from .times import time_of
from .wanted import Wanted


class MergedFollower:
    """Follows the logs of ``logs`` (names to paths), which need not exist yet, from the last line complete now on.

    Lines that came between two polls are ordered by their times; what came in another poll stands after them. With
    ``wanted`` only those that are come, a traceback when it is whole, or when nothing more comes. Of a line that was
    cut, ``line.end`` is that of what was kept. Raises ConsoleError like ``Follower``.
    """

    def __init__(self, logs: Mapping[str, Path], wanted: Wanted | None = None) -> None:
        self._followed = [_Followed(name, Follower(path)) for name, path in logs.items()]
        self._wanted = wanted
        # Where it began: the page before it is ``Merged.before(follower.start, n)``.
        self.start: Places = tuple(followed.follower.position for followed in self._followed)

    @property
    def behind(self) -> bool:
        """A log's last poll stopped at its limit: more is there already."""
        return any(followed.follower.behind for followed in self._followed)

    def close(self) -> None:
        for followed in self._followed:
            followed.follower.close()

    def poll(self) -> list[MergedLine]:
        """The lines that were completed since the last call."""
        now = time.time()
        found = [line for followed in self._followed for line in followed.poll(self._wanted, now)]
        # What has no time came just now.
        found.sort(key=lambda one: now if one.time is None else one.time)
        return found


class _Followed:
    """One of the logs, with the lines that are undecided and the last time that stood in it."""

    def __init__(self, name: str, follower: Follower) -> None:
        self.follower = follower
        self._name = name
        self._seconds: float | None = None
        self._undecided: list[MergedLine] = []

    def poll(self, wanted: Wanted | None, now: float) -> list[MergedLine]:
        news = self.follower.poll()
        for line, position in zip(news.lines, news.positions, strict=True):
            own = time_of(line, now)
            if own is not None:
                self._seconds = own
            end = position._replace(offset=position.offset + len(line) + 1)
            self._undecided.append(merged_line(self._name, self._seconds, LogLine(position, end, line)))
        lines = self._undecided
        if wanted is None:
            self._undecided = []
            return lines
        decided, chosen = wanted.decide([one.line.data for one in lines], quiet=not news.lines)
        self._undecided = lines[decided:]
        return [lines[number] for number in chosen]
