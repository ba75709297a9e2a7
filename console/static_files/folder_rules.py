"""What is wrong with what lies in a served folder: unreadable, secret, or reached through a link."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from ..container import Container
from ..results import StaticProblem
from ..text import _, ngettext
from .block import Block, own
from .folders import FolderFacts, is_secret
from .rules import protected


def content_problems(container: Container, block: Block, folder: Path, facts: FolderFacts) -> Iterator[StaticProblem]:
    """The problems of the files in ``folder``, as ``survey`` found them."""
    deep = [path for path in facts.secrets if path.parent.resolve() != folder.resolve()]
    if deep:
        yield StaticProblem(
            "secret-file",
            "error",
            _("{path} would be readable for everybody.").format(path=deep[0]),
            _("Move it out of the folder: everything in there is served."),
            "edit",
        )
    yield from _unreadable(folder, facts)
    if block.directive is None or own(block.directive, "disable_symlinks") is None:
        yield from _links(container, facts)


def _unreadable(folder: Path, facts: FolderFacts) -> Iterator[StaticProblem]:
    closed = [*facts.closed, *facts.unreadable]
    if not closed:
        return
    count = len(closed)
    yield StaticProblem(
        "files-unreadable",
        "error" if facts.files and len(facts.unreadable) == facts.files else "warning",
        ngettext(
            "nginx may not read {path}, and answers 403.",
            "nginx may not read {path} and {more} more, and answers 403.",
            count,
        ).format(path=closed[0], more=count - 1),
        _("Let it read them: {command}").format(command=shlex.join(["chmod", "-R", "o+rX", str(folder)])),
        "files",
    )


def _links(container: Container, facts: FolderFacts) -> Iterator[StaticProblem]:
    if not facts.links_out:
        return
    bad = [
        (link, target)
        for link, target in facts.links_out
        if is_secret(target) or any(is_secret(parent) for parent in target.parents) or _is_kept(container, target)
    ]
    link, target = (bad or list(facts.links_out))[0]
    yield StaticProblem(
        "symlink-out",
        "error" if bad else "warning",
        _("The link {link} leads out of the folder, to {target}.").format(link=link, target=target),
        _("Take the link out, or let nginx follow none in this folder: disable_symlinks on."),
        "edit",
    )


def _is_kept(container: Container, target: Path) -> bool:
    """Whether a link's target is, holds or lies in what must never be served."""
    if target.is_dir() and protected(container, target) is not None:
        return True
    kept = (container.srv / "conf", container.log_dir, container.state_dir, container.srv / ".ssh")
    if any(target.is_relative_to(each.resolve()) for each in kept):
        return True
    return target.is_relative_to(container.app.resolve()) and target.suffix == ".py"
