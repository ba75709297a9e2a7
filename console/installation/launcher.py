"""The launcher: a file for sh that finds an interpreter at each start."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from ..text import LANGUAGES, N_, translated
from .places import Places

_TEMPLATE = Path(__file__).parent / "files" / "launcher.in"
_MARK = b"# The launcher of rosti-console"
_NO_PYTHON = N_(
    "The console found no Python to run on: it needs Python 3.{oldest} or later, and looked for one in {root}usr/bin,"
    " {root}opt/techs/python-*, {root}opt/python and {root}usr/local/bin."
)
_NO_TREE = N_("The console is missing from {home}; install it again.")


def launcher_text(places: Places, oldest: int) -> bytes:
    """The launcher of the console at ``places``, which needs Python 3.``oldest`` or later."""
    root = "" if places.root == Path("/") else str(places.root)
    values = {
        "ROOT": shlex.quote(root),
        "OLDEST": str(oldest),
        "HOME": shlex.quote(places.home_from_prefix),
        "NO_PYTHON": _in_each_language(_NO_PYTHON, oldest=oldest, root=f"{root}/"),
        "NO_TREE": _in_each_language(_NO_TREE, home=places.home),
    }
    text = _TEMPLATE.read_text("utf-8")
    return re.sub(r"@([A-Z_]+)@", lambda match: values[match.group(1)], text).encode("utf-8", "surrogateescape")


def is_launcher(path: Path) -> bool:
    """Whether the file at ``path`` is a launcher that ``launcher_text`` made, of whichever version."""
    try:
        with path.open("rb") as file:
            return not path.is_symlink() and _MARK in file.read(200)
    except OSError:
        return False


def _in_each_language(message: str, **values: object) -> str:
    return shlex.join(translated(message, language).format(**values) for language in LANGUAGES)
