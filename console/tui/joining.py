"""A thread that begins or joins a job of the virtualenv, and follows it until it ends or the console is left.

The job itself runs in a process of its own, which does not care who follows it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ..container import Container
from ..errors import ConsoleError, Locked, own_fault
from ..events import Cancelled, Event
from ..venv.attaching import attach
from ..venv.jobs import JobFolder, Request, find_job, running_id, unfinished
from ..venv.launching import launch
from .job import JobModel
from .messages import JobBegan, JobCame, JobEnded
from .watching import Post

Find = Callable[[Container], JobFolder | None]


class Joining(threading.Thread):
    """Finds its job with ``find``, then posts what it does for ``model``; silent where there is none.

    A daemon: nothing has to be finished here when the console is left.
    """

    def __init__(self, container: Container, model: JobModel, find: Find, post: Post) -> None:
        super().__init__(name="job", daemon=True)
        self._container = container
        self._model = model
        self._find = find
        self._post = post
        self._leave = threading.Event()
        self._lock = threading.Lock()
        self._waiting: list[Event] = []
        self.begun = False  # whether there is a job to follow; not known before ``find`` has returned

    def leave(self) -> None:
        """Follow it no longer; the job goes on."""
        self._leave.set()

    def run(self) -> None:
        try:
            self._follow()
        except Cancelled:
            self._end(None, None)
        except ConsoleError as error:
            self._end(None, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must reach the screen, not end in a thread
            self._end(None, own_fault(error))

    def _follow(self) -> None:
        job = self._find(self._container)
        if job is None:
            self._end(None, None)
            return
        self.begun = True
        created = job.created
        age = max(0.0, time.time() - created.timestamp()) if created is not None else 0.0
        self._post(JobBegan(self._model, job.id, age))
        result = attach(self._container, job, on_event=self._on_event, leave=self._leave)
        if result is not None:
            self._end(result, None)

    def _end(self, result: object | None, error: ConsoleError | None) -> None:
        self._post(JobEnded(self._model, result, error, begun=self.begun))

    def _on_event(self, event: Event) -> None:
        """Thousands of events, as when a job is joined late, become as many messages as the event loop can take."""
        with self._lock:
            self._waiting.append(event)
            first = len(self._waiting) == 1
        if first:
            self._post(JobCame(self._model, self._take))

    def _take(self) -> tuple[Event, ...]:
        with self._lock:
            taken, self._waiting = tuple(self._waiting), []
        return taken


def begun_by(request: Request) -> Find:
    """A job that is begun now."""
    return lambda container: launch(container, request)


def known_as(job_id: str) -> Find:
    """A job that was begun elsewhere."""
    return lambda container: find_job(container, job_id)


def recovery(request: Request) -> Find:
    """The recovery of what was killed: begun now, or the one that another console has begun for the same reason."""

    def find(container: Container) -> JobFolder | None:
        if not running_id(container) and unfinished(container):
            try:
                return launch(container, request)
            except Locked:
                pass  # the other one was quicker
        return find_job(container)

    return find
