"""A program run to its end in a session of its own, its lines as they come, with a time limit."""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import ConsoleError
from ..text import _

_PIECE = 65536
_LOOK_SECONDS = 0.1

Check = Callable[[], None]


def no_check() -> None:
    """Nobody wants it to end."""


@dataclass(frozen=True)
class Ended:
    """``status`` is None past the time limit; ``output`` are the lines of stdout and stderr in their order."""

    status: int | None
    output: tuple[str, ...]
    seconds: float


def run_child(
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    seconds: float,
    on_line: Callable[[str], None] | None = None,
    check: Check = no_check,
) -> Ended:
    """Run ``command`` for at most ``seconds``; it and what it began are ended then, or when ``on_line`` or ``check``,
    which is called ten times a second, raises.

    Raises ConsoleError where it cannot be run.
    """
    import subprocess

    began = time.monotonic()
    try:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise ConsoleError(
            _("{program} cannot be run.").format(program=command[0]), error.strerror or str(error)
        ) from error
    assert process.stdout is not None
    lines: list[str] = []

    def take(line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        lines.append(text)
        if on_line is not None:
            on_line(text)

    try:
        rest, in_time, ended = b"", True, False
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while True:
                check()
                in_time = time.monotonic() - began < seconds
                if not in_time:
                    break
                if selector.select(0 if ended else _LOOK_SECONDS):
                    piece = os.read(process.stdout.fileno(), _PIECE)
                    if not piece:
                        break
                    *whole, rest = (rest + piece).split(b"\n")
                    for line in whole:
                        take(line)
                elif ended:  # something that it began has its output still open
                    break
                else:  # between the look and this it may have written its last lines and ended: one more look
                    ended = process.poll() is not None
        if rest:
            take(rest)
        status = process.wait(_remaining(began, seconds)) if in_time else None
    except subprocess.TimeoutExpired:
        status = None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        process.stdout.close()
    return Ended(status, tuple(lines), time.monotonic() - began)


def _remaining(began: float, seconds: float) -> float:
    return max(0.0, began + seconds - time.monotonic())
