"""requirements.txt with the files that it includes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from ..text import _
from .installed import Installed, folder_of
from .requirement_lines import Line, Options, decode, parse_lines


@dataclass(frozen=True)
class Entry:
    """A line that asks for something, and its file. ``constraint``: only limits the version, if it is there."""

    file: Path
    line: Line
    constraint: bool

    @property
    def text(self) -> str:
        """The line's own text as it stands, without comment or options, for telling people."""
        return str(self.line.requirement) if self.line.requirement is not None else self.line.target


@dataclass(frozen=True)
class Requirements:
    """What ``path`` and the files it includes ask for, in order. ``problems``: lines and files that cannot be
    read, one sentence each; pip and uv would stop there. ``options``: those that stand on lines of their own; a
    folder to look in (``find_links``) that lies beside its file is absolute.
    """

    path: Path
    entries: tuple[Entry, ...]
    problems: tuple[str, ...]
    options: tuple[Options, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """The normalized names that are asked for, constraints left out."""
        return frozenset(entry.line.name for entry in self.entries if entry.line.name and not entry.constraint)


def read_requirements(path: Path) -> Requirements:
    """Read ``path`` by pip's rules, following ``-r`` and ``-c`` to files (not to URLs). Never raises."""
    problems: list[str] = []
    options: list[Options] = []
    entries = tuple(_entries(path, constraint=False, above=(), problems=problems, options=options))
    return Requirements(path, entries, tuple(problems), tuple(options))


def requirements_digest(path: Path) -> str:
    """The sha256 of a requirements file in hex, empty where there is none."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def beside(file: Path, target: str) -> str:
    """A folder or file that a line of ``file`` names: from the file's own folder where it is there."""
    near = file.parent / target
    return str(near.absolute()) if "://" not in target and near.exists() else target


def marker_environment(python_version: str | None) -> dict[str, str]:
    """What markers are judged by: this machine, with Python ``python_version`` where it is known."""
    environment = cast(dict[str, str], default_environment()) | {"extra": ""}
    if python_version:
        environment["python_version"] = ".".join(python_version.split(".")[:2])
        environment["python_full_version"] = environment["implementation_version"] = python_version
    return environment


def fits(requirement: Requirement, version: str) -> bool:
    """Whether an installed ``version`` is one that ``requirement`` allows; an installed prerelease may be."""
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:  # an old package's own way of counting: only "any version" can allow it
        return not requirement.specifier


def installed_from(entry: Entry, installed: Iterable[Installed]) -> Installed | None:
    """The one of ``installed`` that came from the folder or URL of ``entry``, a link."""
    return next((one for one in installed if one.link and same_place(entry, one)), None)


def _entries(
    path: Path, *, constraint: bool, above: tuple[Path, ...], problems: list[str], options: list[Options]
) -> Iterator[Entry]:
    real = Path(os.path.realpath(path))
    if real in above:
        problems.append(_("{path} includes itself.").format(path=path))
        return
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        problems.append(_("{path} cannot be read: {why}.").format(path=path, why=error.strerror or error))
        return
    for line in parse_lines(text):
        if line.kind in ("requirement", "link"):
            yield Entry(path, line, constraint)
        elif line.kind == "invalid":
            said = _("{path}, line {number}: {why}")
            problems.append(said.format(path=path, number=line.number, why=line.problem.partition("\n")[0]))
        elif line.kind in ("include", "constraints") and "://" not in line.target:
            included = path.parent / line.target
            limits = constraint or line.kind == "constraints"
            yield from _entries(
                included, constraint=limits, above=(*above, real), problems=problems, options=options
            )
        elif line.options is not None:
            links = tuple(beside(path, link) for link in line.options.find_links)
            options.append(replace(line.options, find_links=links))


def same_place(entry: Entry, one: Installed) -> bool:
    """Whether ``one`` came from the folder or URL of ``entry``, a link; of which revision is not looked at."""
    target = entry.line.target
    if "://" in target:
        return _plain(one.link) == _plain(target)
    folder = folder_of(one.link)
    path = folder_of(target) or Path(target)  # pip takes "file:lib" too
    asked = (path, entry.file.parent / path)
    return folder is not None and os.path.realpath(folder) in [os.path.realpath(path) for path in asked]


def _plain(url: str) -> str:
    """The URL without who asks, which revision and which part: pip notes none of a user's name or password."""
    scheme, _separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('#')[0].partition('@')[0]}"
