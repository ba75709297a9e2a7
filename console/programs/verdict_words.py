"""The verdicts, worded: a title of one sentence, what is known beside it, what to do, and the console's action."""

from __future__ import annotations

import re

from ..container import Container, memory
from ..health.request_path import listeners
from ..results import Program, Verdict
from ..text import _
from ..units import size, size_of
from .clues import Clue
from .evidence import Evidence
from .executable import Problem
from .removed_modules import removed_module

_TITLE_MESSAGE = 200  # characters of a message in a title; the whole of it stands in the traceback


class Words:
    """The verdicts on one program that does not run, or, with ``tried``, whose code was tried and does not load."""

    def __init__(self, container: Container, program: Program, *, tried: bool = False) -> None:
        self._container = container
        self._program = program
        self._name = program.full_name
        self._tried = tried

    def stopped(self) -> Verdict:
        return Verdict(
            cause="stopped",
            title=_("{program} is stopped.").format(program=self._name),
            detail=_("It was stopped on purpose, or is not started by itself."),
            remedy=_("Start it."),
            action="start",
        )

    def end(self, evidence: Evidence) -> Verdict:
        """It ended: the verdict by its clue, else by the way it ended."""
        clue = evidence.clue
        killed = evidence.oom_killed or (evidence.exit is not None and "SIGKILL" in evidence.exit)
        if killed and (clue is None or clue.cause == "exited-too-quickly"):
            return self.out_of_memory(evidence)
        if clue is None:
            return self.exited(evidence)
        if clue.cause == "import-error":
            return self.import_error(clue, evidence)
        if clue.cause == "syntax-error":
            return self.syntax_error(clue, evidence)
        if clue.cause == "port-in-use":
            return self.port_in_use(clue, evidence)
        if clue.cause == "permission":
            return self.permission(clue, evidence)
        if clue.cause == "out-of-memory":
            return self.out_of_memory(evidence)
        return self.of_clue(clue, evidence)

    def problem(self, problem: Problem, evidence: Evidence | None = None) -> Verdict:
        """The command cannot be run."""
        if problem.cause == "dead-virtualenv":
            return self._verdict(
                problem.cause,
                _("the virtualenv is dead"),
                _("{path}: {reason}").format(path=problem.path, reason=problem.reason),
                _("Rebuild the virtualenv."),
                "rebuild",
                evidence,
            )
        if problem.cause == "permission":
            return self._verdict(
                problem.cause,
                _("its command cannot be executed"),
                problem.reason,
                _("Make it executable with: chmod +x {path}").format(path=problem.path),
                None,
                evidence,
            )
        if problem.path.startswith(f"{self._container.venv}/"):
            remedy, action = _("Add what brings it to requirements.txt and rebuild the virtualenv."), "rebuild"
        else:
            remedy, action = _("Correct the command in the program's file in /srv/conf/supervisor.d."), None
        return self._verdict(problem.cause, _("its command does not exist"), problem.reason, remedy, action, evidence)

    def not_spawned(self, error: str) -> Verdict:
        """supervisord could not make a process; ``error`` is its own word."""
        if "EACCES" in error or "EPERM" in error:
            cause, remedy = "permission", _("Check owner and mode of the program's log files and of their folder.")
        elif "ENOMEM" in error or "Too many processes" in error:
            cause, remedy = "out-of-memory", _("Run fewer processes, or take a plan with more memory.")
        else:
            cause, remedy = "exited-too-quickly", _("supervisord.log says more.")
        return self._verdict(cause, error, "", remedy, "logs", None)

    def folder_missing(self, clue: Clue, evidence: Evidence) -> Verdict:
        return self._verdict(
            "command-not-found",
            _("the folder {path} does not exist").format(path=clue.what),
            clue.message,
            _("Make the folder, or correct directory= in the program's file in /srv/conf/supervisor.d."),
            None,
            evidence,
        )

    def import_error(self, clue: Clue, evidence: Evidence) -> Verdict:
        module = clue.what.split(":")[0].split(".")[0]
        place = clue.traceback.last if clue.traceback is not None else None
        detail = ""
        if place is not None and place.file is not None:
            detail = _("Imported in {file}, line {line}.").format(file=place.file, line=place.line)
        if place is not None and place.file is not None and place.file.endswith("/gunicorn/util.py"):
            remedy = _("Correct the module's name in the command, or put {module}.py into {folder}.").format(
                module=module, folder=self._container.app
            )
            action = "logs"
        elif "No module named" not in clue.message or self._is_own(module):
            remedy, action = _("Correct the import, or the name of the module in the command."), "logs"
        elif self._is_required(module):
            remedy = _("{module} is in requirements.txt: rebuild the virtualenv.").format(module=module)
            action = "rebuild"
        else:
            remedy, action = _missing_module(module)
        return self._verdict("import-error", clue.message, detail, remedy, action, evidence)

    def syntax_error(self, clue: Clue, evidence: Evidence) -> Verdict:
        return self._verdict(
            "syntax-error",
            clue.message if clue.traceback is not None else clue.message.partition("[emerg] ")[2],
            clue.what,
            _("Correct the file and start the program again."),
            "restart",
            evidence,
        )

    def port_in_use(self, clue: Clue, evidence: Evidence) -> Verdict:
        if clue.what:
            port = int(clue.what)
        elif self._name == "nginx":
            port = self._container.http_port
        else:
            port = self._container.app_port
        return port_in_use(self._program, port, evidence)

    def permission(self, clue: Clue, evidence: Evidence) -> Verdict:
        remedy = _("Check owner and mode with: ls -ld {path}").format(path=clue.what) if clue.what else ""
        return self._verdict("permission", clue.message, clue.what, remedy, "logs", evidence)

    def out_of_memory(self, evidence: Evidence) -> Verdict:
        now = memory()
        said = [evidence.exit] if evidence.exit else []
        if now.limit_bytes is not None:
            said.append(_("memory now: {memory}").format(memory=size_of(now.used_bytes, now.limit_bytes)))
        if self._program.memory_bytes:
            said.append(_("of it this program: {memory}").format(memory=size(self._program.memory_bytes)))
        return self._verdict(
            "out-of-memory",
            _("the memory was used up"),
            ", ".join(said),
            _("Run fewer workers, or take a plan with more memory."),
            "logs",
            evidence,
        )

    def of_clue(self, clue: Clue, evidence: Evidence) -> Verdict:
        """An exception of no known kind, or a cause that the log names itself."""
        message = clue.message.partition("[emerg] ")[2] or clue.message
        return self._verdict(clue.cause, message, evidence.exit or "", _("Its log says more."), "logs", evidence)

    def too_slow(self, seconds: float, output: tuple[str, ...]) -> Verdict:
        """Trying to load its code took too long."""
        return self._verdict(
            "no-answer",
            _("it did not load within {seconds:g} s").format(seconds=seconds),
            "",
            _("See what the app does while it is imported."),
            "logs",
            Evidence(output, None, None, False),
        )

    def exited(self, evidence: Evidence) -> Verdict:
        """It ended and left nothing to hold on to."""
        why = _("it ended too quickly") if self._program.state != "EXITED" else _("it ended by itself")
        said = evidence.exit or self._program.spawn_error
        remedy = _("Its log says more.") if evidence.shown else _("It wrote nothing: run its command by hand.")
        return self._verdict("exited-too-quickly", why, said, remedy, "logs", evidence)

    def _verdict(
        self, cause: str, why: str, detail: str, remedy: str, action: str | None, evidence: Evidence | None
    ) -> Verdict:
        if self._tried:
            title = _("The code of {program} does not load: {why}.")
        elif self._program.state == "EXITED":
            title = _("{program} has ended: {why}.")
        else:
            title = _("{program} does not start: {why}.")
        return Verdict(
            cause=cause,
            title=title.format(program=self._name, why=short(why)),
            detail=detail,
            log=evidence.shown if evidence is not None else (),
            remedy=remedy,
            action=action,
            traceback=traceback_of(evidence),
        )

    def _is_own(self, module: str) -> bool:
        """Whether ``module`` is the customer's own code, or would be if it existed."""
        app = self._container.app
        return (app / module).is_dir() or (app / f"{module}.py").is_file()

    def _is_required(self, module: str) -> bool:
        try:
            text = self._container.requirements.read_text("utf-8", "replace")
        except OSError:
            return False
        names = re.findall(r"^\s*([A-Za-z0-9][\w.-]*)", text, re.MULTILINE)
        return _normal(module) in {_normal(name) for name in names}


