"""What the hosting's administration does: the container comes back with another Python."""

from __future__ import annotations

from pathlib import Path

from ..events import OnEvent, ignore
from ..lock import held
from ..pythons.interpreters import run_version
from ..text import _
from .answers import wait_for_answers
from .image import (
    choose_interpreter,
    chosen_version,
    keep_reachable,
    place_interpreter,
    remove_interpreters,
)
from .interpreters import interpreters_on_this_machine, pick_interpreter
from .layout import has_nginx
from .ports import refuse_taken_ports
from .record import LOCK
from .status import Playground, describe, open_playground, usual_notes
from .steps import Steps
from .supervisord import start_supervisord, stop_supervisord


def switch_python(folder: Path, version: str, *, remove_old: bool = True, on_event: OnEvent = ignore) -> Playground:
    """Stop the container, give its image the Python ``version``, and start supervisord again.

    With ``remove_old`` the Python that was chosen before is gone, and a virtualenv made from it is dead.
    ``version`` as for ``pick_interpreter``. Waits for nginx, but not for the app, which may have no reason to
    start then. Raises ConsoleError, before anything is touched, when there is no such Python.
    """
    container, record = open_playground(folder)
    root, generation = container.root, container.generation
    offered = interpreters_on_this_machine()
    new = pick_interpreter(version, offered)
    steps = Steps(on_event, 3)
    with held(root / LOCK, "playground"):
        old = chosen_version(root, generation)
        kept = None if remove_old or old is None or generation == "runtime" else pick_interpreter(old, offered)
        with steps.step("stop", _("Stopping the container")):
            stop_supervisord(root, record)
        with steps.step("image", _("Python {version} instead of {old}").format(version=new.version, old=old)):
            place_interpreter(root, generation, new)
            choose_interpreter(root, generation, new.version)
            if old is not None and old != new.version:
                if remove_old:
                    remove_interpreters(root, generation, [old])
                elif kept is not None:
                    keep_reachable(root, kept, new)
        with steps.step("start", _("supervisord, the app and nginx")):
            refuse_taken_ports(container.http_port, container.app_port, nginx=has_nginx(root))
            record = start_supervisord(container, record)
            problem = wait_for_answers(container, app=False)
    notes = [*usual_notes(container, record), _venv_note(container.venv), *([problem] if problem else [])]
    return describe(container, record, changed=True, notes=notes)


def _venv_note(venv: Path) -> str:
    alive = run_version(venv / "bin" / "python")
    if alive is None:
        return _("The virtualenv is dead now: its Python is gone. Rebuild it with: console venv rebuild")
    return _("The virtualenv still runs, on Python {version}.").format(version=alive)
