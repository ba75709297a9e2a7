"""The screens from their first frame to what a person has to know when they are gone."""

from __future__ import annotations

import contextlib
import os
import signal

from ..container import Container
from ..health.first_look import FirstLook
from ..out_of_memory import SCREENS, go_first
from ..shell_commands import console_command
from ..text import _
from .app import ConsoleApp
from .jobs import Jobs

_BEGIN_SECONDS = 5.0  # for a job that was asked for in the last moment


def run(container: Container, first_look: FirstLook | None = None) -> tuple[str, ...]:
    """Run the console on this terminal until it is left; waits for an operation that must not be cut.

    Returns the words of the command that it was left for, none where it was just left. ``first_look`` has the status
    for the first frame, if it is there by then.

    The mouse is left to the terminal, so that its own selection copies text out of the session.
    """
    go_first(turn=SCREENS)
    app = ConsoleApp(container, first_look)
    app.run(mouse=False)
    _tell_what_goes_on(app.jobs, container)
    operation = app.operation
    if operation is not None and operation.is_alive():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        operation.join()
    if app._exception is not None:
        raise app._exception
    return app.left_for


def _tell_what_goes_on(jobs: Jobs, container: Container) -> None:
    """One line on the terminal for a job that goes on; nothing when none does, or when the terminal is gone too."""
    model = jobs.goes_on(_BEGIN_SECONDS)
    if model is None:
        return
    said = _("{job} goes on by itself. Join it with: {command}")
    line = said.format(job=model.title, command=console_command(container, "venv", "attach"))
    # Not through sys.stdout, which would keep what a terminal that is gone has not taken, and fail once more.
    with contextlib.suppress(OSError):
        os.write(1, f"{line}\n".encode())
