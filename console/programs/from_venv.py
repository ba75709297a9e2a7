"""Which programs run from the container's virtualenv: by how they are configured, and by what runs.

Reading the configuration takes 140 ms (see ``config``): for a switch of the virtualenv, not for a status.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from ..container import Container
from ..errors import ConsoleError
from ..results import Program
from .client import Supervisor
from .config import ProgramConfig, read_configs, supervisor_environment
from .order import start_stages
from .processes import command_line, tree
from .table import program_from
from .venv_paths import VenvPaths, words

APP = "app"
_SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "zsh"))
# Not written in Python: a PATH that leads into the virtualenv, perhaps supervisord's own, means nothing to them.
_STRANGERS = frozenset(("nginx", "redis-server", "memcached"))
_SCRIPT_BYTES = 16384  # a script that starts a program names what it starts sooner than this


def programs_from_venv(container: Container, *, links: Sequence[Path] = ()) -> tuple[Program, ...]:
    """supervisord's programs that run from /srv/venv or /srv/.venvs, or by one of the symlinks ``links`` to folders, in
    the order in which they are started.

    ``app`` is one of them whenever supervisord has it. Which programs there are, and their states, is supervisord's
    word; a program that it holds and its files no longer have is known by its processes only. Raises NothingThere
    without supervisord.
    """
    supervisor = Supervisor(container.supervisor_socket)
    programs = [program_from(container, info) for info in supervisor.all_processes()]
    search = _Search(container, links)
    return tuple(
        program
        for stage in start_stages(supervisor, [one for one in programs if search.finds(one)])
        for program in stage
    )


class _Search:
    def __init__(self, container: Container, links: Sequence[Path]) -> None:
        self._paths = VenvPaths(container, links)
        self._search_path = supervisor_environment(container).get("PATH")
        try:
            self._configs = {config.full_name: config for config in read_configs(container)}
        except ConsoleError:  # a file with an error: what runs says enough
            self._configs = {}

    def finds(self, program: Program) -> bool:
        if program.full_name == APP:
            return True
        config = self._configs.get(program.full_name)
        return (config is not None and self._is_configured(config)) or self._runs(program)

    def _is_configured(self, config: ProgramConfig) -> bool:
        first = config.arguments[0] if config.arguments else ""
        name = first.rsplit("/", 1)[-1]
        if name not in _STRANGERS and any(self._paths.named_in(value) for value in config.environment.values()):
            return True
        if "/" not in first:  # supervisord looks along its own PATH, not along the program's
            first = shutil.which(first, path=self._search_path) or first
        return any(
            self._paths.named_in(argument, config.directory)
            or self._starts(argument, config.directory, by_shell=name in _SHELLS)
            for argument in (first, *config.arguments[1:])
        )

    def _starts(self, argument: str, folder: Path | None, *, by_shell: bool) -> bool:
        """Whether a script that ``argument`` names, as it is or within a piece of shell, starts the virtualenv's."""
        found = [path for word in words(argument) if (path := self._paths.path(word, folder)) is not None]
        if by_shell and folder is not None and "/" not in argument:
            found.append(str(folder / argument))
        return any(self._is_script_of_it(path, folder, by_shell) for path in found)

    def _is_script_of_it(self, path: str, folder: Path | None, by_shell: bool) -> bool:
        text = _script(path)
        if text is None:
            return False
        first, _newline, rest = text.partition("\n")
        if not first.startswith("#!"):
            return by_shell and self._names_it(text, folder)
        if os.access(path, os.X_OK) and self._paths.named_in(first[2:]):
            return True
        return any(word.rsplit("/", 1)[-1] in _SHELLS for word in first[2:].split()) and self._names_it(rest, folder)

    def _names_it(self, text: str, folder: Path | None) -> bool:
        lines: Sequence[str] = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        return self._paths.named_in("\n".join(lines), folder)

    def _runs(self, program: Program) -> bool:
        return program.pid is not None and any(
            self._paths.named_in(argument, _working_folder(pid))
            for pid in tree(program.pid)
            for argument in command_line(pid)
        )


def _script(path: str) -> str | None:
    """The beginning of the file ``path``; None where it is no text, or not to be read."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116 - a pipe would be waited for
            return None
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read(_SCRIPT_BYTES)
    except OSError:
        return None
    return None if b"\0" in content else content.decode("utf-8", "replace")


def _working_folder(pid: int) -> Path | None:
    try:
        return Path(f"/proc/{pid}/cwd").readlink()
    except OSError:
        return None
