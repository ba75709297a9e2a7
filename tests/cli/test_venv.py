"""`console venv status` and `freeze` on containers of files, virtualenvs dead and alive."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from console.container import Container, find_container

from ..venv.conftest import make_venv
from ..venv.wheels import place_distribution
from .test_commands import document, run

MINOR = "{}.{}".format(*sys.version_info)


@pytest.fixture
def still(tmp_path: Path) -> Container:
    """A container with this Python and a virtualenv with packages, and nothing running."""
    (tmp_path / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    (tmp_path / "srv" / "app").mkdir()
    tools = tmp_path / "opt" / "python" / "bin"
    tools.mkdir(parents=True)
    (tools / f"python{MINOR}").symlink_to(Path(sys.executable).resolve())
    (tools / "python").symlink_to(f"python{MINOR}")
    container = find_container(tmp_path)
    site = make_venv(container.interpreters[0], container.venv)
    place_distribution(site, "django", "5.1", requires=["sqlparse"], requested=True)
    place_distribution(site, "sqlparse", "0.5")
    place_distribution(site, "debugger", "1")
    return container


def _site(container: Container) -> Path:
    return next(container.venv.glob("lib/python*/site-packages"))


def _kill(container: Container) -> None:
    for link in (container.venv / "bin").glob("python*"):
        link.unlink()
    (container.venv / "bin" / "python").symlink_to("/opt/no-such-image/bin/python")


def test_status_tells_how_requirements_stand_against_what_is_installed(still: Container) -> None:
    still.requirements.write_text("django<5\nredis>=4\nfoo bar\n")
    (still.venv / "bin" / "serve").write_text("#!/opt/no-such-image/bin/python\n")
    done = run(still, "venv", "status")
    assert done.returncode == 0
    assert "redis" in done.stdout
    assert "django is 5.1, wanted: <5" in done.stdout
    assert "asked for by nothing: debugger" in done.stdout
    assert "1 script names an interpreter that is gone: serve" in done.stdout
    assert "Made by venv, " in done.stdout
    assert "line 3" in done.stdout
    assert "All of requirements.txt" not in done.stdout

    told = document(still, "venv", "status")
    assert (told["state"], told["fits"], told["made_by"], told["packages"]) == ("ok", True, "venv", 3)
    assert told["dead_scripts"] == ["serve"]
    assert told["size_bytes"] > 10_000
    assert told["unmet"] == ["django", "redis"]
    requirements = told["requirements"]
    assert requirements.keys() == {"path", "missing", "other", "extra", "problems"}
    assert requirements["other"] == [{"name": "django", "installed": "5.1", "wanted": "<5"}]
    assert (requirements["missing"], requirements["extra"]) == (["redis"], ["debugger"])


def test_status_says_when_all_is_installed_and_nothing_without_a_file(still: Container) -> None:
    assert "requirements.txt" not in run(still, "venv").stdout
    still.requirements.write_text("django\ndebugger\n")
    said = run(still, "venv").stdout
    assert "All of requirements.txt is installed." in said
    assert "by nothing" not in said


def test_another_patch_release_is_told_and_is_no_failure(still: Container) -> None:
    settings = still.venv / "pyvenv.cfg"
    text = "".join(line for line in settings.read_text().splitlines(True) if not line.startswith("version"))
    settings.write_text(f"{text}version = {MINOR}.99\n")
    done = run(still, "venv", "status")
    assert done.returncode == 0
    assert f"{MINOR}.99, mismatch" in done.stdout
    assert "runs on all the same" in done.stdout
    settings.write_text(f"{text}version = 2.7.18\n")
    assert run(still, "venv", "status").returncode == 1


def test_a_dead_virtualenv_is_a_failure_and_still_tells_all(still: Container) -> None:
    still.requirements.write_text("django\nredis\n")
    _kill(still)
    done = run(still, "venv", "status")
    assert done.returncode == 1
    assert "dead" in done.stdout
    assert "Missing: redis" in done.stdout


def test_text_from_site_packages_and_requirements_cannot_move_the_cursor(still: Container) -> None:
    still.requirements.write_text("./\x1b[31mred\n")
    (still.venv / "bin" / "\x1b[2Jx").write_text("#!/gone\n")
    assert "\x1b" not in run(still, "venv", "status").stdout


def test_freeze_without_a_file_rescues_it_from_a_dead_virtualenv(still: Container) -> None:
    _kill(still)
    (_site(still) / "mine.py").touch()
    before = run(still, "venv", "freeze", "--dry-run")
    assert before.returncode == 0
    assert "+django==5.1" in before.stdout
    assert "! mine.py in site-packages" in before.stdout
    assert run(still, "venv", "freeze").returncode == 2
    assert not still.requirements.exists()
    done = run(still, "venv", "freeze", "--yes")
    assert done.returncode == 0
    lines = [line for line in still.requirements.read_text().splitlines() if not line.startswith("#")]
    assert lines == ["django==5.1", "debugger==1"]
    assert run(still, "venv", "freeze", "--yes").stdout.startswith(f"{still.requirements} says")


@pytest.mark.parametrize("has_file", [False, True])
def test_freeze_all_takes_what_others_need_as_well(still: Container, has_file: bool) -> None:
    if has_file:
        still.requirements.write_text("django\n")
    told = document(still, "venv", "freeze", "--dry-run")
    assert (told["packages"], told["unknown"]) == (2, [])
    (_site(still) / "mine.py").touch()
    told = document(still, "venv", "freeze", "--all", "--dry-run")
    assert told.keys() == {"path", "diff", "packages", "unknown"}
    assert told["packages"] == 3
    assert "+sqlparse==0.5" in told["diff"]
    assert len(told["unknown"]) == (0 if has_file else 1)


def test_status_is_one_json_document_with_names_that_are_no_text(still: Container) -> None:
    name = b"\xff-script"
    with open(bytes(still.venv / "bin") + b"/" + name, "wb") as file:  # noqa: PTH123 - a name of bytes
        file.write(b"#!/gone\n")
    done = run(still, "venv", "status", "--json", PYTHONIOENCODING="utf-8:strict")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["dead_scripts"] == [os.fsdecode(name)]
