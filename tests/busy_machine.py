"""What happens only where a machine is busy, made to happen."""

from __future__ import annotations

import selectors
import time


class LateSelector(selectors.DefaultSelector):
    """A program writes and ends between a look in vain and what follows it."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(timeout)
        if not found:
            time.sleep(0.5)
        return found
