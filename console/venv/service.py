"""Puts a virtualenv into service: stop what runs from it, exchange it, start, verify; back by itself when that fails.

Shared by everything that exchanges the virtualenv: rebuild, rollback, repair.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..container import Container
from ..errors import ConsoleError
from ..events import Answered, Cancelled, Event, OnEvent, Stopping
from ..programs.control import restart_in_order, start_all
from ..programs.following import ports_to_ask
from ..programs.present_answer import present_answer
from ..pythons.primary_tech import link_text
from ..results import Rebuild, Restart
from ..text import _
from .affected import APP, Affected, all_programs
from .exchange import Exchange
from .generations import previous
from .look import read_venv


@dataclass(frozen=True)
class Service:
    """How it went. ``undone``: the virtualenv is again what it was before. ``downtime_seconds`` until the app
    answered again, from whichever virtualenv. ``note`` is for people when all went well, ``error`` and ``remedy``
    when not. ``programs`` are the first restarts of all that ran from it, in the order of their start;
    ``restart`` is the app's, or the first where the app is none of them.
    """

    ok: bool
    restart: Restart | None = None
    downtime_seconds: float | None = None
    undone: bool = False
    note: str = ""
    error: str = ""
    remedy: str = ""
    programs: tuple[Restart, ...] = ()


def app_state(container: Container) -> str | None:
    """supervisord's word for the app; None where it has no program of that name. Raises NothingThere without it."""
    return next((program.state for program in all_programs(container) if program.full_name == APP), None)


def put_into_service(
    container: Container, switch: Exchange, affected: Affected, *, timeout: float, on_event: OnEvent
) -> Service:
    """Apply ``switch`` while the ``affected`` programs are stopped, start them and verify them, in supervisord's
    order of priorities.

    When the app, or another that ran before, does not come back and the old virtualenv is usable, the switch is
    undone and all are started from that. An app that answered with an error before and answers with the same one
    after is not worse. Cannot be cancelled: a Cancelled out of ``on_event`` is dropped, another exception out of it
    is raised when all is done; only out of ``switch.apply`` it goes on up, with all as it was. Raises ConsoleError,
    with nothing changed, when supervisord cannot be reached at the start.
    """
    state = app_state(container)
    listener = _Listener(on_event)
    service = _Serving(container, switch, affected, timeout, listener).serve() if affected.programs else _only(switch)
    if service.ok:
        service = replace(service, note=" ".join([*_app_notes(state, affected), *_notes(service, affected)]))
    if listener.error is not None:
        raise listener.error
    return service


def resume(container: Container, affected: Affected, *, timeout: float, on_event: OnEvent) -> Service:
    """Start those of the ``affected`` programs that do not run, and verify all, without a switch.

    Raises ConsoleError when supervisord cannot be reached.
    """
    if not affected.programs:
        return Service(ok=True)
    restarts = start_all(container, affected.names, timeout=timeout, on_event=on_event)
    restarts = tuple(_followed(container, one, timeout, on_event) if one.unchanged else one for one in restarts)
    missing = [one for one in restarts if not one.ok or (one.http is not None and not one.http.ok)]
    main = next((one for one in restarts if one.program == APP), restarts[0])
    if not missing:
        return Service(ok=True, restart=main, programs=restarts)
    verdict = missing[0].verdict
    remedy = verdict.remedy if verdict is not None else ""
    return Service(ok=False, restart=main, programs=restarts, error=_reason(missing[0]), remedy=remedy)


def _followed(container: Container, restart: Restart, timeout: float, on_event: OnEvent) -> Restart:
    """``restart`` of a program that ran, with what it answers; one that was started just before may not listen yet,
    and may end and be started by supervisord again and again.
    """
    first, limit = restart.pid, time.monotonic() + timeout
    while True:
        program = next((one for one in all_programs(container) if one.full_name == restart.program), None)
        if program is not None and program.state == "RUNNING":
            answer = present_answer(container, program, timeout=timeout)
            answered = answer is not None and answer.status is not None
            if answered or not ports_to_ask(container, program):
                return replace(restart, http=answer)
            if time.monotonic() > limit:
                return replace(restart, ok=program.pid == first, http=answer)
        else:
            restart = start_all(container, [restart.program], timeout=timeout, on_event=on_event)[0]
            if not restart.unchanged:
                return restart
        time.sleep(0.02)


def _only(switch: Exchange) -> Service:
    switch.apply()
    return Service(ok=True)


def _app_notes(state: str | None, affected: Affected) -> list[str]:
    """What a person should know of the app; nothing where it runs as it did."""
    if state is None and not affected.programs:
        return [_("There is no program {app}: restart what runs from it.").format(app=APP)]
    if state != "STOPPED":
        return []
    if APP in affected.names:
        return [_("{app} was stopped because of its virtualenv; it runs again.").format(app=APP)]
    return [_("{app} was stopped, and stays stopped.").format(app=APP)]


def _notes(service: Service, affected: Affected) -> list[str]:
    """What a person should know of those that did not come up, and yet are not worse off."""
    notes = []
    for restart in service.programs:
        if affected.has_same_error(restart) and restart.http is not None:
            text = _("{program} answers with HTTP {status}, as it did before.")
            notes.append(text.format(program=restart.program, status=restart.http.status))
        elif not restart.ok:
            text = _("{program} did not run before, and does not now: {reason}")
            notes.append(text.format(program=restart.program, reason=_reason(restart)))
    return notes


def _reason(restart: Restart) -> str:
    if restart.verdict is not None:
        return restart.verdict.title
    return _("{app} did not come back.").format(app=restart.program)


