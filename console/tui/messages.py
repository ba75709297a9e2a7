"""What the threads that watch and work tell the screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from textual.message import Message

from ..errors import ConsoleError
from ..events import Event
from ..results import Status

if TYPE_CHECKING:
    from .job import JobModel


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


class JobBegan(Message):
    """The job that ``model`` shows is at work, as ``id``, since ``age`` seconds."""

    def __init__(self, model: JobModel, id: str, age: float) -> None:
        super().__init__()
        self.model = model
        self.id = id
        self.age = age


class JobCame(Message):
    """The job has come further; ``take`` gives the events since it was last called."""

    def __init__(self, model: JobModel, take: Callable[[], tuple[Event, ...]]) -> None:
        super().__init__()
        self.model = model
        self.take = take


class JobEnded(Message):
    """The job is over: with a result, or with an error, or it was taken back (both None).

    ``begun`` is False where it never began, and ``error`` says why.
    """

    def __init__(
        self, model: JobModel, result: object | None, error: ConsoleError | None, *, begun: bool = True
    ) -> None:
        super().__init__()
        self.model = model
        self.result = result
        self.error = error
        self.begun = begun
