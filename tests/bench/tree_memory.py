"""What a program and all that it starts hold at once and the kernel cannot take back: the sum of their USS."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType

import psutil

SAMPLE_SECONDS = 0.02


@dataclass
class Peak:
    """The largest sum that was seen, and whose it was: a line for each process, the largest first."""

    bytes: int = 0
    parts: list[str] = field(default_factory=list)


class TreeMemory:
    """For the time of a ``with`` block looks at process ``pid`` and its descendants every SAMPLE_SECONDS.

    A job's worker, in a session of its own, is a child of the console that began it.
    """

    def __init__(self, pid: int) -> None:
        self.peak = Peak()
        self._root = psutil.Process(pid)
        self._leave = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> TreeMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._leave.is_set():
            began = time.monotonic()
            found = list(self._sizes())
            total = sum(size for size, _command in found)
            if total > self.peak.bytes:
                self.peak = Peak(total, [f"{size / 1e6:.1f} MB {command}" for size, command in sorted(found)[::-1]])
            self._leave.wait(max(0.0, began + SAMPLE_SECONDS - time.monotonic()))

    def _sizes(self) -> Iterator[tuple[int, str]]:
        try:
            processes = [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return
        seen: dict[int, tuple[int, str]] = {}
        for process in processes:
            try:
                found = (process.memory_full_info().uss, " ".join(process.cmdline()))
                parent = seen.get(process.ppid())
            except psutil.Error:
                continue  # it has just ended
            if parent is not None and _is_same_memory(found, parent):
                continue
            seen[process.pid] = found
            yield found[0], found[1][:100]


def _is_same_memory(child: tuple[int, str], parent: tuple[int, str]) -> bool:
    """Whether ``child`` is about to become another program: until then it works in its parent's memory (vfork)."""
    return child[1] == parent[1] and abs(child[0] - parent[0]) < parent[0] / 100
