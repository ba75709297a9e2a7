"""/srv/bin/primary_tech, the symlink that chooses among the runtime generation's interpreters.

The hosting's own menu makes it as ``ln -s /opt/techs/python-3.12.1/bin /srv/bin/primary_tech``; whoever changes it
keeps the form, absolute or relative, that it has. It may be missing, lead to another kind of tech (node, php), to
somebody's own folder or nowhere.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path

from ..atomic import replace_link, sync_folder, unwritable
from ..container import Container
from ..results import ChoiceChange
from ..text import _
from .interpreters import version_of


def link_text(link: Path) -> str | None:
    """The text of the symlink ``link``, to the last slash; None when it is none."""
    try:
        return os.readlink(link)  # noqa: PTH115 - a Path drops a slash at its end
    except OSError:
        return None


def folder_behind(link: Path, text: str | None) -> Path | None:
    """The real folder that ``link`` leads to when its text is ``text``; it need not exist."""
    return Path(os.path.realpath(link.parent / text)) if text is not None else None


def python_behind(link: Path, text: str | None) -> str | None:
    """The version of the Python that is chosen when the text of ``link`` is ``text``; None when none is."""
    folder = folder_behind(link, text)
    return version_of(folder / "python3") if folder is not None else None


def plan_choice(container: Container, python: Path, version: str) -> ChoiceChange | None:
    """What choosing ``python``, an interpreter of the image, changes; None when it is chosen already."""
    link = container.primary_tech
    old, folder = link_text(link), python.parent
    if folder_behind(link, old) == Path(os.path.realpath(folder)):
        return None
    absolute = old is None or os.path.isabs(old)  # noqa: PTH117
    new = str(folder) if absolute else os.path.relpath(folder, os.path.realpath(link.parent))
    return ChoiceChange(link, old, new, python_behind(link, old), version)


def choice_obstacles(link: Path) -> list[str]:
    """Why the symlink ``link`` cannot be set, one sentence each; empty when nothing speaks against it."""
    if os.path.lexists(link) and not link.is_symlink():
        said = _("{path} is no symlink, and replacing it would lose it. Move it away, and try again.")
        return [said.format(path=link)]
    folder = link.parent
    while not os.path.lexists(folder):
        folder = folder.parent
    if not folder.is_dir():
        return [_("{path} is no folder, so that nothing can be chosen in it.").format(path=folder)]
    if not os.access(folder, os.W_OK | os.X_OK):
        said = _("{path} may not be written, so that no other Python can be chosen. Check its owner and its mode.")
        return [said.format(path=folder)]
    return []


def choice_warnings(container: Container, change: ChoiceChange) -> list[str]:
    """What should be known of what the symlink leads to before the ``change``."""
    link, old = change.path, change.old
    folder = folder_behind(link, old)
    if old is None or folder is None:
        return []
    if not folder.exists():
        return [_("{path} leads to {target}, which does not exist.").format(path=link, target=old)]
    techs = Path(os.path.realpath(container.techs))
    if not folder.is_relative_to(techs):
        said = _("{path} leads to {target}, which is none of {techs}: the symlink is replaced, what it leads to stays.")
        return [said.format(path=link, target=old, techs=container.techs)]
    tech = folder.relative_to(techs).parts[:1]
    if tech and not tech[0].startswith("python-"):
        said = _("{tech} is chosen now: what it brings is no longer found by {path}.")
        return [said.format(tech=tech[0], path=link)]
    return []


def set_link(link: Path, text: str | None) -> None:
    """Give the symlink ``link`` that text in one step; None removes it. Raises ConsoleError when that is not possible;
    it is as before then.
    """
    try:
        if text is not None:
            link.parent.mkdir(parents=True, exist_ok=True)
            replace_link(link, text)
            return
        with contextlib.suppress(FileNotFoundError):
            link.unlink()
            sync_folder(link.parent)
    except OSError as error:
        raise unwritable(link, error) from error


def choice_commands(change: ChoiceChange) -> tuple[str, ...]:
    """The shell commands that the ``change`` stands for."""
    if change.new is None:
        return (shlex.join(["rm", str(change.path)]),)
    guard = ["--"] if change.new.startswith("-") else []
    return (shlex.join(["ln", "-sfn", *guard, change.new, str(change.path)]),)
