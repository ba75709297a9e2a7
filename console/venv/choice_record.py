"""Which interpreter was chosen with the virtualenv before: what ``rollback`` has to choose again.

In ``/srv/.console/chosen-before.json``, one entry for each virtualenv that came into service together with another
choice. An entry counts only while its two virtualenvs are the one in use and the one for ``rollback``, whichever is
which: what an undone or a later job leaves behind means nothing, and a rollback has nothing to write down.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ..atomic import unwritable, write_file
from ..container import Container
from ..results import ChoiceChange, as_json, from_json


@dataclass(frozen=True)
class ChosenBefore:
    """With the virtualenv ``venv`` the symlink's text became ``new``; with the one ``before`` it was ``old``."""

    venv: Path
    before: Path
    old: str | None
    new: str | None


@dataclass(frozen=True)
class _Record:
    entries: tuple[ChosenBefore, ...] = ()


def remember_choice(container: Container, venv: Path, before: Path, change: ChoiceChange) -> None:
    """Write down the ``change`` that comes with the switch from ``before`` to ``venv``, unless it stands there already.

    Raises ConsoleError where it cannot be written.
    """
    entry = ChosenBefore(_real(venv), _real(before), change.old, change.new)
    if chosen_before(container, venv, before) == entry:
        return
    pair = {entry.venv, entry.before}
    others = [each for each in _read(container) if {each.venv, each.before} != pair and each.venv.exists()]
    data = json.dumps(as_json(_Record((*others, entry)))).encode()
    path = _path(container)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    write_file(path, data, mode=0o600)


def chosen_before(container: Container, venv: Path, before: Path) -> ChosenBefore | None:
    """What was written down for the switch from ``before`` to ``venv``, or back; None where nothing was."""
    pair = (_real(venv), _real(before))
    for each in _read(container):
        if (each.venv, each.before) == pair:
            return each
        if (each.before, each.venv) == pair:
            return ChosenBefore(*pair, old=each.new, new=each.old)
    return None


def _read(container: Container) -> tuple[ChosenBefore, ...]:
    try:
        return from_json(_Record, json.loads(_path(container).read_text("utf-8"))).entries
    except (OSError, ValueError):  # none yet, or nobody's that we know: a rollback then is one of the virtualenv only
        return ()


def _path(container: Container) -> Path:
    return container.state_dir / "chosen-before.json"


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
