"""The console's signs of life to the script that started it at a login: without them it is ended (``files/run.sh.in``).

Signals, since they need neither a file, which a full disk does not take, nor a descriptor, which children would get.
"""

from __future__ import annotations

import contextlib
import os

_SCRIPT = "CONSOLE_LOGIN_PID"
_ALIVE, _READY = "SIGUSR1", "SIGUSR2"
_script: int | None = None


def begin() -> None:
    """The first sign, when a login has started this process; else nothing.

    sh starts a background process with SIGINT and SIGQUIT ignored, which a shell that is opened from the console, and
    all that runs in it, would inherit: they get their usual meaning back.
    """
    global _script
    told = os.environ.pop(_SCRIPT, "")
    if not told.isascii() or not told.isdigit() or int(told) != os.getppid():
        return
    import signal

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    _script = int(told)
    alive()


def alive() -> None:
    """Something slow is done; the time for the next sign begins anew."""
    _send(_ALIVE)


def ready() -> None:
    """The screens stand; no more signs are waited for."""
    global _script
    _send(_READY)
    _script = None


def _send(name: str) -> None:
    if _script is None or os.getppid() != _script:  # the script is gone, and the number may be another's
        return
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(_script, getattr(signal, name))
