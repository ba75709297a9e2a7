"""Compiles what was installed, with the Python that it is for, so that the first start is as quick as any other."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from ..container import memory
from ..errors import ConsoleError
from ..results import Memory
from ..text import _
from .child import run_child

COMPILE_BYTES = 40_000_000  # of the largest process, measured with Django and pandas
MOST_PROCESSES = 2  # a container has a quarter of a core to a few; each process more would take memory from the app
_DISK_FULL = re.compile(r"\[Errno (?:28|122)\]")  # ENOSPC, EDQUOT
# Run by any Python from 2.7 on. Large sources make a process large for good: they all go to the first one, and its
# share is that much smaller in number. Each line is one write, so that the lines of two processes do not mix.
# pip is there for people, not for the app: compiling it would only cost a second.
_SCRIPT = """
import compileall, os, sys

found = []
for parent, folders, files in os.walk(sys.argv[1]):
    if parent == sys.argv[1] and "pip" in folders:
        folders.remove("pip")
    found += [os.path.join(parent, name) for name in files if name.endswith(".py")]
sizes = dict((name, os.path.getsize(name) if os.path.isfile(name) else 0) for name in found)
found.sort(key=sizes.get, reverse=True)
weights = [sizes[name] + 2000 for name in found]
os.write(1, ("Files %d\\n" % len(found)).encode())
share, weight, parts = float(sum(weights)) / int(sys.argv[2]), 0.0, [[] for number in range(int(sys.argv[2]))]
for name, more in zip(found, weights):
    parts[min(int(weight / share), len(parts) - 1)].append(name)
    weight += more
children = []
for part in parts[1:]:
    try:
        child = os.fork()
    except OSError:
        parts[0] += part
        continue
    if child == 0:
        children, parts[0] = [], part
        break
    children.append(child)
for name in reversed(parts[0]):
    compileall.compile_file(name, quiet=1)
    os.write(1, b"Compiled\\n")
for child in children:
    os.waitpid(child, 0)
"""


def compile_packages(
    python: Path, site_packages: Path, *, tell: Callable[[int, int], None], check: Callable[[], None]
) -> int:
    """Compile all of ``site_packages`` with ``python``; how many files. ``tell`` gets how many are done, of how many.

    A file that does not compile (packages bring templates and code for other Pythons) is no failure. ``check`` raises
    to take it back. Raises ConsoleError where the disk is full.

    Its processes share what the first one has loaded: compileall's own ``-j`` takes 24 MB more, and does nothing
    where processes have no shared memory. uv's ``--compile-bytecode`` takes 82 MB even with one worker, as it stays
    beside it, and is no quicker with one.
    """
    done = total = 0

    def read(line: str) -> None:
        nonlocal done, total
        if _DISK_FULL.search(line):
            raise ConsoleError(_("The disk is full."), line.strip(), _("Nothing was changed: free some space."))
        if line.startswith("Files "):
            total = int(line.split()[1])
        elif line == "Compiled":
            done += 1
            tell(done, total)

    processes = compile_processes(memory(), os.cpu_count() or 1)
    command = [str(python), "-E", "-s", "-c", _SCRIPT, str(site_packages), str(processes)]
    run_child(command, on_line=read, check=check, cwd=python.parent.parent)  # none of its modules hides Python's own
    return done


def compile_processes(memory: Memory, cores: int) -> int:
    """How many processes compile at once: as many as there are cores, if the container's limit leaves them room."""
    most = min(cores, MOST_PROCESSES)
    if memory.limit_bytes is None:
        return most
    return max(1, min(most, (memory.limit_bytes - memory.used_bytes) // COMPILE_BYTES))
