"""The launcher: a script for sh that finds an interpreter at each start."""

from __future__ import annotations

import shlex
from pathlib import Path

from ..text import N_
from .places import Places
from .scripts import in_each_language, script

_MARK = b"# The launcher of rosti-console"
NO_PYTHON = N_(
    "The console found no Python to run on: it needs Python 3.{oldest} or later, and looked for one in {root}usr/bin,"
    " {root}opt/techs/python-*, {root}opt/python and {root}usr/local/bin."
)
_NO_TREE = N_("The console's own files are missing: install it again.")


def launcher_text(places: Places, oldest: int) -> bytes:
    """The launcher of the console at ``places``, which needs Python 3.``oldest`` or later."""
    root = "" if places.root == Path("/") else str(places.root)
    values = {
        "ROOT": shlex.quote(root),
        "OLDEST": str(oldest),
        "HOME": shlex.quote(places.home_from_prefix),
        "NO_PYTHON": in_each_language(NO_PYTHON, oldest=oldest, root=f"{root}/"),
        "NO_TREE": in_each_language(_NO_TREE),
    }
    return script("launcher", values)


def is_launcher(path: Path) -> bool:
    """Whether the file at ``path`` is a launcher that ``launcher_text`` made, of whichever version."""
    try:
        with path.open("rb") as file:
            return not path.is_symlink() and _MARK in file.read(200)
    except OSError:
        return False
