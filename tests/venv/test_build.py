"""The install of a build: what it links out of uv's cache, and that a scarce disk gets no cache that stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container
from console.errors import ConsoleError
from console.events import Event, OnEvent, Output, ignore
from console.pythons.interpreters import version_of
from console.results import Disk, PackageChange, RebuildPlan
from console.venv import build
from console.venv.build import Builder
from console.venv.installer import SPARE_DISK, agreed_versions
from console.venv.plan import plan_rebuild
from console.venv.progress import JobProgress
from console.venv.requirements import read_requirements
from console.venv.stages import stages

from .simple_index import SimpleIndex
from .wheels import make_sdist, make_wheel

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


@pytest.fixture
def index(bare: Container, cache: Path) -> Iterator[SimpleIndex]:
    """What the container's requirements.txt asks: an index that does not say how long its answers hold good."""
    make_wheel(bare.app / "wheels", "small", "1.0", files={"small.py": "A = 1\n"})
    with SimpleIndex(bare.app / "wheels") as index:
        bare.requirements.write_text(f"--index-url {index.url}\nsmall\n")
        yield index


def _carry_out(container: Container, plan: RebuildPlan, folder: Path, on_event: OnEvent = ignore) -> Path:
    """Build by ``plan``; the module of its package."""
    progress = JobProgress(on_event, stages("beside", plan.to_python or ""))
    Builder(container, plan, progress, lambda: None).build(folder)
    return next(folder.glob("lib/*/site-packages/small.py"))


def test_what_the_plan_has_found_out_and_the_cache_has_is_not_asked_for_again(
    bare: Container, tmp_path: Path, index: SimpleIndex
) -> None:
    plan = plan_rebuild(bare)
    index.asked.clear()
    _carry_out(bare, plan, tmp_path / "fetched")
    assert any(path.startswith("/files/") for path in index.asked)

    index.asked.clear()
    assert _carry_out(bare, plan, tmp_path / "new").stat().st_nlink == 3
    assert index.asked == []


def test_a_cache_that_would_give_another_version_than_the_plan_is_not_taken_for_the_index(
    bare: Container, tmp_path: Path, index: SimpleIndex
) -> None:
    plan = plan_rebuild(bare)
    newer = make_wheel(bare.app / "wheels", "small", "2.0", files={"small.py": "A = 2\n"})
    _carry_out(bare, plan_rebuild(bare), tmp_path / "fetched")
    newer.unlink()  # it was withdrawn

    assert _carry_out(bare, plan, tmp_path / "new").read_text() == "A = 1\n"


def test_a_link_is_asked_for_each_time(bare: Container, tmp_path: Path, index: SimpleIndex) -> None:
    bare.requirements.write_text(f"small @ {index.url.removesuffix('/simple')}/files/small-1.0-py3-none-any.whl\n")
    plan = plan_rebuild(bare)
    _carry_out(bare, plan, tmp_path / "fetched")

    index.asked.clear()
    _carry_out(bare, plan, tmp_path / "new")
    assert index.asked != []


def test_a_cache_that_was_emptied_is_done_without(
    bare: Container, tmp_path: Path, cache: Path, index: SimpleIndex
) -> None:
    plan = plan_rebuild(bare)
    _carry_out(bare, plan, tmp_path / "fetched")
    shutil.rmtree(cache)
    assert _carry_out(bare, plan, tmp_path / "new").exists()
    shutil.rmtree(cache)
    next(index.folder.iterdir()).unlink()
    with pytest.raises(ConsoleError) as caught:
        _carry_out(bare, plan, tmp_path / "third")
    assert "small was not found" in caught.value.cause  # and not that the network was not to be used


# Builds small when "go" is there: somebody has heard of it.
BACKEND = """
import pathlib, sys, time, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    limit = time.monotonic() + 10
    while not pathlib.Path({go!r}).exists():
        if time.monotonic() > limit:
            pathlib.Path({unheard!r}).touch()
            sys.exit("nobody has heard of it")
        time.sleep(0.02)
    name = "small-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.write("small.py")
        info = "small-1.0.dist-info"
        wheel.writestr(f"{{info}}/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n")
        wheel.writestr(f"{{info}}/WHEEL", "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{{info}}/RECORD", f"small.py,,\\n{{info}}/METADATA,,\\n{{info}}/WHEEL,,\\n{{info}}/RECORD,,\\n")
    return name
"""


def test_a_build_is_heard_of_while_it_runs_and_its_wheel_is_linked_the_next_time(
    bare: Container, tmp_path: Path, cache: Path, index: SimpleIndex
) -> None:
    next(index.folder.iterdir()).unlink()
    go, unheard = tmp_path / "go", tmp_path / "unheard"
    backend = BACKEND.format(go=str(go), unheard=str(unheard))
    make_sdist(index.folder, "small", "1.0", files={"small.py": "A = 1\n"}, backend=backend)

    def heard(event: Event) -> None:
        if isinstance(event, Output) and event.line.strip().startswith("Building small"):
            go.touch()

    plan = plan_rebuild(bare)
    assert [change.how for change in plan.packages] == ["build"]
    _carry_out(bare, plan, tmp_path / "built", heard)

    index.asked.clear()
    _carry_out(bare, plan, tmp_path / "linked")
    assert index.asked == []

    go.unlink()
    for wheel in list(cache.glob("sdists-*/**/*.whl")):
        shutil.rmtree(wheel.parent)
    _carry_out(bare, plan, tmp_path / "built again", heard)
    assert go.exists()
    assert not unheard.exists()


def test_a_plan_with_a_link_or_an_unknown_version_leaves_the_versions_to_the_installer(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("small\n")
    small, gone = PackageChange("small", "0.9", "1.0", "wheel"), PackageChange("gone", "1.0", None, "removed")
    built = PackageChange("built", None, None, "build")
    asked = read_requirements(file)
    assert agreed_versions(asked, [small, gone]) == ("small==1.0",)
    assert agreed_versions(asked, [small, built]) == ()
    file.write_text("small @ https://h.invalid/small-1.0-py3-none-any.whl\n")
    assert agreed_versions(read_requirements(file), [small]) == ()
