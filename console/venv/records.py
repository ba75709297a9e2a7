"""Which files of a virtualenv belong to the distributions installed in it: by RECORD, and by what older installers
noted instead of it.
"""

from __future__ import annotations

import configparser
import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

# Names of modules and scripts; what "top_level.txt" and "entry_points.txt" say else could claim any folder.
_PLAIN = re.compile(r"\w[\w.+-]*")


@dataclass(frozen=True)
class Records:
    """Paths relative to the virtualenv, with ``/``. ``folders`` belong to a distribution with all that is in them."""

    files: frozenset[str]
    folders: frozenset[str]

    def modules(self, site_packages: str) -> frozenset[str]:
        """The names directly in ``site_packages`` (relative as well) under which something belongs to one."""
        start = f"{site_packages}/"
        paths = (path for path in (*self.files, *self.folders) if path.startswith(start))
        return frozenset(path[len(start) :].partition("/")[0] for path in paths)


def read_records(folder: Path) -> Records:
    """What is recorded in each site-packages of the virtualenv ``folder``. Never raises; what cannot be read is
    not there.
    """
    files: set[str] = set()
    folders: set[str] = set()
    for site in sorted(folder.glob("lib*/python*/site-packages")):
        if not (folder / site.relative_to(folder).parts[0]).is_symlink():
            _read_site(folder, site, files, folders)
    return Records(frozenset(files), frozenset(folders))


def _read_site(folder: Path, site: Path, files: set[str], folders: set[str]) -> None:
    relative = site.relative_to(folder).as_posix()
    try:
        names = os.listdir(site)  # noqa: PTH208 - names are wanted
    except OSError:
        return
    for name in names:
        entry, here = site / name, f"{relative}/{name}"
        # "~..." is what pip renamed before it removed it, and was then stopped
        if name.endswith((".dist-info", ".egg-info", ".egg")) or name.startswith("~"):
            (folders if entry.is_dir() else files).add(here)
        if name.endswith(".dist-info"):
            noted = list(_recorded(folder, entry / "RECORD", relative))
        elif name.endswith(".egg-info"):
            noted = list(_recorded(folder, entry / "installed-files.txt", here))
        else:
            if name.endswith(".egg"):
                files.update(f"bin/{script}" for script in _scripts(entry / "EGG-INFO"))
            continue
        files.update(noted)
        if not noted:
            files.update(f"bin/{script}" for script in _scripts(entry))
            for module in _modules(entry):
                files.update(f"{relative}/{each}" for each in names if re.fullmatch(_module_file(module), each))
                folders.add(f"{relative}/{module}")


def _recorded(folder: Path, path: Path, start: str) -> Iterator[str]:
    """The files that a RECORD (or a list of plain paths) names, its paths being relative to the folder ``start``."""
    try:
        if not path.is_file():
            return
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            for row in csv.reader(file):
                name = row[0] if row else ""
                if os.path.isabs(name):  # noqa: PTH117 - tens of thousands
                    name = os.path.relpath(name, folder)
                elif ".." in name or name.startswith("./"):
                    name = os.path.normpath(f"{start}/{name}")
                else:
                    name = f"{start}/{name}"
                yield f"lib/{name[6:]}" if name.startswith("lib64/") and (folder / "lib64").is_symlink() else name
    except (OSError, ValueError, csv.Error):
        return


def _modules(entry: Path) -> list[str]:
    """What an installer that kept no list brought, by ``top_level.txt``, else by the distribution's own name."""
    told = _text(entry / "top_level.txt").split()
    guessed = entry.stem.partition("-")[0]
    return [name for name in told or [guessed, guessed.lower()] if _PLAIN.fullmatch(name)]


def _module_file(module: str) -> str:
    return re.escape(module) + r"(?:\.[\w-]+)*\.(?:py|pyc|pyo|so|pth)"


def _scripts(entry: Path) -> Iterator[str]:
    """The scripts in ``bin`` that the distribution has by ``entry_points.txt`` and its ``scripts`` folder."""
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False, allow_no_value=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(_text(entry / "entry_points.txt"))
        told = [name for part in ("console_scripts", "gui_scripts") if part in parser for name in parser[part]]
        told += os.listdir(entry / "scripts") if (entry / "scripts").is_dir() else []  # noqa: PTH208 - names are wanted
    except (configparser.Error, OSError):
        return
    yield from (name for name in told if PurePosixPath(name).name == name)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace") if path.is_file() else ""
    except OSError:
        return ""
