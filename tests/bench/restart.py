"""From the key to the proof that the app answers again, against `supervisorctl restart app`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from console.container import Container
from console.health.http import ask
from tests.terminal import Terminal, console

from .measures import Row, milliseconds, ratio_row, read_for

RUNS = 7


def run(container: Container) -> list[Row]:
    """supervisorctl says nothing about HTTP, so its time is until it returns: what a person waits for today."""
    ours, theirs = [], []
    with Terminal(console(container.root)) as terminal:
        terminal.wait_for("The site is up")
        for _run in range(RUNS):
            ours.append(_with_key(terminal))
            theirs.append(_with_supervisorctl(container))
            read_for(terminal, 3)
    return [
        ratio_row(
            "key to the proof over HTTP, against `supervisorctl restart app`",
            statistics.median(ours),
            statistics.median(theirs),
            0.3,
            milliseconds,
        )
    ]


def _with_key(terminal: Terminal) -> float:
    begun = time.monotonic()
    terminal.press("r")
    terminal.wait_for(r"(?s)restarting app.*HTTP 200 in")
    spent = time.monotonic() - begun
    terminal.wait_for(r"app RUNNING in")
    read_for(terminal, 2)
    return spent


def _with_supervisorctl(container: Container) -> float:
    command = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(container.supervisor_conf), "restart", "app"]
    begun = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    spent = time.monotonic() - begun
    if not ask(container.app_port).ok:
        raise RuntimeError("the app does not answer after supervisorctl restart")
    return spent
