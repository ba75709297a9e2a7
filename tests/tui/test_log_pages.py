"""Pages of a log that grows quicker than it can be shown."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from textual.message import Message

from console.logs.pattern import make_pattern
from console.logs.wanted import Matching, Wanted
from console.tui.log_pages import PAGE, LogPages
from console.tui.log_reader import LogCame, LogReader, LogShown
from tests.logs.logging_program import append


@pytest.mark.parametrize("wanted", [None, Matching(make_pattern("line"))])
def test_of_more_than_a_page_the_last_one_comes_at_once(tmp_path: Path, wanted: Wanted | None) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"line at first\n")
    pages = LogPages(log, wanted)
    try:
        end = pages.last().end
        append(log, b"".join(b"line %d\n" % number for number in range(3 * PAGE)))
        news = pages.news(end)
        assert news is not None
        assert news.page is not None
        assert (news.lines, news.jumped, news.page.at_end) == (3 * PAGE, True, True)
        assert [row.text for row in news.page.rows] == [f"line {number}" for number in range(2 * PAGE, 3 * PAGE)]
        end = news.page.end
        append(log, b"one line more\n")
        news = pages.news(end)
        assert news is not None
        assert news.page is not None
        assert (news.jumped, [row.text for row in news.page.rows]) == (False, ["one line more"])
    finally:
        pages.close()


def test_whoever_asks_for_pages_does_not_make_it_look_for_news_more_than_four_times_a_second(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_bytes(b"line at first\n")
    said: list[Message] = []
    reader = LogReader(said.append)
    reader.start()
    try:
        turn = reader.open(log)
        begun = time.monotonic()
        shown = None
        while time.monotonic() - begun < 2:
            append(log, b"a line\n")
            shown = next((message for message in said if isinstance(message, LogShown)), None)
            if shown is not None and shown.page is not None:
                reader.read(turn, "after", shown.page.end)
            time.sleep(0.01)
        took = time.monotonic() - begun
    finally:
        reader.end()
        reader.join()
    came = [message for message in said if isinstance(message, LogCame)]
    assert shown is not None
    assert 2 <= len(came) <= took / 0.24 + 1
