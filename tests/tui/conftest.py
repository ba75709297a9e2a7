"""The app on fixed results, without the threads that watch a container."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from console.container import Container
from console.results import Status
from console.tui.app import ConsoleApp
from console.tui.screens.venv import LOOK
from console.tui.working import Work

from .samples import CONTAINER


class StillApp(ConsoleApp):
    """The console as it is, but nothing looks at a container: tests say what was seen."""

    def start_watching(self) -> None:
        pass

    def look_up(self, name: str, work: Work) -> None:
        if name != LOOK:
            super().look_up(name, work)

    def show(self, status: Status, *log: str) -> None:
        from console.tui.messages import LogGrew, StatusChanged

        self.post_message(StatusChanged(status, 0.0))
        if log and self.log_path is not None:
            self.post_message(LogGrew(self.log_path, tuple(log), restarted=True))


@pytest.fixture
def still_app(monkeypatch: pytest.MonkeyPatch) -> Callable[..., StillApp]:
    monkeypatch.setattr("console.tui.presentation.who", lambda: "app@quickapp_4509")

    def make(container: Container = CONTAINER) -> StillApp:
        return StillApp(container)

    return make


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Work]]:
    """What the screens look up comes from the test; the names and the work that they asked for."""
    works: list[tuple[str, Work]] = []

    def look_up(_app: StillApp, name: str, work: Work) -> None:
        works.append((name, work))

    monkeypatch.setattr(StillApp, "look_up", look_up)
    return works


@pytest.fixture
def frozen_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of day that screens show, and the age of things, stand still."""
    monkeypatch.setattr("console.tui.widgets.outcome.wall_clock", lambda: "14:05:11")
    monkeypatch.setattr("console.tui.job.monotonic", lambda: 100.0)


@pytest.fixture
def nothing_begins(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Work]]:
    """The names and the work of the changes that were begun; none is made."""
    begun: list[tuple[str, Work]] = []

    def begin(_app: StillApp, name: str, work: Work) -> bool:
        begun.append((name, work))
        return True

    monkeypatch.setattr(StillApp, "begin", begin)
    return begun
