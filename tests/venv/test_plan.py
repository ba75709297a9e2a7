"""What a rebuild would do, resolved by the real uv from wheels made here; nothing may be touched."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.errors import WrongUsage
from console.events import Cancelled, Event, Output
from console.results import PackageChange
from console.venv.plan import plan_rebuild
from console.venv.uv import explanation
from tests import needs

from .conftest import make_venv
from .wheels import make_wheel, place_distribution

HERE = ".".join(str(part) for part in sys.version_info[:3])


def _ask_for(container: Container, *lines: str) -> None:
    wheels = container.app / "wheels"
    wheels.mkdir(exist_ok=True)
    container.requirements.write_text("\n".join(["--no-index", f"--find-links {wheels}", *lines, ""]))


@pytest.fixture
def filled(bare: Container) -> Container:
    """A container with a virtualenv that has ``same`` and ``older`` and ``unused``."""
    site_packages = make_venv(bare.interpreters[0], bare.venv)
    for name, version in (("same", "1.0"), ("older", "1.0"), ("unused", "3.0"), ("pip", "20.0")):
        place_distribution(site_packages, name, version)
    wheels = bare.app / "wheels"
    make_wheel(wheels, "same", "1.0")
    make_wheel(wheels, "older", "2.0", requires=["brought>=1"])
    make_wheel(wheels, "brought", "1.5")
    return bare


def test_each_package_is_compared_with_what_is_installed(filled: Container) -> None:
    _ask_for(filled, "same==1.0", "older", "./source")
    source = filled.app / "source"
    source.mkdir()
    (source / "pyproject.toml").write_text(
        '[project]\nname = "source"\nversion = "0.1"\n[build-system]\nrequires = []\nbuild-backend = "none"\n'
    )
    plan = plan_rebuild(filled)
    assert plan.problems == ()
    assert {change.name: (change.from_version, change.to_version, change.how) for change in plan.packages} == {
        "brought": (None, "1.5", "wheel"),
        "older": ("1.0", "2.0", "wheel"),
        "same": ("1.0", "1.0", "kept"),
        "source": (None, None, "build"),
        "unused": ("3.0", None, "removed"),
    }
    assert (plan.ok, plan.strategy, plan.from_python, plan.to_python) == (True, "beside", HERE, HERE)
    assert plan.requirements == filled.requirements


def test_nothing_is_touched(filled: Container) -> None:
    _ask_for(filled, "same", "older")

    def snapshot() -> list[tuple[str, float]]:
        found = [Path(parent, name) for parent, _folders, names in os.walk(filled.root) for name in names]
        return sorted((str(path), path.lstat().st_mtime) for path in found)

    before = snapshot()
    plan_rebuild(filled)
    assert snapshot() == before


def test_the_interpreter_is_taken_by_its_full_name(filled: Container) -> None:
    _ask_for(filled, "same")
    interpreter = plan_rebuild(filled).interpreter
    assert interpreter == filled.root / "opt" / "python" / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"


def test_what_cannot_be_had_is_a_problem_in_uvs_own_words(filled: Container) -> None:
    _ask_for(filled, "same", "older==9")
    heard: list[Event] = []
    plan = plan_rebuild(filled, on_event=heard.append)
    assert not plan.ok
    title, _newline, why = plan.problems[0].partition("\n")
    assert HERE in title
    assert "no version of older==9" in why
    assert plan.packages == (PackageChange("older", "1.0", None, "impossible", plan.packages[0].why, "2.0"),)
    assert "older==9" in (plan.packages[0].why or "")
    assert any(isinstance(event, Output) and "older==9" in event.line for event in heard)


def test_a_package_that_the_new_python_may_not_have_is_impossible(filled: Container) -> None:
    make_wheel(filled.app / "wheels", "picky", "1.0", python=">=9")
    _ask_for(filled, "same", "picky")
    plan = plan_rebuild(filled)
    assert [(change.name, change.how) for change in plan.packages] == [("picky", "impossible")]
    assert "Python" in (plan.packages[0].why or "")


def test_credentials_do_not_show(filled: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    _ask_for(filled, "gone @ http://me:s3cret@127.0.0.1:9/gone-1.0-py3-none-any.whl")
    heard: list[Event] = []
    plan = plan_rebuild(filled, on_event=heard.append)
    assert not plan.ok
    assert "s3cret" not in repr(plan) + repr(heard)


def test_without_requirements_the_way_to_them_is_told(filled: Container) -> None:
    plan = plan_rebuild(filled)
    assert not plan.ok
    assert "console venv freeze" in plan.problems[0]
    assert plan.requirements is None


def test_another_file_of_requirements_may_be_named(filled: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    _ask_for(filled, "same")
    filled.requirements.rename(filled.app / "other.txt")
    monkeypatch.chdir(filled.app)
    plan = plan_rebuild(filled, requirements=Path("other.txt"))
    assert (plan.ok, plan.requirements) == (True, filled.app / "other.txt")


def test_a_foreign_folder_is_a_problem(bare: Container) -> None:
    bare.venv.mkdir()
    (bare.venv / "photo.jpg").touch()
    _ask_for(bare)
    plan = plan_rebuild(bare)
    assert not plan.ok
    assert str(bare.venv) in plan.problems[0]


def test_an_image_without_a_python_is_a_problem(bare: Container) -> None:
    _ask_for(bare)
    plan = plan_rebuild(replace(bare, interpreters=()))
    assert (plan.ok, plan.to_python, plan.interpreter, plan.commands) == (False, None, None, ())


def test_too_little_disk_is_a_problem(filled: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    make_wheel(filled.app / "wheels", "large", "1.0", files={"large.bin": os.urandom(2_000_000)})
    _ask_for(filled, "large")
    plan = plan_rebuild(filled)
    assert plan.ok
    assert plan.bytes_needed > 8_000_000
    few = type("Disk", (), {"free_bytes": 1_000_000})
    monkeypatch.setattr("console.venv.plan.disk", lambda _container, _at: few)
    short = plan_rebuild(filled)
    assert not short.ok
    assert "1 MB" in short.problems[-1]


def test_a_disk_without_room_for_two_gets_a_rebuild_in_place(filled: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    _ask_for(filled, "asked")
    make_wheel(filled.app / "wheels", "asked", "1.0")
    (filled.venv / "lib" / "large").write_bytes(bytes(100_000_000))
    enough = plan_rebuild(filled)
    assert (enough.strategy, enough.ok) == ("beside", True)
    little = type("Disk", (), {"free_bytes": enough.bytes_needed - 1})
    monkeypatch.setattr("console.venv.plan.disk", lambda _container, _at: little)
    plan = plan_rebuild(filled)
    assert (plan.strategy, plan.ok) == ("in-place", True)
    assert "room" in plan.reason
    assert any(command.startswith("tar ") for command in plan.commands)
    assert not plan_rebuild(filled, strategy="beside").ok


def test_a_version_is_chosen_among_those_that_the_image_offers(tmp_path: Path) -> None:
    new, old = needs.interpreters(2)
    (tmp_path / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    (tmp_path / "srv" / "app").mkdir()
    for python in (new, old):
        tools = tmp_path / "opt" / "techs" / f"python-{python.version}" / "bin"
        tools.mkdir(parents=True)
        (tools / "python3").symlink_to(python.path)
    (tmp_path / "srv" / "bin").mkdir()
    (tmp_path / "srv" / "bin" / "primary_tech").symlink_to(tmp_path / f"opt/techs/python-{new.version}/bin")
    container = find_container(tmp_path)
    make_wheel(container.app / "wheels", "same", "1.0")
    _ask_for(container, "same")
    assert plan_rebuild(container).to_python == new.version
    for wanted in (old.version, old.version.rpartition(".")[0], old.path, str(old.path)):
        assert plan_rebuild(container, python=wanted).to_python == old.version
    with pytest.raises(WrongUsage) as refused:
        plan_rebuild(container, python="4.0")
    assert old.version in refused.value.cause
    with pytest.raises(WrongUsage):
        plan_rebuild(container, python="/bin/ls")


def test_a_plan_can_be_taken_back(filled: Container) -> None:
    _ask_for(filled, "same")
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        plan_rebuild(filled, cancel=cancel)


def test_the_commands_are_what_a_person_would_type(filled: Container) -> None:
    _ask_for(filled, "same")
    commands = plan_rebuild(filled).commands
    words = [command.split()[0].rpartition("/")[2] for command in commands]
    minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert words == ["mkdir", minor, "pip", "supervisorctl", "mv", "ln", "supervisorctl"]


def test_the_explanations_of_older_uvs_are_understood() -> None:
    said = [
        "Using Python",
        "  × No solution found when resolving dependencies:",
        "  ╰─▶ Because older was not found",
        "      and",
    ]
    assert explanation(said) == "No solution found when resolving dependencies:\nBecause older was not found\nand"
    assert explanation(["one", "two"]) == "one\ntwo"


def test_somebody_elses_symlink_is_said(filled: Container, tmp_path: Path) -> None:
    _ask_for(filled, "same")
    assert plan_rebuild(filled).warnings == ()
    filled.venv.rename(tmp_path / "theirs")
    filled.venv.symlink_to(tmp_path / "theirs")
    (said,) = plan_rebuild(filled).warnings
    assert str(tmp_path / "theirs") in said


def test_a_place_that_may_not_be_written_is_refused_before(filled: Container) -> None:
    if os.geteuid() != 0:
        needs.missing("the right to mount a file system")
    _ask_for(filled, "same")
    filled.venvs.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", filled.venvs], check=True)
    try:
        plan = plan_rebuild(filled)
    finally:
        subprocess.run(["umount", filled.venvs], check=True)
    assert not plan.ok
    assert any(str(filled.venvs) in problem for problem in plan.problems)


def test_a_repair_of_what_venv_made_stands_for_its_upgrade_in_place(filled: Container) -> None:
    (upgrade,) = [command for command in plan_rebuild(filled, strategy="repair").commands if " -m venv " in command]
    assert upgrade.endswith(f" -m venv --upgrade {filled.venv}")
    settings = filled.venv / "pyvenv.cfg"
    settings.write_text(settings.read_text() + "virtualenv = 20.26.0\n")
    (made_anew,) = [command for command in plan_rebuild(filled, strategy="repair").commands if " -m venv " in command]
    assert made_anew.endswith(f" -m venv {filled.venv}")
