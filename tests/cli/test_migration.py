"""After an image switch on the command line: it is said first, and there is a way on with code that does not load."""

from __future__ import annotations

import pytest

from console.container import Container, find_container
from console.playground import switch_python
from console.results import Venv
from console.venv.look import read_venv
from tests import needs
from tests.conftest import MakeContainer

from .test_commands import document, run


@pytest.fixture
def switched(make_container: MakeContainer) -> Container:
    new, old = needs.interpreters(2)
    container = make_container(python=old.version, running=False)
    switch_python(container.root, new.version)
    return find_container(container.root)


def test_the_status_says_first_that_the_image_was_switched(switched: Container) -> None:
    done = run(switched, "status")
    assert done.returncode == 1
    first, *rest = done.stdout.splitlines()
    assert first.startswith("✗ The image's Python is ")
    assert first.endswith("and cannot run: the app is down.")
    assert any("console venv plan" in line for line in rest)
    told = document(switched, "status")["image_switch"]
    venv = read_venv(switched)
    assert (told["from_python"], told["to_python"], told["runs"]) == (venv.python, venv.image_python, False)


def test_without_a_switch_there_is_nothing_of_it(shared_container: Container) -> None:
    assert document(shared_container, "status")["image_switch"] is None


def test_a_new_virtualenv_is_put_in_place_for_an_app_that_does_not_load_only_when_asked_for(
    switched: Container,
) -> None:
    (switched.app / "app.py").write_text("import no_such_module_here\n")
    refused = run(switched, "venv", "rebuild", "--yes")
    assert refused.returncode == 1
    assert "no_such_module_here" in refused.stdout
    assert "console venv rebuild --app-may-fail" in refused.stdout
    assert read_venv(switched).state == "dead"

    stays = run(switched, "venv", "rebuild", "--yes", "--app-may-fail")
    assert stays.returncode == 1
    assert "The new virtualenv stays in place, as the one before cannot run." in stays.stdout
    assert "no_such_module_here" in stays.stdout
    assert _state(read_venv(switched)) == ("ok", True)


def test_an_app_that_runs_is_not_switched_to_a_virtualenv_that_it_does_not_load_with(container: Container) -> None:
    before = _state(read_venv(container))
    (container.app / "app.py").write_text("import no_such_module_here\n")
    done = run(container, "venv", "rebuild", "--yes", "--app-may-fail")
    assert done.returncode == 1
    assert "The app runs from the present virtualenv" in done.stderr + done.stdout
    assert _state(read_venv(container)) == before
    assert not container.venv.is_symlink()


def _state(venv: Venv) -> tuple[str, bool]:
    return venv.state, venv.usable
