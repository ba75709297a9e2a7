"""How the static block is: part of every status, so it is kept apart from what only a change of it needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StaticProblem:
    """``code`` is stable: slash-leak, slash-missing, slash-sibling, folder-missing ... (docs/cli.md has all);
    ``severity`` error or warning. ``repair``: static_files.repair.plan_repair has a repair for it, by "edit" of the
    site file or by "files" on the disk; empty where it has none.
    """

    code: str
    severity: str
    title: str
    remedy: str = ""
    repair: str = ""


@dataclass(frozen=True)
class Static:
    """The static block. ``state``: on, off, absent (no block in the site file), broken (see ``problems``), or unknown
    while nobody has looked.
    """

    state: str
    file: Path
    location: str | None
    alias: str | None
    problems: tuple[StaticProblem, ...] = ()
    line: int | None = None
