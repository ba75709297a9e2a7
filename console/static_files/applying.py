"""A planned change of the site file, made step by step, and taken back when a step fails."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from ..atomic import back_up, put_back, write_file
from ..container import Container
from ..errors import ConsoleError
from ..events import OnEvent, Step, StepDone
from ..results import StaticChange, StaticPlan
from ..text import _
from ..units import size
from .look import look_at
from .nginx import PROGRAM, Nginx, configuration_error, find_nginx, master_pid, reload, worker_account
from .probe import Answer, a_file, fetch, url_of

_STEPS = ("backup", "write", "test", "reload", "prove")
_RELOAD_SECONDS = 3.0
_RESTART_SECONDS = 10.0
_PROVE_SECONDS = 5.0
_LOOK_SECONDS = 0.02


class _Failed(Exception):
    """A step did not do what it should; the text says why."""


class Applying:
    """One change of ``plan.before.file``, under the lock of its caller."""

    def __init__(self, container: Container, plan: StaticPlan, on_event: OnEvent) -> None:
        self._container = container
        self._plan = plan
        self._file = plan.before.file
        self._on_event = on_event
        self._nginx_may_have_it = False

    def run(self) -> StaticChange:
        """All steps; see ``apply_static``."""
        began, container = time.monotonic(), self._container
        self._refuse_a_changed_file()
        nginx = find_nginx(container)
        with self._step("backup", _("Keep the old file")) as detail:
            backup = back_up(self._file, container.backups)
            detail.append(str(backup))
        proof, proved, failure = "", False, ""
        try:
            with self._step("write", _("Write {file}").format(file=self._file.name)):
                write_file(self._file, self._plan.new)
            with self._step("test", _("Test the configuration")):
                self._test(nginx)
            with self._step("reload", _("Let nginx take it up")) as detail:
                self._nginx_may_have_it = True
                detail.append(self._take_up(nginx.pid))
            with self._step("prove", _("Prove it by a request")) as detail:
                proof, proved = self._prove()
                detail.append(proof)
        except _Failed as failed:
            failure = self._taken_back(str(failed), backup, nginx)
        except BaseException:
            self._taken_back("", backup, nginx)
            raise
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
            raise _Failed(_("The test failed, nginx does not accept the new file: {said}.").format(said=said))

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
        raise _Failed(_("The restart failed: {reason}").format(reason=reason))

    def _prove(self) -> tuple[str, bool]:
        """The request that shows the change, and whether there was a file to show it with."""
        folder = self._container.under_root(Path(self._plan.alias)) if self._plan.alias else None
        found = a_file(folder) if folder is not None else None
        if folder is None or found is None:
            return _("There is no file in the folder to prove it with."), False
        path, data = found
        url = url_of(self._plan.location, str(path.relative_to(folder)))
        deadline = time.monotonic() + _PROVE_SECONDS
        while True:
            answer = fetch(self._container.http_port, url)
            proof = self._proof(url, answer, data)
            if proof:
                return proof, True
            # A worker of the old configuration may have taken the request.
            if time.monotonic() >= deadline:
                raise _Failed(self._disproof(url, answer))
            time.sleep(_LOOK_SECONDS)

    def _proof(self, url: str, answer: Answer, data: bytes) -> str:
        """What the answer proves; empty when it does not show what was meant."""
        if self._plan.wanted == "on":
            if not answer.gives(data):
                return ""
            return _("GET {url} 200, {size} as on the disk").format(url=url, size=size(len(data)))
        if answer.status is None:
            return ""
        if not answer.gives(data):
            return _("GET {url} {status}: nginx does not serve it").format(url=url, status=answer.status)
        if fetch(self._container.app_port, url).gives(data):
            return _("GET {url} {status}: the app serves it").format(url=url, status=answer.status)
        return ""

    def _disproof(self, url: str, answer: Answer) -> str:
        if answer.status is None:
            return _("The proof failed: GET {url} got no answer, {error}.").format(url=url, error=answer.error)
        if self._plan.wanted == "on":
            return _("The proof failed: GET {url} gives {status} and not the file on the disk.").format(
                url=url, status=answer.status
            )
        return _("The proof failed: GET {url} still gives the file on the disk.").format(url=url)

    def _taken_back(self, reason: str, backup: Path, nginx: Nginx) -> str:
        """Put the old file back and let nginx have it again; the whole story for the result."""
        story = [reason]
        try:
            story.append(self._put_back(backup))
        except (ConsoleError, OSError) as error:
            return " ".join([*story, str(error), _("The file as it was: {path}").format(path=backup)])
        if not self._nginx_may_have_it:
            if said := configuration_error(nginx):
                story.append(
                    _("nginx does not accept its configuration with that one either: {said}.").format(said=said)
                )
            return " ".join(story)
        try:
            if nginx.pid is not None:
                self._take_up(master_pid(self._container))
            else:  # it did not run before
                from ..programs.control import stop

                stop(self._container, PROGRAM)
        except (_Failed, ConsoleError) as error:
            story.append(_("nginx has not taken it up yet: {reason}").format(reason=error))
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
