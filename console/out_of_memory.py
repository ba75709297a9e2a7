"""Whom the kernel ends when a container's memory runs out: a job of the console, never the customer's programs."""

from __future__ import annotations

import contextlib
from pathlib import Path

_FIRST = "1000"  # of -1000 to 1000; everybody may raise it for their own processes (proc(5), oom_score_adj)


def go_first(pid: int | str = "self", proc: Path = Path("/proc")) -> None:
    """Have process ``pid``, and all that it starts from now on, ended before others. Never raises: where the kernel
    does not take it, the largest one goes first, as always.
    """
    with contextlib.suppress(OSError):
        (proc / str(pid) / "oom_score_adj").write_text(_FIRST)
