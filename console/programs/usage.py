"""CPU and memory of programs, each with its whole process tree.

Reads only the processes that are asked for. Memory is the proportional set size (proc(5), smaps_rollup): pages
that gunicorn's workers share with their master count once in the sum, where the resident size counts them
in every process.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .processes import tree

if TYPE_CHECKING:
    import psutil

# The kernel walks every page of a process for its proportional size (0.6 ms for 20 MB); memory changes slowly.
MEMORY_SECONDS = 5.0


@dataclass(frozen=True)
class TreeUsage:
    """``cpu_percent`` of one core since the sample before, None in the first one; ``processes`` with the root."""

    cpu_percent: float | None
    memory_bytes: int
    processes: int


@dataclass
class _Seen:
    process: psutil.Process
    cpu_seconds: float = 0.0
    memory_bytes: int = 0
    memory_at: float = 0.0


class Usage:
    """Samples the usage of process trees; keeps what the next sample is compared with. Not for several threads."""

    def __init__(self) -> None:
        self._seen: dict[int, _Seen] = {}
        self._sampled_at: dict[int, float] = {}

    def warm(self, pids: Iterable[int], seconds: float = 0.1) -> None:
        """Take a first sample and wait ``seconds``, so that the next sample knows the CPU."""
        self.sample(pids)
        time.sleep(seconds)

    def sample(self, pids: Iterable[int]) -> dict[int, TreeUsage]:
        """The usage of the trees that begin at ``pids``; those that have ended are left out."""
        trees = {pid: tree(pid) for pid in pids}
        seen: dict[int, _Seen] = {}
        sampled_at: dict[int, float] = {}
        found: dict[int, TreeUsage] = {}
        for root, members in trees.items():
            now = time.monotonic()
            grown = 0.0
            measured: list[_Seen] = []
            for pid in members:
                known = self._seen.get(pid)
                before = known.cpu_seconds if known is not None else 0.0
                now_seen = _measure(pid, known, now)
                if now_seen is not None:
                    # A pid that was given to another process meanwhile may show less than before.
                    grown += max(0.0, now_seen.cpu_seconds - before)
                    measured.append(now_seen)
                    seen[pid] = now_seen
            if measured:
                since = now - self._sampled_at[root] if root in self._sampled_at else 0.0
                percent = 100 * grown / since if since > 0 else None
                found[root] = TreeUsage(percent, sum(one.memory_bytes for one in measured), len(measured))
                sampled_at[root] = now
        self._seen, self._sampled_at = seen, sampled_at
        self._refresh_oldest_memory()
        return found

    def _refresh_oldest_memory(self) -> None:
        """Measure the memory of one process anew, for the next sample: all at once would be a jolt each time."""
        oldest = min(self._seen.values(), key=lambda seen: seen.memory_at, default=None)
        now = time.monotonic()
        if oldest is not None and now - oldest.memory_at >= MEMORY_SECONDS:
            _measure_memory(oldest, now)


def _measure(pid: int, known: _Seen | None, now: float) -> _Seen | None:
    """``known`` (or a new one) with the CPU time of now; None when the process has ended or hides."""
    import psutil  # 30 ms: only where something is measured

    try:
        seen = known if known is not None else _Seen(psutil.Process(pid))
        times = seen.process.cpu_times()
    except psutil.Error:
        return None
    seen.cpu_seconds = times.user + times.system
    if known is None:
        _measure_memory(seen, now)
    return seen


def _measure_memory(seen: _Seen, now: float) -> None:
    """Take the proportional set size; the resident one where the proportional one may not be read."""
    import psutil

    seen.memory_at = now
    pss = _proportional_bytes(seen.process.pid)
    if pss is not None:
        seen.memory_bytes = pss
        return
    with contextlib.suppress(psutil.Error):  # it has ended: the next sample leaves it out
        seen.memory_bytes = seen.process.memory_info().rss


def _proportional_bytes(pid: int) -> int | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_bytes().splitlines()
    except OSError:  # another user's process, an old kernel, or it has ended
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:")), None)
