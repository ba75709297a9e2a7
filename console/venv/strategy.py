"""Which way a virtualenv is rebuilt, and why: repair, beside, or in place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..programs.executable import shebang
from ..results import Venv
from ..text import _
from ..units import size
from .anatomy import Anatomy, minor
from .in_place import PACKED

STRATEGIES = ("auto", "repair", "beside", "in-place")
UPGRADED = ("venv", "pyvenv")  # virtualenvs of these makers can be upgraded in place by `venv --upgrade` as well
_NO_TRACE = 10_000_000  # what the job's own files may take on top


@dataclass(frozen=True)
class Needs:
    """Bytes: what the new virtualenv takes, what is free, what the present one takes (0 where there is none)."""

    new: int
    free: int
    present: int

    @property
    def beside(self) -> int:
        """Free bytes that a rebuild beside needs."""
        return self.new + _NO_TRACE

    @property
    def in_place(self) -> int:
        """Free bytes that a rebuild in place needs: for the archive, then for the new one in the old one's room."""
        packed = int(self.present * PACKED)
        return max(packed, packed + self.new - self.present) + _NO_TRACE


@dataclass(frozen=True)
class Strategy:
    """``name``: repair, beside or in-place; ``reason`` in one or two sentences; ``needed`` free bytes; ``problem``
    is why it cannot be done, empty when nothing speaks against it.
    """

    name: str
    reason: str
    needed: int
    problem: str = ""


def choose_strategy(wanted: str, venv: Venv, anatomy: Anatomy | None, version: str | None, needs: Needs) -> Strategy:
    """The strategy that ``wanted`` (one of STRATEGIES) comes to for the virtualenv ``venv`` and Python ``version``.

    ``venv`` has been compared with requirements.txt. By itself: a repair where the packages are what is asked for and
    only the interpreter is not; in place only where the disk has no room for two; else beside.
    """
    against = _against_repair(venv, anatomy, version)
    if wanted == "repair" or (wanted == "auto" and not against and worth_a_repair(venv)):
        reason = _("Its packages were made for the same Python {version}: only the interpreter's links are made anew.")
        upgrade = _("It is the upgrade in place that `pyvenv --upgrade` makes.") if venv.made_by in UPGRADED else ""
        said = " ".join(filter(None, [venv.reason, reason.format(version=minor(version)), upgrade]))
        return Strategy("repair", said, _NO_TRACE, against)
    no_room = needs.beside > needs.free
    if wanted == "in-place" or (wanted == "auto" and no_room and needs.present and needs.in_place <= needs.free):
        return _in_place(venv, needs, no_room=no_room)
    beside = (
        _("The new one is built and proved beside it; then the app is started from it.")
        if venv.state in ("dead", "missing")
        else _("The app runs on until the new one is built and proved; the switch takes a restart.")
    )
    problem = _full_disk(needs.beside, needs.free) if no_room else ""
    return Strategy("beside", f"{venv.reason} {beside}".strip(), needs.beside, problem)


def _in_place(venv: Venv, needs: Needs, *, no_room: bool) -> Strategy:
    cause = _("The disk has no room for two.") if no_room else _("As you asked for it.")
    how = _(
        "The present one is packed, then the app is stopped until the new one is built and proved; when that fails,"
        " the old one comes back out of its archive. There is no rollback afterwards."
    )
    problem = ""
    if not needs.present:
        problem = _("There is no virtualenv that could be rebuilt in place.")
    elif needs.in_place > needs.free:
        problem = _full_disk(needs.in_place, needs.free)
    return Strategy("in-place", f"{venv.reason} {cause} {how}".strip(), needs.in_place, problem)


def worth_a_repair(venv: Venv) -> bool:
    """Whether its interpreter is not what it should be, and nothing of requirements.txt is known to be amiss."""
    return venv.state in ("dead", "mismatch") and not venv.unmet


def _against_repair(venv: Venv, anatomy: Anatomy | None, version: str | None) -> str:
    """Why the virtualenv cannot be repaired for Python ``version``; empty when it can."""
    if anatomy is None:
        return _("There is no virtualenv that could be repaired.")
    if minor(anatomy.python) != minor(version):
        return _("It was made for Python {old}, and packages of another X.Y do not fit Python {new}.").format(
            old=anatomy.python or "?", new=version or "?"
        )
    settings = anatomy.folder / "pyvenv.cfg"
    if anatomy.site_packages is None or not settings.is_file() or _has_own_library(anatomy.site_packages.parent):
        return _("It was made by an old virtualenv, which holds more of its Python than links.")
    moved = _moved_script(anatomy.folder)
    if moved is not None:
        return _("Its scripts, like {path}, name an interpreter at another place: it was moved.").format(path=moved)
    return ""


def _has_own_library(library: Path) -> bool:
    """For Python 2 virtualenv puts parts of the standard library into ``lib/python2.7``."""
    return os.path.lexists(library / "os.py") or (library / "site.py").is_file()


def _moved_script(folder: Path) -> Path | None:
    """A script whose interpreter is none of this virtualenv's: new links would not help it."""
    places = {str(folder), os.path.realpath(folder)}
    for script in sorted((folder / "bin").glob("*")):
        interpreter = shebang(script) if script.is_file() else None
        if interpreter is None or Path(interpreter).exists():
            continue
        if not any(interpreter.startswith(f"{place}/bin/") for place in places):
            return script
    return None


def _full_disk(needed: int, free: int) -> str:
    said = _("The disk has too little room: about {needed} are needed, {free} are free.")
    return said.format(needed=size(needed), free=size(free))
