"""Only the wanted lines of a log that grows."""

from __future__ import annotations

from .follow import MOST, Follower, News
from .position import Position
from .wanted import Wanted


class FilteredFollower:
    """A follower that hands out only what is ``wanted``.

    A traceback is handed out whole: its lines wait until its end has come, or until nothing more comes.
    """

    def __init__(self, follower: Follower, wanted: Wanted) -> None:
        self._follower = follower
        self._wanted = wanted
        self._lines: list[bytes] = []  # undecided
        self._positions: list[Position] = []

    @property
    def behind(self) -> bool:
        """The last poll stopped at its limit: more is there already."""
        return self._follower.behind

    def close(self) -> None:
        self._follower.close()

    def poll(self, most: int = MOST) -> News:
        """The wanted lines that came since the last call. Raises like the follower's."""
        news = self._follower.poll(most)
        self._lines += news.lines
        self._positions += news.positions
        decided, wanted = self._wanted.decide(self._lines, quiet=not news.lines)
        found = News(
            [self._lines[number] for number in wanted], news.restarted, [self._positions[number] for number in wanted]
        )
        del self._lines[:decided], self._positions[:decided]
        return found
