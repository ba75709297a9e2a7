"""The file of a served folder that a request is made for, to see whether nginx serves the folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..container import Container
from .configuration import read_configuration
from .explain import choose_server
from .matching import Location, locations_of, match
from .probe import a_file


def a_file_of(
    container: Container, location: str, folder: Path, *, host: str = "", port: int | None = None
) -> tuple[Path, bytes] | None:
    """A file of ``folder``, with its content, that a request below ``location`` is for: where another location of the
    server takes some of them, one that it does not take. None without one.
    """
    server = choose_server(read_configuration(container), port or container.http_port, host)
    if server is None:
        return a_file(folder)
    return a_file(folder, _taken_by(location, folder, locations_of(server)))


def _taken_by(location: str, folder: Path, locations: tuple[Location, ...]) -> Callable[[Path], bool]:
    def is_taken(path: Path) -> bool:
        found = match(locations, os.fsencode(f"{location.rstrip('/')}/{path.relative_to(folder)}"))
        winner = found.location
        return not found.sure or winner is None or winner.path.rstrip("/") == location.rstrip("/")

    return is_taken
