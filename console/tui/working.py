"""An operation in a thread of its own: its events and its end come back as messages."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..errors import ConsoleError, own_fault
from ..events import Cancelled, Event, OnEvent
from .messages import OperationEnded, OperationProgress
from .watching import Post

Work = Callable[[OnEvent, threading.Event], object]


class Operation(threading.Thread):
    """Runs ``work(on_event, cancel)``; ``cancel`` is the event that ``take_back`` sets.

    Not a daemon: a restart that has stopped the app must start it again also when the screen goes away.
    """

    def __init__(self, name: str, work: Work, post: Post) -> None:
        super().__init__(name=name, daemon=False)
        self._work = work
        self._post = post
        self._cancel = threading.Event()

    def run(self) -> None:
        try:
            result = self._work(self._on_event, self._cancel)
        except Cancelled:
            self._post(OperationEnded(self.name, None, None))
        except ConsoleError as error:
            self._post(OperationEnded(self.name, None, error))
        except Exception as error:  # noqa: BLE001 - a fault of ours must reach the screen, not end in a thread
            self._post(OperationEnded(self.name, None, own_fault(error)))
        else:
            self._post(OperationEnded(self.name, result, None))

    def take_back(self) -> None:
        """Ask the operation to stop and clean up behind itself; it ends in its own time."""
        self._cancel.set()

    def _on_event(self, event: Event) -> None:
        self._post(OperationProgress(self.name, event))
