"""The way back: the virtualenv before, the interpreter that was chosen with it, and whether the two can run.

On the path of ``console status``: reads files.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..container import Container
from ..pythons.interpreters import version_of
from ..pythons.primary_tech import folder_behind, link_text, python_behind
from ..results import ChoiceChange
from ..text import _
from .anatomy import Anatomy, minor, read_anatomy
from .choice_record import chosen_before
from .generations import current, previous

_MOST_LINKS = 16


@dataclass(frozen=True)
class WayBack:
    """``folder`` is the virtualenv before; ``anatomy`` is None where that is none any more. ``change`` is that of the
    chosen interpreter which goes with it, None where it stays as it is; ``note`` says why it stays although another
    was chosen. ``interpreter`` is what will run in the virtualenv then. ``fault`` is why it cannot run, empty when all
    seems well.
    """

    folder: Path
    anatomy: Anatomy | None
    interpreter: Path
    change: ChoiceChange | None
    fault: str
    note: str = ""


def find_way_back(container: Container) -> WayBack | None:
    """What ``rollback`` goes back to; None when there is nothing."""
    folder = previous(container)
    if folder is None:
        return None
    anatomy = read_anatomy(folder)
    python = folder / "bin" / "python"
    if anatomy is None:
        return WayBack(folder, None, python, None, _("{path} is no virtualenv any more.").format(path=folder))
    change, note = _change(container, folder)
    # One that was made by the symlink's path has the Python that is chosen, whichever that is.
    chosen = _by_link(container.primary_tech, change, python) if change is not None else None
    if change is None or chosen is None:
        fault = anatomy.fault
    else:
        fault = _fault(anatomy, chosen, removed=change.new is None)
    return WayBack(folder, anatomy, chosen or python, change, fault, note)


def _change(container: Container, folder: Path) -> tuple[ChoiceChange | None, str]:
    """What becomes of the choice, and why it stays where another was chosen with the virtualenv ``folder``."""
    used = current(container)
    told = chosen_before(container, used, folder) if used is not None else None
    if told is None:
        return None, ""
    link = container.primary_tech
    now = link_text(link)
    there = folder_behind(link, now)
    if there == folder_behind(link, told.old):
        return None, ""
    if there != folder_behind(link, told.new):
        text = _("{path} was set to {target} since, and stays so.")
        return None, text.format(path=link, target=now or _("nothing"))
    before = folder_behind(link, told.old)
    if before is not None and not before.is_dir():
        text = _("The Python that was chosen before is gone with {target}: {path} stays as it is.")
        return None, text.format(target=before, path=link)
    change = ChoiceChange(link, now, told.old, python_behind(link, now), python_behind(link, told.old))
    return change, ""


def _by_link(link: Path, change: ChoiceChange, python: Path) -> Path | None:
    """Where ``python`` leads once the ``change`` is made, when its symlinks go by ``link``; None when they do not."""
    for _number in range(_MOST_LINKS):
        if python.is_relative_to(link):
            folder = folder_behind(link, change.new)
            return folder / python.relative_to(link) if folder is not None else python
        text = link_text(python)
        if text is None:
            return None
        python = Path(os.path.normpath(python.parent / text))
    return None


def _fault(anatomy: Anatomy, chosen: Path, *, removed: bool) -> str:
    """Why the virtualenv cannot run with the interpreter ``chosen``; as ``anatomy`` would say it then. ``removed``: the
    symlink on the way there will be none.
    """
    if removed or not chosen.exists():
        return _("Its interpreter {path} is gone.").format(path=chosen)
    runs = version_of(chosen)
    if runs is None:
        return _("Its interpreter {path} does not run.").format(path=chosen)
    if anatomy.python is not None and minor(runs) != minor(anatomy.python):
        said = _("It was made for Python {made}, but its interpreter would be Python {now}.")
        return said.format(made=anatomy.python, now=runs)
    return ""
