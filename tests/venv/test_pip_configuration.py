"""pip's configuration as pip reads it; where pip is at hand, pip itself is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.venv.pip_configuration import _read, read_pip_configuration

LEVELS = ("etc/xdg/pip/pip.conf", "etc/pip.conf", "home/.pip/pip.conf", "home/.config/pip/pip.conf", "venv/pip.conf")


def _write(root: Path, level: str, text: str) -> None:
    path = root / level
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _values(root: Path, **more: str) -> dict[str, str]:
    environment = {"HOME": str(root / "home"), **more}
    return dict(read_pip_configuration(environment, root / "venv", etc=root / "etc").values)


def test_each_level_beats_those_below_it(tmp_path: Path) -> None:
    for number, level in enumerate(LEVELS):
        _write(tmp_path, level, f"[global]\nindex-url = https://h/{number}\n")
        assert _values(tmp_path) == {"index-url": f"https://h/{number}"}
    named = tmp_path / "named.conf"
    named.write_text("[global]\nINDEX_URL = https://h/named\ntimeout = 5\n")
    assert _values(tmp_path, PIP_CONFIG_FILE=str(named)) == {"index-url": "https://h/named", "timeout": "5"}
    assert _values(tmp_path, PIP_INDEX_URL="https://h/variable")["index-url"] == "https://h/variable"


def test_the_commands_section_beats_the_general_one_of_any_level(tmp_path: Path) -> None:
    _write(tmp_path, LEVELS[1], "[install]\nindex-url = https://h/install\n[download]\ntimeout = 9\n")
    _write(tmp_path, LEVELS[3], "[global]\nindex-url = https://h/global\n")
    assert _values(tmp_path) == {"index-url": "https://h/install"}


def test_an_empty_value_says_nothing(tmp_path: Path) -> None:
    _write(tmp_path, LEVELS[1], "[global]\nproxy = http://p\n")
    _write(tmp_path, LEVELS[3], "[global]\nindex-url =\n")
    assert _values(tmp_path, PIP_PROXY="") == {"proxy": "http://p"}


def test_a_named_file_takes_the_place_of_the_users_and_devnull_that_of_all(tmp_path: Path) -> None:
    for level in LEVELS:
        _write(tmp_path, level, f"[global]\n{'retries' if 'home' in level else 'timeout'} = 1\n")
    named = tmp_path / "named.conf"
    named.touch()
    assert _values(tmp_path, PIP_CONFIG_FILE=str(named)) == {"timeout": "1"}
    assert _values(tmp_path, PIP_CONFIG_FILE=str(tmp_path / "gone")) == {"timeout": "1", "retries": "1"}
    assert _values(tmp_path, PIP_CONFIG_FILE=os.devnull) == {}


def test_a_file_that_pip_cannot_read_is_told_without_its_words(tmp_path: Path) -> None:
    _write(tmp_path, LEVELS[1], "https://me:s3cret@h/simple\n")
    told = read_pip_configuration({}, None, etc=tmp_path / "etc")
    assert "pip.conf" in told.problems[0]
    assert "s3cret" not in repr(told)


def test_pip_itself_says_the_same(tmp_path: Path) -> None:
    """``pip config list`` shows what pip has read, each section for itself."""
    pytest.importorskip("pip")
    _write(tmp_path, LEVELS[2], "[global]\nfind_links =\n    /a\n    /b\n--no-index = yes\n")
    _write(tmp_path, LEVELS[3], "[global]\nTimeout: 7\nproxy = ${X}\n")
    environment = {"HOME": str(tmp_path / "home"), "PATH": os.environ["PATH"], "XDG_CONFIG_DIRS": str(tmp_path)}
    command = [sys.executable, "-m", "pip", "config", "--user", "list"]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    pairs = (line.partition("=") for line in said.splitlines() if line.startswith("global."))
    of_pip = {name.removeprefix("global."): value.strip("'") for name, _sign, value in pairs}
    ours = read_pip_configuration(environment, None, etc=tmp_path / "etc").values
    assert {name: value.replace("\n", "\\n") for name, value in ours.items()} == of_pip


@given(text=st.text())
def test_any_file_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.conf"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    problems: list[str] = []
    found = _read(path, problems)
    assert set(found) <= {"global", "install"}
