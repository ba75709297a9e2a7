"""What an image has of interpreters, in both generations, with what is wrong with them."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.playground import Interpreter
from console.pythons.listing import list_pythons
from console.pythons.primary_tech import set_link
from console.results import OfferedPython, PythonList

Pythons = tuple[Interpreter, Interpreter]
TODAY = date(2026, 1, 1)


def _by_folder(found: PythonList) -> dict[str, OfferedPython]:
    return {each.path.parents[1].name: each for each in found.interpreters}


def test_the_chosen_one_the_virtualenvs_one_and_their_support(techs: Container, pythons: Pythons) -> None:
    new, old = pythons
    set_link(techs.primary_tech, f"../../opt/techs/python-{old.version}/bin")
    python = techs.techs / f"python-{new.version}" / "bin" / "python3"
    subprocess.run([python, "-m", "venv", "--without-pip", techs.venv], check=True)
    found = list_pythons(techs, today=TODAY)
    assert [each.version for each in found.interpreters] == [old.version, new.version]
    assert [(each.chosen, each.venv, each.made_for) for each in found.interpreters] == [
        (True, False, False),
        (False, True, True),
    ]
    assert (found.generation, found.chosen, found.problem) == ("runtime", old.version, "")
    assert found.primary_tech == f"../../opt/techs/python-{old.version}/bin"
    assert (found.venv_python, found.venv_interpreter) == (new.version, new.path)
    assert all(each.support != "unknown" and each.end_of_life for each in found.interpreters)
    assert all(each.fault == "" for each in found.interpreters)


def test_what_does_not_run_is_there_with_its_fault(techs: Container) -> None:
    def tech(name: str) -> Path:
        folder = techs.techs / name / "bin"
        folder.mkdir(parents=True)
        return folder / "python3"

    tech("python-3.4.1")
    tech("python-3.5.1").symlink_to("/gone/python3.5")
    crashing = tech("python-3.6.1")
    crashing.write_text("#!/bin/sh\necho 'error while loading shared libraries: libpython3.6m.so' >&2\nexit 127\n")
    crashing.chmod(0o755)
    tech("python-3.7.1").write_text("")
    text = tech("python-3.8.1")
    text.write_text("#!/gone/sh\n")
    text.chmod(0o755)
    silent = tech("python-3.9.1")
    silent.write_text("#!/bin/sh\nexit 3\n")
    silent.chmod(0o755)
    found = _by_folder(list_pythons(find_container(techs.root), today=TODAY))
    faults = {name: each.fault for name, each in found.items() if each.fault}
    assert {name: each.version for name, each in found.items() if each.fault} == {
        f"python-3.{minor}.1": f"3.{minor}.1" for minor in range(4, 10)
    }
    for minor, words in {
        4: "is missing",
        5: "leads to /gone/python3.5, which does not exist",
        6: "libpython3.6m.so",
        7: "Permission denied",
        8: "No such file",
        9: "exit status 3",
    }.items():
        assert words in faults[f"python-3.{minor}.1"]
    assert found["python-3.4.1"].support == "ended"


def test_why_none_is_chosen(techs: Container, pythons: Pythons) -> None:
    assert "is missing" in list_pythons(techs, today=TODAY).problem
    for target, words in (("/opt/techs/python-0.0.1/bin", "does not exist"), ("../conf", "No Python of the image")):
        set_link(techs.primary_tech, target)
        told = list_pythons(techs, today=TODAY)
        assert (told.chosen, told.primary_tech) == (None, target)
        assert words in told.problem
    techs.primary_tech.unlink()
    techs.primary_tech.mkdir()
    assert "no symlink" in list_pythons(techs, today=TODAY).problem
    techs.primary_tech.rmdir()
    set_link(techs.primary_tech, f"../../opt/techs/python-{pythons[0].version}/bin")
    (techs.techs / f"python-{pythons[0].version}" / "bin" / pythons[0].name).unlink()
    told = list_pythons(techs, today=TODAY)
    assert told.chosen is None
    assert told.problem == told.interpreters[0].fault != ""


def test_an_image_has_one(tmp_path: Path, pythons: Pythons) -> None:
    (tmp_path / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    (tmp_path / "srv" / "logs").mkdir()
    told = list_pythons(find_container(tmp_path), today=TODAY)
    assert (told.interpreters, told.chosen) == ((), None)
    assert "opt/python is missing" in told.problem
    tools = tmp_path / "opt" / "python" / "bin"
    tools.mkdir(parents=True)
    assert "python is missing" in list_pythons(find_container(tmp_path), today=TODAY).problem
    (tools / "python").symlink_to(pythons[0].path)
    told = list_pythons(find_container(tmp_path), today=TODAY)
    (only,) = told.interpreters
    assert (only.path, only.version, only.chosen, told.problem) == (tools / "python", pythons[0].version, True, "")
    assert (told.generation, told.chosen, told.primary_tech) == ("image", pythons[0].version, None)


@pytest.mark.parametrize("state", ["missing", "dead"])
def test_a_virtualenv_that_does_not_run_runs_with_none(techs: Container, pythons: Pythons, state: str) -> None:
    python = techs.techs / f"python-{pythons[0].version}" / "bin" / "python3"
    if state == "dead":
        subprocess.run([python, "-m", "venv", "--without-pip", techs.venv], check=True)
        shutil.rmtree(techs.techs / f"python-{pythons[0].version}")
    told = list_pythons(find_container(techs.root), today=TODAY)
    assert not any(each.venv for each in told.interpreters)
    assert told.venv_interpreter is None
    assert told.venv_python == (pythons[0].version if state == "dead" else None)
