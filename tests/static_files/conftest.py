"""One running container for this room's tests; its site file and nginx are put back after each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from console.container import Container
from console.results import StaticChange
from console.static_files.change import apply_static, plan_static
from console.static_files.nginx import master_pid, reload
from console.static_files.probe import fetch


@pytest.fixture
def site(shared_container: Container) -> Iterator[Container]:
    """The shared container; the test may change its site file, its static folders and what nginx serves."""
    before = shared_container.site_file.read_bytes()
    yield shared_container
    shared_container.site_file.write_bytes(before)
    shutil.rmtree(shared_container.backups, ignore_errors=True)
    take_up(shared_container)


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
