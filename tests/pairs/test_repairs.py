"""Repairs of real virtualenvs, by each of their makers and for each Python: the interpreter has moved in the image."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.atomic import replace_link
from console.container import Container, find_container
from console.playground import Interpreter, switch_python
from console.playground.image import place_interpreter
from console.results import Rebuild, RebuildPlan
from console.venv.attaching import attach
from console.venv.jobs import Request
from console.venv.launching import launch
from console.venv.look import read_venv
from console.venv.plan import plan_rebuild
from console.venv.uv import uv_environment, uv_program
from tests import containers, needs

from ..venv.snapshots import tree, without_byte_code
from .asking import answering_python

PYTHONS = needs.minors("3.8", "3.13")
OLDEST_FOR_VIRTUALENV = (3, 9)
CASES = [
    (maker, python)
    for python in PYTHONS
    for maker in ("virtualenv", "venv", "uv")
    if maker != "virtualenv" or python.release >= OLDEST_FOR_VIRTUALENV
]


@pytest.fixture(scope="module")
def place() -> Iterator[Container]:
    """A container whose virtualenv is made anew by each test."""
    needs.program("nginx")
    made = containers.make(python=needs.interpreters(1)[0].version, running=False)
    yield made
    containers.remove(made.root)


def _make(maker: str, python: Path, folder: Path) -> None:
    environment = uv_environment()
    commands = {
        "virtualenv": [sys.executable, "-m", "virtualenv", "--no-periodic-update", "-p", str(python), str(folder)],
        "venv": [str(python), "-m", "venv", "--without-pip", str(folder)],
        "uv": [uv_program(), "venv", "--python", str(python), str(folder)],
    }
    subprocess.run(commands[maker], env=environment, check=True, capture_output=True)


def _with_a_lost_interpreter(place: Container, maker: str, python: Interpreter) -> Container:
    """A virtualenv by ``maker`` in service, made from a place that the image no longer has ``python`` in."""
    place_interpreter(place.root, "image", python)
    former = place.root / "opt" / "former"
    replace_link(former, Path(".pythons") / python.version)
    if place.venv.is_symlink():
        place.venv.unlink()
    else:
        # The app that still runs from it may write byte code there: it is taken away from it first.
        shutil.rmtree(place.venv.rename(place.root / "former-venv"))
    _make(maker, former / "bin" / python.name, place.venv)
    install = [uv_program(), "pip", "install", "--link-mode", "copy", "--python", str(place.venv / "bin" / "python")]
    subprocess.run([*install, "-r", str(place.requirements)], env=uv_environment(), check=True, capture_output=True)
    (place.venv / "notes-of-mine.txt").write_text("mine\n")
    former.unlink()
    switch_python(place.root, python.version)
    container = find_container(place.root)
    venv = read_venv(container, probe=True)
    assert (venv.state, venv.made_by, venv.image_python) == ("dead", maker, python.version)
    return container


def _planned(container: Container, python: Interpreter) -> RebuildPlan:
    plan = plan_rebuild(container)
    assert (plan.ok, plan.strategy) == (True, "repair"), plan
    assert (plan.from_python, plan.to_python, plan.packages) == (python.version, python.version, ())
    assert "is gone" in plan.reason
    assert "made for the same Python {}.{}".format(*python.release) in plan.reason
    return plan


def _repaired(container: Container, plan: RebuildPlan) -> Rebuild:
    """By a worker of its own, as the console does it."""
    result = attach(container, launch(container, Request("rebuild", plan, timeout=10)))
    assert result is not None
    return result


def _scripts(venv: Path) -> list[Path]:
    """What installers made: files whose first line names an interpreter."""
    files = [file for file in sorted((venv / "bin").iterdir()) if file.is_file() and os.access(file, os.X_OK)]
    return [file for file in files if not file.is_symlink() and file.read_bytes()[:2] == b"#!"]


@pytest.mark.parametrize(("maker", "python"), CASES, ids=[f"{maker}-{python.version}" for maker, python in CASES])
def test_a_virtualenv_whose_interpreter_has_moved_is_repaired(
    place: Container, maker: str, python: Interpreter
) -> None:
    container = _with_a_lost_interpreter(place, maker, python)
    before = without_byte_code(tree(container.venv))
    assert answering_python(container) is None

    result = _repaired(container, _planned(container, python))
    assert result.ok, result

    assert answering_python(container) == python.version
    after = without_byte_code(tree(container.venv))
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert {name for name in changed if not name.startswith("bin/python")} <= {"pyvenv.cfg"}
    venv = read_venv(container, requirements=True, probe=True)
    assert (venv.state, venv.python, venv.unmet, venv.dead_scripts) == ("ok", python.version, (), ())
    scripts = _scripts(container.venv)
    assert "gunicorn" in [script.name for script in scripts]
    for script in scripts:
        if script.name != "bottle.py":
            subprocess.run([script, "--version"], check=True, capture_output=True)
    assert [each.name for each in container.venvs.iterdir()] == []


@pytest.mark.parametrize("maker", ["virtualenv", "venv", "uv"])
def test_a_repair_with_which_the_app_does_not_load_changes_no_byte(place: Container, maker: str) -> None:
    (python,) = needs.interpreters(1)
    container = _with_a_lost_interpreter(place, maker, python)
    code = container.app / "app.py"
    good = code.read_text()
    code.write_text(f"import nowhere\n{good}")
    before = tree(container.venv)
    try:
        result = _repaired(container, _planned(container, python))
    finally:
        code.write_text(good)
    assert (result.ok, result.undone) == (False, True)
    assert "nowhere" in result.error
    assert tree(container.venv) == before
    assert not container.venv.is_symlink()
    assert [each.name for each in container.venvs.iterdir()] == []
    assert read_venv(container, probe=True).state == "dead"