@dataclass(frozen=True)
class _Serving:
    """One exchange under way."""

    container: Container
    switch: Exchange
    affected: Affected
    timeout: float
    listener: _Listener

    def serve(self) -> Service:
        try:
            restarts = restart_in_order(
                self.container,
                self.affected.names,
                timeout=self.timeout,
                on_event=self.listener,
                while_stopped=self.switch.apply,
            )
        except ConsoleError as error:
            failed = Service(ok=False, error=f"{error.title} {error.cause}".strip(), remedy=error.remedy)
            if self.switch.applied:
                return self._after_failure(failed)
            lost = self._missing_again()
            if lost is None:
                return replace(failed, undone=True)
            remedy = f"{self._back(lost)} {failed.remedy}".strip()
            return replace(failed, undone=True, downtime_seconds=self._downtime(lost), remedy=remedy)
        except Cancelled:
            self._missing_again()  # who is told that it was taken back finds the app answering
            raise
        main = next((one for one in restarts if one.program == APP), restarts[0])
        service = Service(ok=True, restart=main, downtime_seconds=main.downtime_seconds, programs=restarts)
        missing = self._missing(restarts)
        if not missing:
            return service
        worst = next((one for one in missing if one.program == APP), missing[0])
        remedy = worst.verdict.remedy if worst.verdict is not None else ""
        failed = replace(service, ok=False, downtime_seconds=None, error=_reason(worst), remedy=remedy)
        return self._after_failure(failed)

    def _missing(self, restarts: Sequence[Restart]) -> list[Restart]:
        """Those that have to be back, and are not."""
        affected = self.affected
        return [one for one in restarts if affected.is_needed(one) and not affected.is_as_before(one)]

    def _after_failure(self, failed: Service) -> Service:
        """Go back, where there is something usable to go back to."""
        if not self.affected.old_usable:
            stays = _("The new virtualenv stays in place, as the one before cannot run.")
            return replace(failed, remedy=f"{stays} {failed.remedy}".strip())
        try:
            restarts = restart_in_order(
                self.container,
                self.affected.names,
                timeout=self.timeout,
                on_event=self.listener,
                while_stopped=self.switch.undo,
            )
            missing = tuple(one.program for one in self._missing(restarts))
        except ConsoleError:  # supervisord was lost, or the file system refuses; the first error is the one to tell
            missing = self.affected.names
            with contextlib.suppress(ConsoleError):
                self.switch.undo()
        if self.switch.applied:
            return replace(failed, remedy=_("Going back failed as well: the new virtualenv is still in place."))
        return replace(failed, undone=True, downtime_seconds=self._downtime(missing), remedy=self._back(missing))

    def _missing_again(self) -> tuple[str, ...] | None:
        """Which programs do not come back from the virtualenv before, once ``restart_in_order`` has started again what
        ran; None where none did.
        """
        ran = tuple(one for one in self.affected.programs if one.state in ("RUNNING", "STARTING"))
        if not ran:
            return None
        again = replace(self.affected, programs=ran)
        try:
            resumed = resume(self.container, again, timeout=self.timeout, on_event=self.listener)
        except ConsoleError:
            return again.names
        return tuple(one.program for one in self._missing(resumed.programs))

    def _downtime(self, missing: Sequence[str]) -> float | None:
        if APP not in self.affected.names or APP in missing:
            return None
        return self.listener.down_seconds() or None

    def _back(self, missing: Sequence[str]) -> str:
        """What a person should know after the way back; ``missing`` are those that are not up again."""
        if APP in missing:
            return _("The virtualenv before stands again, but the app does not start from it either.")
        if missing:
            return _("The virtualenv before stands again, but {programs} did not come back from it either.").format(
                programs=", ".join(missing)
            )
        if APP in self.affected.names:
            return _("The app runs from the virtualenv before again.")
        return _("The virtualenv before is in use again.")


class _Listener:
    """Passes events on until the receiver fails: nothing that draws may leave the app stopped.

    Sums up how long the app was down, over all its restarts.
    """

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._deaf = False
        self._down_since: float | None = None
        self._down_seconds = 0.0
        self.error: Exception | None = None

    def down_seconds(self) -> float:
        """Seconds between the app's stops and the good answers that ended them; until now where none did."""
        since = self._down_since
        return self._down_seconds + (time.monotonic() - since if since is not None else 0.0)

    def __call__(self, event: Event) -> None:
        if isinstance(event, Stopping) and event.program == APP and self._down_since is None:
            self._down_since = time.monotonic()
        elif isinstance(event, Answered) and event.program == APP and event.http.ok:
            self._down_seconds, self._down_since = self.down_seconds(), None
        if self._deaf:
            return
        try:
            self._on_event(event)
        except Cancelled:
            return  # too late to take it back
        except Exception as error:  # noqa: BLE001 - kept, and raised when the app has been seen to
            self._deaf = True
            self.error = error


def rebuild_result(
    container: Container, service: Service, began: float, *, output: Sequence[str] = (), freed: int = 0
) -> Rebuild:
    """How a job ended that ``began`` (monotonic), with the virtualenv as it is now."""
    return Rebuild(
        ok=service.ok,
        venv=read_venv(container),
        seconds=time.monotonic() - began,
        downtime_seconds=service.downtime_seconds,
        restart=service.restart,
        undone=service.undone,
        error=service.error,
        remedy=service.remedy,
        output=tuple(output),
        kept=previous(container),
        freed_bytes=freed,
        note=service.note,
        programs=tuple(restart.program for restart in service.programs),
        primary_tech=link_text(container.primary_tech) if container.generation == "runtime" else None,
    )
