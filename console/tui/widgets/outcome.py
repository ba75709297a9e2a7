"""What the last key did: its progress while it runs, then its outcome, which stays where it happened."""

from __future__ import annotations

import time
from datetime import datetime

from textual.content import Content
from textual.timer import Timer

from ...errors import ConsoleError
from ...events import Answered, Event, Failing, Reloading, Running, Starting, Stopped, Stopping
from ...health.summary import answer_part
from ...logs.clean import terminal_safe
from ...results import Restart
from ...text import _
from ...units import decimal, seconds
from ...wording import orphans_words, restart_words
from ..appearance import ATTENTION, BAD, KEY, QUIET, mark
from ..presentation import hanging
from .line import Line


class Outcome(Line):
    """Progress and outcome of start, stop, restart and reload."""

    DEFAULT_CSS = """
    Outcome { height: auto; max-height: 4; }
    """

    def __init__(self) -> None:
        super().__init__(id="outcome")
        self._since = 0.0
        self._said: list[str] = []
        self._clock: Timer | None = None
        self._result: Restart | None = None

    @property
    def result(self) -> Restart | None:
        """The last outcome, for whoever wants its verdict whole."""
        return self._result

    def begin(self, words: str) -> None:
        """An operation was started: ``words`` say which."""
        self._since = time.monotonic()
        self._said = [words]
        self._result = None
        if self._clock is None:
            self._clock = self.set_interval(0.2, self._tick)
        self._clock.resume()
        self._tick()

    def come_further(self, event: Event) -> None:
        """One of the operation's events."""
        words = _event_words(event)
        if words:
            self._said.append(words)
            self._tick()

    def end_with(self, result: Restart) -> None:
        self._stop_clock()
        self._result = result
        parts: list[tuple[str, str] | str] = [f"{terminal_safe(restart_words(result))} ", (f"({wall_clock()})", QUIET)]
        if result.verdict is not None:
            parts += ["  ", ("Enter", KEY), " " + _("Details")]
        if result.orphans:
            parts += ["\n", terminal_safe(orphans_words(result))]
        self.show(hanging(mark(result.ok), Content.assemble(*parts), self.size.width))

    def fail(self, error: ConsoleError) -> None:
        self._stop_clock()
        lines = (error.title, *error.cause.splitlines(), *error.remedy.splitlines())
        self.show(hanging(("✗", BAD), "\n".join(map(terminal_safe, lines)), self.size.width))

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.pause()

    def _tick(self) -> None:
        spent = decimal(time.monotonic() - self._since, 1)
        said = Content.assemble(" · ".join(self._said), (f" {spent} s", QUIET))
        self.show(hanging(("◐", ATTENTION), said, self.size.width))


def wall_clock() -> str:
    """The time of day, for an outcome that stays on the screen."""
    return datetime.now().strftime("%H:%M:%S")


def _event_words(event: Event) -> str:
    if isinstance(event, Stopping):
        return _("stopping")
    if isinstance(event, Stopped):
        return _("stopped after {time}").format(time=seconds(event.seconds))
    if isinstance(event, Starting):
        return _("starting")
    if isinstance(event, Reloading):
        return _("reloading")
    if isinstance(event, Answered):
        return answer_part(event.http)
    if isinstance(event, Running):
        return _("RUNNING in {time}").format(time=seconds(event.seconds))
    if isinstance(event, Failing):
        return terminal_safe(event.verdict.title)
    return ""
