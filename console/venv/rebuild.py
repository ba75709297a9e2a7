"""The rebuild: build beside, prove, switch in the time of a restart, verify, go back by itself, keep the way back."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, ignore
from ..lock import held
from ..results import Rebuild, RebuildPlan
from ..text import _
from .affected import find_affected
from .anatomy import read_anatomy
from .build import Builder
from .choice_words import with_choice
from .chosen_exchange import ChosenExchange, refuse_other_choice
from .exchange import RecordedExchange, finish_exchange, of_virtualenv
from .folder_tree import allocated_bytes, remove_tree
from .generations import archive_path, begin, finish, previous, prune, sweep
from .in_place import InPlace, InPlaceFacts, pack
from .interruption import Interruption
from .look import read_venv
from .progress import JobProgress
from .prove import AppDoesNotLoad, prove
from .journal import begun_facts
from .recovery import Note, begun_exchange, forget, recover_killed
from .repair import Repair, share_library
from .requirements import requirements_digest
from .service import Service, app_state, put_into_service, rebuild_result
from .stages import stages, usual_seconds
from .switch import Switch, refuse_switch

def rebuild(
    container: Container,
    plan: RebuildPlan,
    *,
    on_event: OnEvent = ignore,
    cancel: threading.Event | None = None,
    keep: int = 1,
    timeout: float = 30.0,
    note: Note = forget,
    job: str = "",
) -> Rebuild:
    """Carry ``plan`` out. The app runs on until the new virtualenv is built and proved, and is then restarted.

    Until the switch the job can be taken back by ``cancel``, by Cancelled out of ``on_event`` or by a signal:
    it removes what it has built and raises Cancelled. From the switch on it cannot be cut off. A build or a
    proof that fails, and an app that does not come back within ``timeout`` seconds, give a Rebuild that is not
    ``ok``, with everything as it was. ``keep`` older virtualenvs of ours stay, the one for ``rollback`` first.
    ``note(record, **facts)`` writes down what ``recover`` needs should this process be killed; ``job`` is the id
    of that journal, for a caller that holds the lock itself. Raises ConsoleError for a plan that is not ``ok`` or no longer true, or a place that cannot be
    switched, NothingThere without supervisord, Locked when another job is at work; nothing has been done then.
    """
    if not plan.ok or plan.to_python is None:
        raise ConsoleError(_("The virtualenv cannot be rebuilt like this."), "\n".join(plan.problems))
    began = time.monotonic()
    with Interruption(cancel) as interruption, contextlib.nullcontext() if job else held(container.lock, "rebuild"):
        note("begun", **begun_facts(plan.strategy))
        recover_killed(container, on_event=on_event)
        return _Job(container, plan, on_event, interruption, keep, timeout, began, note).run()


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
    note: Note
    version: str = field(init=False)
    old_usable: bool = field(init=False)
    progress: JobProgress = field(init=False)
    builder: Builder = field(init=False)

    def __post_init__(self) -> None:
        self.version = self.plan.to_python or ""
        old = read_anatomy(self.container.venv)
        self.old_usable = old is not None and old.usable
        usual = usual_seconds(self.container, self.plan.strategy)
        steps = stages(self.plan.strategy, self.version, compiled_last=self._compiled_last)
        self.progress = JobProgress(self.on_event, steps, usual)
        self.builder = Builder(self.container, self.plan, self.progress, self.interruption.check)

    def run(self) -> Rebuild:
        _refuse_changed(self.plan)
        refuse_other_choice(self.plan.primary_tech)
        refuse_switch(self.container)
        if self.plan.app_may_fail and self.old_usable:
            raise ConsoleError(
                _("The app runs from the present virtualenv: it is not switched to one that the app does not load with."),
                _("That is only done where the present one cannot run."),
                _("Rebuild without it."),
            )
        app_state(self.container)  # no supervisord: better known now than after the build
        sweep(self.container)
        folder = begin(self.container, self.version)
        with contextlib.ExitStack() as switching:
            try:
                exchange = self._chosen(self._prepare(folder, switching))
                self.interruption.check()
                affected = find_affected(self.container, old_usable=self.old_usable, links=self._links)
                self.note("exchange", **begun_exchange(exchange, affected, made=True))
            except ConsoleError as error:
                self._discard(folder)
                failed = self._result(Service(ok=False, undone=True, error=_told(error), remedy=error.remedy))
                return replace(failed, app_failed=isinstance(error, AppDoesNotLoad))
            except BaseException:
                self._discard(folder)
                raise
            if not isinstance(of_virtualenv(exchange), InPlace):
                switching.enter_context(self.progress.stage("switch"))
            try:
                service = put_into_service(
                    self.container, exchange, affected, timeout=self.timeout, on_event=self.on_event
                )
            except ConsoleError as error:
                if exchange.applied:
                    raise
                # supervisord went away at the last moment, before anything was touched
                service = Service(ok=False, undone=True, error=_told(error), remedy=error.remedy)
            service = with_choice(service, self.plan.primary_tech)
            self.progress.detail = service.note or service.error
        self.note("settled", applied=exchange.applied)
        if not service.ok:
            if service.undone:
                self._discard(folder)
            return self._result(service)
        if self._compiled_last:
            self.builder.compile_rest(folder)
        with self.progress.stage("clean-up"):
            finish_exchange(exchange)
            if isinstance(of_virtualenv(exchange), Repair):
                self._discard(folder)
            freed = prune(self.container, self.keep)
        return self._result(service, freed)

    def _prepare(self, folder: Path, switching: contextlib.ExitStack) -> RecordedExchange:
        """All that is done while the app runs on. Raises ConsoleError or Cancelled with nothing changed."""
        if self.plan.strategy == "repair":
            return self._repair(folder)
        if self.plan.strategy == "in-place":
            return self._in_place(folder, switching)
        self._build(folder)
        return Switch(self.container, folder)

    @property
    def _compiled_last(self) -> bool:
        """Whether the app, which is down, is not to wait for byte code that it does not need."""
        return self.plan.strategy == "beside" and not self.old_usable

    @property
    def _links(self) -> tuple[Path, ...]:
        """What leads elsewhere afterwards, so that who uses it is to be restarted."""
        return (self.plan.primary_tech.path,) if self.plan.primary_tech is not None else ()

    def _chosen(self, exchange: RecordedExchange) -> RecordedExchange:
        """``exchange`` together with that of the chosen interpreter, where the plan has one."""
        if self.plan.primary_tech is None:
            return exchange
        both = ChosenExchange(self.container, exchange, self.plan.primary_tech)
        both.prepare()
        return both

    def _build(self, folder: Path) -> None:
        self.builder.build(folder, compiled=not self._compiled_last)
        self._prove(folder)

    def _prove(self, folder: Path) -> None:
        with self.progress.stage("prove"):
            self.progress.detail = prove(
                self.container,
                self.builder,
                folder,
                self.version,
                app_may_fail=self.plan.app_may_fail,
                compiles=self._compiled_last,
            )

    def _repair(self, folder: Path) -> Repair:
        broken = Path(os.path.realpath(self.container.venv))
        self.builder.create_shell(folder)
        share_library(folder, broken)
        self._prove(folder)
        return Repair(self.container, broken, folder)

    def _in_place(self, folder: Path, switching: contextlib.ExitStack) -> InPlace:
        venv = self.container.venv
        old = Path(os.path.realpath(venv))
        archive = archive_path(self.container)
        with self.progress.stage("pack"):
            total = max(1, allocated_bytes(old))

            def packed(done: int) -> None:
                self.interruption.check()
                self.progress.advance(min(done, total), total, "bytes", done / total)

            pack(old, archive, packed)

        def build() -> None:
            self._build(folder)
            self.interruption.check()
            finish(folder)
            switching.enter_context(self.progress.stage("switch"))

        link = str(venv.readlink()) if venv.is_symlink() else None
        return InPlace(self.container, InPlaceFacts(old, link, archive, folder), build)

    def _discard(self, folder: Path) -> None:
        """Remove what this job has made. What cannot be removed now is swept by the next one; the reason that led
        here is the one to tell.
        """
        with contextlib.suppress(OSError):
            if folder.exists():
                remove_tree(folder)
        sweep(self.container)

    def _result(self, service: Service, freed: int = 0) -> Rebuild:
        return rebuild_result(self.container, service, self.began, output=self.builder.output, freed=freed)


def _refuse_changed(plan: RebuildPlan) -> None:
    """What was agreed to is what is done."""
    if plan.requirements is None or not plan.requirements_digest:
        return
    if requirements_digest(plan.requirements) != plan.requirements_digest:
        raise ConsoleError(
            _("{path} was changed meanwhile.").format(path=plan.requirements),
            _("Somebody wrote it after the plan was shown."),
            _("Look at the new plan, and begin again."),
        )


def _told(error: ConsoleError) -> str:
    """The error in one line. A compiler's pages stay in the output; uv's reasons are three lines at most."""
    return " ".join([error.title, *error.cause.splitlines()[:3]])

