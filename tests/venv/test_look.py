"""What stands in the virtualenv's place: real virtualenvs of several makers and Pythons, and odd things."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.playground import Interpreter
from console.pythons.interpreters import version_of
from console.results import RequirementsState
from console.venv.anatomy import read_anatomy
from console.venv.generations import remember_previous
from console.venv.look import read_venv
from tests import needs

from .conftest import make_venv
from .wheels import place_distribution

HERE = ".".join(str(part) for part in sys.version_info[:3])


def _image(root: Path, python: Interpreter) -> Container:
    """A container whose image has ``python``, made so that another can take its place."""
    (root / "srv" / "conf" / "supervisor.d").mkdir(parents=True, exist_ok=True)
    tools = root / "opt" / "python" / "bin"
    shutil.rmtree(tools, ignore_errors=True)
    tools.mkdir(parents=True)
    (tools / python.name).symlink_to(python.path)
    (tools / "python").symlink_to(python.name)
    return find_container(root)


def test_nothing_there_is_missing(bare: Container) -> None:
    found = read_venv(bare)
    assert (found.state, found.python, found.packages, found.rollback) == ("missing", None, 0, False)
    assert str(bare.venv) in found.reason
    assert found.image_python == version_of(Path(sys.executable))


def test_a_healthy_virtualenv_is_ok(bare: Container) -> None:
    site_packages = make_venv(bare.interpreters[0], bare.venv)
    place_distribution(site_packages, "one", "1.0")
    (site_packages / "old_one-2.egg-info").mkdir()
    (site_packages / "readme.txt").touch()
    found = read_venv(bare, probe=True)
    assert (found.state, found.python, found.made_by, found.packages, found.reason) == ("ok", HERE, "venv", 2, "")


def test_the_maker_is_recognised(tmp_path: Path) -> None:
    python = Path(sys.executable).resolve()
    commands = {
        "virtualenv": [sys.executable, "-m", "virtualenv", "--no-pip", "--no-periodic-update", "-q", "-p", str(python)],
        "uv": [sys.executable, "-m", "uv", "venv", "-q", "-p", str(python)],
    }
    for maker, command in commands.items():
        subprocess.run([*command, str(tmp_path / maker)], check=True)
        anatomy = read_anatomy(tmp_path / maker)
        assert anatomy is not None
        assert (anatomy.made_by, anatomy.python, anatomy.usable) == (maker, HERE, True)


def test_each_old_python_is_read(tmp_path: Path) -> None:
    for python in needs.interpreters(2):
        make_venv(python.path, tmp_path / python.version)
        anatomy = read_anatomy(tmp_path / python.version)
        assert anatomy is not None
        assert (anatomy.python, anatomy.runs, anatomy.fault) == (python.version, python.version, "")
        assert anatomy.site_packages is not None


def test_a_virtualenv_whose_interpreter_is_gone_is_dead_and_still_tells_its_packages(tmp_path: Path) -> None:
    new, old = needs.interpreters(2)
    container = _image(tmp_path, old)
    site_packages = make_venv(tmp_path / "opt" / "python" / "bin" / old.name, container.venv)
    place_distribution(site_packages, "one", "1.0")
    assert read_venv(container).state == "ok"
    container = _image(tmp_path, new)
    found = read_venv(container)
    assert (found.state, found.python, found.image_python, found.packages) == ("dead", old.version, new.version, 1)
    assert f"opt/python/bin/{old.name}" in found.reason


def test_an_interpreter_that_became_another_python_is_a_mismatch_that_cannot_be_used(tmp_path: Path) -> None:
    new, old = needs.interpreters(2)
    container = _image(tmp_path, old)
    make_venv(tmp_path / "opt" / "python" / "bin" / "python", container.venv)
    (container.venv / "bin" / "python").unlink()
    (container.venv / "bin" / "python").symlink_to(tmp_path / "opt" / "python" / "bin" / "python")
    container = _image(tmp_path, new)
    found = read_venv(container)
    assert found.state == "mismatch"
    assert old.version in found.reason
    assert new.version in found.reason
    anatomy = read_anatomy(container.venv)
    assert anatomy is not None
    assert not anatomy.usable


def test_a_working_virtualenv_of_another_python_than_the_images_is_a_mismatch(tmp_path: Path) -> None:
    new, old = needs.interpreters(2)
    container = _image(tmp_path, new)
    make_venv(old.path, container.venv)
    found = read_venv(container)
    assert (found.state, found.python, found.image_python) == ("mismatch", old.version, new.version)
    assert not found.fits
    anatomy = read_anatomy(container.venv)
    assert anatomy is not None
    assert anatomy.usable


def _say_version(venv: Path, version: str) -> None:
    settings = venv / "pyvenv.cfg"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith("version")]
    settings.write_text("\n".join([*lines, f"version = {version}", ""]))


def test_another_patch_release_is_a_mismatch_that_fits_unless_the_interpreter_is_a_copy(bare: Container) -> None:
    make_venv(bare.interpreters[0], bare.venv)
    assert read_venv(bare).fits
    other = f"{sys.version_info[0]}.{sys.version_info[1]}.99"
    _say_version(bare.venv, other)
    found = read_venv(bare)
    assert (found.state, found.fits, found.python) == ("mismatch", True, other)
    assert other in found.reason
    assert HERE in found.reason
    for name in ("python", f"python{sys.version_info[0]}.{sys.version_info[1]}"):
        (bare.venv / "bin" / name).unlink()
        shutil.copy(Path(sys.executable).resolve(), bare.venv / "bin" / name)
    found = read_venv(bare)
    assert (found.state, found.fits) == ("mismatch", False)
    assert other in found.reason


def test_a_link_to_another_patch_release_than_the_images_is_a_mismatch_that_fits(tmp_path: Path) -> None:
    found = [needs.interpreter(version) for version in ("3.11.7", "3.11.2")]
    container = _image(tmp_path, found[0])
    make_venv(found[1].path, container.venv)
    venv = read_venv(container)
    assert (venv.state, venv.fits, venv.python, venv.image_python) == ("mismatch", True, "3.11.2", "3.11.7")
    _say_version(container.venv, "3.11.7")
    venv = read_venv(container)
    assert (venv.state, venv.fits) == ("mismatch", True)
    assert "3.11.2" in venv.reason


def test_a_version_without_its_patch_release_is_no_mismatch(bare: Container) -> None:
    make_venv(bare.interpreters[0], bare.venv)
    _say_version(bare.venv, f"{sys.version_info[0]}.{sys.version_info[1]}")
    assert (read_venv(bare).state, read_venv(bare).fits) == ("ok", True)


def test_a_copied_interpreter_is_dead_where_the_image_has_another_library(bare: Container) -> None:
    """The folder that it was copied from is there, with the next Python in it; only running it tells the rest."""
    library = bare.venv / "lib" / "python3.4" / "site-packages"
    library.mkdir(parents=True)
    home = bare.interpreters[0].parent
    (bare.venv / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.4.1\n")
    copy = bare.venv / "bin" / "python"
    copy.parent.mkdir()
    copy.write_text("#!/bin/sh\necho no module named encodings >&2\nexit 1\n")
    copy.chmod(0o755)
    found = read_venv(bare)
    assert (found.state, found.python) == ("dead", "3.4.1")
    assert str(home) in found.reason

    copy.write_text("#!/bin/sh\nprintf 3.4.1\n")
    assert read_venv(bare).state == "mismatch"

    copy.write_text("#!/bin/sh\nexit 1\n")
    (home.parent / "lib" / "python3.4").mkdir(parents=True)
    (home.parent / "lib" / "python3.4" / "os.py").touch()
    assert read_venv(bare).state == "mismatch"


def test_the_copied_interpreter_of_an_old_virtualenv_is_dead_without_the_library_that_it_links_to(
    bare: Container, tmp_path: Path
) -> None:
    """virtualenv before 20 notes nothing, and puts links to the library of Python into its own."""
    library = bare.venv / "lib" / "python2.7"
    (library / "site-packages").mkdir(parents=True)
    (bare.venv / "bin").mkdir()
    (bare.venv / "bin" / "activate_this.py").touch()
    (bare.venv / "bin" / "python").write_text("#!/bin/sh\n")
    (bare.venv / "bin" / "python").chmod(0o755)
    (tmp_path / "os.py").touch()
    (library / "os.py").symlink_to(tmp_path / "os.py")
    assert (read_venv(bare).state, read_venv(bare).python) == ("mismatch", "2.7")
    (tmp_path / "os.py").unlink()
    assert (read_venv(bare).state, read_venv(bare).python) == ("dead", "2.7")


def test_a_copied_interpreter_is_dead_without_its_library(bare: Container, tmp_path: Path) -> None:
    make_venv(bare.interpreters[0], bare.venv)
    (bare.venv / "bin" / "python").unlink()
    shutil.copy(Path(sys.executable).resolve(), bare.venv / "bin" / "python")
    settings = (bare.venv / "pyvenv.cfg").read_text()
    (bare.venv / "pyvenv.cfg").write_text(f"{settings}\nhome = {tmp_path}/gone/bin\n")
    found = read_venv(bare)
    assert found.state == "dead"
    assert "gone" in found.reason


def test_a_program_that_does_not_run_is_dead_when_probed(bare: Container) -> None:
    make_venv(bare.interpreters[0], bare.venv)
    site_packages = next(bare.venv.glob("lib/python*/site-packages"))
    (site_packages / "sitecustomize.py").write_text("import os; os._exit(3)")
    assert read_venv(bare).state == "ok"
    assert read_venv(bare, probe=True).state == "dead"


@pytest.mark.parametrize("damage", ["no interpreter", "no program", "not executable"])
def test_a_virtualenv_without_a_working_interpreter_is_dead(bare: Container, damage: str) -> None:
    make_venv(bare.interpreters[0], bare.venv)
    python = bare.venv / "bin" / "python"
    python.unlink()
    if damage == "no program":
        python.mkdir()
    elif damage == "not executable":
        python.write_text("")
    found = read_venv(bare)
    assert found.state == "dead"
    assert str(bare.venv / "bin") in found.reason


def test_a_folder_or_file_that_is_no_virtualenv_is_foreign(bare: Container) -> None:
    bare.venv.mkdir()
    (bare.venv / "photo.jpg").touch()
    assert read_venv(bare).state == "foreign"
    shutil.rmtree(bare.venv)
    bare.venv.write_text("")
    assert read_venv(bare).state == "foreign"


def test_a_symlink_is_followed_and_told(bare: Container, tmp_path: Path) -> None:
    make_venv(bare.interpreters[0], tmp_path / "elsewhere")
    bare.venv.symlink_to(tmp_path / "elsewhere")
    found = read_venv(bare)
    assert (found.state, found.target) == ("ok", tmp_path / "elsewhere")
    shutil.rmtree(tmp_path / "elsewhere")
    found = read_venv(bare)
    assert (found.state, found.target) == ("missing", tmp_path / "elsewhere")
    assert "elsewhere" in found.reason


def test_a_virtualenv_of_the_old_kind_without_settings_is_recognised(bare: Container) -> None:
    for folder in ("bin", "lib/python2.7/site-packages/old_one-1.0.egg-info"):
        (bare.venv / folder).mkdir(parents=True)
    (bare.venv / "bin" / "activate_this.py").touch()
    (bare.venv / "bin" / "python").symlink_to("/opt/no-such-image/bin/python2.7")
    found = read_venv(bare)
    assert (found.state, found.made_by, found.python, found.packages) == ("dead", "virtualenv", "2.7", 1)


def test_rollback_is_offered_only_to_a_virtualenv_that_can_run(bare: Container) -> None:
    make_venv(bare.interpreters[0], bare.venv)
    make_venv(bare.interpreters[0], bare.venvs / "before")
    assert not read_venv(bare).rollback
    remember_previous(bare, bare.venvs / "before")
    assert read_venv(bare).rollback
    (bare.venvs / "before" / "bin" / "python").unlink()
    assert not read_venv(bare).rollback


def test_requirements_are_compared_only_when_asked_for(bare: Container) -> None:
    site_packages = make_venv(bare.interpreters[0], bare.venv)
    place_distribution(site_packages, "one", "1.0")
    found = read_venv(bare, requirements=True)
    assert (found.unmet, found.requirements) == (None, None)
    bare.requirements.write_text("one==1.0\ntwo>=3\n")
    quick = read_venv(bare)
    assert (quick.unmet, quick.requirements, quick.size_bytes, quick.dead_scripts) == (None, None, None, None)
    found = read_venv(bare, requirements=True)
    assert (found.unmet, found.requirements) == (
        ("two",),
        RequirementsState(bare.requirements, missing=("two",), other=(), extra=()),
    )


def test_the_thorough_look_takes_its_size_and_reads_its_scripts_through_a_link(bare: Container) -> None:
    real = bare.venvs / "one"
    make_venv(bare.interpreters[0], real)
    bare.venv.symlink_to(".venvs/one")
    (real / "big").write_bytes(b"x" * 3_000_000)
    (real / "bin" / "serve").write_text("#!/opt/no-such-image/bin/python\n")
    found = read_venv(bare, requirements=True)
    assert found.dead_scripts == ("serve",)
    assert found.size_bytes is not None
    assert 3_000_000 < found.size_bytes < 3_500_000
    shutil.rmtree(real)
    found = read_venv(bare, requirements=True)
    assert (found.state, found.size_bytes, found.dead_scripts) == ("missing", None, None)


def test_the_usual_look_imports_nothing_heavy() -> None:
    heavy = "{'subprocess', 'packaging', 'importlib.metadata', 'shutil', 'virtualenv', 'uv'}"
    code = f"import sys, console.venv.look; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert run.stdout.strip() == "[]"
