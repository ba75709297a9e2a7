"""The playground's supervisord: starting it, and ending it with all that it started."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pwd
import signal
import socket
import time
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..own_python import own_command
from ..text import _
from .layout import SOCKET
from .processes import MARK, Process, end_processes, find_process, own_processes, send, wait_for_end
from .record import Record, write_record

START_SECONDS = 20.0
# Each program may take its stopwaitsecs (10) before supervisord kills it, one after the other.
STOP_SECONDS = 45.0
ORPHAN_SECONDS = 5.0
_LAST_LINES = 12


def start_supervisord(container: Container, record: Record) -> Record:
    """Start it as a daemon and remember it; return when its socket answers.

    Raises ConsoleError with what it wrote when it does not; nothing of it runs then.
    """
    import subprocess

    srv = container.srv
    pid_file = srv / "run" / "supervisord.pid"
    with contextlib.suppress(FileNotFoundError):
        pid_file.unlink()
    try:
        run = subprocess.run(
            [*(record.command or own_command("supervisor.supervisord")), "-c", str(container.supervisor_conf)],
            cwd=srv,
            env={**_environment(container), **record.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        stop_supervisord(container.root, record)
        raise ConsoleError(_("supervisord could not be started."), str(error)) from error
    said = run.stdout.decode("utf-8", "replace").strip()
    deadline = time.monotonic() + START_SECONDS
    while run.returncode == 0 and time.monotonic() < deadline:
        process = _started(pid_file)
        if process is not None and socket_answers(container.root):
            started = dataclasses.replace(record, process=process)
            write_record(container.root, started)
            return started
        time.sleep(0.01)
    cause = "\n".join(part for part in (said, last_lines(container.supervisor_log)) if part)
    stop_supervisord(container.root, record)  # it may be there and hang
    raise ConsoleError(_("supervisord did not start."), cause)


def stop_supervisord(root: Path, record: Record) -> None:
    """End the supervisord that was started last and everything that came from it; nothing else is touched.

    Raises ConsoleError when something survives even SIGKILL.
    """
    process = record.process
    if process is not None and process.running:
        # A connection wakes its loop, which otherwise sleeps up to a second between two looks at its children.
        end_processes([process], STOP_SECONDS, lambda: socket_answers(root))
    pid = process.pid if process is not None else None
    rest = own_processes(root, pid)
    if rest and not end_processes(rest, ORPHAN_SECONDS):
        send(rest, signal.SIGKILL)
    # A process may have started another one while it was told to end.
    for _round in range(3):
        rest = own_processes(root, pid)
        if not rest:
            return
        send(rest, signal.SIGKILL)
        wait_for_end(rest, ORPHAN_SECONDS)
    raise ConsoleError(
        _("Some processes of the container do not end: {pids}.").format(
            pids=", ".join(str(process.pid) for process in rest)
        )
    )


def socket_answers(root: Path) -> bool:
    """Whether somebody listens on supervisord's socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(os.fsencode(root / SOCKET))
        except OSError:
            return False
        return True


def last_lines(log: Path) -> str:
    """The last lines of a log; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-_LAST_LINES:])
    except OSError:
        return ""


def _started(pid_file: Path) -> Process | None:
    try:
        return find_process(int(pid_file.read_text()))
    except (OSError, ValueError):  # not written yet, or half
        return None


def _environment(container: Container) -> dict[str, str]:
    """What a container's main process has, and nothing of this shell: no virtualenv, no PYTHONPATH."""
    try:
        account = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a uid without an account
        account = "app"
    return {
        "HOME": str(container.srv),
        "USER": account,
        "LOGNAME": account,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        MARK: str(container.root),
    }


def program_states(container: Container) -> dict[str, str]:
    """supervisord's word for each program, by its full name; empty when it does not answer."""
    from ..programs.client import Supervisor

    try:
        rows = Supervisor(container.supervisor_socket).all_processes()
    except ConsoleError:  # gone, or not there yet: the callers look again or say so
        return {}
    return {
        row["name"] if row["name"] == row["group"] else f"{row['group']}:{row['name']}": str(row["statename"])
        for row in rows
    }
