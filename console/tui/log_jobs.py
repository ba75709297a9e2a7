"""What takes long in a log: searching, counting, going to a time, saving; each in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from textual.message import Message

from ..errors import ConsoleError, own_fault
from ..logs.expression import SearchEnded
from ..logs.search import Progress, Watcher
from ..logs.sources import OpenSource, Source, open_source
from ..logs.wanted import Wanted
from .watching import Post

_TELL_EVERY = 0.25  # seconds

LogWork = Callable[[OpenSource, Watcher], object]


class LogJobProgress(Message):
    """The job has come so far."""

    def __init__(self, job: LogJob, progress: Progress) -> None:
        super().__init__()
        self.job = job
        self.progress = progress


class LogJobEnded(Message):
    """The job ended with a result or an error, or was cancelled (both None)."""

    def __init__(self, job: LogJob, result: object | None, error: ConsoleError | None) -> None:
        super().__init__()
        self.job = job
        self.result = result
        self.error = error


class LogJob(threading.Thread):
    """Runs ``work`` on ``source``, opened for it alone, with ``wanted`` as far as it looks for that, which is closed
    behind it.

    ``cancel`` ends it after the next block; its end is posted too.
    """

    def __init__(self, name: str, source: Source, work: LogWork, post: Post, wanted: Wanted | None = None) -> None:
        super().__init__(name=name, daemon=True)
        self.cancelled = threading.Event()
        self._source = source
        self._work = work
        self._wanted = wanted
        self._post = post
        self._told = time.monotonic()

    def run(self) -> None:
        try:
            with open_source(self._source) as log:
                result = self._work(log, Watcher(self._tell, self.cancelled.is_set))
        except SearchEnded:
            self._post(LogJobEnded(self, None, None))
        except ConsoleError as error:
            self._post(LogJobEnded(self, None, error))
        except Exception as error:  # noqa: BLE001 - a fault of ours must reach the screen, not end in a thread
            self._post(LogJobEnded(self, None, own_fault(error)))
        else:
            self._post(LogJobEnded(self, None if self.cancelled.is_set() else result, None))
        finally:
            self._close()

    def cancel(self) -> None:
        self.cancelled.set()
        self._close()

    def _close(self) -> None:
        if self._wanted is not None:
            self._wanted.close()

    def _tell(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._told >= _TELL_EVERY:
            self._told = now
            self._post(LogJobProgress(self, progress))
