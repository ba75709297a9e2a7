"""The server in a program's command: gunicorn or another one that takes ``module:name``, with its own arguments.

The command may be one of the customer's own: ``env``, a line of shell, a script that ends in ``exec gunicorn``. What
it comes to is not guessed from its text; the process that runs from it shows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from .client import Supervisor
from .config import ProgramConfig, supervisor_environment
from .executable import shebang
from .processes import command_line, environment_of, python_runs, tree

GUNICORN = "gunicorn"
# They import what their arguments name, from the folder that they are started in.
_IMPORTING = frozenset(("daphne", "granian", "hypercorn", "uvicorn", "waitress-serve"))
_MODULES = {"waitress": "waitress-serve"}  # python -m waitress
_PYTHON = re.compile(r"python[\d.]*$")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_TARGET = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(?:\(.*\))?$")
_NO_MODULES = frozenset(("unix", "fd"))  # an address to listen on
_FOLDER_OPTION = "--app-dir"  # uvicorn's


@dataclass(frozen=True)
class Server:
    """``front`` is what starts the server, with ``arguments`` of its own after it; ``directory`` and ``environment``
    (all of it) are what it starts in.
    """

    name: str
    front: tuple[str, ...]
    arguments: tuple[str, ...]
    directory: Path | None
    environment: Mapping[str, str]

    @property
    def python(self) -> str | None:
        """The interpreter that runs it; None where it is not to be seen."""
        return self.front[0] if _PYTHON.search(self.front[0]) else shebang(Path(self.front[0]))

    @property
    def package(self) -> str:
        """The package that it comes from, as Python imports it."""
        return self.name.partition("-")[0]

    @property
    def target(self) -> tuple[str, str] | None:
        """The module and the name in it that its arguments name, as ``module:name``; None where none does so."""
        found = (_TARGET.match(word) for word in self.arguments)
        return next(((match[1], match[2]) for match in found if match and match[1] not in _NO_MODULES), None)

    @property
    def module_folder(self) -> str:
        """Where it looks for the module first, relative to ``directory``."""
        following = dict(zip(self.arguments, self.arguments[1:], strict=False))
        joined = (word.partition("=")[2] for word in self.arguments if word.startswith(f"{_FOLDER_OPTION}="))
        return following.get(_FOLDER_OPTION) or next(joined, "") or "."


def find_server(container: Container, config: ProgramConfig) -> Server | None:
    """The server of the program ``config``: in its command, else in what runs from it now; None where there is none."""
    arguments, more = _without_env(config.arguments)
    parts = take_apart(arguments)
    if parts is None:
        return _running(container, config)
    environment = supervisor_environment(container) | dict(config.environment) | more
    return Server(*parts, config.directory, environment)


def take_apart(arguments: Sequence[str]) -> tuple[str, tuple[str, ...], tuple[str, ...]] | None:
    """A server's name, what starts it and its own arguments, in a command; None where it starts no known one."""
    name = arguments[0].rsplit("/", 1)[-1] if arguments else ""
    own = 1
    if _PYTHON.fullmatch(name):
        runs, used = python_runs(arguments[1:])
        name, own = runs or "", used + 1
    name = _MODULES.get(name, name)
    if name != GUNICORN and name not in _IMPORTING:
        return None
    return name, tuple(arguments[:own]), tuple(arguments[own:])


def _without_env(arguments: Sequence[str]) -> tuple[Sequence[str], dict[str, str]]:
    """The command behind ``env NAME=VALUE ...``, and what it sets; as it is where env has options."""
    if not arguments or arguments[0].rsplit("/", 1)[-1] != "env":
        return arguments, {}
    rest = list(arguments[1:])
    more: dict[str, str] = {}
    while rest and _ASSIGNMENT.match(rest[0]):
        name, _equals, value = rest.pop(0).partition("=")
        more[name] = value
    return rest, more


def _running(container: Container, config: ProgramConfig) -> Server | None:
    """The server among the processes of the program, the one nearest to supervisord."""
    try:
        pid = int(Supervisor(container.supervisor_socket).process(config.full_name).get("pid") or 0)
    except ConsoleError:  # no supervisord, or one that does not have the program yet: nothing runs
        return None
    for each in tree(pid) if pid else ():
        parts = take_apart(command_line(each))
        if parts is None:
            continue
        try:
            return Server(*parts, Path(f"/proc/{each}/cwd").readlink(), environment_of(each))
        except OSError:  # it has ended, or is another user's
            continue
    return None
