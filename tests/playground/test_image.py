"""Folders of links that run like the Pythons that they link to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.playground import Interpreter
from console.playground.image import (
    choose_interpreter,
    chosen_python,
    chosen_version,
    keep_reachable,
    place_interpreter,
    remove_interpreters,
)
from console.playground.interpreters import ask_interpreter
from console.playground.templates import filled

PREFIX = "import sys; print(sys.prefix); import ssl, json"


@pytest.fixture(scope="module")
def real() -> Interpreter:
    told = ask_interpreter(Path(sys.executable))
    assert told is not None
    return told


def offer(root: Path, generation: str, interpreter: Interpreter) -> Path:
    (root / "srv/bin").mkdir(parents=True, exist_ok=True)
    place_interpreter(root, generation, interpreter)
    choose_interpreter(root, generation, interpreter.version)
    return chosen_python(root, generation, interpreter)


@pytest.mark.parametrize("generation", ["image", "runtime"])
def test_a_placed_python_runs_with_the_library_of_the_real_one(
    tmp_path: Path, real: Interpreter, generation: str
) -> None:
    python = offer(tmp_path, generation, real)
    said = [subprocess.run([each, "-c", PREFIX], capture_output=True, text=True, check=True).stdout for each in
            (real.path, python, python.with_name("python"), python.with_name("python3"))]  # fmt: skip
    assert set(said) == {said[0]}
    assert chosen_version(tmp_path, generation) == real.version


def test_the_images_virtualenv_makes_one_that_dies_with_its_python(tmp_path: Path, real: Interpreter) -> None:
    python = offer(tmp_path, "image", real)
    venv = tmp_path / "venv"
    subprocess.run([python.with_name("virtualenv"), "-q", "--without-pip", venv], check=True)
    assert (venv / "bin/python").readlink() == python
    assert ask_interpreter(venv / "bin/python") is not None
    remove_interpreters(tmp_path, "image", [real.version])
    assert ask_interpreter(venv / "bin/python") is None


def test_only_the_image_generation_has_virtualenv_and_pyvenv(tmp_path: Path, real: Interpreter) -> None:
    image = offer(tmp_path / "image", "image", real).parent
    runtime = offer(tmp_path / "runtime", "runtime", real).parent
    names = {"python", "python3", real.name}
    assert {path.name for path in image.iterdir()} == names | {"virtualenv", "pyvenv"}
    assert {path.name for path in runtime.iterdir()} == names


def test_a_python_before_3_3_has_no_pyvenv(tmp_path: Path, real: Interpreter) -> None:
    tools = offer(tmp_path, "image", Interpreter(real.path, "2.7.18")).parent
    assert {path.name for path in tools.iterdir()} == {"python", "python2", "python2.7", "virtualenv"}
    assert 'python2.7" -m virtualenv' in (tools / "virtualenv").read_text()


def test_the_old_python_can_stay_beside_the_new_one(tmp_path: Path, real: Interpreter) -> None:
    new = Interpreter(real.path, "3.99.1")
    offer(tmp_path, "image", real)
    offer(tmp_path, "image", new)
    assert not (tmp_path / "opt/python/bin" / real.name).exists()
    keep_reachable(tmp_path, real, new)
    assert os.path.realpath(tmp_path / "opt/python/bin" / real.name) == str(real.path)
    assert chosen_version(tmp_path, "image") == "3.99.1"


def test_without_a_chosen_python_there_is_no_version(tmp_path: Path) -> None:
    assert chosen_version(tmp_path, "image") is None
    assert chosen_version(tmp_path, "runtime") is None


def test_a_template_without_a_value_for_a_name_is_an_error() -> None:
    with pytest.raises(KeyError, match="APP_PORT"):
        filled("site.conf", {"PORT": "1", "IPV6_LINE": "", "SRV": "/srv"})
