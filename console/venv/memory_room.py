"""Whether the container's memory has room: for a job beside the screens, and for a second copy of the app."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

from ..container import Container, memory
from ..programs.processes import tree
from .affected import APP, all_programs

# What of a job the kernel cannot take back, measured in a memory cgroup of 128 MB with a Django site of ten wheels: the
# worker, and beside it virtualenv, uv or byte-compiling, whichever is at work and whether uv's cache is warm or not.
WORKER_BYTES, STEP_BYTES = 17_000_000, 28_000_000
FOLLOWING_BYTES = 14_000_000  # the command line, once it only follows the job
PIP_BYTES = 80_000_000  # in the place of a step, with all of pip's files
# What the kernel needs for files on top, such as the interpreter's own: with less it would read them again and again.
SPARE_BYTES = 6_000_000
JOB_BYTES = WORKER_BYTES + STEP_BYTES + SPARE_BYTES
_ANONYMOUS = re.compile(r"^Anonymous:\s+(\d+) kB$", re.MULTILINE)


def room_for_job() -> tuple[int, int] | None:
    """The bytes that a rebuild takes at its peak, its plan included, and those that the container's limit leaves for
    it, where they are fewer; None where there is room.
    """
    found = memory()
    if found.limit_bytes is None:
        return None
    left = max(0, found.limit_bytes - found.used_bytes)
    return (JOB_BYTES, left) if left < JOB_BYTES else None


def has_room_for_step() -> bool:
    """Whether one step of a job, such as byte-compiling, would fit into the container's limit just now; True without
    one.
    """
    found = memory()
    return found.limit_bytes is None or found.used_bytes + STEP_BYTES + SPARE_BYTES <= found.limit_bytes


def has_room_for_app(container: Container) -> bool:
    """Whether a process as large as the app's largest would fit into the container's limit just now.

    True without a limit, and where the app does not run: its own room is free then. Raises NothingThere where
    supervisord cannot be reached.
    """
    found = memory()
    if found.limit_bytes is None:
        return True
    pid = next((program.pid for program in all_programs(container) if program.full_name == APP), None)
    if pid is None:
        return True
    largest = max(map(anonymous_bytes, tree(pid)), default=0)
    return found.used_bytes + largest + SPARE_BYTES <= found.limit_bytes


def anonymous_bytes(pid: int, proc: Path = Path("/proc")) -> int:
    """What process ``pid`` holds that is in no file, and cannot be taken back (proc(5), smaps_rollup); 0 where it has
    ended or is somebody else's.
    """
    with contextlib.suppress(OSError):
        line = _ANONYMOUS.search((proc / str(pid) / "smaps_rollup").read_text())
        return int(line[1]) * 1024 if line is not None else 0
    return 0
