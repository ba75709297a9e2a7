"""The Pythons that virtualenv and uv no longer serve, or hardly: left for a new one, and now and then still gone to."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.playground import Interpreter, switch_python
from console.playground.interpreters import ask_interpreter
from console.venv.look import read_venv
from console.venv.plan import plan_rebuild
from console.venv.rebuild import rebuild
from console.venv.rescue import apply_rescue, plan_rescue
from tests import needs

from ..cli.test_commands import document
from ..conftest import MakeContainer
from .asking import answering_python

OLD = ["2.7, virtualenv 16", "2.7, virtualenv 20", "3.6", "3.7"]
_NOT_NEEDED = ("test", "tests", "*.pyc", "*.a", "idlelib", "lib2to3")


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Interpreter:
    """An old Python. A 2.7 is a copy of the machine's own, with a virtualenv of that time in it as images had it."""
    version, _comma, tool = request.param.partition(", ")
    found = needs.old_interpreter(version)
    if not tool:
        return found
    prefix = tmp_path / "python2.7"
    python = prefix / "bin" / found.path.name
    python.parent.mkdir(parents=True)
    shutil.copy2(found.path, python)
    library, ignore = f"lib/{found.name}", shutil.ignore_patterns(*_NOT_NEEDED)
    shutil.copytree(found.path.parents[1] / library, prefix / library, symlinks=True, ignore=ignore)
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        needs.missing(f"pip for Python {version}", everywhere=False)
    below = {"virtualenv 16": "virtualenv<17", "virtualenv 20": "virtualenv<20.22"}[tool]
    done = subprocess.run(
        [python, "-m", "pip", "install", "--disable-pip-version-check", below],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    told = ask_interpreter(python)
    assert told is not None
    return told


def _take_away(interpreter: Interpreter, tmp_path: Path) -> None:
    """A virtualenv of 2.7 leads to its real library: with the image that goes as well."""
    if interpreter.path.is_relative_to(tmp_path):
        shutil.rmtree(interpreter.path.parents[1])


@pytest.mark.parametrize("old", OLD, indirect=True)
def test_there_by_the_images_own_tools_and_back_with_rescued_packages(
    make_container: MakeContainer, old: Interpreter, tmp_path: Path
) -> None:
    (new,) = needs.interpreters(1)
    container = make_container(python=new.version)
    switch_python(container.root, str(old.path))
    container = find_container(container.root)
    assert read_venv(container).state == "dead"
    plan = plan_rebuild(container)
    assert plan.ok, plan.problems
    assert (plan.from_python, plan.to_python, plan.strategy) == (new.version, old.version, "beside")
    assert {change.how for change in plan.packages} <= {"kept", "wheel", "removed"}
    result = rebuild(container, plan)
    assert result.ok, result
    assert answering_python(container) == old.version
    _check_status(container)

    container.requirements.unlink()
    _take_away(old, tmp_path)
    switch_python(container.root, new.version)
    container = find_container(container.root)
    dead = read_venv(container, probe=True)
    assert (dead.state, dead.image_python) == ("dead", new.version)
    assert dead.python is not None
    assert old.version.startswith(dead.python)
    assert answering_python(container) is None
    refused = plan_rebuild(container)
    assert not refused.ok
    assert "console venv freeze" in refused.problems[0]
    apply_rescue(container, plan_rescue(container))
    lines = [line for line in container.requirements.read_text().splitlines() if line[0] != "#"]
    assert {line.partition("==")[0] for line in lines} == {"bottle", "gunicorn"}

    plan = plan_rebuild(container)
    assert plan.ok, plan.problems
    assert (plan.from_python, plan.to_python, plan.strategy) == (dead.python, new.version, "beside")
    result = rebuild(container, plan)
    if old.release < (3,):  # its gunicorn can be installed for the new Python, and does not run there
        assert not result.ok
        assert "gunicorn.six.moves" in result.error
        assert read_venv(container).packages == dead.packages
        container.requirements.write_text("\n".join(line.replace("gunicorn==", "gunicorn>=") for line in lines))
        result = rebuild(container, plan_rebuild(container))
    assert result.ok, result
    assert answering_python(container) == new.version
    _check_status(container)


def _check_status(container: Container) -> None:
    told = document(container, "venv", "status")
    assert (told["state"], told["unmet"], told["reason"]) == ("ok", [], "")
