"""The interpreters of the image, each really run: which one is chosen, which one the virtualenv has, its support."""

from __future__ import annotations

import os
import re
from datetime import date, datetime
from pathlib import Path

from ..container import Container, find_interpreters
from ..results import OfferedPython, PythonList
from ..text import _
from ..venv.anatomy import read_anatomy
from .interpreters import try_interpreter, version_of
from .primary_tech import folder_behind, link_text
from .support import UNKNOWN, Support, support_of

_VERSION = re.compile(r"\d+\.\d+\.\d+")


def list_pythons(container: Container, *, today: date | None = None) -> PythonList:
    """Look at every interpreter of the image; ``today`` (default: the day that it is) decides on the support.

    Each is run, a few milliseconds each. Never raises.
    """
    today = today or datetime.now().astimezone().date()
    chosen = _chosen_folder(container)
    anatomy = read_anatomy(container.venv)
    made_for = anatomy.python if anatomy is not None else None
    runs = anatomy is not None and anatomy.runs is not None
    real = Path(os.path.realpath(container.venv / "bin" / "python")) if runs else None
    found = [_look(python, chosen, real, made_for, today) for python in _places(container)]
    found.sort(key=lambda each: (not each.chosen, [-int(part) for part in re.findall(r"\d+", each.version or "0")]))
    first = next((each for each in found if each.chosen), None)
    return PythonList(
        generation=container.generation,
        chosen=first.version if first is not None and not first.fault else None,
        primary_tech=link_text(container.primary_tech) if container.generation == "runtime" else None,
        venv_python=made_for,
        venv_interpreter=real,
        interpreters=tuple(found),
        problem=_problem(container, first),
    )


def _places(container: Container) -> list[Path]:
    """Where an interpreter is, or should be: those of the image that are missing are worth a word."""
    if container.generation == "image":
        python = container.root / "opt" / "python" / "bin" / "python"
        return [python] if os.path.lexists(python.parents[1]) else []
    usual = list(find_interpreters(container.root, container.generation))
    folders = [tech / "bin" for tech in sorted(container.techs.glob("python-*"))]
    return usual + [folder / "python3" for folder in folders if folder / "python3" not in usual]


def _chosen_folder(container: Container) -> Path | None:
    if container.generation == "image":
        return Path(os.path.realpath(container.root / "opt" / "python" / "bin"))
    return folder_behind(container.primary_tech, link_text(container.primary_tech))


def _look(python: Path, chosen: Path | None, runs: Path | None, made_for: str | None, today: date) -> OfferedPython:
    said, fault = try_interpreter(python)
    named = _VERSION.search(python.parents[1].name)
    version = said or version_of(python) or (named.group() if named else None)
    support = support_of(version, today) if version is not None else Support(UNKNOWN, None, None)
    return OfferedPython(
        path=python,
        version=version,
        chosen=Path(os.path.realpath(python.parent)) == chosen,
        venv=not fault and runs is not None and Path(os.path.realpath(python)) == runs,
        made_for=version is not None and version == made_for,
        support=support.state,
        fixes_until=support.fixes_until,
        end_of_life=support.end_of_life,
        fault=fault,
    )


def _problem(container: Container, chosen: OfferedPython | None) -> str:
    """Why no Python is chosen that runs; empty where one is."""
    if chosen is not None:
        return chosen.fault
    if container.generation == "image":
        return _("The image has no Python: {path} is missing.").format(path=container.root / "opt" / "python")
    link = container.primary_tech
    text = link_text(link)
    if text is None:
        there = os.path.lexists(link)
        said = (
            _("No Python is chosen: {path} is no symlink.") if there else _("No Python is chosen: {path} is missing.")
        )
        return said.format(path=link)
    folder = folder_behind(link, text)
    if folder is None or not folder.exists():
        return _("No Python is chosen: {path} leads to {target}, which does not exist.").format(path=link, target=text)
    return _("No Python of the image is chosen: {path} leads to {target}.").format(path=link, target=text)
