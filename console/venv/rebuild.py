"""The rebuild: build beside, prove, switch in the time of a restart, verify, go back by itself, keep the way back."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, ignore
from ..lock import held
from ..results import Rebuild, RebuildPlan
from ..text import _
from .anatomy import read_anatomy
from .build import Builder
from .folder_tree import remove_tree
from .generations import begin, finish, previous, prune, sweep
from .interruption import Interruption
from .look import read_venv
from .progress import JobProgress, Stage
from .prove import prove
from .service import Service, app_state, put_into_service
from .switch import Switch, refuse_switch


def rebuild(
    container: Container,
    plan: RebuildPlan,
    *,
    on_event: OnEvent = ignore,
    cancel: threading.Event | None = None,
    keep: int = 1,
    timeout: float = 30.0,
) -> Rebuild:
    """Carry ``plan`` out. The app runs on until the new virtualenv is built and proved, and is then restarted.

    Until the switch the job can be taken back by ``cancel``, by Cancelled out of ``on_event`` or by a signal:
    it removes what it has built and raises Cancelled. From the switch on it cannot be cut off. A build or a
    proof that fails, and an app that does not come back within ``timeout`` seconds, give a Rebuild that is not
    ``ok``, with everything as it was. ``keep`` older virtualenvs of ours stay, the one for ``rollback`` first.
    Raises ConsoleError for a plan that is not ``ok`` or a place that cannot be switched, NothingThere without
    supervisord, Locked when another job is at work; nothing has been done then.
    """
    if not plan.ok or plan.to_python is None:
        raise ConsoleError(_("The virtualenv cannot be rebuilt like this."), "\n".join(plan.problems))
    began = time.monotonic()
    with Interruption(cancel) as interruption, held(container.lock, "rebuild"):
        job = _Job(container, plan, on_event, interruption, keep, timeout, began)
        return job.run()


@dataclass
class _Job:
    """One rebuild under way, in the order of its steps."""

    container: Container
    plan: RebuildPlan
    on_event: OnEvent
    interruption: Interruption
    keep: int
    timeout: float
    began: float
    progress: JobProgress = field(init=False)
    builder: Builder = field(init=False)

    def __post_init__(self) -> None:
        self.progress = JobProgress(self.on_event, _stages(self.plan.to_python or ""))
        self.builder = Builder(self.container, self.plan, self.progress, self.interruption.check)

    def run(self) -> Rebuild:
        app_state(self.container)  # no supervisord: better known now than after the build
        refuse_switch(self.container)
        sweep(self.container)
        folder = begin(self.container, self.plan.to_python or "")
        try:
            self.builder.build(folder)
            with self.progress.stage("prove"):
                self.progress.detail = prove(self.container, self.builder, folder, self.plan.to_python or "")
            self.interruption.check()
        except ConsoleError as error:
            _discard(folder)
            return self._result(Service(ok=False, undone=True, error=_told(error), remedy=error.remedy))
        except BaseException:
            _discard(folder)
            raise
        old = read_anatomy(self.container.venv)
        finish(folder)
        with self.progress.stage("switch"):
            service = put_into_service(
                self.container,
                Switch(self.container, folder),
                old_usable=old is not None and old.usable,
                timeout=self.timeout,
                on_event=self.on_event,
            )
            self.progress.detail = service.note or service.error
        if not service.ok:
            if service.undone:
                _discard(folder)
            return self._result(service)
        with self.progress.stage("clean-up"):
            freed = prune(self.container, self.keep)
        return self._result(service, freed)

    def _result(self, service: Service, freed: int = 0) -> Rebuild:
        return Rebuild(
            ok=service.ok,
            venv=read_venv(self.container),
            seconds=time.monotonic() - self.began,
            downtime_seconds=service.downtime_seconds,
            restart=service.restart,
            undone=service.undone,
            error=service.error,
            remedy=service.remedy,
            output=tuple(self.builder.output),
            kept=previous(self.container),
            freed_bytes=freed,
            note=service.note,
        )


def _stages(version: str) -> tuple[Stage, ...]:
    """The steps with their share of the time that a rebuild of a small site takes with a warm cache."""
    return (
        Stage("create", _("Creating a virtualenv with Python {version}").format(version=version), 0.10),
        Stage("install", _("Installing the packages"), 0.40),
        Stage("compile", _("Compiling them, so that the first start is quick"), 0.28),
        Stage("prove", _("Proving that the app loads with it"), 0.10),
        Stage("switch", _("Switching to it and restarting app"), 0.10),
        Stage("clean-up", _("Removing what is no longer needed"), 0.02),
    )


def _told(error: ConsoleError) -> str:
    """The error in one line. A compiler's pages stay in the output; uv's reasons are three lines at most."""
    return " ".join([error.title, *error.cause.splitlines()[:3]])


def _discard(folder: Path) -> None:
    # What cannot be removed now is swept by the next rebuild; the reason that led here is the one to tell.
    with contextlib.suppress(OSError):
        remove_tree(folder)
