"""A planned change of the site file, made step by step, and taken back when a step fails."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..atomic import back_up, put_back, write_file
from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, Step, StepDone
from ..results.static import StaticChange, StaticPlan
from ..text import _
from .look import look_at
from .nginx import PROGRAM, Nginx, configuration_error, find_nginx, master_pid, reload, worker_account
from .proving import StepFailed, prove
from .record import Made, Record, digest, read_record, write_record

_STEPS = ("backup", "write", "test", "reload", "prove")
_RELOAD_SECONDS = 3.0
_RESTART_SECONDS = 10.0


class Applying:
    """One change of ``plan.before.file``, under the lock of its caller."""

    def __init__(self, container: Container, plan: StaticPlan, on_event: OnEvent) -> None:
        if plan.port is not None:
            container = replace(container, http_port=plan.port)
        self._container = container
        self._plan = plan
        self._file = plan.before.file
        self._on_event = on_event
        self._nginx_may_have_it = False
        self._record = _with_the_killed(read_record(container), plan)

    def run(self) -> StaticChange:
        """All steps; see ``apply_static``."""
        self._refuse_a_changed_file()
        nginx = find_nginx(self._container)
        with self._step("backup", _("Keep the old file")) as detail:
            backup = back_up(self._file, self._container.backups)
            detail.append(str(backup))
            self._remember(backup)
        return self._made(nginx, backup, write=True)

    def resume(self, begun: Made) -> StaticChange:
        """The steps after the writing, for a change that was killed."""
        nginx = find_nginx(self._container)
        self._nginx_may_have_it = True
        return self._made(nginx, begun.backup, write=False)

    def _made(self, nginx: Nginx, backup: Path, *, write: bool) -> StaticChange:
        began, container = time.monotonic(), self._container
        proof, proved, failure = "", False, ""
        try:
            if write:
                with self._step("write", _("Write {file}").format(file=self._file.name)):
                    write_file(self._file, self._plan.new)
            with self._step("test", _("Test the configuration")):
                self._test(nginx)
            with self._step("reload", _("Let nginx take it up")) as detail:
                self._nginx_may_have_it = True
                detail.append(self._take_up(nginx.pid))
            with self._step("prove", _("Prove it by a request")) as detail:
                proof, proved = prove(container, self._plan)
                detail.append(proof)
        except StepFailed as failed:
            failure = self._taken_back(str(failed), backup, nginx)
        except BaseException:
            self._taken_back("", backup, nginx)
            raise
        else:
            self._settled(stands=True)
        return StaticChange(
            ok=not failure,
            static=look_at(container, self._plan.location, self._file, worker_account(container)).static,
            diff=self._plan.diff,
            backup=backup if backup.exists() else None,
            seconds=time.monotonic() - began,
            proof=proof,
            error=failure,
            proved=proved,
        )

    def _remember(self, backup: Path) -> None:
        plan = self._plan
        made = Made(
            self._file,
            backup,
            digest(plan.old),
            digest(plan.new),
            plan.wanted,
            plan.location,
            plan.alias,
            datetime.now().astimezone(),
            plan.host,
            plan.port,
        )
        try:
            write_record(self._container, Record(made, self._record.made, plan.undoes is not None))
        except ConsoleError:
            backup.unlink()
            raise
        self._record = Record(made, self._record.made, plan.undoes is not None)

    def _settled(self, *, stands: bool) -> None:
        """Nothing is in the middle any more. ``stands``: the change can be taken back from now on."""
        begun, made = self._record.begun, self._record.made
        if stands and begun is not None:
            made = made[:-1] if self._record.undoing else (*made, begun)
        # Where the disk is full the next console finds it as killed, and finishes it again.
        with contextlib.suppress(ConsoleError):
            write_record(self._container, Record(None, made))

    def _refuse_a_changed_file(self) -> None:
        try:
            now = self._file.read_bytes()
        except OSError as error:
            raise ConsoleError(
                _("Could not read {path}.").format(path=self._file), error.strerror or str(error)
            ) from error
        if now != self._plan.old:
            raise ConsoleError(
                _("{path} has been changed since the change was planned.").format(path=self._file),
                _("Writing it now would lose what somebody else did."),
                _("Look at the new plan and try again."),
            )

    @contextlib.contextmanager
    def _step(self, name: str, title: str) -> Iterator[list[str]]:
        """Report a step; what is put into the list is its outcome."""
        began = time.monotonic()
        detail: list[str] = []
        self._on_event(Step(name, title, _STEPS.index(name) + 1, len(_STEPS)))
        yield detail
        self._on_event(StepDone(name, time.monotonic() - began, " ".join(detail)))

    def _test(self, nginx: Nginx) -> None:
        said = configuration_error(nginx)
        if said:
            raise StepFailed(_("The test failed, nginx does not accept the new file: {said}.").format(said=said))

    def _take_up(self, master: int | None) -> str:
        """Let nginx have the file that is there now; how it went."""
        if master is not None and reload(master, _RELOAD_SECONDS):
            return _("reloaded, no connection was dropped")
        from ..programs.control import restart

        result = restart(self._container, PROGRAM, timeout=_RESTART_SECONDS)
        # An app that is down makes nginx answer 502, which is no matter of the static files.
        if result.ok or (result.verdict is not None and result.verdict.cause == "http-error"):
            return _("restarted")
        reason = result.verdict.title if result.verdict is not None else result.state
        raise StepFailed(_("The restart failed: {reason}").format(reason=reason))

    def _taken_back(self, reason: str, backup: Path, nginx: Nginx) -> str:
        """Put the old file back and let nginx have it again; the whole story for the result.

        What could not be done stays remembered as begun, for the next console to do.
        """
        story = [reason] if reason else []
        try:
            story.append(self._put_back(backup))
        except (ConsoleError, OSError) as error:
            return " ".join([*story, str(error), _("The file as it was: {path}").format(path=backup)])
        if said := configuration_error(nginx):
            # It goes on with what it has in its memory; told to take this one up, it might end.
            story.append(_("nginx does not accept its configuration with that one either: {said}.").format(said=said))
            self._settled(stands=False)
            return " ".join(story)
        if not self._nginx_may_have_it:
            self._settled(stands=False)
            return " ".join(story)
        try:
            if nginx.pid is not None:
                self._take_up(master_pid(self._container))
            else:  # it did not run before
                from ..programs.control import stop

                stop(self._container, PROGRAM)
        except (StepFailed, ConsoleError) as error:
            story.append(_("nginx has not taken it up yet: {reason}").format(reason=error))
        else:
            self._settled(stands=False)
        return " ".join(story)

    def _put_back(self, backup: Path) -> str:
        now = self._file.read_bytes()
        if now == self._plan.old:
            backup.unlink()
            return _("The file is as it was.")
        if now != self._plan.new:
            return _("{file} has been changed by somebody else meanwhile and is left so; as it was: {backup}").format(
                file=self._file, backup=backup
            )
        put_back(self._file, backup)
        return _("The old file is back.")


def _with_the_killed(record: Record, plan: StaticPlan) -> Record:
    """A killed change that the plan starts from stands."""
    begun = record.begun
    if begun is None or record.undoing or plan.old == plan.new or digest(plan.old) != begun.new:
        return record
    return Record(None, (*record.made, begun))
