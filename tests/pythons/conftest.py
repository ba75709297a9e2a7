"""Containers of the runtime generation, of files only."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.container import Container, find_container
from console.playground import Interpreter
from console.playground.image import place_interpreter
from tests import needs


@pytest.fixture(scope="session")
def pythons() -> tuple[Interpreter, Interpreter]:
    """The newer and the older of two Pythons of this machine."""
    new, old = needs.interpreters(2)
    return new, old


@pytest.fixture
def techs(tmp_path: Path, pythons: tuple[Interpreter, Interpreter]) -> Container:
    """A container with two Pythons side by side, none chosen."""
    root = tmp_path / "container"
    (root / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    (root / "srv" / "app").mkdir()
    (root / "srv" / "bin").mkdir()
    for each in pythons:
        place_interpreter(root, "runtime", each)
    return find_container(root)
