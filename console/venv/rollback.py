"""Back to the virtualenv before: the same switch as a rebuild's, the other way, verified and undone the same way."""

from __future__ import annotations

import os
import time

from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, ignore
from ..lock import held
from ..pythons.interpreters import run_version
from ..results import Rebuild, RollbackPlan
from ..shell_commands import supervisorctl
from ..text import _
from .anatomy import read_anatomy
from .generations import previous
from .interruption import Interruption
from .look import read_venv
from .progress import JobProgress, Stage
from .recovery import Note, forget, recover_killed
from .service import APP, programs_to_restart, put_into_service
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
    return RollbackPlan(
        title=_("Back to {name} with Python {version}.").format(name=target.name, version=anatomy.python or "?"),
        target=target,
        from_python=present.python if present is not None else None,
        to_python=anatomy.python,
        commands=(
            supervisorctl(container, "stop", APP),
            *switch_commands(container, target),
            supervisorctl(container, "start", APP),
        ),
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
    with Interruption(), held(container.lock, "rollback", job):
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
        programs = programs_to_restart(container, old_usable=old_usable)
        exchange = Switch(container, plan.target)
        note("exchange", kind=exchange.kind, facts=exchange.facts, programs=programs, old_usable=old_usable)
        with progress.stage("switch"):
            service = put_into_service(
                container, exchange, programs=programs, old_usable=old_usable, timeout=timeout, on_event=on_event
            )
            progress.detail = service.note or service.error
        note("settled", applied=exchange.applied)
        return Rebuild(
            ok=service.ok,
            venv=read_venv(container),
            seconds=time.monotonic() - began,
            downtime_seconds=service.downtime_seconds,
            restart=service.restart,
            undone=service.undone,
            error=service.error,
            remedy=service.remedy,
            kept=previous(container),
            note=service.note,
        )


def _stages() -> tuple[Stage, ...]:
    return (
        Stage("prove", _("Proving that the virtualenv before still runs"), 0.1),
        Stage("switch", _("Switching to it and restarting app"), 0.9),
    )
