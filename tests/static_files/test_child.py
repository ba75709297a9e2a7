"""The customer's own programs, run with a limit: their lines all come."""

from __future__ import annotations

import os
import selectors
from pathlib import Path

import pytest

from console.static_files.child import run_child
from tests.busy_machine import LateSelector


def test_the_last_lines_are_not_lost_on_a_busy_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "DefaultSelector", LateSelector)
    ended = run_child(["/bin/sh", "-c", "sleep 0.3; echo why; exit 3"], tmp_path, {"PATH": os.defpath}, 30.0)
    assert (ended.status, ended.output) == (3, ("why",))
