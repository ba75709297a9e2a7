"""Versions told from files, by running, and what an image offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.container import Container, find_container
from console.playground import interpreters_on_this_machine
from console.pythons.interpreters import image_python, offered, run_version, version_of
from tests import needs


def _program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def _header(folder: Path, version: str) -> None:
    folder.mkdir(parents=True)
    (folder / "patchlevel.h").write_text(f'#define PY_MAJOR_VERSION 3\n#define PY_VERSION      \t"{version}"\n')


def _image(root: Path) -> Path:
    (root / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    tools = root / "opt" / "python" / "bin"
    tools.mkdir(parents=True)
    return tools


def test_each_real_interpreter_is_told_as_it_says_itself() -> None:
    for found in interpreters_on_this_machine():
        if found.finished:
            assert version_of(found.path) == run_version(found.path) == found.version


def test_a_version_in_the_interpreters_own_files_is_read_without_running_it(tmp_path: Path) -> None:
    python = _program(tmp_path / "bin" / "python3.11", f"touch {tmp_path}/ran")
    _header(tmp_path / "include" / "python3.11", "3.11.7+")
    assert version_of(python) == "3.11.7"
    assert not (tmp_path / "ran").exists()


def test_the_header_of_the_same_minor_version_counts_where_several_pythons_share_a_prefix(tmp_path: Path) -> None:
    python = _program(tmp_path / "bin" / "python3.7", "exit 1")
    _header(tmp_path / "include" / "python3.7m", "3.7.16")
    _header(tmp_path / "include" / "python3.12", "3.12.1")
    assert version_of(python) == "3.7.16"
    plain = _program(tmp_path / "bin" / "python", "printf 3.12.9")
    assert version_of(plain) == "3.12.9"


def test_the_folder_of_the_runtime_generation_tells_the_version(tmp_path: Path) -> None:
    assert version_of(_program(tmp_path / "python-3.10.13" / "bin" / "python3", "exit 1")) == "3.10.13"


def test_an_interpreter_whose_files_are_silent_is_run_once(tmp_path: Path) -> None:
    python = _program(tmp_path / "bin" / "python", f"echo x >> {tmp_path}/runs; printf 3.9.1")
    assert (version_of(python), version_of(python)) == ("3.9.1", "3.9.1")
    assert (tmp_path / "runs").read_text() == "x\n"


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense", "exit 0", "printf 3.9.1; exit 3"])
def test_a_program_that_is_no_interpreter_has_no_version(tmp_path: Path, script: str) -> None:
    assert version_of(_program(tmp_path / "bin" / "python", script)) is None


def test_an_interpreter_that_hangs_has_no_version(tmp_path: Path) -> None:
    assert version_of(_program(tmp_path / "bin" / "python", "exec sleep 60"), timeout=0.2) is None


def test_what_is_not_there_or_may_not_be_run_has_no_version(tmp_path: Path) -> None:
    assert version_of(tmp_path / "nothing") is None
    assert version_of(tmp_path) is None
    (tmp_path / "python3.11").write_text("")
    assert version_of(tmp_path / "python3.11") is None
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert version_of(tmp_path / "link") is None


def test_the_environment_of_the_console_does_not_reach_the_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = needs.interpreter("3")
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "sys.py").write_text("raise SystemExit(9)")
    assert run_version(found.path, site=True) == found.version


def test_an_image_offers_its_one_python(tmp_path: Path) -> None:
    tools = _image(tmp_path)
    assert image_python(find_container(tmp_path)) is None
    found = needs.interpreter("3")
    (tools / "python").symlink_to(found.path)
    container = find_container(tmp_path)
    assert image_python(container) == (tools / "python", found.version)
    assert [(each.path, each.version, each.chosen) for each in offered(container)] == [
        (tools / "python", found.version, True)
    ]


def test_a_python_that_does_not_run_is_offered_without_a_version(tmp_path: Path) -> None:
    tools = _image(tmp_path)
    _program(tools / "python", "exit 1")
    container = find_container(tmp_path)
    assert image_python(container) is None
    assert [each.version for each in offered(container)] == [None]


def test_the_runtime_offers_several_pythons_with_the_chosen_one_first(tmp_path: Path) -> None:
    (tmp_path / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
    for version in ("3.9.1", "3.12.4", "3.11.7"):
        _program(tmp_path / "opt" / "techs" / f"python-{version}" / "bin" / "python3", "exit 1")
    (tmp_path / "srv" / "bin").mkdir()
    (tmp_path / "srv" / "bin" / "primary_tech").symlink_to(tmp_path / "opt" / "techs" / "python-3.11.7" / "bin")
    container: Container = find_container(tmp_path)
    assert [(each.version, each.chosen) for each in offered(container)] == [
        ("3.11.7", True),
        ("3.12.4", False),
        ("3.9.1", False),
    ]
