"""The first status of a console, read while its screens are still being loaded."""

from __future__ import annotations

import threading

from ..container import Container
from ..errors import ConsoleError
from ..results import Status
from .status import StatusReader


class FirstLook(threading.Thread):
    """Reads one quick status (``StatusReader.read``). ``status`` is None until it is there, and stays so when it
    could not be read.

    ``reader`` may be used by others once the thread has ended.
    """

    def __init__(self, container: Container) -> None:
        super().__init__(name="first-look", daemon=True)
        self.reader = StatusReader(container)
        self.status: Status | None = None

    def run(self) -> None:
        try:
            self.status = self.reader.read(quick=True)
        except ConsoleError:
            self.status = None  # the next look tells why
