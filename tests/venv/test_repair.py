"""The repair of a virtualenv's links: whole or not at all, from whatever state a death left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.pythons.interpreters import run_version
from console import atomic
from console.venv import repair
from console.venv.marks import BACKUP
from console.venv.repair import Repair, share_library

from .conftest import make_venv
from .snapshots import tree

PYTHON = Path(os.path.realpath(sys.executable))


@pytest.fixture
def broken(bare: Container) -> Path:
    """A virtualenv with a package, whose interpreter is gone."""
    site_packages = make_venv(PYTHON, bare.venv)
    (site_packages / "kept.py").write_text("VALUE = 42\n")
    for name in os.listdir(bare.venv / "bin"):
        if name.startswith("python"):
            (bare.venv / "bin" / name).unlink()
            (bare.venv / "bin" / name).symlink_to("/gone/python")
    assert run_version(bare.venv / "bin" / "python") is None
    return bare.venv


@pytest.fixture
def shell(bare: Container, broken: Path) -> Path:
    folder = bare.venvs / "shell"
    make_venv(PYTHON, folder)
    share_library(folder, broken)
    return folder


def _value(python: Path) -> str:
    run = subprocess.run([python, "-c", "import kept; print(kept.VALUE)"], capture_output=True, text=True, check=False)
    return run.stdout.strip()


def test_the_shell_has_the_packages_before_anything_is_touched(broken: Path, shell: Path) -> None:
    assert _value(shell / "bin" / "python") == "42"
    assert not (broken / "bin" / "python").exists()


def test_a_repaired_virtualenv_runs_and_has_its_packages(bare: Container, broken: Path, shell: Path) -> None:
    fixed = Repair(bare, broken, shell)
    fixed.apply()
    fixed.apply()
    assert fixed.applied
    assert _value(broken / "bin" / "python") == "42"
    fixed.finish()
    assert not (broken / BACKUP).exists()
    assert _value(broken / "bin" / "python") == "42"


def test_undoing_puts_back_every_byte(bare: Container, broken: Path, shell: Path) -> None:
    before = tree(broken)
    fixed = Repair(bare, broken, shell)
    fixed.apply()
    fixed.undo()
    fixed.undo()
    assert tree(broken) == before
    assert not fixed.applied


def test_an_interpreter_that_is_a_copy_is_replaced_and_comes_back(bare: Container, broken: Path, shell: Path) -> None:
    copy = broken / "bin" / "python"
    copy.unlink()
    copy.write_bytes(b"\x7fELF no more")
    copy.chmod(0o755)
    before = tree(broken)
    fixed = Repair(bare, broken, shell)
    fixed.apply()
    assert _value(copy) == "42"
    fixed.undo()
    assert tree(broken) == before


def test_from_a_death_at_any_write_it_can_be_finished_or_undone(
    bare: Container, broken: Path, shell: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(broken)

    class Died(BaseException):
        pass

    real_copy, real_write = atomic.put_copy, atomic.write_file
    for deadly in range(1, 40):
        count = 0

        def dying(source: Path, target: Path) -> None:
            nonlocal count
            count += 1
            if count == deadly:
                raise Died
            real_copy(source, target)

        def dying_write(path: Path, data: bytes) -> object:
            nonlocal count
            count += 1
            if count == deadly:
                raise Died
            return real_write(path, data)

        monkeypatch.setattr(repair, "put_copy", dying)
        monkeypatch.setattr(repair, "write_file", dying_write)
        died = False
        try:
            Repair(bare, broken, shell).apply()
        except Died:
            died = True
        monkeypatch.setattr(repair, "put_copy", real_copy)
        monkeypatch.setattr(repair, "write_file", real_write)
        again = Repair.restored(bare, Repair(bare, broken, shell).facts)
        if deadly % 2:
            again.apply()
            assert _value(broken / "bin" / "python") == "42"
        again.undo()
        assert tree(broken) == before
        if not died:
            assert deadly > 5
            return
    raise AssertionError("it never came to its end")


def test_a_folder_that_may_not_be_written_is_an_error_with_everything_as_it_was(
    bare: Container, broken: Path, shell: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tree(broken)
    real, count = atomic.put_copy, 0

    def refusing(source: Path, target: Path) -> None:
        nonlocal count
        count += 1
        if count == 6:
            raise ConsoleError("No.")
        real(source, target)

    monkeypatch.setattr(repair, "put_copy", refusing)
    with pytest.raises(ConsoleError):
        Repair(bare, broken, shell).apply()
    assert tree(broken) == before
