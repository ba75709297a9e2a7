"""What nginx really does with the static block, by requests to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import quote

from ..container import Container
from ..results import StaticProblem
from ..text import _
from .block import Block
from .nginx import master_pid, worker_account
from .probe import a_file, fetch, leaks, url_of
from .rules import folder_of
from .sample import a_file_of


def live_problems(
    container: Container, block: Block, *, host: str = "", port: int | None = None
) -> Iterator[StaticProblem]:
    """What requests show to be wrong: a file that is not served or still is, files beside the folder that are, and a
    path that is taken from the app. ``host`` and ``port`` are the server's (default: as the load balancer asks).
    """
    port = port or container.http_port
    folder = folder_of(container, block)
    if block.modifier == "=" or "$" in block.alias or not folder.is_dir():
        return
    if master_pid(container) is None:
        yield StaticProblem(
            "nginx-down",
            "warning",
            _("nginx does not run: what it serves could not be looked at."),
            _("Start it: console start nginx"),
        )
        return
    yield from _served(container, block, host, port)
    if block.active:
        for leak in leaks(port, block.location, block.alias, folder, worker_account(container), host=host):
            yield StaticProblem(
                "leak",
                "error",
                _("GET {url} gives {path}, which is not in the folder.").format(url=leak.url, path=leak.path),
                _("End location and alias both with a slash."),
            )
        if block.modifier in ("", "^~"):
            yield from taken_from_the_app(container, block.location, host)


def taken_from_the_app(container: Container, location: str, host: str = "") -> Iterator[StaticProblem]:
    """The app has a page of its own at ``location``; one that answers everything has none in particular."""
    if location == "/":
        return
    url = quote(os.fsencode(location), safe="/~!$&'()*+,;=:@")
    answer = fetch(container.app_port, url, host=host)
    if answer.status is None or answer.status >= 300:
        return
    other = fetch(container.app_port, f"/console-{os.urandom(4).hex()}/", host=host)
    if (other.status, other.body) == (answer.status, answer.body):
        return
    yield StaticProblem(
        "app-path",
        "warning",
        _("The app has a page at {url}, which nobody can reach: nginx takes it.").format(url=url),
        _("Serve the files at another location, or give the page another path."),
    )


def _served(container: Container, block: Block, host: str, port: int) -> Iterator[StaticProblem]:
    folder = folder_of(container, block)
    found = a_file_of(container, block.location, folder, host=host, port=port) if block.active else a_file(folder)
    if found is None:
        return
    path, data = found
    url = url_of(block.location, str(path.relative_to(folder)))
    answer = fetch(port, url, host=host)
    remedy = _("Let nginx take up its configuration: console restart nginx")
    if block.active and not answer.gives(data):
        said = str(answer.status) if answer.status is not None else answer.error
        title = _("GET {url} does not give {path}: {answer}.").format(url=url, path=path, answer=said)
        yield StaticProblem("not-served", "error", title, remedy, "edit")
    elif not block.active and answer.gives(data) and not fetch(container.app_port, url, host=host).gives(data):
        yield StaticProblem(
            "still-served", "warning", _("nginx still serves {path}.").format(path=path), remedy, "edit"
        )
