"""Containers without programs, for what only looks at files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.container import Container, find_container


@pytest.fixture(autouse=True)
def _own_pip_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine's own pip looks in is no concern of a test; how it reaches the network is."""
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.fixture
def bare(tmp_path: Path) -> Container:
    """A container of the image generation under ``tmp_path``, with this Python and nothing running."""
    root = tmp_path / "container"
    (root / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    (root / "srv" / "app").mkdir()
    tools = root / "opt" / "python" / "bin"
    tools.mkdir(parents=True)
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (tools / name).symlink_to(Path(sys.executable).resolve())
    (tools / "python").symlink_to(name)
    return find_container(root)


def make_venv(python: Path, folder: Path) -> Path:
    """A virtualenv by the interpreter's own venv, without pip; its site-packages."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    return next(folder.glob("lib/python*/site-packages"))
