"""One running container for this room's tests; its site file and nginx are put back after each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.container import Container, find_container
from console.results.static import StaticChange
from console.static_files.change import apply_static, plan_static
from console.static_files.nginx import master_pid, reload
from console.static_files.probe import fetch
from console.static_files.record import record_file


@pytest.fixture
def site(shared_container: Container) -> Iterator[Container]:
    """The shared container; the test may change its site file, its static folders and what nginx serves."""
    before = shared_container.site_file.read_bytes()
    yield shared_container
    shared_container.site_file.write_bytes(before)
    shutil.rmtree(shared_container.backups, ignore_errors=True)
    record_file(shared_container).unlink(missing_ok=True)
    take_up(shared_container)


@pytest.fixture
def written(tmp_path: Path) -> Container:
    """A container of files alone, in which nothing runs; its folders can be entered by everybody."""
    for name in ("conf/supervisor.d", "conf/nginx.d", "logs", "run", "app/static", "static"):
        (tmp_path / "srv" / name).mkdir(parents=True)
    (tmp_path / "srv/static/a.txt").write_text("a")
    (tmp_path / "srv/static/a.css").write_text("css")
    for folder in (tmp_path, *tmp_path.parents[:-2]):  # pytest keeps its folders for itself
        folder.chmod(folder.stat().st_mode | 0o011)
    return find_container(tmp_path)


def take_up(container: Container) -> None:
    """Let nginx have the site file as it is."""
    master = master_pid(container)
    assert master is not None
    assert reload(master, 10.0)


def turn(container: Container, wanted: str, *, alias: str | None = None) -> StaticChange:
    """Plan the change and make it."""
    return apply_static(container, plan_static(container, wanted, alias=alias))


def status(container: Container, url: str) -> int | None:
    """The status that the site answers with."""
    return fetch(container.http_port, url).status
