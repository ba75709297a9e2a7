"""The install of a build: what it links out of uv's cache, and that a scarce disk gets no cache that stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.events import ignore
from console.pythons.interpreters import version_of
from console.results import Disk, RebuildPlan
from console.venv import build
from console.venv.build import Builder
from console.venv.installer import SPARE_DISK
from console.venv.progress import JobProgress
from console.venv.stages import stages

from .wheels import make_wheel

NEEDED = 1_000_000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where uv's cache of the user is to be."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("UV_CACHE_DIR", "UV_NO_CACHE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache" / "uv"


def _build(container: Container, folder: Path, line: str = "small") -> Path:
    """Build with one package; its module."""
    make_wheel(container.app, "small", "1.0", files={"small.py": "A = 1\n"})
    container.requirements.write_text(f"--no-index\n--find-links .\n{line}\n")
    python = container.python
    assert python is not None
    version = version_of(python)
    assert version is not None
    plan = RebuildPlan(
        strategy="beside",
        reason="",
        from_python=None,
        to_python=version,
        interpreter=python,
        requirements=container.requirements,
        packages=(),
        bytes_needed=NEEDED,
        bytes_free=0,
        ok=True,
        problems=(),
        commands=(),
    )
    progress = JobProgress(ignore, stages("beside", version))
    Builder(container, plan, progress, lambda: None).build(folder)
    return next(folder.glob("lib/*/site-packages/small.py"))


def test_what_is_installed_is_linked_out_of_the_cache(bare: Container, tmp_path: Path, cache: Path) -> None:
    module = _build(bare, tmp_path / "new")
    assert module.stat().st_nlink == 2
    assert any(file.samefile(module) for file in cache.rglob("small.py"))
    assert not (tmp_path / "new" / ".cache").exists()


def _free(monkeypatch: pytest.MonkeyPatch, count: float) -> None:
    monkeypatch.setattr(build, "disk", lambda container: Disk(0, int(count)))


def test_a_scarce_disk_gets_no_cache_that_stays(
    bare: Container, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _free(monkeypatch, NEEDED * SPARE_DISK - 1)
    module = _build(bare, tmp_path / "new")
    assert module.stat().st_nlink == 1
    assert not cache.exists()
    assert not (tmp_path / "new" / ".cache").exists()


def test_an_install_that_fails_leaves_no_cache_either(
    bare: Container, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _free(monkeypatch, NEEDED)
    with pytest.raises(ConsoleError):
        _build(bare, tmp_path / "new", "gone")
    assert not cache.exists()
    assert not (tmp_path / "new" / ".cache").exists()


def test_a_cache_that_the_customer_has_chosen_is_used(
    bare: Container, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "chosen"))
    _free(monkeypatch, 0)
    module = _build(bare, tmp_path / "new")
    assert module.stat().st_nlink == 2
    assert (tmp_path / "chosen").is_dir()
