"""Several logs that grow, followed as one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from .follow import Follower
from .merged import SUPERVISORD, MergedLine, Places
from .position import LogLine
from .restarts import restart_event
from .times import time_of


class MergedFollower:
    """Follows the logs of ``logs`` (names to paths), which need not exist yet, from the last line complete now on.

    Lines that came between two polls are ordered by their times; what came in another poll stands after them. Of a line
    that was cut, ``line.end`` is that of what was kept. Raises ConsoleError like ``Follower``.
    """

    def __init__(self, logs: Mapping[str, Path]) -> None:
        self._followers = {name: Follower(path) for name, path in logs.items()}
        self._seconds: dict[str, float | None] = dict.fromkeys(logs)
        # Where it began: the page before it is ``Merged.before(follower.start, n)``.
        self.start: Places = tuple(follower.position for follower in self._followers.values())

    @property
    def behind(self) -> bool:
        """A log's last poll stopped at its limit: more is there already."""
        return any(follower.behind for follower in self._followers.values())

    def close(self) -> None:
        for follower in self._followers.values():
            follower.close()

    def poll(self) -> list[MergedLine]:
        """The lines that were completed since the last call."""
        now = time.time()
        found: list[MergedLine] = []
        for name, follower in self._followers.items():
            news = follower.poll()
            for line, position in zip(news.lines, news.positions, strict=True):
                own = time_of(line, now)
                if own is not None:
                    self._seconds[name] = own
                end = position._replace(offset=position.offset + len(line) + 1)
                event = restart_event(line) if name == SUPERVISORD else None
                found.append(MergedLine(name, LogLine(position, end, line), self._seconds[name], event))
        # What has no time came just now.
        found.sort(key=lambda one: now if one.time is None else one.time)
        return found
