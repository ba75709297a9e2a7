"""The customer's own programs, run with a limit: their lines all come."""

from __future__ import annotations

import os
import selectors
import time
from pathlib import Path

import pytest

from console.static_files.child import run_child


class _Late(selectors.DefaultSelector):
    """The machine is so busy that the program writes and ends between a look in vain and what follows it."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        found = super().select(timeout)
        if not found:
            time.sleep(0.5)
        return found


def test_the_last_lines_are_not_lost_on_a_busy_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "DefaultSelector", _Late)
    ended = run_child(["/bin/sh", "-c", "sleep 0.3; echo why; exit 3"], tmp_path, {"PATH": os.defpath}, 30.0)
    assert (ended.status, ended.output) == (3, ("why",))
