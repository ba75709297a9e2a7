"""Small containers with the oldest and the newest supervisord."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import supervisord_versions
from .sandbox import Sandbox
from .supervisord_versions import Supervisord


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A small container that is not up yet, with the newest supervisord."""
    made = Sandbox(supervisord_versions.newest())
    yield made
    made.down()


@pytest.fixture(scope="session")
def oldest_supervisord(tmp_path_factory: pytest.TempPathFactory) -> Supervisord:
    return supervisord_versions.oldest(tmp_path_factory.mktemp("supervisord"))


@pytest.fixture(params=["oldest", "newest"])
def any_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A small container that is not up yet, with the oldest and then the newest supervisord."""
    if request.param == "oldest":
        made = Sandbox(request.getfixturevalue("oldest_supervisord"))
    else:
        made = Sandbox(supervisord_versions.newest())
    yield made
    made.down()
