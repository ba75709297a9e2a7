"""The nginx that serves the container: which one it is, its own test of the configuration, and its reload."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..text import _
from .folders import Account

PROGRAM = "nginx"  # its name in supervisord
_USUAL = Path("/usr/sbin/nginx")
_TEST_SECONDS = 30.0
_LOOK_SECONDS = 0.01
# "nginx: [emerg] text", or with the log's date and pid before and behind the level.
_GRAVE = re.compile(r"\[emerg\] (?:\d+#\d+: )?(.+)")


@dataclass(frozen=True)
class Nginx:
    """``arguments`` name its configuration (``-c``, ``-p``, ``-g``); ``pid`` is the master's, None when none runs."""

    program: Path
    arguments: tuple[str, ...]
    pid: int | None


def find_nginx(container: Container) -> Nginx:
    """The running nginx, else the installed one. Raises ConsoleError where there is none."""
    pid = master_pid(container)
    title = _title(pid) if pid is not None else ""
    arguments = _arguments(title)
    if "-c" not in arguments and (container.root / "etc/nginx/nginx.conf").exists():
        arguments = ("-c", str(container.root / "etc/nginx/nginx.conf"), *arguments)
    program = _program_of(pid) or (_USUAL if _USUAL.exists() else None)
    if program is None:
        import shutil  # not at import: 8 ms, and the first screen imports this module

        found = shutil.which("nginx")
        program = Path(found) if found else None
    if program is None:
        raise ConsoleError(
            _("There is no nginx here."),
            _("{path} does not exist, and PATH has none.").format(path=_USUAL),
            _("The app serves its static files itself then."),
        )
    return Nginx(program, arguments, pid)


def master_pid(container: Container) -> int | None:
    """The pid of nginx's master process by its pid file, else by supervisord; None when none runs."""
    with contextlib.suppress(OSError, ValueError):  # none runs, or its pid file is elsewhere
        pid = int((container.srv / "run" / "nginx.pid").read_text())
        if _title(pid):
            return pid
    from ..programs.table import read_programs  # 60 ms, for when the pid file told nothing

    _supervisor, programs = read_programs(container)
    return next((program.pid for program in programs if program.name == PROGRAM and program.pid), None)


def worker_account(container: Container) -> Account:
    """Whom nginx's workers run as; where none runs, this process's account, as a container has only one."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        master = int((container.srv / "run" / "nginx.pid").read_text())
        if _title(master):
            for pid in sorted(workers(master)) or [master]:
                fields = dict(
                    line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
                )
                groups = {int(fields["Gid"].split()[1]), *map(int, fields["Groups"].split())}
                return Account(int(fields["Uid"].split()[1]), frozenset(groups))
    return Account(os.geteuid(), frozenset((os.getegid(), *os.getgroups())))


def workers(master: int) -> frozenset[int]:
    """The pids of the master's processes."""
    from ..programs.processes import tree

    return frozenset(tree(master)[1:])


def configuration_error(nginx: Nginx) -> str:
    """What nginx itself has against its configuration on disk, as it says it; empty when nothing."""
    import subprocess

    try:
        done = subprocess.run(
            [nginx.program, "-t", "-q", *nginx.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            timeout=_TEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _("nginx -t did not end within {seconds:.0f} s").format(seconds=_TEST_SECONDS)
    except OSError as error:
        return f"{nginx.program}: {error.strerror or error}"
    if done.returncode == 0:
        return ""
    said = done.stdout.decode("utf-8", "replace")
    found = _GRAVE.search(said)
    return found.group(1).strip() if found else said.strip() or f"nginx -t: {done.returncode}"


def reload(master: int, limit: float) -> bool:
    """Let the master take its configuration; True once only new workers take requests, False if not in ``limit`` s.

    By SIGHUP: new workers start, the old ones finish what they serve, and no connection is dropped
    (https://nginx.org/en/docs/control.html#reconfiguration).
    """
    before = workers(master)
    try:
        os.kill(master, signal.SIGHUP)
    except (PermissionError, ProcessLookupError):
        return False
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        now = workers(master)
        if now - before and all(_is_leaving(pid) for pid in now & before):
            return True
        time.sleep(_LOOK_SECONDS)
    return False


def _title(pid: int) -> str:
    """What an nginx master shows as its command line; empty for any other process."""
    shown = _command_line(pid)
    return shown if shown.startswith("nginx: master process ") else ""


def _is_leaving(pid: int) -> bool:
    """Whether a worker takes no requests any more: it says so in its title, then ends."""
    shown = _command_line(pid)
    return not shown or shown.endswith("is shutting down")


def _command_line(pid: int) -> str:
    try:
        shown = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # it has ended
        return ""
    return os.fsdecode(shown.rstrip(b"\0 ").replace(b"\0", b" "))


def _arguments(title: str) -> tuple[str, ...]:
    """The options that say where the configuration is; nginx shows them joined, without quotes."""
    found: list[str] = []
    for option in ("-c", "-p", "-g"):
        match = re.search(rf" {option} (.+?)(?= -[a-zA-Z] |$)", title)
        if match:
            found += [option, match.group(1)]
    return tuple(found)


def _program_of(pid: int | None) -> Path | None:
    if pid is None:
        return None
    try:
        program = Path(f"/proc/{pid}/exe").readlink()
    except OSError:  # another user's
        return None
    return program if program.exists() else None
