"""What a folder says of itself as a virtualenv: read from its files, so that a dead one can be read as well.

On the path of ``console status``: no subprocess, nothing heavy imported.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from ..pythons.interpreters import run_version, version_of
from ..text import _

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Anatomy:
    """A virtualenv by its files.

    ``made_by``: virtualenv, uv, venv, or pyvenv (the name of venv's command until Python 3.5). ``python`` is the
    version it was made for ("3.11.7"; "2.7" where an old virtualenv noted no more), ``site_packages`` where its
    packages lie, None where there is no such folder. ``runs`` is the version of the interpreter behind its
    ``bin/python`` now, None when that is gone; ``fault`` says in one sentence why nothing can be started with
    it, and is empty when all seems well.
    """

    folder: Path
    made_by: str
    python: str | None
    site_packages: Path | None
    runs: str | None
    fault: str

    @property
    def interpreter(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def copied(self) -> bool:
        """Its interpreter is a copy of the image's, no link to it."""
        return Path(os.path.realpath(self.interpreter)).is_relative_to(os.path.realpath(self.folder))

    @property
    def usable(self) -> bool:
        """Its interpreter is there and finds its packages."""
        return not self.fault


def read_anatomy(folder: Path) -> Anatomy | None:
    """The virtualenv in ``folder``, which may be a symlink to it; None when that is none."""
    settings = _settings(folder / "pyvenv.cfg")
    library = _library(folder, settings or {})
    if settings is None and not _is_old_virtualenv(folder, library):
        return None
    settings = settings or {}
    told = _VERSION.match(settings.get("version_info") or settings.get("version") or "")
    python = told.group() if told else library.name.removeprefix("python") if library else None
    site_packages = library / "site-packages" if library else None
    if site_packages is not None and not site_packages.is_dir():
        site_packages = None
    runs, fault = _interpreter_state(folder, python, settings)
    return Anatomy(folder, _maker(settings, python), python, site_packages, runs, fault)


def minor(version: str | None) -> str | None:
    """The X.Y of a version, which decides whether compiled and installed packages fit."""
    return ".".join(version.split(".")[:2]) if version else None


def count_packages(site_packages: Path | None) -> int:
    """How many distributions are installed there."""
    if site_packages is None:
        return 0
    try:
        with os.scandir(site_packages) as entries:
            return sum(entry.name.endswith((".dist-info", ".egg-info")) for entry in entries)
    except OSError:  # taken away while we look
        return 0


def _settings(path: Path) -> dict[str, str] | None:
    """``pyvenv.cfg`` as CPython reads it: ``key = value`` lines, keys without regard to case."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    pairs = (line.partition("=") for line in lines if "=" in line)
    return {key.strip().lower(): value.strip() for key, _sign, value in pairs}


def _library(folder: Path, settings: dict[str, str]) -> Path | None:
    """``lib/pythonX.Y`` of the version that it was made for, else the only one there is."""
    told = _VERSION.match(settings.get("version_info") or settings.get("version") or "")
    if told:
        named = folder / "lib" / f"python{minor(told.group())}"
        if named.is_dir():
            return named
    found = sorted(folder.glob("lib/python[0-9]*"))
    return found[0] if len(found) == 1 else None


def _is_old_virtualenv(folder: Path, library: Path | None) -> bool:
    # virtualenv before 20 wrote no pyvenv.cfg; these two are always there.
    return library is not None and (folder / "bin" / "activate_this.py").is_file()


def _maker(settings: dict[str, str], python: str | None) -> str:
    if "uv" in settings:
        return "uv"
    if "virtualenv" in settings or not settings:
        return "virtualenv"
    old = python is not None and [int(part) for part in python.split(".")[:2]] < [3, 6]
    return "pyvenv" if old else "venv"


def _missing_library(folder: Path, python: str | None, settings: dict[str, str]) -> Path | None:
    """Where the standard library of a copied interpreter was; None where it still finds one, or nothing tells.

    The folder that it was copied from may be there and hold another Python: a changed image.
    """
    library = f"python{minor(python)}"
    linked = folder / "lib" / library / "os.py"  # virtualenv links it for Python 2, before its release 20 always
    if os.path.lexists(linked):
        return None if linked.exists() else Path(os.path.realpath(linked)).parent
    if not settings.get("home"):
        return None
    home = Path(settings["home"])
    if not home.is_dir():
        return home
    places = [home.parent, Path(settings.get("base-prefix") or home.parent)]
    if python is None or any((place / "lib" / library / "os.py").exists() for place in places):
        return None
    # It may know another place from the day that it was built: asked only where the usual ones have nothing.
    return home if run_version(folder / "bin" / "python", site=True) is None else None


def _interpreter_state(folder: Path, python: str | None, settings: dict[str, str]) -> tuple[str | None, str]:
    """The version behind ``bin/python``, and why the virtualenv cannot be used."""
    link = folder / "bin" / "python"
    real = Path(os.path.realpath(link))
    if not os.path.lexists(link):
        return None, _("It has no interpreter: {path} is missing.").format(path=link)
    if not real.exists():
        return None, _("Its interpreter {path} is gone.").format(path=real)
    if not os.access(real, os.X_OK) or not real.is_file():
        return None, _("Its interpreter {path} is no program that may be run.").format(path=real)
    if real.is_relative_to(os.path.realpath(folder)):  # a copy: what it is does not change with the image
        gone = _missing_library(folder, python, settings)
        if gone is not None:
            return None, _("Its interpreter is a copy whose library is gone with {path}.").format(path=gone)
        return python, ""
    runs = version_of(link)
    if runs is None:
        return None, _("Its interpreter {path} does not run.").format(path=real)
    if python is not None and minor(runs) != minor(python):
        return runs, _(
            "It was made for Python {made}, but its interpreter is Python {now} now, which does not find its packages."
        ).format(made=python, now=runs)
    return runs, ""
