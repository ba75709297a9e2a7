"""The interpreters that the launcher would find, as Python sees them: for the byte code that is made beforehand."""

from __future__ import annotations

import re
from pathlib import Path

from ..pythons.interpreters import run_version
from ..results import Interpreter

_NAME = re.compile(r"python3(?:\.\d+)?|python")
_PATTERNS = (
    "usr/bin/python3*",
    "opt/techs/python-*/bin/python3",
    "opt/python/bin/python*",
    "usr/local/bin/python3*",
)


def interpreters_under(root: Path, oldest: int) -> tuple[Interpreter, ...]:
    """One interpreter for each Python 3.Y from ``oldest`` on that is under ``root`` and runs, the newest first."""
    found: dict[int, Interpreter] = {}
    seen: set[Path] = set()
    for pattern in _PATTERNS:
        for path in sorted(root.glob(pattern)):
            real = path.resolve()
            if not _NAME.fullmatch(path.name) or real in seen:
                continue
            seen.add(real)
            version = run_version(path)
            if version is None or not version.startswith("3."):
                continue
            minor = int(version.split(".")[1])
            if minor >= oldest:
                found.setdefault(minor, Interpreter(path, version, chosen=False))
    return tuple(found[minor] for minor in sorted(found, reverse=True))
