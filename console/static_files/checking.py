"""What nginx really does with the static block, by requests to it."""

from __future__ import annotations

from collections.abc import Iterator

from ..container import Container
from ..results import StaticProblem
from ..text import _
from .block import Block
from .nginx import master_pid
from .probe import a_file, fetch, leaks, url_of
from .rules import folder_of


def live_problems(container: Container, block: Block) -> Iterator[StaticProblem]:
    """What requests show to be wrong: a file that is not served or still is, and files beside the folder that are."""
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
    yield from _served(container, block)
    if block.active:
        for leak in leaks(container.http_port, block.location, block.alias, folder):
            yield StaticProblem(
                "leak",
                "error",
                _("GET {url} gives {path}, which is not in the folder.").format(url=leak.url, path=leak.path),
                _("End location and alias both with a slash."),
            )


def _served(container: Container, block: Block) -> Iterator[StaticProblem]:
    found = a_file(folder_of(container, block))
    if found is None:
        return
    path, data = found
    url = url_of(block.location, str(path.relative_to(folder_of(container, block))))
    answer = fetch(container.http_port, url)
    remedy = _("Let nginx take up its configuration: console restart nginx")
    if block.active and not answer.gives(data):
        said = str(answer.status) if answer.status is not None else answer.error
        title = _("GET {url} does not give {path}: {answer}.").format(url=url, path=path, answer=said)
        yield StaticProblem("not-served", "error", title, remedy)
    elif not block.active and answer.gives(data) and not fetch(container.app_port, url).gives(data):
        yield StaticProblem("still-served", "warning", _("nginx still serves {path}.").format(path=path), remedy)
