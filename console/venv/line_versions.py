"""Another version on a line of a requirements file; all else of the line stays byte for byte."""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

from .installed import pin_for
from .requirement_lines import Line, parse_lines

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
# Name and extras, the version that is asked for (with or without parentheses), and what follows it.
_WANTED = re.compile(rf"(\s*{_NAME}(?:\s*\[[^\]]*\])?)([^;#\\\r\n]*?)(\s*(?:;|\\|\s#|\s--|[\r\n]|$).*)", re.DOTALL)
_COMMENT = re.compile(r"(?:^|\s+)#.*$")


def with_version(line: Line, requirement: Requirement, version: str) -> str:
    """The text of ``line``, which asks for ``requirement``, with ``==version`` instead of what it wants."""
    found = _WANTED.fullmatch(line.raw)
    if found is not None:
        changed = f"{found.group(1)}{pin_for(version)}{found.group(3)}"
        again = parse_lines(changed)
        if len(again) == 1 and _same_but_version(again[0], requirement, version):
            return changed
    return rewritten(line, _pinned(requirement, version))


def pins(requirement: Requirement, version: str) -> bool:
    """It asks for exactly this version already, in whatever way of writing."""
    pin = pinned_version(requirement)
    if pin is None:
        return False
    try:
        return Version(pin) == Version(version)
    except InvalidVersion:
        return pin == version


def pinned_version(requirement: Requirement) -> str | None:
    """The one version that it allows; None where it allows several."""
    specifiers = list(requirement.specifier)
    if len(specifiers) != 1 or specifiers[0].operator not in ("==", "===") or "*" in specifiers[0].version:
        return None
    return specifiers[0].version


def rewritten(line: Line, text: str) -> str:
    """``text`` in the place of the line, with its comment and its kind of line end."""
    last = line.raw.splitlines(keepends=True)[-1]
    content = last.splitlines()[0]
    comment = _COMMENT.search(content)
    kept = f"  {comment.group().strip()}" if comment is not None else ""
    return f"{text}{kept}{last[len(content) :]}"


def _same_but_version(line: Line, requirement: Requirement, version: str) -> bool:
    now = line.requirement
    return (
        now is not None
        and (now.name, now.extras, now.marker) == (requirement.name, requirement.extras, requirement.marker)
        and pins(now, version)
    )


def _pinned(requirement: Requirement, version: str) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    marker = f" ; {requirement.marker}" if requirement.marker is not None else ""
    return f"{requirement.name}{extras}{pin_for(version)}{marker}"
