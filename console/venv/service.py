"""Puts a virtualenv into service: stop app, switch, start, verify; back by itself when the app does not come back.

Shared by rebuild and rollback.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, replace

from ..container import Container
from ..errors import ConsoleError, NothingThere
from ..events import Cancelled, Event, OnEvent
from ..programs.control import restart
from ..programs.table import read_programs
from ..results import Restart
from ..text import _
from .switch import Switch

APP = "app"


@dataclass(frozen=True)
class Service:
    """How it went. ``undone``: /srv/venv is again what it was before. ``downtime_seconds`` until the app answered
    again, from whichever virtualenv. ``note`` is for people when all went well, ``error`` and ``remedy`` when not.
    """

    ok: bool
    restart: Restart | None = None
    downtime_seconds: float | None = None
    undone: bool = False
    note: str = ""
    error: str = ""
    remedy: str = ""


def app_state(container: Container) -> str | None:
    """supervisord's word for the app; None where it has no program of that name. Raises NothingThere without it."""
    supervisor, programs = read_programs(container)
    if not supervisor.reachable:
        raise NothingThere(_("supervisord is not reachable."), supervisor.error or "", _("Nothing was changed."))
    return next((program.state for program in programs if program.full_name == APP), None)


def put_into_service(
    container: Container, switch: Switch, *, old_usable: bool, timeout: float, on_event: OnEvent
) -> Service:
    """Apply ``switch`` while the app is stopped, start it and verify it.

    An app that the user stopped stays stopped, unless it had to be: then its virtualenv was not ``old_usable``.
    When it does not come back and the old virtualenv is usable, the switch is undone and the app started from
    that. Cannot be cancelled: a Cancelled out of ``on_event`` is dropped, another exception out of it is raised
    when all is done. Raises ConsoleError, with nothing changed, when supervisord cannot be reached at the start.
    """
    listener = _Listener(on_event)
    service = _serve(container, switch, old_usable, timeout, listener)
    if listener.error is not None:
        raise listener.error
    return service


def _serve(container: Container, switch: Switch, old_usable: bool, timeout: float, listener: _Listener) -> Service:
    state = app_state(container)
    if state is None:
        switch.apply()
        return Service(ok=True, note=_("There is no program {app}: restart what runs from it.").format(app=APP))
    if state == "STOPPED" and old_usable:
        switch.apply()
        return Service(ok=True, note=_("{app} was stopped, and stays stopped.").format(app=APP))
    began = time.monotonic()
    try:
        started = restart(container, APP, timeout=timeout, on_event=listener, while_stopped=switch.apply)
    except ConsoleError as error:
        failed = Service(ok=False, error=f"{error.title} {error.cause}".strip(), remedy=error.remedy)
        if not switch.applied:  # restart has brought back what ran
            return replace(failed, undone=True)
        return _after_failure(container, switch, failed, old_usable, timeout, listener, began)
    if started.ok:
        note = _("{app} was stopped because of its virtualenv; it runs again.").format(app=APP)
        return Service(
            ok=True,
            restart=started,
            downtime_seconds=started.downtime_seconds,
            note=note if state == "STOPPED" else "",
        )
    verdict = started.verdict
    title = verdict.title if verdict is not None else _("{app} did not come back.").format(app=APP)
    remedy = verdict.remedy if verdict is not None else ""
    failed = Service(ok=False, restart=started, error=title, remedy=remedy)
    return _after_failure(container, switch, failed, old_usable, timeout, listener, began)


def _after_failure(
    container: Container,
    switch: Switch,
    failed: Service,
    old_usable: bool,
    timeout: float,
    listener: _Listener,
    began: float,
) -> Service:
    """Go back, where there is something usable to go back to."""
    if not old_usable:
        stays = _("The new virtualenv stays in place, as the one before cannot run.")
        return replace(failed, remedy=f"{stays} {failed.remedy}".strip())
    try:
        answers = restart(container, APP, timeout=timeout, on_event=listener, while_stopped=switch.undo).ok
    except ConsoleError:  # supervisord was lost, or the file system refuses; the first error is the one to tell
        answers = False
        with contextlib.suppress(ConsoleError):
            switch.undo()
    if switch.applied:
        return replace(failed, remedy=_("Going back failed as well: the new virtualenv is still in place."))
    remedy = (
        _("The app runs from the virtualenv before again.")
        if answers
        else _("The virtualenv before stands again, but the app does not start from it either.")
    )
    downtime = time.monotonic() - began if answers else None
    return replace(failed, undone=True, downtime_seconds=downtime, remedy=remedy)


class _Listener:
    """Passes events on until the receiver fails: nothing that draws may leave the app stopped."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._deaf = False
        self.error: Exception | None = None

    def __call__(self, event: Event) -> None:
        if self._deaf:
            return
        try:
            self._on_event(event)
        except Cancelled:
            return  # too late to take it back
        except Exception as error:  # noqa: BLE001 - kept, and raised when the app has been seen to
            self._deaf = True
            self.error = error
