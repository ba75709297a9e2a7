"""A container's folders without its programs: the login needs no more than files."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.container import Container, find_container
from console.login.places import places_of


@pytest.fixture
def container(tmp_path: Path) -> Container:
    """With the files that make a login shell read .bashrc, and a launcher that does nothing."""
    for name in ("conf/supervisor.d", "app", "bin", "logs"):
        (tmp_path / "srv" / name).mkdir(parents=True)
    made = find_container(tmp_path)
    places = places_of(made)
    (places.home / ".bash_profile").write_text("[ -f ~/.bashrc ] && . ~/.bashrc\n")
    places.bashrc.write_text("export PATH=$HOME/bin:$PATH\n")
    install(made, "exit 0")
    return made


def install(container: Container, script: str) -> None:
    """A console that is this line of sh."""
    launcher = places_of(container).launcher
    launcher.write_text(f"#!/bin/sh\n{script}\n")
    launcher.chmod(0o755)
