"""Where the parts of the login lie in a container."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..container import Container


@dataclass(frozen=True)
class Places:
    """``bashrc`` is the customer's; ``launcher`` is made by `console install`; the rest is the login's own.

    ``script`` is what the block reads, ``run`` what it runs. Of ``fine``, ``crashed`` and ``aside`` one exists: how
    the last start went. ``notice`` exists where two lines are wanted in place of the screens.
    """

    home: Path
    bashrc: Path
    launcher: Path
    script: Path
    folder: Path
    lock: Path

    @property
    def run(self) -> Path:
        return self.folder / "run.sh"

    @property
    def notice(self) -> Path:
        return self.folder / "notice"

    @property
    def fine(self) -> Path:
        return self.folder / "ok"

    @property
    def crashed(self) -> Path:
        return self.folder / "crashed"

    @property
    def aside(self) -> Path:
        return self.folder / "aside"


def places_of(container: Container) -> Places:
    """The places of ``container``; they need not exist."""
    return Places(
        home=container.srv,
        bashrc=container.srv / ".bashrc",
        launcher=container.srv / "bin" / "console",
        script=container.state_dir / "login.sh",
        folder=container.state_dir / "login",
        # Not the jobs' lock: a rebuild must not keep anybody from turning the login off.
        lock=container.state_dir / "login.lock",
    )
