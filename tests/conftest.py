"""Real containers for every test; how they are made is in ``containers``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.playground import Interpreter
from console.playground.image import place_interpreter

from . import containers, needs

MakeContainer = Callable[..., Container]


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own settings reaches a test."""
    for name in [name for name in os.environ if name.startswith("CONSOLE_") and name != "CONSOLE_TESTS_MUST_RUN"]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def _containers(request: pytest.FixtureRequest) -> Iterator[containers.Containers]:
    expected = sum("container" in getattr(item, "fixturenames", ()) for item in request.session.items)
    supply = containers.Containers(expected)
    yield supply
    supply.close()


@pytest.fixture
def container(_containers: containers.Containers) -> Iterator[Container]:
    """A fresh container of the image generation, app and nginx RUNNING; the test may break it in any way."""
    needs.program("nginx")
    taken = _containers.take()
    yield taken
    _containers.give_back(taken)


@pytest.fixture(scope="session")
def shared_container() -> Iterator[Container]:
    """A container for all tests that leave it as they found it, app and nginx RUNNING."""
    needs.program("nginx")
    made = containers.make()
    yield made
    containers.remove(made.root)


@pytest.fixture
def make_container() -> Iterator[MakeContainer]:
    """Makes containers as asked for: ``make_container(generation="runtime", python="3.11")``; see containers.make."""
    made: list[Container] = []

    def make(**wanted: object) -> Container:
        made.append(containers.make(**wanted))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        containers.remove(each.root)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder with a path short enough for a unix socket; a playground in it is stopped afterwards."""
    folder = containers.new_folder()
    yield folder
    if folder.exists():
        containers.remove(folder)


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
