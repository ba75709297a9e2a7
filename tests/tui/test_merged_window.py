"""Several logs as one: whatever is scrolled, jumped to, appended, rotated and emptied, the window holds of each just
the lines between its begin and its end there, each once, and in the order of their times.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from console.errors import ConsoleError
from console.logs import merged_wanted
from console.logs.lines import LogMissing
from console.logs.merged_jumps import merged_place_of
from console.logs.merged_lines import MergedPosition, Places
from console.logs.pattern import make_pattern
from console.logs.search import Watcher
from console.logs.sources import of_one
from console.logs.wanted import Matching
from console.tui import log_pages, log_window
from console.tui.log_pages import Row
from console.tui.log_window import LogWindow
from console.tui.merged_pages import MergedPages
from tests.logs.logging_program import append, rotate

BEGIN = datetime(2026, 11, 25, 3, 0, tzinfo=timezone.utc).timestamp()
NAMES = st.sampled_from(["app", "nginx", "supervisord"])
HEIGHT = 7


def stamped(second: int, text: str) -> bytes:
    when = datetime.fromtimestamp(BEGIN + second, timezone.utc)
    return f"[{when:%Y-%m-%d %H:%M:%S} +0000] {text}\n".encode()


class Reading(RuleBasedStateMachine):
    """A window that is fed as the screen does it, with three logs beside it."""

    wanted: Matching | None = None

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="merged-"))
        self.logs = {name: self.folder / f"{name}.log" for name in ("app", "nginx", "supervisord")}
        self.second = self.number = 0
        self.half = dict.fromkeys(self.logs, False)
        self.gone: set[str] = set()
        self.in_order = True
        self.written: dict[str, list[str]] = {name: [] for name in self.logs}
        for count in range(30):
            self.write("app" if count % 3 else "nginx", 1, count % 2)
        self.modules = [(log_pages, "PAGE", 20), (log_pages, "TAIL", 900), (merged_wanted, "SLICE", 300)]
        self.modules += [(log_window, "MOST_ROWS", 60), (log_window, "_AHEAD", 10)]
        self.was = [(module, name, getattr(module, name)) for module, name, _value in self.modules]
        for module, name, value in self.modules:
            setattr(module, name, value)
        self.pages = MergedPages(self.logs, self.wanted)
        self.window = LogWindow()
        self.window.fit(HEIGHT, lambda _row: 1)
        self.window.show(self.pages.last())
        self.read_what_is_needed()

    def teardown(self) -> None:
        self.pages.close()
        for module, name, value in self.was:
            setattr(module, name, value)
        shutil.rmtree(self.folder)

    # -- the logs ------------------------------------------------------------------------------

    def write(self, name: str, count: int, seconds: int) -> None:
        for _line in range(count):
            self.second += seconds
            text = f"{self.number} {'odd' if self.number % 2 else 'even'}|"
            append(self.logs[name], stamped(self.second, text))
            if self.half[name]:
                self.in_order = False  # that line has the time of its first half
            self.written[name].append(text)
            self.half[name] = False
            self.number += 1

    @rule(name=NAMES, count=st.integers(1, 60), seconds=st.integers(0, 2))
    def grows(self, name: str, count: int, seconds: int) -> None:
        self.write(name, count, seconds)
        self.looks()

    @rule(name=NAMES, others=NAMES, looks=st.booleans())
    def one_is_late(self, name: str, others: str, looks: bool) -> None:
        self.in_order = False
        self.write(others, 2, 3)
        if looks:
            self.looks()
        was, self.second = self.second, max(0, self.second - 5)
        self.write(name, 2, 1)
        self.second = was
        self.looks()

    @rule(name=NAMES)
    def half_a_line_comes(self, name: str) -> None:
        append(self.logs[name], stamped(self.second, "half")[:-1])
        self.half[name] = True
        self.looks()

    @rule(name=NAMES, looks=st.booleans())
    def rotates(self, name: str, looks: bool) -> None:
        if looks:
            self.looks()
        if self.logs[name].exists() and not self.half[name]:
            rotate(self.logs[name], 50)
            self.logs[name].touch()
        self.looks()

    @rule(names=st.sets(NAMES), more=st.integers(0, 9))
    def is_emptied(self, names: set[str], more: int) -> None:
        # Of what was shown before, the rest is to be shown first: nobody can know what a file held.
        self.looks()
        for name in names:
            if not self.logs[name].exists():
                continue
            data = self.logs[name].read_bytes().decode()
            self.gone |= {text for text in self.written[name] if f"] {text}\n" in data}
            self.logs[name].write_bytes(b"")
            self.half[name] = False
            self.write(name, min(more, data.count("\n") // 2), 1)
        self.looks()

    def looks(self) -> None:
        window = self.window
        news = self.pages.news(window.end if window.following and window.at_end else None)
        if news is None:
            return
        if news.emptied and news.begin is not None:
            window.emptied(news.begin)
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
            side, place = needed
            if side == "before":
                self.window.add_before(self.pages.before(place))
            else:
                self.window.add_after(self.pages.after(place))
        raise AssertionError("there is no end to what the window needs")

    # -- the reader ----------------------------------------------------------------------------

    @rule(by=st.integers(-30, 30))
    def scrolls(self, by: int) -> None:
        self.window.scroll(by)
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
        assert self.window.at_begin
        assert self.window.cursor == 0

    @rule(share=st.floats(0, 1))
    def goes_somewhere(self, share: float) -> None:
        line = merged_place_of(self.pages.merged, f"{100 * share:.2f}%", Watcher())
        found = None if line is None else self.pages.line_of(line)
        assert isinstance(found, MergedPosition)
        self.window.show(self.pages.around(found), found)
        self.read_what_is_needed()
        current = self.window.current
        if self.wanted is None and current is not None and self.window.find(found) is not None:
            assert current.at == found

    @rule()
    def pages_back_to_the_very_begin(self) -> None:
        for _page in range(2000):
            self.window.page(-1)
            self.read_what_is_needed()
            if self.window.at_begin and self.window.top == 0:
                return
        raise AssertionError("there is no begin")

    # -- what holds ----------------------------------------------------------------------------

    def is_wanted(self, text: str) -> bool:
        return self.wanted is None or "odd" in text

    def here(self) -> list[Row]:
        return [row for row in self.window.rows if said(row) not in self.gone]

    @invariant()
    def of_each_log_the_window_has_what_is_between_its_ends(self) -> None:
        begin, end = places(self.window.begin), places(self.window.end)
        for number, (name, timeline) in enumerate(self.pages.merged.timelines.items()):
            first = begin[number] or timeline.begin
            last = timeline.offset_of(end[number] or timeline.begin)
            lines = [line for line in timeline.after(first, 10_000) if timeline.offset_of(line.position) < last]
            expected = [line.data.decode().rpartition("] ")[2] for line in lines]
            shown = [said(row) for row in self.here() if row.line is not None and row.line.source == name]
            assert (name, shown) == (name, [text for text in expected if self.is_wanted(text)])
            if self.window.following:
                assert last >= timeline.offset_of(places(self.pages.end)[number] or timeline.begin)

    @invariant()
    def no_line_is_twice_and_all_are_by_their_times(self) -> None:
        texts = [said(row) for row in self.window.rows]
        assert len(set(texts)) == len(texts)
        if self.in_order:
            stamps = [row.text[:26] for row in self.here()]
            assert stamps == sorted(stamps)

    @invariant()
    def the_view_is_within(self) -> None:
        window = self.window
        visible = list(window.visible())
        if window.rows:
            assert window.cursor in {number for number, _sub in visible}
            assert len(visible) == min(HEIGHT, len(window.rows))


def said(row: Row) -> str:
    return row.text.rpartition("] ")[2]


def places(place: object) -> Places:
    assert isinstance(place, tuple)
    return place


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


def test_names_stand_before_the_lines_and_what_supervisord_says_of_programs_is_a_rule(tmp_path: Path) -> None:
    logs = {"app": tmp_path / "a.log", "supervisord": tmp_path / "s.log", "a-very-long-name:of-a-group": tmp_path / "g"}
    with pytest.raises(LogMissing):
        MergedPages(logs)
    append(logs["app"], stamped(0, "[ERROR] one\x1b[2J"))
    append(
        logs["supervisord"], b"2026-11-25T03:00:05Z INFO spawned: 'app' with pid 7\n2026-11-25T03:00:06Z INFO else\n"
    )
    append(logs["a-very-long-name:of-a-group"], stamped(7, "two"))
    pages = MergedPages(logs)
    rows = pages.last().rows
    assert [row.lead for row in rows] == ["app              │ ", "", "supervisord      │ ", "a-very-long-nam… │ "]
    assert rows[0].text.endswith("[ERROR] one")
    assert rows[0].level == "error"
    assert rows[1].is_rule
    assert rows[1].text.endswith(" app spawned pid 7")
    assert not any(row.is_rule for row in (rows[0], *rows[2:]))
    pages.close()


def test_a_log_that_comes_later_is_shown_from_its_begin_on(tmp_path: Path) -> None:
    logs = {"app": tmp_path / "a.log", "nginx": tmp_path / "n.log"}
    append(logs["app"], stamped(0, "one"))
    pages = MergedPages(logs)
    window = LogWindow()
    window.show(pages.last())
    append(logs["nginx"], stamped(1, "two") + stamped(2, "three"))
    news = pages.news(window.end)
    assert news is not None
    assert news.lines == 2
    assert news.page is not None
    window.came(news.lines)
    window.add_after(news.page)
    assert [said(row) for row in window.rows] == ["one", "two", "three"]
    assert window.at_end
    # What was before it is still the same place.
    assert [said(row) for row in pages.after(window.rows[0].end).rows] == ["two", "three"]
    pages.close()


def test_a_line_of_another_log_is_the_moment_of_it(tmp_path: Path) -> None:
    logs = {"app": tmp_path / "a.log"}
    append(logs["app"], b"".join(stamped(second, f"line {second}") for second in range(100)))
    rotate(logs["app"])
    append(logs["app"], stamped(200, "last"))
    pages, old = MergedPages(logs), log_pages.LogPages(tmp_path / "a.log.1")
    line = old.last().rows[40].at
    found = pages.line_of(line)
    assert found == MergedPosition("app", of_one(line))
    other = tmp_path / "other.log"
    append(other, stamped(70, "x") + b"goes on\n")
    far = log_pages.LogPages(other)
    row = far.last().rows[-1]
    found = pages.line_of(row.at, far.seconds_at(row.at))
    assert isinstance(found, MergedPosition)
    assert pages.merged.timelines["app"].whole(found.position).endswith(b"line 70")
    for one in (pages, old, far):
        one.close()


def test_a_log_that_cannot_be_read_any_more_does_not_hold_the_others(tmp_path: Path) -> None:
    logs = {"app": tmp_path / "a.log", "nginx": tmp_path / "n.log"}
    append(logs["app"], stamped(0, "one"))
    append(logs["nginx"], stamped(0, "two"))
    pages = MergedPages(logs)
    logs["nginx"].unlink()
    logs["nginx"].mkdir()
    append(logs["app"], stamped(1, "three"))
    news = pages.news(pages.last().end)
    assert news is not None
    assert news.page is not None
    assert [said(row) for row in news.page.rows] == ["three"]
    with pytest.raises(ConsoleError, match="no regular file"):
        pages.news(news.page.end)
    assert [said(row) for row in pages.last().rows] == ["one", "two", "three"]
    pages.close()
