"""What the threads that watch and work tell the screens."""

from __future__ import annotations

from pathlib import Path

from textual.message import Message

from ..errors import ConsoleError
from ..events import Event
from ..results import Status


class StatusChanged(Message):
    """A look at the container was finished; ``seen`` is when (``time.monotonic()``)."""

    def __init__(self, status: Status, seen: float) -> None:
        super().__init__()
        self.status = status
        self.seen = seen


class LookFailed(Message):
    """A look at the container failed for a reason that is not supervisord's."""

    def __init__(self, error: ConsoleError) -> None:
        super().__init__()
        self.error = error


class LogGrew(Message):
    """Lines came to the followed log at ``path``. ``restarted``: what was shown belongs to another file."""

    def __init__(self, path: Path, lines: tuple[str, ...], restarted: bool) -> None:
        super().__init__()
        self.path = path
        self.lines = lines
        self.restarted = restarted


class LogOlder(Message):
    """A page of older lines that was asked for, oldest first; empty where the file begins."""

    def __init__(self, path: Path, lines: tuple[str, ...]) -> None:
        super().__init__()
        self.path = path
        self.lines = lines


class OperationProgress(Message):
    """An event of the operation that runs."""

    def __init__(self, name: str, event: Event) -> None:
        super().__init__()
        self.name = name
        self.event = event


class OperationEnded(Message):
    """The operation ``name`` ended: with a result, or with an error, or it was taken back (both None)."""

    def __init__(self, name: str, result: object | None, error: ConsoleError | None) -> None:
        super().__init__()
        self.name = name
        self.result = result
        self.error = error
