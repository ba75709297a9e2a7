"""Back to the virtualenv before: the same switch as a rebuild's, the other way, verified and undone the same way."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, ignore
from ..lock import held
from ..pythons.interpreters import run_version
from ..pythons.primary_tech import choice_commands, choice_obstacles
from ..results import ChoiceChange, Rebuild, RollbackPlan
from ..text import _
from .affected import find_affected, restarted_names, service_commands
from .anatomy import read_anatomy
from .choice_words import with_choice
from .chosen_exchange import ChosenExchange
from .exchange import RecordedExchange
from .interruption import Interruption
from .progress import JobProgress, Stage
from .journal import begun_facts
from .recovery import Note, begun_exchange, forget, recover_killed
from .service import put_into_service, rebuild_result
from .switch import Switch, refuse_switch, switch_commands
from .way_back import WayBack, find_way_back


def plan_rollback(container: Container) -> RollbackPlan:
    """What ``rollback`` would do. Raises ConsoleError when there is nothing to go back to."""
    back = find_way_back(container)
    if back is None or back.anatomy is None:
        raise ConsoleError(
            _("There is no virtualenv to go back to."), _("The one before is kept by a rebuild; there was none yet.")
        )
    if back.fault:
        raise ConsoleError(
            _("The virtualenv before cannot run any more."),
            back.fault,
            _("Make a new one with: console venv rebuild"),
        )
    present = read_anatomy(container.venv)
    old_usable = present is not None and present.usable
    stop, start = service_commands(container, old_usable=old_usable, links=_links(back.change))
    choose = choice_commands(back.change) if back.change is not None else ()
    return RollbackPlan(
        title=_("Back to {name} with Python {version}.").format(
            name=back.folder.name, version=back.anatomy.python or "?"
        ),
        target=back.folder,
        from_python=present.python if present is not None else None,
        to_python=back.anatomy.python,
        commands=(stop, *choose, *switch_commands(container, back.folder), start),
        programs=restarted_names(container, old_usable=old_usable, links=_links(back.change)),
        primary_tech=back.change,
        note=_choice_words(back),
    )


def _links(change: ChoiceChange | None) -> tuple[Path, ...]:
    return (change.path,) if change is not None else ()


def _choice_words(back: WayBack) -> str:
    change = back.change
    if change is None:
        return back.note
    if change.new is None:
        return _("{path} is removed with it: it was not there before.").format(path=change.path)
    said = _("Python {version} is chosen again with it: {path} leads to {target}.")
    return said.format(version=change.to_python or "?", path=change.path, target=change.new)


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
        note("begun", **begun_facts("rollback"))
        recover_killed(container, on_event=on_event)
        plan = plan_rollback(container)
        _refuse(container, plan)
        progress = JobProgress(on_event, _stages())
        with progress.stage("prove"):
            _prove(container, timeout)
        present = read_anatomy(container.venv)
        old_usable = present is not None and present.usable
        exchange = _exchange(container, plan)
        affected = find_affected(container, old_usable=old_usable, links=_links(plan.primary_tech))
        note("exchange", **begun_exchange(exchange, affected, made=False))
        with progress.stage("switch"):
            service = put_into_service(container, exchange, affected, timeout=timeout, on_event=on_event)
            service = with_choice(service, plan.primary_tech)
            progress.detail = service.note or service.error
        note("settled", applied=exchange.applied)
        return rebuild_result(container, service, began)


def _refuse(container: Container, plan: RollbackPlan) -> None:
    """Raise ConsoleError where the virtualenv, or the symlink that goes with it, could not be switched."""
    refuse_switch(container)
    for problem in choice_obstacles(plan.primary_tech.path) if plan.primary_tech is not None else ():
        raise ConsoleError(_("The virtualenv cannot be switched."), problem, _("Nothing was changed."))


def _prove(container: Container, timeout: float) -> None:
    """Raise ConsoleError unless the virtualenv before runs, or what will be its interpreter then."""
    back = find_way_back(container)
    if back is None:
        raise ConsoleError(_("There is no virtualenv to go back to."))
    own = back.interpreter.is_relative_to(back.folder)
    if run_version(back.interpreter, timeout=timeout, site=own) is None:
        raise ConsoleError(
            _("The virtualenv before cannot run any more."),
            _("Its interpreter {path} does not run.").format(path=back.interpreter),
            _("Nothing was changed."),
        )


def _exchange(container: Container, plan: RollbackPlan) -> RecordedExchange:
    switch = Switch(container, plan.target)
    if plan.primary_tech is None:
        return switch
    both = ChosenExchange(container, switch, plan.primary_tech)
    both.prepare()
    return both


def _stages() -> tuple[Stage, ...]:
    return (
        Stage("prove", _("Proving that the virtualenv before still runs"), 0.1),
        Stage("switch", _("Switching to it and restarting app"), 0.9),
    )
