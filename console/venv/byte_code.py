"""Compiles what was installed, with the Python that it is for, so that the first start is as quick as any other."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ..container import memory
from ..errors import ConsoleError
from ..results import Memory
from ..text import _
from .child import run_child

COMPILE_BYTES = 40_000_000  # of the largest process, measured with Django and pandas
MOST_PROCESSES = 2  # a container has a quarter of a core to a few; each process more would take memory from the app
_BOOTED = re.compile(r"^btime (\d+)$", re.MULTILINE)
_DISK_FULL = re.compile(r"\[Errno (?:28|122)\]")  # ENOSPC, EDQUOT
# Run by any Python from 2.7 on. Large sources make a process large for good: they all go to the first one, and its
# share is that much smaller in number. They come first, while it holds nothing else yet: 5 MB less at its peak. Each
# line is one write, so that the lines of two processes do not mix, and there are not many: linking does some files each
# millisecond, and reading that would take as long.
# pip is there for people, not for the app: compiling it would only cost a second.
# Byte code is linked from another virtualenv only beside a source that is the same file (uv links both out of its
# cache): it was made for that very source then, and import itself looks at no more than the header. Its rest is read
# as well, because a machine that lost its power, or a full disk, may have left it cut; but not again where it has two
# names, so that it was read when it got the second one, and the machine has run since it was written. No Python writes
# into byte code that is there: all put a new file in its place.
_BEHIND = """
import os
os.nice(10)
"""
_SCRIPT = """
import marshal, os, sys, time

root, processes, booted, others = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
folders = set()  # for byte code, that are there


def linked(name):
    for other in others:
        try:
            source = os.stat(name)
            if not os.path.samestat(source, os.stat(other + name[len(root):])):
                continue
            target = cache_from_source(name)
            there = other + target[len(root):]
            with open(there, "rb", 0) as file:
                found = os.fstat(file.fileno())
                whole = found.st_nlink > 1 and found.st_mtime > booted
                code = file.read(16) if whole else file.read()
            facts = struct.pack("<LLL", 0, int(source.st_mtime) & 0xFFFFFFFF, source.st_size & 0xFFFFFFFF)
            if code[:16] != MAGIC_NUMBER + facts:
                continue
            if not whole:
                marshal.loads(code[16:])
            folder = os.path.dirname(target)
            if folder not in folders:
                if not os.path.isdir(folder):
                    os.mkdir(folder)
                folders.add(folder)
            os.link(there, target)
            return True
        except (EnvironmentError, EOFError, TypeError, ValueError):
            continue
    return False


if sys.version_info >= (3, 7):
    import struct
    from importlib.util import MAGIC_NUMBER, cache_from_source
else:
    others = []  # its byte code has another header, and uv does not install for it

found = []
for parent, inside, files in os.walk(root):
    if parent == root and "pip" in inside:
        inside.remove("pip")
    found += [os.path.join(parent, name) for name in files if name.endswith(".py")]
sizes = dict((name, os.path.getsize(name) if os.path.isfile(name) else 0) for name in found)
found.sort(key=sizes.get, reverse=True)
weights = [sizes[name] + 2000 for name in found]
os.write(1, ("Files %d\\n" % len(found)).encode())
share, weight, parts = float(sum(weights)) / processes, 0.0, [[] for number in range(processes)]
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
done, told = 0, time.time()
for name in parts[0]:
    if not linked(name):
        import compileall
        compileall.compile_file(name, quiet=1)
    done += 1
    if not 0 <= time.time() - told < 0.05:
        os.write(1, ("Compiled %d\\n" % done).encode())
        done, told = 0, time.time()
if done:
    os.write(1, ("Compiled %d\\n" % done).encode())
for child in children:
    os.waitpid(child, 0)
"""


def compile_packages(
    python: Path,
    site_packages: Path,
    *,
    tell: Callable[[int, int], None],
    check: Callable[[], None],
    compiled: Sequence[Path] = (),
    behind: bool = False,
) -> int:
    """Compile all of ``site_packages`` with ``python``; how many files. ``tell`` gets how many are done, of how many.

    Where a source is the same file in one of ``compiled``, site-packages of the same Python, its byte code is linked
    from there. ``behind``: it is done where nobody else wants to compute, as the app that just starts.

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
        elif line.startswith("Compiled "):
            done += int(line.split()[1])
            tell(done, total)

    processes = compile_processes(memory(), os.cpu_count() or 1)
    numbers = (str(processes), str(booted()))
    command = [str(python), "-E", "-s", "-c", _BEHIND + _SCRIPT if behind else _SCRIPT]
    command += [str(site_packages), *numbers, *map(str, compiled)]
    run_child(command, on_line=read, check=check, cwd=python.parent.parent)  # none of its modules hides Python's own
    return done


def booted(stat: Path = Path("/proc/stat")) -> float:
    """When the machine began to run, in seconds since the epoch (proc(5), btime); infinite where that is not told."""
    try:
        line = _BOOTED.search(stat.read_text())
    except OSError:
        line = None
    return float(line[1]) if line is not None else float("inf")


def compile_processes(memory: Memory, cores: int) -> int:
    """How many processes compile at once: as many as there are cores, if the container's limit leaves them room."""
    most = min(cores, MOST_PROCESSES)
    if memory.limit_bytes is None:
        return most
    return max(1, min(most, (memory.limit_bytes - memory.used_bytes) // COMPILE_BYTES))
