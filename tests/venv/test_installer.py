"""Which program installs, and what pip would: with real pips of old and new Pythons, out of folders of wheels."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from console.errors import ConsoleError
from console.venv import pip_resolution
from console.venv.index_settings import IndexSettings
from console.venv.installer import PIP, UV, choose_and_resolve, choose_installer, install_command
from console.venv.pip_resolution import find_pip, pip_explanation, resolve_with_pip
from console.venv.requirements import read_requirements
from console.venv.uv import Resolution
from tests import needs

from .wheels import make_wheel


def _unchecked() -> None:
    """Nobody takes it back."""


def _unheard(_line: str) -> None:
    """Nobody listens."""


def _file(folder: Path, *lines: str) -> Path:
    (folder / "wheels").mkdir(exist_ok=True)
    file = folder / "requirements.txt"
    file.write_text("\n".join(["--no-index", "--find-links wheels", *lines, ""]))
    return file


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("six==1.16", UV),
        ("--pre", UV),
        ("git+https://h.invalid/x.git#egg=x", UV),
        ("./gone.whl", UV),
        ("six==1.16 --global-option=x", PIP),
        ("six --config-settings=a=b", PIP),
        ("--find-links gone", PIP),
        ("foo bar", UV),
    ],
)
def test_pip_does_what_uv_cannot_read(tmp_path: Path, line: str, expected: str) -> None:
    python = needs.interpreters(1)[0]
    asked = read_requirements(_file(tmp_path, line))
    assert choose_installer(python.path, python.version, asked, check=_unchecked) == expected
    installer, _found = choose_and_resolve(
        python.path, python.version, asked, settings=IndexSettings(), on_line=_unheard, check=_unchecked
    )
    assert installer == expected


def test_an_old_python_reads_old_ways_of_writing_with_its_pip(tmp_path: Path) -> None:
    python = needs.interpreter("3.8")
    asked = read_requirements(_file(tmp_path, "pytz==2004d"))
    assert choose_installer(python.path, python.version, asked, check=_unchecked) == PIP


def test_a_python_that_uv_does_not_serve_is_pips(tmp_path: Path) -> None:
    asked = read_requirements(_file(tmp_path, "six"))
    assert choose_installer(Path("/usr/bin/python2.7"), "2.7.18", asked, check=_unchecked) == PIP
    command, environment = install_command(PIP, Path("/v/bin/python"), asked.path, IndexSettings())
    assert command[:4] == ["/v/bin/python", "-m", "pip", "install"]
    assert environment["PIP_USER"] == "0"


def _resolve(version: str, file: Path) -> Resolution:
    python = needs.interpreter(version)
    heard: list[str] = []
    found = resolve_with_pip(
        python.path, python.version, file, on_line=heard.append, check=_unchecked, settings=IndexSettings()
    )
    assert found is not None
    return found


@pytest.mark.parametrize("version", ["2.7", "3.8", "3.12"])
def test_pip_says_what_it_would_install(tmp_path: Path, version: str) -> None:
    wheels = tmp_path / "wheels"
    make_wheel(wheels, "top", "1.0", requires=["brought<2"], tag="py2.py3-none-any")
    make_wheel(wheels, "brought", "1.5", tag="py2.py3-none-any")
    make_wheel(wheels, "brought", "2.0", tag="py2.py3-none-any")
    before = sorted(tmp_path.rglob("*"))
    found = _resolve(version, _file(tmp_path, "top"))
    assert found.problem == ""
    assert sorted((one.name, one.version, one.wheel) for one in found.packages) == [
        ("brought", "1.5", True),
        ("top", "1.0", True),
    ]
    assert sorted(tmp_path.rglob("*")) == sorted([*before, tmp_path / "requirements.txt"])


@pytest.mark.parametrize("version", ["2.7", "3.12"])
def test_pips_own_words_say_what_cannot_be_had(tmp_path: Path, version: str) -> None:
    make_wheel(tmp_path / "wheels", "top", "1.0", tag="py2.py3-none-any")
    found = _resolve(version, _file(tmp_path, "top==9"))
    assert found.unsolved
    assert "top==9" in found.problem
    assert "Traceback" not in found.problem


def test_sources_are_told_from_wheels_by_their_names(tmp_path: Path) -> None:
    for name in ("pytz-2004d.tar.gz", "Flask-0.10.tar.gz", "six-1.10.0-py2.py3-none-any.whl", "notes.txt"):
        (tmp_path / name).write_bytes(b"1234")
    found = pip_resolution._downloaded(tmp_path.iterdir())
    assert [(one.name, one.version, one.wheel, one.bytes) for one in found] == [
        ("flask", "0.10", False, 4),
        ("pytz", "2004d", False, 4),
        ("six", "1.10.0", True, 4),
    ]


def test_a_python_without_pip_gets_one_from_a_virtualenv_or_none_is_to_be_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = needs.interpreter("3.8")
    bare = tmp_path / "bare"
    subprocess.run([python.path, "-m", "venv", "--without-pip", bare], check=True)
    found = find_pip(bare / "bin" / "python", python.version, tmp_path / "made", check=_unchecked)
    assert found is not None
    assert found.command[0] == str(tmp_path / "made" / "bin" / "python")

    def refuse(*_words: object) -> list[str]:
        raise ConsoleError("none")

    monkeypatch.setattr(pip_resolution, "create_command", refuse)
    assert find_pip(bare / "bin" / "python", python.version, tmp_path / "again", check=_unchecked) is None


def test_a_new_python_takes_the_pip_that_virtualenv_brings(tmp_path: Path) -> None:
    python = needs.interpreters(1)[0]
    found = find_pip(python.path, python.version, tmp_path / "made", check=_unchecked)
    assert found is not None
    assert ".whl" in found.command[1]
    assert not (tmp_path / "made").exists()


def test_a_failed_build_is_explained_by_what_it_wrote() -> None:
    said = ["Collecting x", "  error: subprocess-exited-with-error", "  ", "  × setup.py did not run.", "  │ exit: 1"]
    said += ["  ╰─> [2 lines of output]", "      SyntaxError: print", "      [end of output]", "  note: nothing", "ERROR: x"]
    assert pip_explanation(said) == "setup.py did not run.\nexit: 1\n[2 lines of output]\nSyntaxError: print"
    assert pip_explanation(["Collecting", "ERROR: one", "ERROR: one", "WARNING: x"]) == "one"
