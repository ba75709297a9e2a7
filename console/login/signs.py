"""The console's signs of life to the script that started it at a login: without them it is ended (``files/run.sh.in``).

Signals, since they need neither a file, which a full disk does not take, nor a descriptor, which children would get.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time

_SCRIPT = "CONSOLE_LOGIN_PID"
_ALIVE, _READY = "SIGUSR1", "SIGUSR2"
_OFTEN_SECONDS = 0.5
_script: int | None = None
_last = 0.0


class _Loading:
    """Sees every module that begins to be loaded. Where no byte code is kept yet, as after a change of the image's
    Python, a slow machine needs seconds to load the screens: as long as it gets on with it, it does not hang.
    """

    def find_spec(self, *_module: object) -> None:
        if time.monotonic() - _last > _OFTEN_SECONDS:
            alive()


_loading = _Loading()


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
    sys.meta_path.insert(0, _loading)


def alive() -> None:
    """Something slow is done; the time for the next sign begins anew."""
    global _last
    _last = time.monotonic()
    _send(_ALIVE)


def ready() -> None:
    """The screens stand; no more signs are waited for."""
    global _script
    _send(_READY)
    _script = None
    if _loading in sys.meta_path:
        sys.meta_path.remove(_loading)


def _send(name: str) -> None:
    if _script is None or os.getppid() != _script:  # the script is gone, and the number may be another's
        return
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(_script, getattr(signal, name))
