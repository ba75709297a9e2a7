"""Whether a text names the container's virtualenv: a command, a script, the arguments of a process.

A path counts however it is written: under another root as the container's own files have it, by ``~`` or
``$HOME``, relative to a folder, or through symlinks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from ..container import Container

# What separates the paths in a line of shell: white space, quotes, operators, and what joins NAME=a:b.
_BREAKS = re.compile(r"""[\s"'`;|&()<>=:,]+""")
_HOME = re.compile(r"(?:~(?:app)?|\$HOME|\$\{HOME\})(?=/|$)")
_MOST_LINKS = 16


def words(text: str) -> list[str]:
    """The words of a piece of shell, each once: what may be a path."""
    return [word for word in dict.fromkeys(_BREAKS.split(text)) if word]


class VenvPaths:
    """Knows the paths that lead into ``container``'s /srv/venv or /srv/.venvs, or by a symlink of ``links``."""

    def __init__(self, container: Container, links: Sequence[Path] = ()) -> None:
        self._container = container
        srv = str(container.srv)
        folders = [str(container.venv), str(container.venvs)]
        real = [os.path.realpath(folder) for folder in folders]
        # A symlink astray, to / or to /srv itself, makes nothing a virtualenv.
        self._folders = {*folders, *(folder for folder in real if not f"{srv}/".startswith(f"{folder.rstrip('/')}/"))}
        # Not what they lead to: who names that itself goes on with it, wherever the symlink leads.
        self._folders |= set(map(str, links))

    def named_in(self, text: str, folder: Path | None = None) -> bool:
        """Whether ``text`` names the virtualenv; relative paths start from ``folder``, else from /srv."""
        return any(self.holds(path) for word in words(text) if (path := self.path(word, folder)) is not None)

    def path(self, word: str, folder: Path | None = None) -> str | None:
        """The path that ``word`` stands for, as it is to be opened here; None where it is none."""
        word = _HOME.sub(str(self._container.srv), word, count=1) if word[0] in "~$" else word
        if word.startswith("/"):
            return os.path.normpath(self._container.under_root("/" + word.lstrip("/")))  # of http://host is left //host
        if "/" not in word:
            return None
        there = os.path.normpath((folder or self._container.srv) / word)
        # ``cd`` may have led home before.
        return there if os.path.lexists(there) else os.path.normpath(self._container.srv / word)

    def holds(self, path: str) -> bool:
        """Whether the absolute ``path`` lies in the virtualenv, or a symlink on its way does."""
        for _number in range(_MOST_LINKS):
            # One link after the other: the last of them, bin/python's own, leads out of the virtualenv again.
            place = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))  # noqa: PTH118, PTH119, PTH120
            if self._is_inside(path) or self._is_inside(place):
                return True
            try:
                path = os.path.normpath(os.path.join(os.path.dirname(place), os.readlink(place)))  # noqa: PTH115, PTH118, PTH120
            except OSError:
                return False
        return False

    def _is_inside(self, path: str) -> bool:
        return any(path == folder or path.startswith(f"{folder}/") for folder in self._folders)
