"""Byte code of what was installed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from console.results import Memory
from console.venv import byte_code
from console.venv.byte_code import COMPILE_BYTES, booted, compile_packages, compile_processes

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
    assert told == sorted(set(told))  # it never goes back
    assert told[-1] == (5, 5)
    compiled = sorted(file.name.partition(".")[0] for file in site_packages.rglob("*.pyc"))
    assert compiled == ["b", "large", "struct", "čeština"]


def test_only_as_many_compile_at_once_as_have_room() -> None:
    assert compile_processes(Memory(0, None), 1) == 1
    assert compile_processes(Memory(0, None), 64) == byte_code.MOST_PROCESSES
    assert compile_processes(Memory(0, 2 * COMPILE_BYTES), 64) == 2
    assert compile_processes(Memory(COMPILE_BYTES, 2 * COMPILE_BYTES), 64) == 1
    assert compile_processes(Memory(3 * COMPILE_BYTES, 2 * COMPILE_BYTES), 64) == 1


def _cut(source: Path, code: Path) -> None:
    code.write_bytes(code.read_bytes()[:-3])


def _other_python(source: Path, code: Path) -> None:
    code.write_bytes(b"\0\0\r\n" + code.read_bytes()[4:])


def _by_digest(source: Path, code: Path) -> None:
    code.write_bytes(code.read_bytes()[:4] + b"\1\0\0\0" + code.read_bytes()[8:])


def _edited(source: Path, code: Path) -> None:
    source.write_text("a = 'edited since'\n")


def _another_file(source: Path, code: Path) -> None:
    text = source.read_bytes()
    source.unlink()
    source.write_bytes(text)


def _missing(source: Path, code: Path) -> None:
    code.unlink()


@pytest.mark.parametrize("spoil", [None, _cut, _other_python, _by_digest, _edited, _another_file, _missing])
def test_whole_byte_code_of_the_same_source_is_linked(
    tmp_path: Path, spoil: Callable[[Path, Path], None] | None
) -> None:
    before, now = (make_venv(Path(sys.executable), tmp_path / name) for name in ("before", "now"))
    python = tmp_path / "now" / "bin" / "python"
    source = before / "čeština" / "module.py"
    source.parent.mkdir()
    source.write_text("a = 'kept'\n")
    compile_packages(python, before, tell=lambda *done: None, check=lambda: None)
    code = next(source.parent.rglob("*.pyc"))
    if spoil is not None:
        spoil(source, code)
    (now / "čeština").mkdir()
    os.link(source, now / "čeština" / "module.py")
    if spoil is _another_file:
        _another_file(now / "čeština" / "module.py", code)

    compiled = [tmp_path / "gone", before]
    assert compile_packages(python, now, tell=lambda *done: None, check=lambda: None, compiled=compiled) == 1

    made = next((now / "čeština").rglob("*.pyc"))
    assert (made.stat().st_ino == code.stat().st_ino if code.exists() else False) == (spoil is None)
    assert _loaded(python, now) == ("edited since" if spoil is _edited else "kept")


def test_byte_code_is_read_again_only_where_a_machine_that_lost_its_power_may_have_cut_it(tmp_path: Path) -> None:
    """Cut, which nothing does while the machine runs: what is then linked was not read."""
    folders = [make_venv(Path(sys.executable), tmp_path / name) for name in ("first", "second", "third", "fourth", "fifth")]
    python = tmp_path / "first" / "bin" / "python"
    (folders[0] / "module.py").write_text("a = 'kept'\n")
    for folder in folders[1:]:
        os.link(folders[0] / "module.py", folder / "module.py")

    def made(number: int) -> Path:
        compile_packages(python, folders[number], tell=lambda *done: None, check=lambda: None, compiled=folders[:1])
        return next(folders[number].glob("__pycache__/module.*.pyc"))

    code = made(0)
    whole = code.read_bytes()
    code.write_bytes(whole[:-3])
    assert not made(1).samefile(code)  # nobody has read it yet
    code.write_bytes(whole)
    assert made(2).samefile(code)
    code.write_bytes(whole[:-3])
    assert made(3).samefile(code)
    os.utime(code, (0, booted() - 1))
    assert not made(4).samefile(code)


def test_when_the_machine_began_to_run_is_the_kernels_word(tmp_path: Path) -> None:
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    assert abs(time.time() - uptime - booted()) < 60
    (tmp_path / "stat").write_text("cpu 1 2\n")
    assert booted(tmp_path / "stat") == booted(tmp_path / "gone") == float("inf")


def _loaded(python: Path, site_packages: Path) -> str:
    """What the module says, by its byte code alone."""
    code = f"""
import marshal, pathlib
data = next(pathlib.Path({str(site_packages)!r}, "čeština").rglob("*.pyc")).read_bytes()
space = {{}}
exec(marshal.loads(data[16:]), space)
print(space["a"])
"""
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
