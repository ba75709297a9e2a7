"""What is known about a program that does not run: its logs, supervisord's log, its command. Only read here."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..results import Program
from .client import Supervisor
from .clues import Clue, find_clue, last_exit, since_last_start
from .config import program_config
from .log_mark import LogMark, mark_logs, read_since
from .oom import oom_kills

SHOWN_LINES = 20
# Between a program's last words and supervisord's note of its end: gunicorn lets workers finish for 30 s.
_SLACK_SECONDS = 60.0


@dataclass(frozen=True)
class Evidence:
    """``lines``: what the program wrote, ``clue`` what it tells. ``exit``: how it ended by supervisord.log.

    ``oom_killed``: the kernel has killed something in this container since the mark, because its memory was used up.
    """

    lines: Sequence[str]
    clue: Clue | None
    exit: str | None
    oom_killed: bool

    @property
    def shown(self) -> tuple[str, ...]:
        """The last lines, for people."""
        written = [line for line in self.lines if line.strip()]
        return tuple(written[-SHOWN_LINES:])


def mark(container: Container, programs: Sequence[Program]) -> LogMark:
    """A mark at the present ends of the logs of ``programs`` and of supervisord's."""
    paths = [path for one in programs for path in (one.log_file, one.error_log_file)]
    return mark_logs([*paths, container.supervisor_log], oom_kills())


def collect(container: Container, program: Program, since: LogMark | None) -> Evidence:
    """The evidence on ``program`` since a mark; without one that of its last run, as far as it can be told."""
    own: list[tuple[Sequence[str], Clue | None]] = []
    for path in (program.error_log_file, program.log_file):
        if path is None:
            continue
        written: Sequence[str] = _lines(read_since(path, since))
        if since is None:
            written = since_last_start(written)
        own.append((written, None if since is None and _older_than_the_end(path, program) else find_clue(written)))
    # The error log comes first; a log without a clue is only shown when the other has none either.
    told = [one for one in own if one[1] is not None] or [one for one in own if any(one[0])]
    lines, clue = told[0] if told else ((), None)
    kills = oom_kills() or 0
    return Evidence(
        lines=lines,
        clue=clue,
        exit=last_exit(_lines(read_since(container.supervisor_log, since)), program.name),
        oom_killed=since is not None and since.oom_kills is not None and kills > since.oom_kills,
    )


def _older_than_the_end(path: Path, program: Program) -> bool:
    """Whether the log was last written well before the program ended: then it does not tell of that end."""
    if program.since_seconds is None:
        return False
    try:
        age = time.time() - path.stat().st_mtime
    except OSError:
        return False
    return age > program.since_seconds + _SLACK_SECONDS


def _lines(data: bytes) -> list[str]:
    return [line.rstrip("\r") for line in data.decode("utf-8", "replace").split("\n")]


def command_of(container: Container, program: Program) -> tuple[str, ...]:
    """The command that supervisord runs for ``program``, taken apart; empty where nobody tells it."""
    try:
        for config in Supervisor(container.supervisor_socket).configs():
            if (config.get("name"), config.get("group")) == (program.name, program.group) and "command" in config:
                return tuple(shlex.split(str(config["command"])))
        # Before 4.0 supervisord keeps its commands to itself.
        found = program_config(container, program.full_name)
    except (ConsoleError, ValueError):
        return ()
    return found.arguments if found is not None else ()
