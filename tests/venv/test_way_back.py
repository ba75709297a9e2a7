"""What a rollback goes back to: the virtualenv before and the Python chosen with it, and whether the two can run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from console.container import Container
from console.playground import Interpreter
from console.pythons.primary_tech import link_text, set_link
from console.results import ChoiceChange
from console.venv.choice_record import remember_choice
from console.venv.generations import remember_previous
from console.venv.look import read_venv
from console.venv.way_back import WayBack, find_way_back

Pythons = tuple[Interpreter, Interpreter]


def _text(interpreter: Interpreter) -> str:
    return f"../../opt/techs/python-{interpreter.version}/bin"


@pytest.fixture
def before(techs: Container, pythons: Pythons) -> Path:
    """The virtualenv before, made by the symlink's path while the old Python was chosen; the new one is in use, with
    its own Python chosen.
    """
    new, old = pythons
    set_link(techs.primary_tech, _text(old))
    folder = techs.venvs / "20260101-000000-original"
    subprocess.run([techs.primary_tech / "python3", "-m", "venv", "--without-pip", folder], check=True)
    used = techs.venvs / f"20260202-000000-py{new.version}"
    subprocess.run([new.path, "-m", "venv", "--without-pip", used], check=True)
    techs.venv.symlink_to(f".venvs/{used.name}")
    remember_previous(techs, folder)
    set_link(techs.primary_tech, _text(new))
    return folder


def _remember(container: Container, before: Path, old: str | None, new: str | None) -> None:
    change = ChoiceChange(container.primary_tech, old, new, None, None)
    remember_choice(container, Path(os.path.realpath(container.venv)), before, change)


def _way_back(container: Container) -> WayBack:
    back = find_way_back(container)
    assert back is not None
    return back


def test_with_the_choice_it_runs_and_without_it_does_not(techs: Container, before: Path, pythons: Pythons) -> None:
    new, old = pythons
    alone = _way_back(techs)
    assert (alone.folder, alone.change, alone.note) == (before, None, "")
    assert "does not find its packages" in alone.fault
    assert not read_venv(techs).rollback
    _remember(techs, before, _text(old), _text(new))
    back = _way_back(techs)
    assert back.fault == ""
    assert back.change == ChoiceChange(techs.primary_tech, _text(new), _text(old), new.version, old.version)
    assert back.interpreter == techs.techs / f"python-{old.version}" / "bin" / "python3"
    assert read_venv(techs).rollback


def test_one_with_an_interpreter_of_its_own_is_judged_by_that(
    techs: Container, before: Path, pythons: Pythons
) -> None:
    new, old = pythons
    shutil.rmtree(before)
    subprocess.run([old.path, "-m", "venv", "--without-pip", before], check=True)
    _remember(techs, before, _text(old), _text(new))
    back = _way_back(techs)
    assert (back.fault, back.interpreter) == ("", before / "bin" / "python")
    assert back.change is not None


@pytest.mark.parametrize("there", ["../../opt/techs/python-0.0.1/bin", "../mine", None])
def test_what_was_set_since_stays(techs: Container, before: Path, pythons: Pythons, there: str | None) -> None:
    new, old = pythons
    _remember(techs, before, _text(old), _text(new))
    set_link(techs.primary_tech, there)
    back = _way_back(techs)
    assert back.change is None
    assert (there or "nothing") in back.note
    assert back.fault


def test_what_was_chosen_back_already_needs_no_change(techs: Container, before: Path, pythons: Pythons) -> None:
    new, old = pythons
    _remember(techs, before, _text(old), _text(new))
    set_link(techs.primary_tech, str(techs.techs / f"python-{old.version}" / "bin"))
    back = _way_back(techs)
    assert (back.change, back.note, back.fault) == (None, "", "")


def test_a_python_that_is_gone_is_not_chosen_again(techs: Container, before: Path, pythons: Pythons) -> None:
    new, old = pythons
    _remember(techs, before, _text(old), _text(new))
    shutil.rmtree(techs.techs / f"python-{old.version}")
    back = _way_back(techs)
    assert back.change is None
    assert "is gone" in back.note
    assert back.fault


def test_a_symlink_that_was_not_there_leaves_one_made_by_it_without_a_python(
    techs: Container, before: Path, pythons: Pythons
) -> None:
    _remember(techs, before, None, _text(pythons[0]))
    back = _way_back(techs)
    assert back.change is not None
    assert back.change.new is None
    assert "is gone" in back.fault


def test_a_chosen_python_of_another_version_is_a_fault(techs: Container, before: Path, pythons: Pythons) -> None:
    """What was chosen with it is not what it was made for."""
    new, _old = pythons
    other = techs.techs / "python-9.9.9"
    (other / "bin").mkdir(parents=True)
    (other / "bin" / "python3").write_text("#!/bin/sh\nprintf 9.9.9\n")
    (other / "bin" / "python3").chmod(0o755)
    _remember(techs, before, "../../opt/techs/python-9.9.9/bin", _text(new))
    assert "would be Python 9.9.9" in _way_back(techs).fault
    (other / "bin" / "python3").chmod(0o644)
    assert "does not run" in _way_back(techs).fault


def test_symlinks_in_a_circle_end(techs: Container, before: Path, pythons: Pythons) -> None:
    _remember(techs, before, _text(pythons[1]), _text(pythons[0]))
    python = before / "bin" / "python"
    python.unlink()
    python.symlink_to("python3")
    (before / "bin" / "python3").unlink()
    (before / "bin" / "python3").symlink_to("python")
    assert _way_back(techs).fault


def test_nothing_and_what_is_no_virtualenv_any_more(techs: Container, before: Path) -> None:
    (before / "pyvenv.cfg").unlink()
    back = _way_back(techs)
    assert back.anatomy is None
    assert str(before) in back.fault
    remember_previous(techs, None)
    assert find_way_back(techs) is None
    assert link_text(techs.primary_tech) is not None
