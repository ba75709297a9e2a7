"""A program in a real pseudo-terminal, with a terminal emulator that says what a person would see."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

PYTHON = sys.executable
_ALTERNATE = re.compile(rb"(\x1b\[\?1049[hl])")
_PRIVATE_SGR = re.compile(rb"\x1b\[[>?=<][0-9;]*[mu]")


class Terminal:
    """Starts ``command`` on a pty of ``columns`` x ``rows``; TERM is xterm, as a container sets it.

    ``read`` feeds the emulator; ``wait_for`` reads until something is on the screen. All bytes are kept in
    ``output`` for tests that look for what must not be there; ``arrived`` is when the last ones came. To be
    closed, which ends the program.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        environment: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        # pyte knows no alternate screen; the main one keeps what stood there before a program took it all.
        self._main = self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.output = bytearray()
        self.started = self.arrived = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            clean = {
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("CONSOLE_", "TEXTUAL", "COLOR", "NO_COLOR", "LC_", "LANG", "COLUMNS", "LINES"))
            }
            clean |= {"TERM": "xterm", "LANG": "en_US.UTF-8", "PYTHONUTF8": "1", **(environment or {})}
            with contextlib.suppress(OSError):
                if cwd is not None:
                    os.chdir(cwd)
                os.execvpe(command[0], list(command), clean)
            os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def text(self) -> str:
        """What is on the screen, without the blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self, seconds: float) -> int:
        """Feed what comes within ``seconds`` to the emulator; returns how many bytes came."""
        deadline, count = time.monotonic() + seconds, 0
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self.fd], [], [], left)[0]:
                break
            try:
                data = os.read(self.fd, 65536)
            except OSError as error:
                if error.errno != errno.EIO:  # the program has ended
                    raise
                break
            if not data:
                break
            self.arrived = time.monotonic()
            count += len(data)
            self.output += data
            for part in _ALTERNATE.split(data):
                self._feed(part)
        return count

    def _feed(self, data: bytes) -> None:
        if _ALTERNATE.fullmatch(data):
            entered = data.endswith(b"h")
            self.screen = pyte.Screen(self._main.columns, self._main.lines) if entered else self._main
            self._stream = pyte.ByteStream(self.screen)
        else:
            # pyte takes the private SGR of newer terminals for plain SGR; it means nothing on its screen.
            self._stream.feed(_PRIVATE_SGR.sub(b"", data))

    def wait_for(self, what: str | Callable[[str], object], seconds: float = 15.0) -> float:
        """Read until ``what`` (a regular expression, or a test of the text) is on the screen.

        Returns the seconds since the call. Raises AssertionError with the screen when it does not come.
        """
        begun = time.monotonic()
        while True:
            text = self.text
            if re.search(what, text) if isinstance(what, str) else what(text):
                return time.monotonic() - begun
            if time.monotonic() - begun > seconds:
                raise AssertionError(f"{what!r} did not come within {seconds} s. The screen:\n{text}")
            self.read(0.02)

    def press(self, keys: str) -> None:
        """Type ``keys``."""
        os.write(self.fd, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        for screen in {self._main, self.screen}:
            screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for_end(self, seconds: float = 10.0) -> int:
        """Read until the program ends; returns its exit code (negative: the signal that ended it)."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                self.read(0.1)
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"the program did not end within {seconds} s. The screen:\n{self.text}")

    def hang_up(self, seconds: float = 10.0) -> int:
        """Close the terminal, as a dropped connection does; the exit code of the program, which must end."""
        os.close(self.fd)
        self.fd = -1
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        raise AssertionError(f"the program went on for {seconds} s without its terminal")

    def close(self) -> None:
        """End the program, however it takes it."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
        if not self.pid:
            return
        for number in (signal.SIGHUP, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                pid, _status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    self.pid = 0
                    return
                time.sleep(0.01)


def console(root: Path, *arguments: str) -> list[str]:
    """The command that runs the console of this environment on the container under ``root``."""
    return [PYTHON, "-m", "console", "--root", str(root), *arguments]
