"""The virtualenv of a new container, with what its sample app requires."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import ConsoleError
from ..events import OnEvent, Output
from ..own_python import own_command
from ..text import _
from .image import OLDEST_FOR_VIRTUALENV
from .interpreters import Interpreter

OLDEST_FOR_UV = (3, 6)
_LAST_LINES = 15


def refuse_python(interpreter: Interpreter) -> None:
    """Raise ConsoleError when no virtualenv can be made for ``interpreter`` here."""
    if interpreter.release >= (3, 3) or _runs([str(interpreter.path), "-m", "virtualenv", "--version"]):
        return
    raise ConsoleError(
        _("A container with Python {version} is not offered here.").format(version=interpreter.version),
        _("Only an old virtualenv (before 20.22) makes virtualenvs for it, and that Python has none."),
        _("Take a later Python, or: {python} -m pip install 'virtualenv<20.22'").format(python=interpreter.path),
    )


def make_venv(venv: Path, python: Path, interpreter: Interpreter, on_event: OnEvent) -> None:
    """Make the virtualenv ``venv`` from ``python`` (a path in the image). Raises ConsoleError when it fails."""
    environment = _clean()
    if interpreter.release >= OLDEST_FOR_VIRTUALENV:
        command = own_command("virtualenv", "--no-periodic-update", "--python", str(python), str(venv))
    elif interpreter.release >= (3, 3):
        command = [str(python), "-m", "venv", str(venv)]
    else:
        command = [str(python), "-m", "virtualenv", str(venv)]
    run_reported(command, environment, on_event, _("The virtualenv could not be made."))


def install_requirements(venv: Path, requirements: Path, interpreter: Interpreter, on_event: OnEvent) -> None:
    """Install ``requirements`` into ``venv``. Raises ConsoleError with the reason when a download or build fails."""
    python = str(venv / "bin" / "python")
    if interpreter.release >= OLDEST_FOR_UV:
        from ..venv.uv import uv_program

        # Copies, as pip makes them: an edit in the container must not reach uv's cache through a hard link.
        command = [uv_program(), "pip", "install", "--link-mode", "copy", "--python", python]
    else:
        command = [python, "-m", "pip", "install", "--disable-pip-version-check"]
    title = _("The sample app's packages could not be installed.")
    run_reported([*command, "-r", str(requirements)], _clean(), on_event, title)


def run_reported(command: Sequence[str], environment: Mapping[str, str], on_event: OnEvent, title: str) -> None:
    """Run ``command``, each line that it writes as an Output. Raises ConsoleError with the last lines when it fails.

    An exception out of ``on_event`` ends the command.
    """
    import subprocess

    lines: list[str] = []
    try:
        run = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except OSError as error:
        raise ConsoleError(title, str(error)) from error
    with run:
        try:
            for raw in run.stdout or ():
                lines.append(raw.decode("utf-8", "replace").rstrip("\r\n"))
                on_event(Output(lines[-1]))
        except BaseException:
            run.kill()
            raise
    if run.returncode != 0:
        raise ConsoleError(title, "\n".join(lines[-_LAST_LINES:]), _("Mend the cause and run the command again."))


def _runs(command: Sequence[str]) -> bool:
    import subprocess

    try:
        run = subprocess.run(command, env=_clean(), capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0


def _clean() -> dict[str, str]:
    """The user's environment (it may name indexes and proxies), without what belongs to another Python."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "CONSOLE_"))
        and name not in ("VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__")
    }