def port_in_use(program: Program, port: int, evidence: Evidence | None) -> Verdict:
    """Another process listens on ``port``, where ``program`` should."""
    (found,) = listeners((port,))
    if found.pid is not None:
        detail = _("{process} (process {pid}) listens there.").format(process=found.process or "?", pid=found.pid)
        remedy = _("Stop that process (kill {pid}), or let one of the two listen on another port.").format(
            pid=found.pid
        )
    elif found.listening:
        detail = _("A process of another user listens there.")
        remedy = _("Let the program listen on another port.")
    else:
        detail = _("Nothing listens there any more.")
        remedy = _("Start the program again.")
    return Verdict(
        cause="port-in-use",
        title=_("{program} cannot have port {port}: it is in use.").format(program=program.full_name, port=port),
        detail=detail,
        log=evidence.shown if evidence is not None else (),
        remedy=remedy,
        action="restart",
        traceback=traceback_of(evidence),
    )


def traceback_of(evidence: Evidence | None) -> tuple[str, ...]:
    if evidence is None or evidence.clue is None or evidence.clue.traceback is None:
        return ()
    return evidence.clue.traceback.lines


def short(message: str) -> str:
    """A message fit for a title: its first line, without the full stop that the title sets itself."""
    line = message.strip().split("\n", 1)[0]
    return (line if len(line) <= _TITLE_MESSAGE else line[: _TITLE_MESSAGE - 1] + "…").rstrip(".")


def _normal(name: str) -> str:
    """A package's name as PEP 503 compares it, with the underscores of modules."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _missing_module(module: str) -> tuple[str, str]:
    """What to do, and the console's action, for a module that neither the app nor its requirements have."""
    removed = removed_module(module)
    if removed is None:
        said = _("Add the package with {module} to requirements.txt and rebuild the virtualenv.")
        return said.format(module=module), "rebuild"
    if removed.version == "3.0":
        return _("{module} is a module of Python 2: the code has to be brought to Python 3.").format(
            module=module
        ), "logs"
    if not removed.package:
        said = _("Python has no {module} any more from {version} on: the code has to be changed.")
        return said.format(module=module, version=removed.version), "logs"
    said = _(
        "Python has no {module} any more from {version} on. The package {package} gives it again: add it to"
        " requirements.txt and rebuild the virtualenv."
    )
    return said.format(module=module, version=removed.version, package=removed.package), "rebuild"
