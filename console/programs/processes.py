"""Processes as /proc shows them: a program's tree, and what a process is called.

Read straight from /proc because psutil takes 30 ms to import and looks at every process of the machine to find
the children of one. The paths are plain strings: this is called every 10 ms while a program starts, and pathlib
would double its cost.
"""

# ruff: noqa: PTH112, PTH115, PTH123, PTH208

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

_PYTHON = re.compile(r"python[\d.]*$")


def tree(pid: int) -> tuple[int, ...]:
    """``pid`` and all its living descendants, parents before children; empty when there is no such process."""
    if not os.path.isdir(f"/proc/{pid}"):
        return ()
    found = [pid]
    try:
        for parent in found:
            found.extend(_children(parent))
    except FileNotFoundError:  # a kernel without CONFIG_PROC_CHILDREN
        return _tree_by_psutil(pid)
    return tuple(found)


def _children(pid: int) -> list[int]:
    """The children of ``pid``, by proc(5) ``/proc/[pid]/task/[tid]/children``; none when it has ended."""
    children: list[int] = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return children
    for task in tasks:
        try:
            with open(f"/proc/{pid}/task/{task}/children", "rb") as file:
                children.extend(map(int, file.read().split()))
        except ProcessLookupError:
            continue
        except FileNotFoundError:
            if os.path.isdir(f"/proc/{pid}/task/{task}"):
                raise
    return children


def _tree_by_psutil(pid: int) -> tuple[int, ...]:
    import psutil

    try:
        return (pid, *(child.pid for child in psutil.Process(pid).children(recursive=True)))
    except psutil.NoSuchProcess:
        return ()


def parent(pid: int) -> int | None:
    """The process that ``pid`` is a child of; None when ``pid`` has ended."""
    fields = _stat(pid)
    return int(fields[1]) if len(fields) > 1 else None


def started(pid: int) -> int | None:
    """When ``pid`` began, in clock ticks since the machine's start (proc(5)); None when it has ended, also where nobody
    has waited for it.
    """
    fields = _stat(pid)
    return int(fields[19]) if len(fields) > 19 and fields[0] != b"Z" else None


def _stat(pid: int) -> list[bytes]:
    """The fields of proc(5) ``/proc/[pid]/stat`` from the third one, the state, on; none when ``pid`` has ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()  # the name before it may hold anything
    except OSError:
        return []


def command_line(pid: int) -> tuple[str, ...]:
    """The arguments of ``pid`` as it shows them itself; empty when it has ended or is a zombie."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            shown = file.read(65536)
    except OSError:
        return ()
    return tuple(part.decode("utf-8", "replace") for part in shown.rstrip(b"\0").split(b"\0")) if shown else ()


def environment_of(pid: int) -> dict[str, str]:
    """The environment that ``pid`` began with. Raises OSError when it has ended, or is another user's."""
    with open(f"/proc/{pid}/environ", "rb") as file:
        shown = file.read()
    pairs = (part.partition(b"=") for part in shown.split(b"\0") if b"=" in part)
    return {os.fsdecode(name): os.fsdecode(value) for name, _equals, value in pairs}


def name_of(arguments: Sequence[str]) -> str | None:
    """What a person calls the process with these arguments: ``gunicorn``, ``nginx``, not ``python3``.

    A script's name where an interpreter runs it, a module's where ``-m`` does, the word before the colon where
    the process has written itself a title (``nginx: master process ...``).
    """
    words = [word for word in arguments if word]
    if not words:
        return None
    title = re.match(r"([\w.-]+): ", words[0])
    if title is not None:
        return title.group(1)
    first = (words[0].split() or words)[0]
    name = _last_part(first) or first
    if not _PYTHON.match(name):
        return name
    return python_runs(words[1:])[0] or name


def python_runs(words: Sequence[str]) -> tuple[str | None, int]:
    """The script or module that a Python with the arguments ``words`` runs, and how many of them are the interpreter's
    up to and with it; None for ``-c`` or none.
    """
    at = 0
    while at < len(words):
        word = words[at]
        if word == "-m":
            module = words[at + 1] if at + 1 < len(words) else ""
            return module.removesuffix(".__main__").split(".")[0] or None, at + 2
        if word == "-c":
            break
        if not word.startswith("-"):
            return _last_part(word), at + 1  # a folder may end in a slash
        at += 2 if word in ("-W", "-X", "--check-hash-based-pycs") else 1
    return None, len(words)


def _last_part(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def process_name(pid: int) -> str | None:
    """What a person calls process ``pid``; None when it has ended or hides."""
    return name_of(command_line(pid))


def socket_inodes(pids: Iterable[int]) -> tuple[dict[int, int], bool]:
    """The sockets that these processes hold, as ``{inode: first pid that holds it}``, and whether all could be seen.

    Another user's processes do not show theirs.
    """
    found: dict[int, int] = {}
    complete = True
    for pid in pids:
        folder = f"/proc/{pid}/fd"
        try:
            numbers = os.listdir(folder)
        except PermissionError:
            complete = False
            continue
        except OSError:  # it has ended
            continue
        for number in numbers:
            try:
                target = os.readlink(f"{folder}/{number}")
            except OSError:  # closed in the meantime
                continue
            if target.startswith("socket:["):
                found.setdefault(int(target[8:-1]), pid)
    return found, complete
