"""What is wrong with a static block: the slash rule, the folder, and what must never be served."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from ..container import Container
from ..results import StaticProblem
from ..shell_commands import console_command
from ..text import _
from .block import Block
from .folders import Account, closed_on_the_way, secret_in

OK = "ok"
LEAK = "slash-leak"
MISSING = "slash-missing"
SIBLING = "slash-sibling"


def slash_case(location: str, alias: str) -> str:
    """How ``location`` and ``alias`` end, told by what nginx makes of it: it puts alias in location's place.

    "ok": both end with a slash. "slash-leak": only alias does; ``/static../x`` opens what lies beside the folder.
    "slash-missing": only location does; nothing is served. "slash-sibling": neither; ``/static-private/x`` is
    served too.
    """
    if location.endswith("/"):
        return OK if alias.endswith("/") else MISSING
    return LEAK if alias.endswith("/") else SIBLING


def problems_of(container: Container, block: Block, account: Account) -> tuple[StaticProblem, ...]:
    """What is wrong with ``block`` if it is active, the worst first; errors mean that it leaks or does not serve."""
    if not block.uses:
        return (_serves_nothing(block),)
    problems = [*_slash_problems(block)]
    if "$" not in block.alias:
        problems += _folder_problems(container, block, account)
    return tuple(sorted(problems, key=lambda problem: problem.severity != "error"))


def folder_of(container: Container, block: Block) -> Path:
    """The folder (or file) that a block serves, as it is to be opened here."""
    return container.under_root(os.path.normpath(block.alias or "/"))


def protected(container: Container, folder: Path) -> str | None:
    """Why ``folder`` must never be served, None where nothing speaks against it."""
    real = folder.resolve()
    # Nothing in or around these; the app's own folder may have a folder for static files in it.
    for kept in (container.srv / "conf", container.log_dir, container.state_dir, container.srv / ".ssh"):
        if real.is_relative_to(kept.resolve()) or kept.resolve().is_relative_to(real):
            return _("{folder} would be readable for everybody.").format(folder=kept)
    if container.app.resolve().is_relative_to(real):
        return _("The app's code and its settings would be readable for everybody.")
    secret = secret_in(real)
    return _("{file} would be readable for everybody.").format(file=secret) if secret is not None else None


def _serves_nothing(block: Block) -> StaticProblem:
    if block.handler:
        return StaticProblem(
            "not-static",
            "error",
            _("location {location} has {directive} and serves no files.").format(
                location=block.location, directive=block.handler
            ),
            _("Choose another location, or take that directive out by hand."),
        )
    return StaticProblem(
        "no-folder",
        "error",
        _("location {location} has no alias.").format(location=block.location),
        _("Write the folder that it is to serve into it: alias {folder};").format(folder="/srv/static/"),
    )


def _slash_problems(block: Block) -> Iterator[StaticProblem]:
    if block.uses != "alias" or block.modifier == "=":
        return
    case = slash_case(block.location, block.alias)
    if case == OK:
        return
    location, alias = block.location, block.alias
    said = {
        LEAK: _(
            "location {location} ends without a slash, alias {alias} with one: {location}../ opens what lies beside "
            "the folder."
        ),
        MISSING: _(
            "location {location} ends with a slash, alias {alias} without one: nginx glues names to the folder's and "
            "finds nothing."
        ),
        SIBLING: _(
            "location {location} and alias {alias} both end without a slash: {location}-x opens {alias}-x beside the "
            "folder, and the app never gets such paths."
        ),
    }[case]
    yield StaticProblem(
        case,
        "warning" if case == SIBLING else "error",
        said.format(location=location, alias=alias),
        _("End both with a slash: console static on --location {location}/ --alias {alias}/").format(
            location=location.rstrip("/"), alias=alias.rstrip("/")
        ),
        "edit",
    )


def _folder_problems(container: Container, block: Block, account: Account) -> Iterator[StaticProblem]:
    folder = folder_of(container, block)
    closed = next(iter(closed_on_the_way(folder, account)), None)
    if closed is not None:
        yield StaticProblem(
            "folder-closed",
            "error",
            _("nginx may not enter {folder}, and answers 403.").format(folder=closed),
            _("Let it in: {command}").format(command=shlex.join(["chmod", "o+x", str(closed)])),
            "files",
        )
        return
    if block.modifier == "=":
        if not folder.is_file():
            yield StaticProblem("file-missing", "error", _("There is no file {path}.").format(path=folder))
        return
    if not folder.is_dir():
        yield _missing(container, block, folder)
        return
    reason = protected(container, folder)
    if reason is not None:
        yield StaticProblem(
            "secret-folder",
            "error",
            _("{folder} must not be served.").format(folder=folder),
            reason + " " + _("Serve a folder that holds nothing but static files."),
            "edit",
        )
    elif os.access(folder, os.R_OK) and not any(folder.iterdir()):
        yield _empty(container, folder)


def _empty(container: Container, folder: Path) -> StaticProblem:
    """Where the app is a Django project, its own command fills it."""
    remedy = ""
    if (container.app / "manage.py").is_file():
        command = console_command(container, "static", "collect")
        remedy = _("Collect the files: {command}").format(command=command)
    return StaticProblem("folder-empty", "warning", _("The folder {folder} is empty.").format(folder=folder), remedy)


def _missing(container: Container, block: Block, folder: Path) -> StaticProblem:
    meant = container.under_root(os.path.normpath(block.folder))
    if block.uses == "root" and meant.is_dir():
        return StaticProblem(
            "root-doubled",
            "error",
            _("root {root} with location {location} serves {folder}, which does not exist.").format(
                root=block.folder, location=block.location, folder=folder
            ),
            _("Write alias in place of root: nginx puts the location behind a root."),
            "edit",
        )
    return StaticProblem(
        "folder-missing",
        "error",
        _("The folder {folder} does not exist.").format(folder=folder),
        _("Make it: {command}").format(command=shlex.join(["mkdir", "-p", str(folder)])),
        "files",
    )
