"""What choosing another interpreter would do, and what speaks against it, on containers of files."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.errors import ConsoleError, WrongUsage
from console.playground import Interpreter
from console.playground.image import place_interpreter
from console.pythons.primary_tech import set_link
from console.results import RebuildPlan
from console.venv.jobs import Request, create_job, read_request
from console.venv.planning import plan_use_elsewhere
from console.venv.use_plan import plan_use
from tests import needs

from .wheels import make_wheel

Pythons = tuple[Interpreter, Interpreter]


@pytest.fixture
def chosen(techs: Container, pythons: Pythons) -> Container:
    """The older Python is chosen and in the virtualenv; what is required can be had without a network."""
    old = pythons[1]
    set_link(techs.primary_tech, f"../../opt/techs/python-{old.version}/bin")
    python = techs.techs / f"python-{old.version}" / "bin" / old.name
    subprocess.run([python, "-m", "venv", "--without-pip", techs.venv], check=True)
    make_wheel(techs.app / "wheels", "asked", "1.0")
    techs.requirements.write_text("--no-index\n--find-links wheels\nasked\n")
    return find_container(techs.root)


def _plan(container: Container, version: str) -> RebuildPlan:
    plan = plan_use(container, version)
    assert plan is not None
    return plan


def _minor(interpreter: Interpreter) -> str:
    return ".".join(map(str, interpreter.release[:2]))


def test_the_plan_tells_the_choice_and_its_commands(chosen: Container, pythons: Pythons) -> None:
    new, old = pythons
    plan = _plan(chosen, _minor(new))
    assert plan.ok, plan.problems
    assert (plan.from_python, plan.to_python, plan.strategy) == (old.version, new.version, "beside")
    assert plan.primary_tech is not None
    assert plan.primary_tech.new == f"../../opt/techs/python-{new.version}/bin"
    commands = list(plan.commands)
    choose = f"ln -sfn ../../opt/techs/python-{new.version}/bin {chosen.primary_tech}"
    stop = next(number for number, line in enumerate(commands) if line.startswith("supervisorctl") and " stop " in line)
    assert commands[stop + 1] == choose
    assert commands[-1].endswith("start app")
    assert os.readlink(chosen.primary_tech) == plan.primary_tech.old  # noqa: PTH115
    for strategy in ("in-place", "beside"):
        other = plan_use(chosen, new.version, strategy=strategy)
        assert other is not None
        assert choose in other.commands


def test_the_plan_survives_the_way_into_a_job_and_from_another_process(
    chosen: Container,
    pythons: Pythons,
) -> None:
    new, old = pythons
    there = plan_use_elsewhere(chosen, new.version)
    here = _plan(chosen, new.version)
    assert there is not None
    assert replace(there, bytes_free=0, memory_free_bytes=None) == replace(here, bytes_free=0, memory_free_bytes=None)
    request = Request("rebuild", there)
    assert read_request(create_job(chosen, request)) == request
    assert plan_use_elsewhere(chosen, old.version) is None
    with pytest.raises(WrongUsage):
        plan_use_elsewhere(chosen, "9.9")


@pytest.mark.parametrize("version", ["9.9", "3.1", "3.999.1", "2"])
def test_a_version_that_is_not_there_is_told_with_what_is(
    chosen: Container,
    pythons: Pythons,
    version: str,
) -> None:
    with pytest.raises(WrongUsage) as raised:
        plan_use(chosen, version)
    assert all(each.version in raised.value.cause for each in pythons)


@pytest.mark.parametrize("version", ["", "three", "3.", "3.11.7.1", "python3.11", "../3.11", "3.12rc1", "-3"])
def test_what_is_no_version_is_refused(chosen: Container, version: str) -> None:
    with pytest.raises(WrongUsage, match="is no version"):
        plan_use(chosen, version)


def test_of_several_the_newest_that_runs(chosen: Container, pythons: Pythons) -> None:
    new, old = pythons
    newest = chosen.techs / f"python-{_minor(new)}.99" / "bin"
    newest.mkdir(parents=True)
    (newest / "python3").write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    (newest / "python3").chmod(0o755)
    container = find_container(chosen.root)
    plan = _plan(container, _minor(new))
    assert plan.to_python == new.version
    assert "broken" in plan.warnings[0]
    with pytest.raises(ConsoleError) as raised:
        plan_use(container, f"{_minor(new)}.99")
    assert "does not run" in raised.value.title
    assert "broken" in raised.value.cause
    assert "python list" in raised.value.remedy
    # One that is another than its folder's name says is not taken for it.
    (newest / "python3").write_text(f'#!/bin/sh\nexec {old.path} "$@"\n')
    with pytest.raises(ConsoleError, match="does not run") as raised:
        plan_use(container, f"{_minor(new)}.99")
    assert f"says that it is Python {old.version}" in raised.value.cause


def test_chosen_already_with_a_virtualenv_that_is_right(chosen: Container, pythons: Pythons) -> None:
    old = pythons[1]
    assert plan_use(chosen, old.version) is None
    assert plan_use(chosen, _minor(old)) is None
    chosen.primary_tech.unlink()
    chosen.primary_tech.symlink_to(chosen.techs / f"python-{old.version}" / "bin")
    assert plan_use(chosen, old.version) is None


def test_chosen_already_with_a_virtualenv_of_another(chosen: Container, pythons: Pythons) -> None:
    new, old = pythons
    set_link(chosen.primary_tech, f"../../opt/techs/python-{new.version}/bin")
    plan = _plan(find_container(chosen.root), new.version)
    assert (plan.ok, plan.from_python, plan.to_python, plan.primary_tech) == (True, old.version, new.version, None)
    shutil.rmtree(chosen.venv)
    plan = _plan(find_container(chosen.root), new.version)
    assert (plan.from_python, plan.to_python, plan.primary_tech) == (None, new.version, None)


def test_what_stands_in_the_symlinks_way_is_a_problem(chosen: Container, pythons: Pythons) -> None:
    chosen.primary_tech.unlink()
    chosen.primary_tech.mkdir()
    plan = _plan(find_container(chosen.root), pythons[0].version)
    assert not plan.ok
    assert str(chosen.primary_tech) in "".join(plan.problems)


def test_what_the_symlink_leads_to_besides_is_a_warning(chosen: Container, pythons: Pythons) -> None:
    (chosen.srv / "mine").mkdir()
    set_link(chosen.primary_tech, "../mine")
    plan = _plan(find_container(chosen.root), pythons[0].version)
    assert plan.ok
    assert "../mine" in "".join(plan.warnings)


def test_one_that_is_too_old_for_any_tool_is_a_problem(chosen: Container) -> None:
    old = needs.old_interpreter("2.7")
    place_interpreter(chosen.root, "runtime", old)
    tools = chosen.techs / f"python-{old.version}" / "bin"
    (tools / "python3").symlink_to(old.path)
    plan = _plan(find_container(chosen.root), "2.7")
    assert not plan.ok
    assert "virtualenv" in "".join(plan.problems)


# -- the image generation --------------------------------------------------------------------------


@pytest.fixture
def image(bare: Container, pythons: Pythons) -> Container:
    """The image's Python is the newer one, and the virtualenv's as well."""
    tools = bare.root / "opt" / "python" / "bin"
    shutil.rmtree(tools.parent)
    place_interpreter(bare.root, "image", pythons[0])
    (bare.root / "opt" / "python").symlink_to(f".pythons/{pythons[0].version}")
    subprocess.run([tools / pythons[0].name, "-m", "venv", "--without-pip", bare.venv], check=True)
    return find_container(bare.root)


def test_an_image_is_changed_from_outside(image: Container, pythons: Pythons) -> None:
    with pytest.raises(ConsoleError) as raised:
        plan_use(image, "9.9")
    assert raised.value.exit_code == 1
    assert "web administration" in raised.value.cause
    assert pythons[0].version in raised.value.cause
    assert "console" in raised.value.remedy
    assert "--python" not in raised.value.remedy


def test_an_interpreter_that_is_there_can_be_tried(
    image: Container,
    pythons: Pythons,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = pythons[1]
    subprocess.run([old.path, "-m", "venv", "--without-pip", image.srv / "theirs"], check=True)
    monkeypatch.setenv("PATH", f"{image.srv}/theirs/bin:{old.path.parent}:{os.environ['PATH']}")
    with pytest.raises(ConsoleError) as raised:
        plan_use(image, old.version)
    command = f"console --root {image.root} venv plan --python {old.path.parent / old.name}"
    assert raised.value.remedy.endswith(command)
    # A virtualenv's own Python, first along PATH as in every shell of the container, is none that one is made from.
    (image.root / "opt" / "python" / "bin" / old.name).symlink_to(old.path)
    with pytest.raises(ConsoleError) as raised:
        plan_use(image, _minor(old))
    assert raised.value.remedy.endswith(f"--python {image.root}/opt/python/bin/{old.name}")


def test_what_the_image_has_already_is_nothing_to_do(image: Container, pythons: Pythons) -> None:
    assert plan_use(image, pythons[0].version) is None
    assert plan_use(image, _minor(pythons[0])) is None
    shutil.rmtree(image.venv)
    with pytest.raises(ConsoleError) as raised:
        plan_use(image, pythons[0].version)
    assert "already" in raised.value.title
    assert "venv rebuild" in raised.value.remedy
