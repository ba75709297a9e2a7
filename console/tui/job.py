"""A long job as far as it has come: what its events said, for whatever screen shows it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from time import monotonic

from ..errors import ConsoleError
from ..events import Event, Output, Progress, Step, StepDone
from ..logs.clean import terminal_safe
from ..text import _
from ..units import decimal, seconds
from ..wording import count_words

KEPT_LINES = 500


@dataclass
class JobStep:
    """One step: ``seconds`` is None while it runs."""

    name: str
    title: str
    seconds: float | None = None
    detail: str = ""


class JobModel:
    """Built from events; knows no widget. ``running`` until ``end``; then ``result`` or ``error`` is set, or
    neither when the job was taken back. ``name`` is its kind.
    """

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title
        self.steps: list[JobStep] = []
        self.of = 0
        self.fraction = 0.0
        self.count = ""
        self.output: deque[str] = deque(maxlen=KEPT_LINES)
        self.output_total = 0
        self.running = True
        self.result: object | None = None
        self.error: ConsoleError | None = None
        self._since = monotonic()
        self._ended: float | None = None
        self._left_until: float | None = None  # monotonic: when it will be over, as far as is known

    @property
    def step(self) -> str:
        """The name of the step that was reached last, empty before the first."""
        return self.steps[-1].name if self.steps else ""

    @property
    def elapsed(self) -> float:
        """Seconds since the start, until now or the end."""
        return (self._ended or monotonic()) - self._since

    @property
    def remaining(self) -> float | None:
        """About how many seconds are left; None while there is no ground to say it, or when it takes longer."""
        if not self.running or self._left_until is None:
            return None
        left = self._left_until - monotonic()
        return left if left >= 1 else None

    def began_before(self, age: float) -> None:
        """It was begun ``age`` seconds ago, perhaps by another console."""
        self._since = monotonic() - age

    def take(self, event: Event) -> None:
        if isinstance(event, Step):
            self.steps.append(JobStep(event.name, event.title))
            self.of = event.of
            self.count = ""
        elif isinstance(event, StepDone):
            for step in self.steps:
                if step.name == event.name and step.seconds is None:
                    step.seconds, step.detail = event.seconds, event.detail
        elif isinstance(event, Progress):
            self.fraction = max(self.fraction, event.fraction)
            self.count = count_words(event) if event.unit != "steps" else self.count
            left = event.remaining_seconds
            self._left_until = None if left is None else monotonic() + left
        elif isinstance(event, Output):
            self.output.append(terminal_safe(event.line))
            self.output_total += 1

    def end(self, result: object | None, error: ConsoleError | None) -> None:
        self.running = False
        self.result, self.error = result, error
        self._ended = monotonic()
        if getattr(result, "ok", False):
            self.fraction = 1.0

    def words(self) -> str:
        """``Rebuild 45 % installing, 12 s``."""
        step = self.steps[-1].title if self.steps else ""
        return " ".join(filter(None, [self.title, self.share_words(), step])) + f", {_span(self.elapsed)}"

    def share_words(self) -> str:
        """``45 %``."""
        return f"{decimal(int(self.fraction * 100), 0)} %"

    def time_words(self) -> str:
        """``12 s · about 9 s left``: the second part only where there is ground for it."""
        said = _span(self.elapsed)
        left = self.remaining
        if left is not None:
            said += " · " + _("about {time} left").format(time=_span(left))
        return said

    def step_words(self, step: JobStep) -> str:
        """A step's title, and how long it took."""
        if step.seconds is None:
            return step.title
        detail = f"  {step.detail}" if step.detail else ""
        return f"{step.title}  {seconds(step.seconds)}{detail}"


def _span(value: float) -> str:
    """``95 s``, ``2:05 min``: to the second, so that it is seen to go on."""
    whole = int(value)
    if whole < 100:
        return _("{n} s").format(n=whole)
    return _("{time} min").format(time=f"{whole // 60}:{whole % 60:02}")
