"""Byte code of what was installed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from console.results import Memory
from console.venv import byte_code
from console.venv.byte_code import COMPILE_BYTES, compile_packages, compile_processes

from .conftest import make_venv


@pytest.mark.parametrize("processes", [1, 2])
def test_all_files_are_compiled_but_pips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int) -> None:
    monkeypatch.setattr(byte_code, "compile_processes", lambda memory, cores: processes)
    site_packages = make_venv(Path(sys.executable), tmp_path / "venv")
    for name in ("pip/a", "web/large", "web/pip/b", "čeština", "broken", "struct"):
        file = site_packages / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text("a = 1\n" * (5000 if name == "web/large" else 1) if name != "broken" else "a =\n")
    told: list[tuple[int, int]] = []
    python = tmp_path / "venv" / "bin" / "python"
    done = compile_packages(python, site_packages, tell=lambda *done: told.append(done), check=lambda: None)
    assert done == 5
    assert told == [(number, 5) for number in range(1, 6)]
    compiled = sorted(file.name.partition(".")[0] for file in site_packages.rglob("*.pyc"))
    assert compiled == ["b", "large", "struct", "čeština"]


def test_only_as_many_compile_at_once_as_have_room() -> None:
    assert compile_processes(Memory(0, None), 1) == 1
    assert compile_processes(Memory(0, None), 64) == byte_code.MOST_PROCESSES
    assert compile_processes(Memory(0, 2 * COMPILE_BYTES), 64) == 2
    assert compile_processes(Memory(COMPILE_BYTES, 2 * COMPILE_BYTES), 64) == 1
    assert compile_processes(Memory(3 * COMPILE_BYTES, 2 * COMPILE_BYTES), 64) == 1
