"""How a job is taken back, and how it is kept from being cut off between a stop and a start."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from ..events import Cancelled

_SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)


class Interruption:
    """For the time of a ``with`` block: ``check`` raises Cancelled once ``cancel`` is set or a signal came.

    In the main thread SIGHUP, SIGTERM and SIGINT are only noted, and take their usual effect when the block has
    ended: a job that calls ``check`` while it may be taken back ends in order, and one that no longer calls it
    cannot be cut off. In another thread signals are the caller's matter.
    """

    def __init__(self, cancel: threading.Event | None = None) -> None:
        self._cancel = cancel
        self._noted: int | None = None
        self._handlers: dict[int, Any] = {}

    def check(self) -> None:
        """Raise Cancelled when the job was taken back."""
        if self._noted is not None or (self._cancel is not None and self._cancel.is_set()):
            raise Cancelled

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) is not None:  # None: not Python's own, and could not be put back
                    self._handlers[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._noted is not None:
            signal.raise_signal(self._noted)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if self._noted is None:
            self._noted = number
