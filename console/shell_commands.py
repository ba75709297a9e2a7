"""What would I have typed? The shell commands that the console's actions stand for."""

from __future__ import annotations

import shlex
from pathlib import Path

from .container import Container


def supervisorctl(container: Container, *words: str) -> str:
    """A supervisorctl line for this container; ``-c`` only where the configuration is not in its usual place."""
    conf = container.supervisor_conf
    where = [] if container.root == Path("/") else ["-c", str(conf)]
    return shlex.join(["supervisorctl", *where, *words])


def console_command(container: Container, *words: str) -> str:
    """A line of this console itself; ``--root`` only where the container is not the machine's own."""
    where = [] if container.root == Path("/") else ["--root", str(container.root)]
    return shlex.join(["console", *where, *words])


def program_commands(container: Container, action: str, programs: tuple[str, ...]) -> tuple[str, ...]:
    """The lines for ``action``: start, stop, restart or reload (gunicorn takes up new code by HUP)."""
    if action == "reload":
        return tuple(supervisorctl(container, "signal", "HUP", program) for program in programs)
    return (supervisorctl(container, action, *programs),)


def log_commands(path: Path, lines: int, follow: bool) -> tuple[str, ...]:
    """The line that shows the last ``lines`` of a log, and goes on with it when ``follow``."""
    return (shlex.join(["tail", "-n", str(lines), *(["-F"] if follow else []), str(path)]),)


def log_search_commands(path: Path, regex: str, lines: int | None, *, ignore_case: bool) -> tuple[str, ...]:
    """The line that shows the last ``lines`` (None: all) of a log and its rotated files that match ``regex``."""
    search = shlex.join(["zgrep", "-hEi" if ignore_case else "-hE", "-e", regex])
    files = f"$(ls -rv {shlex.quote(str(path))}*)"
    return (f"{search} {files}" + (f" | tail -n {lines}" if lines is not None else ""),)


def status_commands(container: Container) -> tuple[str, ...]:
    """The lines that show what the status shows."""
    return (
        supervisorctl(container, "status"),
        f"ss -ltnp '( sport = :{container.http_port} or sport = :{container.app_port} )'",
        f"curl -sS -o /dev/null -w '%{{http_code}} %{{time_total}}\\n' http://127.0.0.1:{container.http_port}/",
        shlex.join([str(container.venv / "bin" / "python"), "--version"]),
        shlex.join(["df", "-h", str(container.srv)]),
    )


def rebuild_commands(container: Container) -> tuple[str, ...]:
    """The guide's way to make the virtualenv anew; the app is down from the first line to the last."""
    venv = str(container.venv)
    image = container.root / "opt" / "python" / "bin" / "virtualenv"
    create = [str(image), venv] if container.generation == "image" else [str(container.python), "-m", "venv", venv]
    return (
        supervisorctl(container, "stop", "app"),
        shlex.join(["rm", "-rf", venv]),
        shlex.join(create),
        shlex.join([f"{venv}/bin/pip", "install", "-r", str(container.requirements)]),
        supervisorctl(container, "start", "app"),
    )
