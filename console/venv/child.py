"""A program that a job runs: its lines as they come, and an end at once when the job is taken back."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..errors import ConsoleError
from ..out_of_memory import go_first
from ..text import _

LOOK_SECONDS = 0.1  # how often a silent program's job asks whether it was taken back
KIND_SECONDS = 2.0  # from SIGTERM to SIGKILL
_SECRET = re.compile(r"(://)(?!git@)[^/\s]+@")
_SECRET_FIELD = re.compile(
    r"([?&;][\w.%-]*(?:token|secret|passw|signature|sig|key|auth|credential)[\w.%-]*=)[^&;#\s'\"`<>]+", re.IGNORECASE
)
# What belongs to the Python that runs the console, or to a virtualenv that happens to be active.
_FOREIGN = ("VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__", "UV_PYTHON", "UV_SYSTEM_PYTHON")
# What a person sets for their own use of pip, and would send our packages elsewhere, or nowhere.
_FOREIGN_TO_JOBS = tuple(
    f"PIP_{name}"
    for name in (
        *("REQUIRE_VIRTUALENV", "USER", "TARGET", "PREFIX", "ROOT", "PYTHON", "DRY_RUN", "REPORT", "REQUIREMENT"),
        *("EDITABLE", "PLATFORM", "PYTHON_VERSION", "IMPLEMENTATION", "ABI", "DEST", "QUIET"),
    )
)


def run_child(
    command: Sequence[str],
    *,
    on_line: Callable[[str], None],
    check: Callable[[], None],
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Run ``command`` to its end and return its exit code; ``on_line`` gets each line of its stdout and stderr.

    Credentials in URLs are masked in these lines. ``check`` is called every LOOK_SECONDS; an exception out of
    it or of ``on_line`` ends the program with all its children (it runs in a session of its own) and goes on up.
    Raises ConsoleError when the program cannot be started.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment) if environment is not None else clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise ConsoleError(_("Could not run {program}.").format(program=command[0]), error.strerror or "") from error
    go_first(process.pid)
    with process:
        try:
            _read_lines(process, on_line, check)
        except BaseException:
            _end_group(process)
            raise
    return process.returncode


def clean_environment(**more: str) -> dict[str, str]:
    """The user's environment (it may name indexes and proxies) without what belongs to another Python."""
    foreign = {*_FOREIGN, *_FOREIGN_TO_JOBS}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON") and name not in foreign}
    return {**kept, "NO_COLOR": "1", **more}


def silent_end(program: str, code: int) -> str:
    """Why ``program`` failed, where it has not said so itself: by its exit code, a signal's number where negative."""
    if code == -signal.SIGKILL:
        return _("{program} was killed before it said anything: the memory may have run out.").format(program=program)
    if code < 0:
        return _("{program} was ended by signal {number} before it said anything.").format(program=program, number=-code)
    return _("{program} ended with exit status {status} and said nothing.").format(program=program, status=code)


def masked(text: str) -> str:
    """``text`` with user names, passwords and tokens in URLs hidden; ``ssh://git@`` is no secret."""
    return _SECRET_FIELD.sub(r"\1***", _SECRET.sub(r"\1***@", text))


def _read_lines(process: subprocess.Popen[bytes], on_line: Callable[[str], None], check: Callable[[], None]) -> None:
    assert process.stdout is not None
    fd = process.stdout.fileno()
    waiting = b""
    ended = False
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        while True:
            check()
            if not selector.select(0 if ended else LOOK_SECONDS):
                if ended:  # a grandchild may hold the pipe open for ever
                    break
                # Between the look and this it may have written its last lines and ended: one more look.
                ended = process.poll() is not None
                continue
            data = os.read(fd, 65536)
            if not data:
                break
            *lines, waiting = (waiting + data).split(b"\n")
            for line in lines:
                on_line(_text(line))
    if waiting:
        on_line(_text(waiting))
    while process.poll() is None:  # it has closed its output, but works on
        check()
        time.sleep(0.02)


def _text(line: bytes) -> str:
    return masked(line.decode("utf-8", "replace").rstrip("\r").rpartition("\r")[2])


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):  # all of the group have ended
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(KIND_SECONDS)
    with contextlib.suppress(ProcessLookupError):  # also for children of a leader that has gone already
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
