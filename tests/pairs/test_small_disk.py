"""Rebuilds on a real disk that has no room for two virtualenvs, by the worker."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container, disk, find_container
from console.events import Cancelled
from console.lock import holder
from console.playground import container_up
from console.results import Rebuild, RebuildPlan
from console.venv.attaching import JobKilled, attach, cancel
from console.venv.jobs import JobFolder, Request
from console.venv.launching import launch
from console.venv.look import read_venv
from console.venv.plan import plan_rebuild
from console.venv.recovery import recover
from tests import containers, disks, needs

from ..faults.scene import wait_for_step
from ..venv.snapshots import tree, without_byte_code
from ..venv.wheels import make_wheel
from .asking import answering_python

LARGE = 24_000_000
BACKEND = """
import pathlib
def prepare_metadata_for_build_wheel(folder, settings=None):
    info = pathlib.Path(folder, "broken-1.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: broken\\nVersion: 1\\n")
    (info / "WHEEL").write_text("Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    return info.name
def build_wheel(folder, settings=None, metadata=None):
    raise SystemExit("no compiler here")
"""
SETTINGS = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """uv unpacks every wheel that it sees into its cache: this one goes with the tests."""
    folder = tmp_path_factory.mktemp("cache")
    yield folder
    shutil.rmtree(folder)


def _make_large(wheels: Path, size: int) -> Path:
    return make_wheel(wheels, "large", "1.0", files={"large.bin": os.urandom(1000) * (size // 1000)})


@pytest.fixture
def small(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    """A container on a disk of its own, with a large package and less free room than its virtualenv takes."""
    needs.program("nginx")
    monkeypatch.setenv("UV_CACHE_DIR", str(cache))
    folder = containers.new_folder()
    with disks.mounted(folder, 250_000):
        root = folder / "c"
        port, app_port = containers.free_ports()
        try:
            container_up(root, port=port, app_port=app_port, python=needs.interpreters(1)[0].version)
            container = find_container(root)
            _require(container, str(_make_large(tmp_path, LARGE)))
            plan = plan_rebuild(container)
            first = attach(container, launch(container, Request("rebuild", plan, keep=1)))
            assert first is not None, plan
            assert first.ok, first
            _forget_the_way_back(container)
            (container.venv.resolve() / "notes-of-mine.txt").write_text("mine\n")
            _fill(container, room=plan_rebuild(container, strategy="in-place").bytes_needed + 1_000_000)
            yield container
        finally:
            containers.remove(root)
    folder.rmdir()


def _forget_the_way_back(container: Container) -> None:
    """Let the virtualenv in use be the only one."""
    for each in container.venvs.iterdir():
        if each.is_symlink():
            each.unlink()
        elif each != container.venv.resolve():
            each.rename(container.root / "original")


def _require(container: Container, *lines: str) -> None:
    with container.requirements.open("a") as file:
        file.write("".join(f"{line}\n" for line in lines))


def _fill(container: Container, *, room: int) -> None:
    """A file of the customer's that leaves ``room`` bytes of the disk."""
    with (container.srv / "filler").open("wb") as file:
        for _megabyte in range((disk(container).free_bytes - room) // 1_000_000):
            file.write(bytes(1_000_000))


def _planned(container: Container) -> RebuildPlan:
    plan = plan_rebuild(container)
    assert plan.ok, plan.problems
    assert plan.strategy == "in-place"
    assert "no room for two" in plan.reason
    assert plan_rebuild(container, strategy="beside").problems
    return plan


class _Before:
    """What is to be there again after a rebuild that came to nothing."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._link = container.venv.readlink()
        self._files = without_byte_code(tree(container.venv.resolve()))
        self._python = answering_python(container)
        assert "notes-of-mine.txt" in self._files
        assert self._python is not None

    def check(self) -> None:
        assert self._container.venv.readlink() == self._link
        assert without_byte_code(tree(self._container.venv.resolve())) == self._files
        assert [each.name for each in self._container.venvs.iterdir()] == [self._link.name]
        assert answering_python(self._container) == self._python
        assert read_venv(self._container, probe=True).state == "ok"
        assert holder(self._container.lock) is None


def _done(container: Container, job: JobFolder) -> Rebuild:
    result = attach(container, job)
    assert result is not None
    return result


def test_it_is_rebuilt_in_place(small: Container) -> None:
    plan = _planned(small)
    assert [Path(each).name for each in plan.own_files] == ["notes-of-mine.txt"]
    old = small.venv.resolve()
    result = _done(small, launch(small, Request("rebuild", plan)))
    assert result.ok, result
    assert answering_python(small) == plan.to_python
    assert [each.name for each in small.venvs.iterdir()] == [small.venv.resolve().name]
    assert small.venv.resolve() != old
    found = read_venv(small, requirements=True, probe=True)
    assert (found.state, found.unmet, found.rollback) == ("ok", (), False)


def test_a_build_that_fails_brings_the_old_one_back(small: Container) -> None:
    broken = small.srv / "broken"
    broken.mkdir()
    (broken / "pyproject.toml").write_text(SETTINGS)
    (broken / "backend.py").write_text(BACKEND)
    _require(small, str(broken))
    before = _Before(small)
    result = _done(small, launch(small, Request("rebuild", _planned(small))))
    assert (result.ok, result.undone) == (False, True)
    assert "broken" in result.error
    assert "The app runs from the virtualenv before again." in result.remedy
    assert result.downtime_seconds is not None
    before.check()


def test_a_new_one_that_is_larger_than_the_disk_brings_the_old_one_back(small: Container, tmp_path: Path) -> None:
    before = _Before(small)
    plan = _planned(small)
    _make_large(tmp_path, 5 * LARGE)
    result = _done(small, launch(small, Request("rebuild", plan)))
    assert (result.ok, result.undone) == (False, True)
    assert "No space left" in result.error
    before.check()


@pytest.mark.parametrize("step", ["pack", "create", "install", "compile", "prove"])
def test_taken_back_it_brings_the_old_one_back(small: Container, step: str) -> None:
    before = _Before(small)
    job = launch(small, Request("rebuild", _planned(small)))
    wait_for_step(job, step)
    cancel(small, job)
    with pytest.raises(Cancelled):
        attach(small, job)
    before.check()


def test_killed_it_is_recovered_with_the_old_one(small: Container) -> None:
    before = _Before(small)
    job = launch(small, Request("rebuild", _planned(small)))
    wait_for_step(job, "install")
    told = holder(small.lock)
    assert told is not None
    assert isinstance(told["pid"], int)
    os.kill(told["pid"], signal.SIGKILL)
    with pytest.raises(JobKilled):
        attach(small, job)
    assert answering_python(small) is None
    assert recover(small).ok
    before.check()
