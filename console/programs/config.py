"""What supervisord's configuration says of the programs, as it lies on the disk.

Read by supervisor's own parser and with its expansions, so that a quote, a comment or ``%(ENV_HOME)s`` means here
what it means there. Importing it takes 140 ms: never on the way of a status. supervisord itself may still hold
an older configuration, until ``supervisorctl update``.

The format: http://supervisord.org/configuration.html.
"""

from __future__ import annotations

import configparser
import glob
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..container import Container
from ..errors import ConsoleError
from ..text import _
from .client import Supervisor
from .processes import environment_of

_SECTIONS = ("program", "fcgi-program", "eventlistener")


@dataclass(frozen=True)
class ProgramConfig:
    """One process as configured. ``environment`` is what the program adds to supervisord's own.

    ``command`` is the text, ``arguments`` the same taken apart. ``log_file`` and ``error_log_file`` are None where
    supervisord chooses the place itself or writes none. Seconds are whole. The lower ``priority`` is started
    first and stopped last. ``file`` holds the section.
    """

    name: str
    group: str
    command: str
    arguments: tuple[str, ...]
    directory: Path | None
    environment: Mapping[str, str]
    numprocs: int
    startsecs: int
    stopwaitsecs: int
    priority: int
    log_file: Path | None
    error_log_file: Path | None
    file: Path | None

    @property
    def full_name(self) -> str:
        return self.name if self.name == self.group else f"{self.group}:{self.name}"


def read_configs(container: Container) -> tuple[ProgramConfig, ...]:
    """Every process of the configuration, ordered by full name.

    Raises ConsoleError where a file cannot be read or has an error; its cause is the parser's own message.
    """
    environment = supervisor_environment(container)
    parser = _read(container, environment)
    groups = _groups(parser)
    found: list[ProgramConfig] = []
    for section in parser.sections():
        kind, colon, program = section.partition(":")
        if colon and kind in _SECTIONS:
            name = program.strip()
            try:
                found += _processes(container, parser, section, name, groups.get(name, name))
            except (ValueError, configparser.Error) as error:
                raise _broken(Path(parser.section_to_file.get(section, container.supervisor_conf)), error) from error
    return tuple(sorted(found, key=lambda config: config.full_name))


def program_config(container: Container, name: str) -> ProgramConfig | None:
    """The configuration of the process ``name`` (``name`` or ``group:name``); None where there is none.

    Raises ConsoleError as ``read_configs`` does.
    """
    configs = read_configs(container)
    exact = [config for config in configs if config.full_name == name]
    return next(iter(exact or [config for config in configs if name in (config.name, config.group)]), None)


def supervisor_environment(container: Container) -> dict[str, str]:
    """The environment that supervisord runs in, and hands on to its programs; this process's own where it is not
    to be seen.
    """
    try:
        return environment_of(Supervisor(container.supervisor_socket).pid())
    except (ConsoleError, OSError):
        return dict(os.environ)


def _read(container: Container, environment: Mapping[str, str]) -> Any:
    from supervisor.options import UnhosedConfigParser, expand

    parser = UnhosedConfigParser()
    conf = container.supervisor_conf
    here = str(conf.parent)
    parser.expansions = {f"ENV_{name}": value for name, value in environment.items()}
    parser.expansions |= {"here": here, "host_node_name": os.uname().nodename}
    _read_file(parser, conf)
    if parser.has_option("include", "files"):
        try:
            patterns = expand(parser.get("include", "files"), parser.expansions, "include.files").split()
        except ValueError as error:
            raise _broken(conf, error) from error
        for pattern in patterns:
            place = container.under_root(conf.parent / pattern)
            for file in sorted(glob.glob(str(place))):  # noqa: PTH207  a pattern of any shape, as supervisord takes it
                _read_file(parser, Path(file))
    return parser


def _read_file(parser: Any, file: Path) -> None:
    known = set(parser.sections())
    try:
        # Comments of any encoding must not keep a file from being read.
        parser.read_string(file.read_bytes().decode("utf-8", "surrogateescape"), str(file))
    except OSError as error:
        raise _broken(file, error) from error
    except configparser.Error as error:
        raise _broken(file, error) from error
    for section in set(parser.sections()) - known:
        parser.section_to_file[section] = str(file)


def _groups(parser: Any) -> dict[str, str]:
    """Which group a program was put into by a ``[group:x]`` section."""
    found = {}
    for section in parser.sections():
        kind, colon, group = section.partition(":")
        if colon and kind == "group" and parser.has_option(section, "programs"):
            for program in parser.get(section, "programs").split(","):
                found[program.strip()] = group.strip()
    return found


def _processes(container: Container, parser: Any, section: str, program: str, group: str) -> list[ProgramConfig]:
    from supervisor.datatypes import dict_of_key_value_pairs
    from supervisor.options import expand

    common: dict[str, object] = {"program_name": program, "group_name": group}

    def get(option: str, default: str | None, **expansions: object) -> Any:
        return parser.saneget(section, option, default, expansions=common | expansions)

    raw_environment = parser.saneget(section, "environment", "", do_expand=False)
    raw_name = parser.saneget(section, "process_name", "%(program_name)s", do_expand=False)
    numprocs, first = int(get("numprocs", "1")), int(get("numprocs_start", "0"))
    found = []
    for number in range(first, first + numprocs):
        expansions: dict[str, object] = {"process_num": number, "numprocs": numprocs}
        known = parser.expansions | common | expansions
        environment = dict_of_key_value_pairs(expand(raw_environment, known, "environment"))
        expansions |= {f"ENV_{name}": value for name, value in environment.items()}
        command = get("command", None, **expansions)
        if command is None:
            raise ValueError(f"program section {section} does not specify a command")
        directory = get("directory", None, **expansions)
        redirected = str(get("redirect_stderr", "false")).lower() in ("true", "yes", "on", "1")
        found.append(
            ProgramConfig(
                name=expand(raw_name, known, "process_name").strip(),
                group=group,
                command=command,
                arguments=tuple(shlex.split(command)),
                directory=container.under_root(directory) if directory else None,
                environment=environment,
                numprocs=numprocs,
                startsecs=int(get("startsecs", "1")),
                stopwaitsecs=int(get("stopwaitsecs", "10")),
                priority=int(get("priority", "999")),
                log_file=_log(container, get("stdout_logfile", None, **expansions)),
                error_log_file=None if redirected else _log(container, get("stderr_logfile", None, **expansions)),
                file=Path(parser.section_to_file[section]) if section in parser.section_to_file else None,
            )
        )
    return found


def _log(container: Container, path: str | None) -> Path | None:
    if path is None or path.lower() in ("none", "off", "auto", "syslog") or path.startswith("/dev/"):
        return None
    return container.under_root(path)


def _broken(file: Path, error: Exception) -> ConsoleError:
    reason = error.strerror if isinstance(error, OSError) else " ".join(str(error).split())
    return ConsoleError(
        _("supervisord's configuration cannot be read."),
        _("{file}: {reason}").format(file=file, reason=reason),
        _("Correct the file; until then supervisord would not start again."),
    )
