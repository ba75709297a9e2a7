"""A shell in the console's place: the customer's own, with the virtualenv active."""

from __future__ import annotations

import os
import shlex
import subprocess

from ..container import Container
from ..out_of_memory import shell_line
from ..text import _

_TOLD = "\x1b[2m%s\x1b[0m"


def run_shell(container: Container) -> int:
    """Run bash on this terminal until it ends; returns its exit code. Raises OSError when it cannot be started.

    It reads ~/.bashrc as always, then activates the virtualenv where that has not, and stands in the app's folder.
    The console's own environment (PYTHONPATH and such) does not leak into it.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment["HOME"] = str(container.srv) if str(container.root) != "/" else environment.get("HOME", "/srv")
    activate = container.venv / "bin" / "activate"
    told = _("A shell; Ctrl+D goes back to the console.")
    script = (
        f"{shell_line()}\n"
        "[ -f ~/.bashrc ] && . ~/.bashrc\n"
        f'if [ -z "$VIRTUAL_ENV" ] && [ -f {shlex.quote(str(activate))} ]; then . {shlex.quote(str(activate))}; fi\n'
        f"printf '%s\\n' {shlex.quote(_TOLD % told)}\n"
    )
    folder = container.app if container.app.is_dir() else container.srv
    read_end, write_end = os.pipe()
    try:
        os.write(write_end, script.encode())
        os.close(write_end)
        return subprocess.run(
            ["bash", "--rcfile", f"/dev/fd/{read_end}", "-i"],
            env=environment,
            cwd=folder,
            pass_fds=(read_end,),
            check=False,
        ).returncode
    finally:
        os.close(read_end)
