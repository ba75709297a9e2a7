"""Where an installed console stands: beside a container's own state, or under a prefix as /usr/local is one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ..container import Container


@dataclass(frozen=True)
class Places:
    """The paths of one installation; none of them need exist.

    ``home`` holds the trees; ``launcher`` is the command. ``root`` is where the launcher looks for ``usr`` and ``opt``:
    ``/``, or a playground's folder. ``container`` is set for the one in a container.
    """

    home: Path
    launcher: Path
    root: Path
    container: Container | None = None

    @property
    def link(self) -> Path:
        """A symlink to the tree that the launcher starts."""
        return self.home / "app"

    @property
    def trees(self) -> Path:
        """A folder for each version that was installed and may still be in use."""
        return self.home / "apps"

    @property
    def last_python(self) -> Path:
        """What the launcher writes down: the interpreter that it last started."""
        return self.home / "python"

    @property
    def lock(self) -> Path:
        """Held while something is put there or taken away."""
        return self.home / "install.lock"

    @property
    def home_from_prefix(self) -> str:
        """``home`` as the launcher finds it, from the folder above its own."""
        return str(self.home.relative_to(self.launcher.parents[1]))


def container_places(container: Container) -> Places:
    """The place in a container: ``/srv`` is what an exchange of the image leaves alone."""
    return Places(container.state_dir, container.srv / "bin" / "console", container.root, container)


def prefix_places(prefix: Path, root: Path) -> Places:
    """``PREFIX/bin/console`` and ``PREFIX/lib/rosti-console``, as the Filesystem Hierarchy Standard (4.9, /usr/local)
    has them.

    Its launcher looks under ``root`` when ``prefix`` lies in it, else on the machine itself.
    """
    base = Path(os.path.realpath(prefix))
    inside = base.is_relative_to(root)
    return Places(base / "lib" / "rosti-console", base / "bin" / "console", root if inside else Path("/"))
