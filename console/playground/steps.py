"""Steps of a job as events, numbered and timed."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from ..events import OnEvent, Step, StepDone


class Steps:
    """The steps of one job that has ``of`` of them."""

    def __init__(self, on_event: OnEvent, of: int) -> None:
        self._on_event = on_event
        self._of = of
        self._number = 0

    @contextlib.contextmanager
    def step(self, name: str, title: str) -> Iterator[None]:
        """One step: reported when it begins and, unless it fails, when it is done."""
        self._number += 1
        self._on_event(Step(name, title, self._number, self._of))
        start = time.monotonic()
        yield
        self._on_event(StepDone(name, time.monotonic() - start))
