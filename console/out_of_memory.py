"""Whom the kernel ends when a container's memory runs out: the console and its jobs, before the customer's programs."""

from __future__ import annotations

import contextlib
import functools
import shlex
from pathlib import Path

# Of -1000 to 1000, 0 for the customer's; everybody may raise it for their own processes (proc(5), oom_score_adj). Each
# thousandth counts as that part of the limit: 800 are more than an app takes that leaves room for a console at all.
JOB, SCREENS = 1000, 800


def go_first(pid: int | None = None, turn: int = JOB, proc: Path = Path("/proc")) -> None:
    """Have process ``pid`` (default: this one), and all that it starts from now on, ended before those with a smaller
    ``turn``: JOB for a job, SCREENS for a console that a person looks at.

    Never raises: where the kernel does not take it, the largest one goes first, as always.
    """
    if pid is None:
        turn_at_start()
    with contextlib.suppress(OSError):
        (proc / ("self" if pid is None else str(pid)) / "oom_score_adj").write_text(str(turn))


@functools.cache
def turn_at_start() -> str:
    """The number that this process had before ``go_first``; empty where it cannot be read."""
    try:
        return Path("/proc/self/oom_score_adj").read_text().strip()
    except OSError:
        return ""


def shell_line() -> str:
    """A line of shell that gives it back that number: what a customer starts from there is not the console's."""
    return f"{{ printf %s {shlex.quote(turn_at_start())} > /proc/$$/oom_score_adj; }} 2>/dev/null"
