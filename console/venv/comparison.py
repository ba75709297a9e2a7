"""What requirements ask for against what is installed: by packaging's own rules, without an interpreter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from ..results import OtherVersion, RequirementsState
from .installed import SEEDS, Installed, read_installed
from .needs import extras_need, holds, reached
from .requirement_lines import version_of_file
from .requirements import Entry, Requirements, fits, installed_from, marker_environment, same_place

_COMMIT = re.compile(r"@([0-9a-f]{40})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Comparison:
    """``unmet``: the names that are missing or in another version, in the order of the lines."""

    unmet: tuple[str, ...]
    state: RequirementsState


def compare(requirements: Requirements, site_packages: Path | None, python_version: str | None) -> Comparison:
    """``requirements`` against what is installed in ``site_packages``. Never raises.

    Markers are judged for ``python_version`` ("3.11.7") on this machine. A link without a known name counts as
    met when something was installed from the same folder or URL; its own text stands for its name. What an extra
    brings is asked for by the line that names the extra. What a virtualenv is made with (pip and its like), and what
    that needs, is never extra. A constraint (``-c``) asks for nothing, it only limits.
    """
    installed = {one.key: one for one in read_installed(site_packages)}
    environment = marker_environment(python_version)
    found: dict[str, OtherVersion | None] = {}
    asked: dict[str, frozenset[str]] = {}
    for entry in requirements.entries:
        if not holds(entry.line.marker, environment):
            continue
        name = _name(entry, installed)
        if not entry.constraint and name in installed:
            asked[name] = asked.get(name, frozenset()) | entry.line.extras
        for key, other in _against(entry, name, installed, environment):
            found.setdefault(key, other)
    seeds = dict.fromkeys(SEEDS, frozenset[str]())
    extra = installed.keys() - SEEDS - reached({**seeds, **asked}, installed, environment)
    state = RequirementsState(
        path=requirements.path,
        missing=tuple(key for key, other in found.items() if other is None),
        other=tuple(other for other in found.values() if other is not None),
        extra=tuple(sorted(extra)),
        problems=requirements.problems,
    )
    return Comparison(tuple(found), state)


def _name(entry: Entry, installed: Mapping[str, Installed]) -> str:
    """The key of what the line asks for: told by the line, or by what was installed from its link, else its text."""
    if entry.line.name is not None:
        return entry.line.name
    one = installed_from(entry, installed.values())
    return one.key if one is not None else entry.text


def _against(
    entry: Entry, name: str, installed: Mapping[str, Installed], environment: Mapping[str, str]
) -> Iterator[tuple[str, OtherVersion | None]]:
    """What of the line is not installed (None) or in another version, by name."""
    one = installed.get(name)
    if one is None:
        if not entry.constraint:
            yield name, None
        return
    wanted = _unlike(entry, one)
    if wanted:
        yield name, OtherVersion(name, one.version, wanted)
        return
    for each in extras_need(one, entry.line.extras, environment):
        key = str(canonicalize_name(each.name))
        if key not in installed:
            yield key, None
        elif not fits(each, installed[key].version):
            yield key, OtherVersion(key, installed[key].version, str(each.specifier))


def _unlike(entry: Entry, one: Installed) -> str:
    """What the line wants where ``one`` is something else; empty where it fits."""
    requirement, target = entry.line.requirement, entry.line.target
    if requirement is not None and not fits(requirement, one.version):
        return str(requirement.specifier)
    if not target or (one.editable and "+" in target.partition("://")[0]):  # a clone: its folder is all that is noted
        return ""
    version = version_of_file(target)
    if version is not None:  # pip leaves it alone wherever the same version came from
        return "" if version == one.version else target
    if not one.link:
        # Only installers that also note where a package came from mark what was asked for: it came from an index.
        return target if one.requested or one.installer == "uv" else ""
    if not same_place(entry, one):
        return target
    commits = [found.group(1).lower() for found in map(_COMMIT.search, (target, one.link)) if found]
    return target if len(set(commits)) == 2 else ""
