"""Whatever is scrolled, jumped to and appended, the lines in the window are the log's, in order and without gaps."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from console.logs.pattern import make_pattern
from console.logs.wanted import Matching
from console.tui import log_pages, log_window
from console.tui.log_pages import LogPages, Row
from console.tui.log_window import LogWindow
from tests.logs.logging_program import append, rotate

HEIGHT = 7
WIDTH = 20


def high(row: Row) -> int:
    return max(1, -(-len(row.text) // WIDTH))


class Reading(RuleBasedStateMachine):
    """A window that is fed as the screen does it, and the whole history beside it."""

    wanted: Matching | None = None
    high = staticmethod(high)

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="window-"))
        self.log = self.folder / "a.log"
        self.number = 0
        self.lines: list[str] = []
        self.half = ""
        self.write(50, 0)
        self.small = {"PAGE": 20, "SLICE": 300, "TAIL": 900}
        self.was = {name: getattr(log_pages, name) for name in self.small}
        for name, value in self.small.items():
            setattr(log_pages, name, value)
        self.windows = (log_window.MOST_ROWS, log_window._AHEAD)
        log_window.MOST_ROWS, log_window._AHEAD = 60, 10
        self.pages = LogPages(self.log, self.wanted)
        self.window = LogWindow()
        self.window.fit(HEIGHT, self.high)
        self.window.show(self.pages.last())
        self.read_what_is_needed()

    def teardown(self) -> None:
        self.pages.close()
        for name, value in self.was.items():
            setattr(log_pages, name, value)
        log_window.MOST_ROWS, log_window._AHEAD = self.windows
        shutil.rmtree(self.folder)

    # -- the log -------------------------------------------------------------------------------

    def write(self, count: int, width: int) -> None:
        for _line in range(count):
            text = f"{self.half}{self.number} {'odd' if self.number % 2 else 'even'} {'x' * width}|"
            append(self.log, text[len(self.half) :].encode() + b"\n")
            self.lines.append(text)
            self.half = ""
            self.number += 1

    @rule(count=st.integers(1, 60), width=st.integers(0, 50))
    def grows(self, count: int, width: int) -> None:
        self.write(count, width)
        self.looks()

    @rule()
    def half_a_line_comes(self) -> None:
        append(self.log, b"half_")
        self.half += "half_"
        self.looks()

    @rule(read_before=st.booleans())
    def rotates(self, read_before: bool) -> None:
        if read_before:
            self.looks()
        if not self.half:
            rotate(self.log, 50)
            self.log.touch()
        self.looks()

    def looks(self) -> None:
        window = self.window
        news = self.pages.news(window.end if window.following and window.at_end else None)
        if news is None:
            return
        assert not news.emptied
        if news.page is None or not window.following:
            window.came(news.lines)
        elif news.jumped:
            window.show(news.page)
        else:
            window.came(news.lines)
            window.add_after(news.page)
        self.read_what_is_needed()

    def read_what_is_needed(self) -> None:
        for _page in range(1000):
            needed = self.window.needs()
            if needed is None:
                return
            side, position = needed
            if side == "before":
                self.window.add_before(self.pages.before(position))
            else:
                self.window.add_after(self.pages.after(position))
        raise AssertionError("there is no end to what the window needs")

    # -- the reader ----------------------------------------------------------------------------

    @rule(by=st.integers(-30, 30))
    def scrolls(self, by: int) -> None:
        self.window.scroll(by)
        self.read_what_is_needed()

    @rule(by=st.integers(-30, 30))
    def moves(self, by: int) -> None:
        before = self.window.current
        self.window.move(by)
        if before is not None and by > 0 and self.window.current is not None:
            assert self.window.cursor >= self.window.top
            assert self.high(self.window.current) > 0
        self.read_what_is_needed()

    @rule()
    def goes_to_the_end(self) -> None:
        self.window.show(self.pages.last())
        self.read_what_is_needed()
        assert self.window.following

    @rule()
    def goes_to_the_begin(self) -> None:
        page = self.pages.first()
        self.window.show(page, page.begin)
        self.read_what_is_needed()
        assert self.shown()[:1] == self.expected()[:1]

    @rule(share=st.floats(0, 1))
    def goes_somewhere(self, share: float) -> None:
        position = self.pages.timeline.at_fraction(share)
        self.window.show(self.pages.around(position), self.pages.timeline.line_at(position))
        self.read_what_is_needed()

    @rule()
    def pages_back_to_the_very_begin(self) -> None:
        for _page in range(2000):
            self.window.page(-1)
            self.read_what_is_needed()
            if self.window.at_begin and self.window.top == 0:
                break
        assert self.shown()[:1] == self.expected()[:1]

    # -- what holds ----------------------------------------------------------------------------

    def expected(self) -> list[str]:
        if self.wanted is not None:
            return [line for line in self.lines if "odd" in line]
        return [*self.lines, *([self.half] if self.half else [])]

    def shown(self) -> list[str]:
        return [row.text for row in self.window.rows]

    @invariant()
    def the_rows_are_the_logs(self) -> None:
        shown, whole = self.shown(), self.expected()
        if not shown:
            assert not whole or not self.window.at_end
            return
        begin = whole.index(shown[0]) if shown[0] in whole else -1
        if begin < 0:  # the half of a line that has grown since, and that a paused view does not read again
            assert not self.window.following
            return
        last = shown[-1]
        if not self.window.following and self.window.rows[-1].complete is False:
            shown = shown[:-1]
        assert whole[begin : begin + len(shown)] == shown, last
        if self.window.following:
            assert whole[-1] == last

    @invariant()
    def the_view_is_within_and_bounded(self) -> None:
        window = self.window
        assert len(window.rows) <= 60 + 2 * 20 + 10
        visible = list(window.visible())
        assert len(visible) <= HEIGHT
        if window.rows:
            assert window.cursor in {number for number, _sub in visible}
            if sum(self.high(row) for row in window.rows) >= HEIGHT:
                assert len(visible) == HEIGHT


class ReadingFolded(Reading):
    """The same with rows that are hidden."""

    @staticmethod
    def high(row: Row) -> int:
        number = int(row.text.split(" ")[0].rsplit("_", 1)[-1] or 0)
        return 0 if number % 4 in (1, 2) else high(row)


class ReadingFiltered(Reading):
    """The same with a filter."""

    wanted = Matching(make_pattern("odd"))


SETTINGS = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestReading = Reading.TestCase
TestReading.settings = SETTINGS
TestReadingFiltered = ReadingFiltered.TestCase
TestReadingFiltered.settings = SETTINGS
TestReadingFolded = ReadingFolded.TestCase
TestReadingFolded.settings = SETTINGS


def test_an_empty_log_can_be_scrolled(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b"")
    pages, window = LogPages(tmp_path / "a.log"), LogWindow()
    window.show(pages.last())
    for by in (-1, 1):
        window.scroll(by)
        window.move(by)
    assert window.current is None
    pages.close()
