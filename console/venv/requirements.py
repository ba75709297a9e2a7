"""requirements.txt with the files that it includes, and what of it an environment does not have."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from packaging.markers import UndefinedEnvironmentName, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from ..text import _
from .installed import Installed, folder_of, read_installed
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


def beside(file: Path, target: str) -> str:
    """A folder or file that a line of ``file`` names: from the file's own folder where it is there."""
    near = file.parent / target
    return str(near.absolute()) if "://" not in target and near.exists() else target


def unmet(requirements: Requirements, site_packages: Path | None, python_version: str | None) -> tuple[str, ...]:
    """The names that ``site_packages`` lacks or has in a version, or without an extra, that is not allowed.

    Markers are judged for ``python_version`` ("3.11.7") on this machine. A link without a known name counts as
    met when something was installed from the same folder or URL; its own text stands for its name.
    """
    installed = {one.key: one for one in read_installed(site_packages)}
    environment = marker_environment(python_version)
    missing: dict[str, None] = {}
    for entry in requirements.entries:
        if not applies(entry.line, environment):
            continue
        name = entry.line.name
        if name is None:
            if installed_from(entry, installed.values()) is None:
                missing[entry.text] = None
        elif name not in installed:
            if not entry.constraint:
                missing[name] = None
        elif not _allowed(entry.line, installed[name]):
            missing[name] = None
        else:
            missing.update(dict.fromkeys(_missing_extras(entry.line, installed, environment)))
    return tuple(missing)


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
    return next((one for one in installed if one.link and _same_place(entry, one)), None)


def extras_need(one: Installed, extras: Iterable[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    """What ``one`` needs in ``environment`` because of ``extras``, and would not need without them."""
    for needed in one.requires:
        if needed.marker is not None and not needed.marker.evaluate({**environment, "extra": ""}):
            scenes = ({**environment, "extra": extra} for extra in extras)
            if any(needed.marker.evaluate(scene) for scene in scenes):
                yield needed


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


def applies(line: Line, environment: Mapping[str, str]) -> bool:
    """Whether the line counts in ``environment``."""
    try:
        return line.applies(environment)
    except UndefinedEnvironmentName:  # a name that markers do not have: pip refuses it, nothing is known
        return False


def _allowed(line: Line, one: Installed) -> bool:
    return line.requirement is None or fits(line.requirement, one.version)


def _missing_extras(line: Line, installed: Mapping[str, Installed], environment: Mapping[str, str]) -> Iterator[str]:
    """What the extras that the line asks for bring, and is not there."""
    for needed in extras_need(installed[line.name or ""], line.extras, environment):
        name = canonicalize_name(needed.name)
        if name not in installed or not fits(needed, installed[name].version):
            yield name


def _same_place(entry: Entry, one: Installed) -> bool:
    target = entry.line.target
    if "://" in target:
        return _plain(one.link) == _plain(target)
    folder = folder_of(one.link)
    asked = (Path(target), entry.file.parent / target)
    return folder is not None and os.path.realpath(folder) in [os.path.realpath(path) for path in asked]


def _plain(url: str) -> str:
    """The URL without who asks, which revision and which part: pip notes none of a user's name or password."""
    scheme, _separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path.partition('#')[0].partition('@')[0]}"
