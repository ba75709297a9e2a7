"""Finding the Pythons of a machine: each really run, none twice."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.playground import Interpreter, interpreters, interpreters_on_this_machine
from console.playground.interpreters import ask_interpreter, pick_interpreter, side_by_side

REAL = Path(os.path.realpath(sys.executable))


def offer(*versions: str) -> tuple[Interpreter, ...]:
    return tuple(Interpreter(Path(f"/opt/{version}/bin/python"), version) for version in versions)


OFFERED = offer("3.14.0rc2", "3.13.0", "3.12.1", "3.11.7", "3.11.2", "3.9.18", "3.8.18", "2.7.18")


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def says(version: str) -> str:
    return f'#!/bin/sh\nprintf "%s\\n%s" "$0" "{version} (main) [GCC]"\n'


def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path / "pyenv")}


def found_under(tmp_path: Path) -> list[tuple[str, str]]:
    return [
        (str(each.path.relative_to(tmp_path)), each.version)
        for each in interpreters_on_this_machine(environment(tmp_path))
        if each.path.is_relative_to(tmp_path)
    ]


def test_each_is_named_by_its_real_binary_and_version_the_newest_first() -> None:
    found = interpreters_on_this_machine()
    assert REAL in [each.path for each in found]
    assert len({each.path for each in found}) == len(found)
    assert [each.release for each in found] == sorted((each.release for each in found), reverse=True)
    for each in found:
        assert each.path == Path(os.path.realpath(each.path))
        ran = subprocess.run([each.path, "--version"], stdout=-1, stderr=-2, text=True, check=True).stdout
        assert each.version in ran


def test_every_usual_place_is_looked_at(tmp_path: Path) -> None:
    script(tmp_path / "bin/python3.30", says("3.30.1"))
    script(tmp_path / "pyenv/versions/3.31.0/bin/python", says("3.31.0"))
    script(tmp_path / ".local/share/uv/python/cpython-3.32.0-linux/bin/python3.32", says("3.32.0"))
    assert found_under(tmp_path) == [
        (".local/share/uv/python/cpython-3.32.0-linux/bin/python3.32", "3.32.0"),
        ("pyenv/versions/3.31.0/bin/python", "3.31.0"),
        ("bin/python3.30", "3.30.1"),
    ]


def test_the_same_binary_under_two_names_is_found_once(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python3.98").symlink_to(REAL)
    (tmp_path / "bin/python3.99").symlink_to(REAL)
    found = interpreters_on_this_machine(environment(tmp_path))
    assert [each.path for each in found].count(REAL) == 1


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\nexit 127\n",
        "#!/bin/sh\necho pyenv: python3.30: command not found >&2; exit 127\n",
        "#!/bin/sh\necho nonsense\n",
        "#!/nowhere/python\n",
        says("3.30.1").replace("[GCC]", "[PyPy 7.3]"),
    ],
)
def test_what_does_not_answer_as_a_cpython_is_left_out(tmp_path: Path, text: str) -> None:
    script(tmp_path / "bin/python3.30", text)
    assert found_under(tmp_path) == []


def test_one_that_hangs_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "RUN_SECONDS", 0.2)
    script(tmp_path / "python3.30", "#!/bin/sh\nexec sleep 60\n")
    assert ask_interpreter(tmp_path / "python3.30") is None


def test_a_virtualenvs_python_stands_for_the_one_it_was_made_from(tmp_path: Path) -> None:
    subprocess.run([REAL, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    told = ask_interpreter(tmp_path / "venv/bin/python")
    assert told is not None
    assert told.path == REAL


def test_names_with_other_endings_are_not_run(tmp_path: Path) -> None:
    for name in ("python3.30-config", "python", "python3.30.1", "xpython3.30"):
        script(tmp_path / "bin" / name, says("3.30.1"))
    assert found_under(tmp_path) == []


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        (None, "3.13.0"),
        ("3.11", "3.11.7"),
        ("3.11.2", "3.11.2"),
        ("3", "3.13.0"),
        ("3.14", "3.14.0rc2"),
        ("2.7", "2.7.18"),
        ("3.8", "3.8.18"),
    ],
)
def test_the_newest_that_fits_is_picked(wanted: str | None, version: str) -> None:
    assert pick_interpreter(wanted, OFFERED).version == version


@pytest.mark.parametrize("wanted", ["3.1", "3.99", "", "python3", "3.11.7.1", "/nowhere/python"])
def test_nothing_is_picked_by_half_a_number(wanted: str) -> None:
    with pytest.raises(ConsoleError):
        pick_interpreter(wanted, OFFERED)


def test_a_path_picks_the_python_there() -> None:
    assert pick_interpreter(str(REAL), ()).path == REAL


def test_without_any_the_error_names_none() -> None:
    with pytest.raises(ConsoleError) as caught:
        pick_interpreter(None, ())
    assert caught.value.cause == ""


def test_the_runtime_offers_three_of_different_minor_versions_the_chosen_first() -> None:
    chosen = pick_interpreter("3.8", OFFERED)
    assert [each.version for each in side_by_side(chosen, OFFERED)] == ["3.8.18", "3.13.0", "3.12.1"]
    chosen = pick_interpreter("3.11.2", OFFERED)
    assert [each.version for each in side_by_side(chosen, OFFERED)] == ["3.11.2", "3.13.0", "3.12.1"]


@given(st.integers(0, 9), st.integers(0, 99), st.integers(0, 99), st.sampled_from(["", "a1", "b2", "rc3"]))
def test_a_version_is_taken_apart_and_found_again(major: int, minor: int, patch: int, stage: str) -> None:
    one = Interpreter(Path("/x/bin/python"), f"{major}.{minor}.{patch}{stage}")
    assert one.release == (major, minor, patch)
    assert one.finished == (stage == "")
    assert one.name == f"python{major}.{minor}"
    assert pick_interpreter(f"{major}.{minor}", [one]) is one
    assert pick_interpreter(one.version, [one]) is one
