"""What the block in .bashrc costs a login that does not want the console, against a .bashrc without it."""

from __future__ import annotations

import shlex
import statistics
import subprocess
import time

from console.container import Container
from console.login.change import apply_login, plan_login
from console.login.places import places_of

from .measures import Row, milliseconds, time_until

RUNS = 100
MOST = 0.020
PROMPT = r"\(venv\) .*[$#]\s*\Z"


def run(container: Container) -> list[Row]:
    """With the block and without take turns, so that whatever else the machine does hits both alike."""
    places = places_of(container)
    made = not places.launcher.exists()
    if made:  # never started here
        places.launcher.write_text("#!/bin/sh\nexit 1\n")
        places.launcher.chmod(0o755)
    without = places.bashrc.read_bytes()
    apply_login(container, plan_login(container, "on"))
    block = places.bashrc.read_bytes()
    try:
        rows = []
        for name, measure in (
            ("login to prompt with CONSOLE_SKIP=1", _prompt),
            ("command without a terminal", _command),
        ):
            times: dict[bytes, list[float]] = {without: [], block: []}
            for number in range(RUNS):
                for content in (without, block)[:: 1 if number % 2 else -1]:
                    places.bashrc.write_bytes(content)
                    times[content].append(measure(container))
            rows.append(_row(name, statistics.median(times[without]), statistics.median(times[block])))
        return rows
    finally:
        places.bashrc.write_bytes(block)
        apply_login(container, plan_login(container, "off"))
        if made:
            places.launcher.unlink()


def _row(name: str, without: float, block: float) -> Row:
    goal = f"at most {milliseconds(MOST)} more"
    what = f"{name}, with the login's block in .bashrc, beside one without it"
    return Row(what, _tenths(block), _tenths(without), None, goal, block - without <= MOST)


def _tenths(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _prompt(container: Container) -> float:
    start = (
        f"export CONSOLE_SKIP=1 SSH_TTY=$(tty) HISTFILE= HOME={shlex.quote(str(container.srv))}; cd; exec -a -bash bash"
    )
    return time_until(["bash", "-c", start], PROMPT)[0]


def _command(container: Container) -> float:
    environment = {"HOME": str(container.srv), "PATH": "/usr/bin:/bin", "SSH_TTY": "/dev/null"}
    began = time.monotonic()
    subprocess.run(["bash", "--login", "-c", "true"], env=environment, stdin=subprocess.DEVNULL, check=True)
    return time.monotonic() - began
