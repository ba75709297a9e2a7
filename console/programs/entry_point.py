"""Whether a program's code loads, tried without starting it.

gunicorn has ``--check-config`` for that: it reads its configuration, imports the app and ends, without a port or
a worker (https://docs.gunicorn.org/en/stable/settings.html#check-config). For other servers their ``module:name`` is
imported. A plain Python script is only compiled.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..container import Container
from ..out_of_memory import go_first
from ..results import Program, Verdict
from ..text import _
from .clues import find_clue
from .config import ProgramConfig, program_config, supervisor_environment
from .evidence import Evidence
from .executable import command_problem
from .server import GUNICORN, Server, find_server
from .verdict_words import Words

_PYTHON = re.compile(r"python[\d.]*$")
_LOOK_SECONDS = 0.1
# Marks what a job of the console has started, so that it is found again when the job was killed.
JOB_VARIABLE = "CONSOLE_JOB"
_COMPILE = "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')"
# The server's own package first, as its start would need it.
_IMPORT = """
import importlib, os, sys
server, folder, module, name = sys.argv[1:]
importlib.import_module(server)
sys.path.insert(0, os.path.abspath(folder))
found = importlib.import_module(module)
for part in name.split("."):
    if not hasattr(found, part):
        raise ImportError("cannot import name %r from %r" % (name, module))
    found = getattr(found, part)
"""


@dataclass(frozen=True)
class EntryPoint:
    """``ok`` False: it does not load, ``verdict`` says why. ``output`` is what the attempt wrote.

    ``note`` says where nothing could be tried (then ``ok``, as nothing speaks against it). ``killed``: it did not
    come to an end, as somebody killed it, which is what happens where memory runs out.
    """

    ok: bool
    output: tuple[str, ...]
    verdict: Verdict | None
    note: str = ""
    killed: bool = False


@dataclass(frozen=True)
class Surroundings:
    """What a command is started in."""

    directory: Path | None
    environment: Mapping[str, str]


def _go_on() -> None:
    """Nothing speaks against going on."""


def check_entry_point(
    container: Container,
    program: str = "app",
    *,
    interpreter: Path | None = None,
    timeout: float = 20.0,
    check: Callable[[], None] = _go_on,
    keep_byte_code: bool = False,
) -> EntryPoint:
    """Try whether the code of ``program`` loads, at most ``timeout`` seconds.

    ``interpreter``: the ``bin/python`` of another virtualenv, to be tried instead of the one in the command. An attempt
    leaves nothing behind, unless it is to ``keep_byte_code``, as the program's own start would.
    ``check`` is called ten times a second; what it raises ends the attempt and goes on up. Raises ConsoleError where
    the configuration cannot be read.
    """
    config = program_config(container, program)
    if config is None:
        return EntryPoint(True, (), None, _("supervisord's configuration has no program {name}.").format(name=program))
    if interpreter is None:
        problem = command_problem(container, config.arguments)
        if problem is not None:
            return EntryPoint(False, (), _words(container, config).problem(problem))
    server = find_server(container, config)
    command = _loads(server, interpreter) if server is not None else None
    if server is not None and command is not None:
        started_in = Surroundings(server.directory, server.environment)
        return _try(container, config, command, started_in, timeout, check, keep_byte_code)
    script = _script(config)
    if script is not None:
        # By its own Python: another version has another syntax.
        python = str(interpreter) if interpreter is not None else config.arguments[0]
        started_in = Surroundings(config.directory, supervisor_environment(container) | dict(config.environment))
        checked = _try(container, config, [python, "-c", _COMPILE, script], started_in, timeout, check)
        return replace(checked, note=_("Only its syntax was checked."))
    note = _(
        "Whether {program} loads cannot be tried: neither its command nor what runs from it is a server that the"
        " console knows, or a Python script."
    )
    return EntryPoint(True, (), None, note.format(program=program))


def _loads(server: Server, interpreter: Path | None) -> list[str] | None:
    """The command that loads what ``server`` serves, by ``interpreter`` or its own; None where it cannot be told."""
    if server.name == GUNICORN:
        front = server.front
        if interpreter is not None:
            script = interpreter.with_name("gunicorn")  # before 20.1 gunicorn cannot be run with -m
            front = (str(interpreter), *((str(script),) if script.exists() else ("-m", "gunicorn")))
        return [*front, "--check-config", *server.arguments]
    python = str(interpreter) if interpreter is not None else server.python
    if python is None or server.target is None:
        return None
    return [python, "-c", _IMPORT, server.package, server.module_folder, *server.target]


def _try(
    container: Container,
    config: ProgramConfig,
    command: list[str],
    started_in: Surroundings,
    timeout: float,
    check: Callable[[], None],
    keep_byte_code: bool = False,
) -> EntryPoint:
    environment = dict(started_in.environment)
    if not keep_byte_code:
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment |= {name: os.environ[name] for name in (JOB_VARIABLE,) if name in os.environ}
    ended, output = _run(command, started_in.directory, environment, timeout, check)
    if ended == 0:
        return EntryPoint(True, output, None)
    words = _words(container, config)
    if ended is None:
        return EntryPoint(False, output, words.too_slow(timeout, output))
    clue = find_clue(output)
    evidence = Evidence(output, clue, _("exit status {status}").format(status=ended), False)
    return EntryPoint(False, output, words.end(evidence), killed=ended == -signal.SIGKILL)


def _run(
    command: list[str],
    folder: Path | None,
    environment: dict[str, str],
    timeout: float,
    check: Callable[[], None],
) -> tuple[int | None, tuple[str, ...]]:
    """The exit status (None past ``timeout``) and the lines written by ``command``, in a session of its own."""
    import subprocess  # 30 ms; the module is imported where nothing may be tried

    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return 127, (f"{command[0]}: {error.strerror}",)
    go_first(process.pid)
    limit = time.monotonic() + timeout
    status: int | None = None
    try:
        while True:
            check()
            try:
                written, _none = process.communicate(timeout=_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                if time.monotonic() < limit:
                    continue
                os.killpg(process.pid, signal.SIGKILL)
                written, _none = process.communicate()
            else:
                status = process.returncode
            return status, tuple(written.decode("utf-8", "replace").splitlines())
    except BaseException:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        raise


def _script(config: ProgramConfig) -> str | None:
    """The script of a command like ``python x.py``."""
    words = config.arguments
    if len(words) < 2 or not _PYTHON.match(words[0].rsplit("/", 1)[-1]) or not words[1].endswith(".py"):
        return None
    return words[1]


def _words(container: Container, config: ProgramConfig) -> Words:
    program = Program(config.name, config.group, "UNKNOWN", None, None, None, None, "", log_file=config.log_file)
    return Words(container, program, tried=True)
