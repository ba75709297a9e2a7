"""A memory cgroup with a limit, as a container has one: what starts in it shares the limit."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests import needs

_V1, _V2 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class MemoryGroup:
    """Its folder, and which version of cgroups it is of."""

    folder: Path
    is_first_version: bool

    @property
    def limit_file(self) -> str:
        return "memory.limit_in_bytes" if self.is_first_version else "memory.max"

    @property
    def swap_file(self) -> str:
        return "memory.memsw.limit_in_bytes" if self.is_first_version else "memory.swap.max"

    def inside(self, command: Sequence[str]) -> list[str]:
        """``command``, started in the group."""
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.folder / "cgroup.procs"), *command]

    def limit(self, limit: int | None) -> None:
        """From now on at most ``limit`` bytes, without swap; None: as many as there are."""
        memory, swap = self.folder / self.limit_file, self.folder / self.swap_file
        if self.is_first_version:  # its second file counts both, and may never be below the first
            files = [memory, swap] if limit is not None else [swap, memory]
            texts = [str(limit if limit is not None else -1)] * 2
        else:
            files = [memory, swap]
            texts = ["max", "max"] if limit is None else [str(limit), "0"]
        for file, text in zip(files, texts, strict=True):
            if file.exists():  # a kernel may count no swap
                file.write_text(text)

    @property
    def held(self) -> int:
        """The bytes that its processes hold in no file: what cannot be taken back."""
        return self._facts("memory.stat")["total_rss" if self.is_first_version else "anon"]

    @property
    def killed(self) -> int:
        """How many of its processes were killed as it ran out of memory."""
        return self._facts("memory.oom_control" if self.is_first_version else "memory.events")["oom_kill"]

    def _facts(self, name: str) -> dict[str, int]:
        pairs = (line.split() for line in (self.folder / name).read_text().splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs}


@contextlib.contextmanager
def memory_group() -> Iterator[MemoryGroup]:
    """A group without a limit yet; what still runs in it at the end is killed. OSError where none can be made."""
    name = f"console-tests-{os.getpid()}"
    if (_V1 / "memory.limit_in_bytes").exists():
        group = MemoryGroup(_V1 / name, is_first_version=True)
    else:
        group = MemoryGroup(_V2 / name, is_first_version=False)
    group.folder.mkdir()
    try:
        if not (group.folder / group.limit_file).exists():
            raise OSError(f"{group.folder} has no {group.limit_file}: its parent does not divide the memory")
        yield group
    finally:
        limit = time.monotonic() + 10
        while (left := (group.folder / "cgroup.procs").read_text().split()) and time.monotonic() < limit:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(0.05)
        group.folder.rmdir()


@contextlib.contextmanager
def memory_group_or_skip() -> Iterator[MemoryGroup]:
    """Skips the test where this machine lets nobody make a group."""
    with contextlib.ExitStack() as stack:
        try:
            group = stack.enter_context(memory_group())
        except OSError as error:
            needs.missing(f"a memory cgroup of our own ({error})", everywhere=False)
        yield group
