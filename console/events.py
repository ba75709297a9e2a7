"""What operations report while they work: one vocabulary, read by the command line and the screens.

An operation takes ``on_event``, a callable that gets these in order and must return quickly; it runs in the
operation's own thread. An exception out of it cancels the operation like ``Cancelled`` does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_args

from .results import HttpAnswer, Verdict, from_json


@dataclass(frozen=True)
class Stopping:
    """A program was told to stop."""

    program: str
    event: str = "stopping"


@dataclass(frozen=True)
class Stopped:
    """It has stopped, ``seconds`` after the call."""

    program: str
    seconds: float
    event: str = "stopped"


@dataclass(frozen=True)
class OrphansEnded:
    """Its stop had left processes behind that kept its port; they were ended. ``processes`` as ``gunicorn 4711``."""

    program: str
    processes: tuple[str, ...]
    event: str = "orphans-ended"


@dataclass(frozen=True)
class Starting:
    program: str
    pid: int | None
    event: str = "starting"


@dataclass(frozen=True)
class Reloading:
    """gunicorn was told to take up new code; ``workers`` are the old ones that have to go."""

    program: str
    workers: int
    event: str = "reloading"


@dataclass(frozen=True)
class Running:
    """supervisord calls it RUNNING, ``seconds`` after the call."""

    program: str
    seconds: float
    event: str = "running"


@dataclass(frozen=True)
class Answered:
    """Its port gave the first HTTP answer; ``http.seconds`` counts from the call."""

    program: str
    http: HttpAnswer
    event: str = "answered"


@dataclass(frozen=True)
class Failing:
    """It has ended at least once since it was started; supervisord may still be trying."""

    program: str
    verdict: Verdict
    event: str = "failing"


@dataclass(frozen=True)
class Step:
    """A job came to a step: ``number`` of ``of``, ``name`` stable, ``title`` for people."""

    name: str
    title: str
    number: int
    of: int
    event: str = "step"


@dataclass(frozen=True)
class StepDone:
    name: str
    seconds: float
    detail: str = ""
    event: str = "step-done"


@dataclass(frozen=True)
class Progress:
    """Work within a step: ``done`` of ``total`` ``unit``s; ``fraction`` (0 to 1) is of the whole job and never
    goes back. ``total`` is None while it is unknown. ``remaining_seconds`` is None where there is no ground for it:
    the last job of the same kind says how long each step takes here.
    """

    step: str
    done: int
    total: int | None
    unit: str
    fraction: float
    remaining_seconds: float | None = None
    event: str = "progress"


@dataclass(frozen=True)
class Output:
    """A line that a program of the job wrote, as it was found."""

    line: str
    event: str = "output"


Event = (
    Stopping
    | Stopped
    | OrphansEnded
    | Starting
    | Reloading
    | Running
    | Answered
    | Failing
    | Step
    | StepDone
    | Progress
    | Output
)
OnEvent = Callable[[Event], None]


def ignore(event: Event) -> None:
    """An ``on_event`` for callers that only want the result."""


def event_from_json(told: dict[str, Any]) -> Event | None:
    """The event that ``results.as_json`` made ``told`` of; None for one that this version does not know.

    Raises ValueError where its fields do not fit.
    """
    kind = _KINDS.get(str(told.get("event")))
    return from_json(kind, told) if kind is not None else None


_KINDS: dict[str, type[Event]] = {kind.event: kind for kind in get_args(Event)}


class Cancelled(Exception):
    """The user took the job back before it changed anything; the operation has cleaned up behind itself."""
