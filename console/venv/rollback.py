"""Back to the virtualenv before: the same switch as a rebuild's, the other way, verified and undone the same way."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext

from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, ignore
from ..lock import held
from ..pythons.interpreters import run_version
from ..results import Rebuild, RollbackPlan
from ..text import _
from .affected import find_affected, service_commands
from .anatomy import read_anatomy
from .generations import previous
from .interruption import Interruption
from .progress import JobProgress, Stage
from .recovery import Note, begun_exchange, forget, recover_killed
from .service import put_into_service, rebuild_result
from .switch import Switch, refuse_switch, switch_commands


def plan_rollback(container: Container) -> RollbackPlan:
    """What ``rollback`` would do. Raises ConsoleError when there is nothing to go back to."""
    target = previous(container)
    anatomy = read_anatomy(target) if target is not None else None
    if target is None or anatomy is None:
        raise ConsoleError(
            _("There is no virtualenv to go back to."), _("The one before is kept by a rebuild; there was none yet.")
        )
    if anatomy.fault:
        raise ConsoleError(
            _("The virtualenv before cannot run any more."),
            anatomy.fault,
            _("Make a new one with: console venv rebuild"),
        )
    present = read_anatomy(container.venv)
    stop, start = service_commands(container, old_usable=present is not None and present.usable)
    return RollbackPlan(
        title=_("Back to {name} with Python {version}.").format(name=target.name, version=anatomy.python or "?"),
        target=target,
        from_python=present.python if present is not None else None,
        to_python=anatomy.python,
        commands=(stop, *switch_commands(container, target), start),
    )


def rollback(
    container: Container,
    *,
    on_event: OnEvent = ignore,
    timeout: float = 30.0,
    note: Note = forget,
    job: str = "",
) -> Rebuild:
    """Switch to the virtualenv before and restart the app; the present one is then the one to go back to.

    When the app does not come back within ``timeout`` seconds, the switch is undone and the Rebuild is not
    ``ok``. ``note`` and ``job`` as in ``rebuild``. Raises ConsoleError when there is nothing to go back to or it
    cannot run, NothingThere without supervisord, Locked when another job is at work; nothing has been done then.
    """
    began = time.monotonic()
    with Interruption(), nullcontext() if job else held(container.lock, "rollback"):
        note("begun", pid=os.getpid(), strategy="rollback")
        recover_killed(container, on_event=on_event)
        plan = plan_rollback(container)
        refuse_switch(container)
        progress = JobProgress(on_event, _stages())
        with progress.stage("prove"):
            if run_version(plan.target / "bin" / "python", timeout=timeout, site=True) is None:
                raise ConsoleError(
                    _("The virtualenv before cannot run any more."),
                    _("Its interpreter {path} does not run.").format(path=plan.target / "bin" / "python"),
                    _("Nothing was changed."),
                )
        present = read_anatomy(container.venv)
        old_usable = present is not None and present.usable
        exchange = Switch(container, plan.target)
        affected = find_affected(container, old_usable=old_usable)
        note("exchange", **begun_exchange(exchange, affected, made=False))
        with progress.stage("switch"):
            service = put_into_service(container, exchange, affected, timeout=timeout, on_event=on_event)
            progress.detail = service.note or service.error
        note("settled", applied=exchange.applied)
        return rebuild_result(container, service, began)


def _stages() -> tuple[Stage, ...]:
    return (
        Stage("prove", _("Proving that the virtualenv before still runs"), 0.1),
        Stage("switch", _("Switching to it and restarting app"), 0.9),
    )
