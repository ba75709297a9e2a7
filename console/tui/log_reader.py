"""The thread that reads a log for its screen: pages that are asked for, and what comes."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from ..logs.expression import SearchEnded
from ..logs.lines import LogMissing
from ..logs.merged_lines import LineAt, Place
from ..logs.sources import Source
from ..logs.wanted import Wanted
from .log_pages import LogPages, News, Page, Pages
from .log_window import Side
from .merged_pages import MergedPages
from .watching import LOG_EVERY, QUIET_EVERY, QUIET_SECONDS, Post, Watch

_EARLY = 0.01  # seconds
_FULL_LOOK = 1.0  # seconds between two looks at the whole folder; in between one stat tells that nothing came


@dataclass(frozen=True)
class _Place:
    """Where to go: a line, or the begin or the end of the log."""

    name: str  # "line", "begin", "end"
    line: LineAt | None = None


class LogShown(Message):
    """A page to be shown instead of what was there; ``at`` is the line to go to, None the end. ``page`` is None where
    there is no such log yet.
    """

    def __init__(self, turn: int, page: Page | None, at: LineAt | Place | None) -> None:
        super().__init__()
        self.turn = turn
        self.page = page
        self.at = at


class LogPageRead(Message):
    """A page that was asked for."""

    def __init__(self, turn: int, side: Side, page: Page) -> None:
        super().__init__()
        self.turn = turn
        self.side = side
        self.page = page


class LogCame(Message):
    """Something came to the log."""

    def __init__(self, turn: int, news: News) -> None:
        super().__init__()
        self.turn = turn
        self.news = news


class LogReader(Watch):
    """Reads one log at a time. Everything that is asked for comes as a message with the number that the asking
    returned as its ``turn``; what belongs to an older turn is out of date.
    """

    def __init__(self, post: Post) -> None:
        super().__init__(LOG_EVERY, "log-reader", post)
        self._turn = 0
        self._asked: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._follows_from: tuple[int, Place] | None = None
        self._source: Source | None = None
        self._wanted: Wanted | None = None
        self._chosen: Wanted | None = None  # the same as the screen sees it: what was asked for last
        self._pages: Pages | None = None
        self._now = 0  # the turn of what is open
        self._missing_said = False
        self._seen: list[tuple[int, ...] | None] | None = None
        self._looked = self._looked_for_news = 0.0
        self._grew = time.monotonic()

    # -- asked for by the screen ---------------------------------------------------------------

    def open(self, source: Source | None, wanted: Wanted | None = None, at: LineAt | None = None) -> int:
        """Read ``source`` from now on, all of it or what is ``wanted``. Its end comes as ``LogShown``, or the line
        ``at``, which may be one of what is open now: in several logs as one, its moment.
        """
        self._let_go(wanted)
        return self._go(lambda turn: self._open(turn, source, wanted, at))

    def choose(self, wanted: Wanted | None, at: LineAt | None) -> int:
        """Show only what is ``wanted`` (None: all), at the line ``at`` (None: the end)."""
        self._let_go(wanted)
        return self._go(lambda turn: self._choose(turn, wanted, at))

    def go_to_begin(self) -> int:
        return self._go(lambda turn: self._show(turn, _Place("begin")))

    def go_to_end(self) -> int:
        return self._go(lambda turn: self._show(turn, _Place("end")))

    def go_to(self, line: LineAt) -> int:
        return self._go(lambda turn: self._show(turn, _Place("line", line)))

    def read(self, turn: int, side: Side, place: Place) -> None:
        """Read the page on this side of ``place``; it comes as ``LogPageRead``."""
        with self._lock:
            self._asked.append(lambda: self._read(turn, side, place))
        self.look_now()

    def catch_up(self, turn: int, place: Place) -> None:
        """Read what is behind ``place``, of more than a page the last one; it comes as ``LogCame``."""
        with self._lock:
            self._asked.append(lambda: self._catch_up(turn, place))
        self.look_now()

    def follow_from(self, turn: int, end: Place | None) -> None:
        """What comes is to be read from ``end`` on (None: only counted)."""
        self._follows_from = (turn, end) if end is not None else None

    def end(self) -> None:
        super().end()
        self._let_go(None)

    def _let_go(self, wanted: Wanted | None) -> None:
        """An expression that is still being tried for what was wanted before would keep the thread."""
        before, self._chosen = self._chosen, wanted
        if before is not None:
            before.close()

    def _go(self, work: Callable[[int], None]) -> int:
        with self._lock:
            self._turn += 1
            turn = self._turn
            self._asked.append(lambda: work(turn))
        self.look_now()
        return turn

    # -- in the thread -------------------------------------------------------------------------

    def run(self) -> None:
        try:
            super().run()
        finally:
            if self._pages is not None:
                self._pages.close()

    def look(self) -> None:
        while True:
            with self._lock:
                if not self._asked:
                    break
                asked = self._asked.popleft()
            with contextlib.suppress(SearchEnded):  # something else was asked for since
                asked()
        if self._pages is None and self._source is not None:
            self._open(self._now, self._source, self._wanted)
        elif self._pages is not None:
            self._look_for_news(self._pages)
        quiet = time.monotonic() - self._grew >= QUIET_SECONDS
        self.every = QUIET_EVERY if quiet else LOG_EVERY

    def _open(self, turn: int, source: Source | None, wanted: Wanted | None, at: LineAt | None = None) -> None:
        seconds = self._pages.seconds_at(at) if at is not None and isinstance(self._pages, LogPages) else None
        if self._pages is not None:
            self._pages.close()
        if source != self._source:
            self._missing_said = False
        self._pages, self._source, self._wanted, self._now = None, source, wanted, turn
        self._grew = time.monotonic()
        if source is None:
            return
        try:
            self._pages = LogPages(source, wanted) if isinstance(source, Path) else MergedPages(source, wanted)
        except LogMissing:
            if not self._missing_said:
                self._missing_said = True
                self._post(LogShown(turn, None, None))
            return
        line = None if at is None else self._pages.line_of(at, seconds)
        self._show(turn, _Place("end") if line is None else _Place("line", line))

    def _choose(self, turn: int, wanted: Wanted | None, at: LineAt | None) -> None:
        self._wanted = wanted
        if self._pages is not None:
            self._pages.choose(wanted)
        self._show(turn, _Place("end") if at is None else _Place("line", at))

    def _show(self, turn: int, place: _Place) -> None:
        self._now = turn
        pages = self._pages
        if pages is None or turn != self._turn:
            return
        if place.line is not None:
            line = pages.line_of(place.line) or place.line
            self._post(LogShown(turn, pages.around(line), line))
        elif place.name == "begin":
            page = pages.first()
            self._post(LogShown(turn, page, page.begin))
        else:
            self._post(LogShown(turn, pages.last(), None))

    def _read(self, turn: int, side: Side, place: Place) -> None:
        if self._pages is None or turn != self._turn:
            return
        page = self._pages.before(place) if side == "before" else self._pages.after(place)
        self._post(LogPageRead(turn, side, page))

    def _catch_up(self, turn: int, place: Place) -> None:
        if self._pages is not None and turn == self._turn:
            page, jumped = self._pages.newest(place)
            self._post(LogCame(turn, News(page, 0, jumped)))

    def _look_for_news(self, pages: Pages) -> None:
        now = time.monotonic()
        if now - self._looked_for_news < LOG_EVERY - _EARLY:  # woken for something else
            return
        self._looked_for_news = now
        seen = self._stat()
        if seen == self._seen and now - self._looked < _FULL_LOOK:
            return
        self._seen, self._looked = seen, now
        following = self._follows_from
        end = following[1] if following is not None and following[0] == self._now else None
        try:
            news = pages.news(end)
        except (LogMissing, SearchEnded):
            # Between the two steps of a rotation, or removed: what is open can be read. Or something else is wanted.
            return
        if news is None:
            return
        self._grew = now
        if news.page is not None:
            self._follows_from = (self._now, news.page.end)
        self._post(LogCame(self._now, news))

    def _stat(self) -> list[tuple[int, ...] | None]:
        paths = [self._source] if isinstance(self._source, Path) else (self._source or {}).values()
        return [_stat(path) for path in paths]


def _stat(path: Path) -> tuple[int, ...] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
