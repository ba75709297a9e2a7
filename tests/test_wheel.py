"""The wheel, as a customer's machine gets it: installed into a fresh environment, started from another folder."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv

from console.container import Container
from tests.installation.places import need_the_machines_python
from tests.terminal import Terminal

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--installer", "uv", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_wheel_has_styles_and_translations_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"console/styles/{file.name}" for file in (ROOT / "styles").glob("*.tcss")} <= names
    assert "console/locale/cs/LC_MESSAGES/console.mo" in names
    assert not any(name.startswith("tests/") for name in names)


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and nothing else."""
    fresh = tmp_path_factory.mktemp("environment") / "fresh"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(fresh)], check=True)
    install = [uv.find_uv_bin(), "pip", "install", "--quiet", "--python", str(fresh / "bin" / "python")]
    subprocess.run([*install, "--constraint", str(ROOT / "constraints.txt"), str(wheel)], check=True)
    return fresh


def test_installed_console_starts_from_another_folder(fresh: Path, tmp_path: Path, shared_container: Container) -> None:
    command = [str(fresh / "bin" / "console"), "--root", str(shared_container.root)]
    with Terminal(command, cwd=tmp_path) as terminal:
        terminal.wait_for("The site is up", 30)
        terminal.press("t")
        terminal.wait_for("Static files")
        terminal.press("qq")
        assert terminal.wait_for_end() == 0


def test_installed_console_makes_a_copy_that_needs_no_environment(
    fresh: Path, tmp_path: Path, shared_container: Container
) -> None:
    need_the_machines_python()
    there = tmp_path / "there"
    subprocess.run([fresh / "bin" / "console", "install", "--to", there], check=True, capture_output=True, cwd=tmp_path)
    assert (there / "lib/rosti-console/app/console/styles/theme.tcss").is_file()
    launched = [str(there / "bin" / "console"), "--root", str(shared_container.root)]
    fresh.rename(fresh.with_name("gone"))
    try:
        with Terminal(launched, cwd=tmp_path) as terminal:
            terminal.wait_for("The site is up", 30)
            terminal.press("q")
            assert terminal.wait_for_end() == 0
    finally:
        fresh.with_name("gone").rename(fresh)
