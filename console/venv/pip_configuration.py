"""What pip is told beside its command line: its configuration files and PIP_* variables, with pip's own precedence.

The rules are those of pip's ``configuration.py`` and of its documentation ("Configuration"): levels from the weakest
are the machine's, the user's, the virtualenv's own, $PIP_CONFIG_FILE; what a level says of an option replaces what the
one below said; over all levels a command's section beats ``[global]``, and the environment beats both. An empty value
says nothing.
"""

from __future__ import annotations

import configparser
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..text import _

_SECTIONS = ("global", "install")
_NOT_OPTIONS = frozenset({"PIP_CONFIG_FILE", "PIP_VERSION", "PIP_HELP"})


@dataclass(frozen=True)
class PipConfiguration:
    """``values`` by the option's name without dashes ("extra-index-url"), as they stand; they may hold credentials.

    ``problems``: files that pip would stop at, one sentence each.
    """

    values: Mapping[str, str] = field(repr=False)
    problems: tuple[str, ...] = ()

    def text(self, *names: str) -> str | None:
        """The value under the first of ``names`` that is there."""
        return next((self.values[name] for name in names if name in self.values), None)

    def words(self, name: str) -> tuple[str, ...]:
        """The values of an option that may be given several times; they stand on lines or between spaces."""
        return tuple(self.values.get(name, "").split())

    def switch(self, name: str) -> bool:
        """Whether an option without a value is on, by the words that pip takes for yes."""
        return self.values.get(name, "").lower() in ("y", "yes", "t", "true", "on", "1")


def read_pip_configuration(
    environment: Mapping[str, str], prefix: Path | None, *, etc: Path = Path("/etc")
) -> PipConfiguration:
    """What ``pip install`` in the virtualenv ``prefix`` would go by in ``environment``. Never raises."""
    by_section: dict[str, dict[str, str]] = {section: {} for section in _SECTIONS}
    problems: list[str] = []
    for path in _files(environment, prefix, etc):
        for section, values in _read(path, problems).items():
            by_section[section].update(values)
    told = {
        name[4:].lower().replace("_", "-"): value
        for name, value in environment.items()
        if name.startswith("PIP_") and name not in _NOT_OPTIONS
    }
    merged: dict[str, str] = {}
    for values in (*by_section.values(), told):
        merged.update({name: value for name, value in values.items() if value.strip()})
    return PipConfiguration(merged, tuple(problems))


def _files(environment: Mapping[str, str], prefix: Path | None, etc: Path) -> Iterator[Path]:
    named = environment.get("PIP_CONFIG_FILE")
    if named == os.devnull:  # turns all of them off
        return
    for folder in (environment.get("XDG_CONFIG_DIRS") or str(etc / "xdg")).split(os.pathsep):
        yield Path(folder, "pip", "pip.conf")
    yield etc / "pip.conf"
    home = environment.get("HOME")
    if home and not (named and Path(named).exists()):
        yield Path(home, ".pip", "pip.conf")
        yield Path(environment.get("XDG_CONFIG_HOME") or Path(home, ".config"), "pip", "pip.conf")
    if prefix is not None:
        yield prefix / "pip.conf"
    if named:
        yield Path(named)


def _read(path: Path, problems: list[str]) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser()
    try:
        text = path.read_text("utf-8", "surrogateescape")
        parser.read_string(text)
    except OSError:
        return {}
    except configparser.Error:  # its message quotes the line, which may hold a password
        problems.append(_("{path} is no configuration that pip can read; it was left out.").format(path=path))
        return {}
    return {section: _normalized(parser.items(section)) for section in _SECTIONS if parser.has_section(section)}


def _normalized(items: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower().replace("_", "-").removeprefix("--"): value for name, value in items}
