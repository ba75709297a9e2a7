"""The threads that look at the container while the screens stay quick."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from textual.message import Message

from console.errors import ConsoleError
from console.tui.messages import LogGrew, LookFailed
from console.tui.watching import LogWatch, Watch


class Posted:
    """What a watch has posted."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def __call__(self, message: Message) -> None:
        self.messages.append(message)

    def wait_for(self, count: int, kind: type[Message]) -> list[Message]:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            found = [message for message in self.messages if isinstance(message, kind)]
            if len(found) >= count:
                return found
            time.sleep(0.01)
        raise AssertionError(f"{count} {kind.__name__} did not come: {self.messages}")


def lines_of(messages: list[Message]) -> list[str]:
    return [line for message in messages if isinstance(message, LogGrew) for line in message.lines]


def test_no_line_is_lost_or_told_twice_between_the_first_look_and_the_next(tmp_path: Path) -> None:
    log, posted = tmp_path / "a.log", Posted()
    log.write_bytes(b"one\ntwo\nhalf")
    watch = LogWatch(posted)
    watch.follow(log)
    watch.start()
    try:
        posted.wait_for(1, LogGrew)
        with log.open("ab") as file:
            file.write(b" and whole\nthree\n")
        grown = posted.wait_for(2, LogGrew)
        assert lines_of(grown) == ["one", "two", "half and whole", "three"]
    finally:
        watch.end()


def test_a_log_that_does_not_exist_yet_is_followed_when_it_comes(tmp_path: Path) -> None:
    log, posted = tmp_path / "a.log", Posted()
    watch = LogWatch(posted)
    watch.follow(log)
    watch.start()
    try:
        posted.wait_for(1, LogGrew)
        log.write_bytes(b"first\n")
        assert lines_of(posted.wait_for(2, LogGrew)) == ["first"]
    finally:
        watch.end()


class Failing(Watch):
    """Fails as it is told."""

    def __init__(self, post: Posted, errors: list[Exception | None]) -> None:
        super().__init__(0.01, "failing", post)
        self.errors = errors
        self.done = threading.Event()

    def look(self) -> None:
        if not self.errors:
            self.done.set()
            return
        error = self.errors.pop(0)
        if error is not None:
            raise error


def test_a_failing_look_is_told_once_and_does_not_end_the_thread() -> None:
    posted = Posted()
    gone = ConsoleError("gone")
    watch = Failing(posted, [gone, gone, None, gone, ValueError("a fault of ours"), None])
    watch.start()
    assert watch.done.wait(10)
    watch.end()
    titles = [message.error.title for message in posted.messages if isinstance(message, LookFailed)]
    assert titles == ["gone", "gone", "The console itself failed: ValueError: a fault of ours"]
