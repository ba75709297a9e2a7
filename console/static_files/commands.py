"""The shell commands that a change of the site file stands for."""

from __future__ import annotations

import shlex
from pathlib import Path

from ..container import Container
from ..results import Static
from ..shell_commands import supervisorctl
from .look import LOCATION
from .nginx import PROGRAM


def change_commands(
    container: Container, static: Static, how: str = "nano", backup: Path | None = None
) -> tuple[str, ...]:
    """Keep the file, change it (``how``: "nano", or "cp" of ``backup`` over it), test, let nginx take it, look."""
    conf = container.root / "etc/nginx/nginx.conf"
    test = ["nginx", "-t", *(["-c", str(conf)] if container.root != Path("/") else [])]
    change = (
        ["cp", str(backup), str(static.file)] if how == "cp" else ["nano", f"+{static.line or 1}", str(static.file)]
    )
    return (
        shlex.join(["cp", "-p", str(static.file), f"{container.backups}/"]),
        shlex.join(change),
        shlex.join(test),
        supervisorctl(container, "signal", "HUP", PROGRAM),
        f"curl -I http://127.0.0.1:{container.http_port}{shlex.quote(static.location or LOCATION)}",
    )
