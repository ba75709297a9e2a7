"""Scripts whose interpreter is gone: in a virtualenv of pip's, and in odd files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console.venv.dead_scripts import dead_scripts

from .wheels import make_wheel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("name", "installer"), [("v", "pip"), ("a space", "pip"), ("long" * 60, "pip"), ("a space", "uv"), ("moved", "uv")]
)
def test_the_scripts_that_installers_write_die_with_their_interpreter(
    tmp_path: Path, name: str, installer: str
) -> None:
    venv = tmp_path / name
    base = Path(sys.executable).resolve()
    relocatable = ["--relocatable"] if name == "moved" else []
    subprocess.run([sys.executable, "-m", "uv", "venv", "-q", "--seed", *relocatable, "-p", base, venv], check=True)
    entry = {"serve.py": "def main(): print('serving')", "serve-1.0.dist-info/entry_points.txt": _ENTRY}
    wheel = make_wheel(tmp_path / "wheels", "serve", "1.0", files=entry)
    if installer == "pip":
        command = [str(venv / "bin" / "python"), "-m", "pip", "install", "-q", "--no-index", str(wheel)]
    else:
        command = [sys.executable, "-m", "uv", "pip", "install", "-q", "-p", str(venv / "bin" / "python"), str(wheel)]
    subprocess.run(command, check=True)
    serve = venv / "bin" / "serve"
    assert serve.read_text().startswith("#!/bin/sh" if name != "v" else f"#!{venv}/bin/python")
    assert subprocess.run([serve], capture_output=True, text=True, check=True).stdout == "serving\n"
    assert dead_scripts(venv) == ()
    (venv / "bin" / "python").unlink()
    (venv / "bin" / "python").symlink_to("/opt/no-such-image/bin/python")
    assert "serve" in dead_scripts(venv)


_ENTRY = "[console_scripts]\nserve = serve:main\n"


def test_only_scripts_whose_interpreter_is_gone_are_told(folder: Path) -> None:
    files = {
        "binary": b"\x7fELF\x00#!/gone",
        "empty": b"",
        "env": b"#!/usr/bin/env python3\n",
        "shell": b"#!/bin/sh\nexec /gone/python\n",
        "no-line": b"import this\n",
        "unreplaced": b"#!python\n",
        "quote": b"#!/bin/sh\n'''exec' \"/gone\n",
        "nothing": b"#!/bin/sh\n'''exec'\n",
        "gone": b"#! /gone/bin/python3.11 -E\n",
        "windows": b"#!/bin/sh\r\n",
    }
    for name, content in files.items():
        (folder / "bin" / name).write_bytes(content)
    (folder / "bin" / "folder").mkdir()
    (folder / "bin" / "python").symlink_to("/gone")
    os.mkfifo(folder / "bin" / "pipe")
    assert dead_scripts(folder) == ("gone", "unreplaced")


def test_a_shell_that_hands_on_to_what_is_there_is_alive(folder: Path) -> None:
    script = folder / "bin" / "serve"
    script.write_text(f"#!/bin/sh\n'''exec' \"{sys.executable}\" \"$0\" \"$@\"\n' '''\n")
    assert dead_scripts(folder) == ()
    script.write_text(script.read_text().replace(sys.executable, "/gone with/python"))
    assert dead_scripts(folder) == ("serve",)


def test_without_a_bin_there_are_none(folder: Path) -> None:
    shutil.rmtree(folder / "bin")
    assert dead_scripts(folder) == ()
    (folder / "bin").write_text("")
    assert dead_scripts(folder) == ()
