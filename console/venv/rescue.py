"""A requirements.txt where there is none, from what lies in the virtualenv; its interpreter need not run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..atomic import diff, write_file
from ..container import Container
from ..errors import ConsoleError
from ..pythons.interpreters import image_python
from ..results import Rescue
from ..text import _
from .anatomy import read_anatomy
from .checkout import checkout_link
from .installed import (
    SEEDS,
    Installed,
    developed_folder,
    folder_of,
    metadata_entries,
    read_entry,
    read_installed,
    requirement_for,
)
from .needs import top_level
from .own_files import own_modules
from .requirements import marker_environment


def plan_rescue(container: Container, *, top_level_only: bool = True) -> Rescue:
    """The requirements.txt that gives again what is installed; nothing is written.

    First what was asked for by name, as installers mark it, then what no other package needs, with
    ``top_level_only`` False then also the rest, each under a heading. Links, commits and folders in development
    stay what they are. What cannot be installed again (its folder or file is gone) stands as a comment; the index
    may have something else of the same name. Raises ConsoleError where the file exists, or there is no virtualenv.
    """
    path = container.requirements
    _refuse_existing(path)
    anatomy = read_anatomy(container.venv)
    if anatomy is None:
        raise ConsoleError(_("There is nothing to freeze."), _("{path} is no virtualenv.").format(path=container.venv))
    site_packages = anatomy.site_packages
    image = image_python(container)
    environment = marker_environment(anatomy.python or (image[1] if image else None))
    installed = read_installed(site_packages)
    unknown = list(_unread(site_packages, installed)) if site_packages is not None else []
    lines: dict[str, str] = {}
    lost: list[str] = []
    for one in installed:
        if one.key not in SEEDS:
            line, problem = _line(container, one)
            unknown += [problem] if problem else []
            if line:
                lines[one.key] = line
            else:
                lost.append(requirement_for(one))
    if site_packages is not None:
        said = _("{name} in site-packages belongs to no package: it was put there by hand.")
        unknown += [said.format(name=name) for name in own_modules(container.venv, site_packages)]
    if not lines and not unknown:
        raise ConsoleError(_("There is nothing to freeze."), _("{path} has no packages.").format(path=container.venv))
    kept = {one.key: one for one in installed if one.key in lines}
    new = _text(kept, lines, lost, environment, top_level_only).encode("utf-8", "surrogateescape")
    packages = sum(bool(line) and not line.startswith(b"#") for line in new.split(b"\n"))
    return Rescue(path=path, new=new, diff=diff(b"", new, str(path)), packages=packages, unknown=tuple(unknown))


def apply_rescue(container: Container, rescue: Rescue) -> None:
    """Write ``rescue``. Raises ConsoleError when the file exists by then, or cannot be written."""
    _refuse_existing(rescue.path)
    write_file(rescue.path, rescue.new, backups=container.backups)


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise ConsoleError(
            _("{path} is there already.").format(path=path),
            _("A rescue only writes one where there is none."),
            _("Bring it up to date with: console venv freeze"),
        )


def _text(
    kept: Mapping[str, Installed],
    lines: Mapping[str, str],
    lost: list[str],
    environment: Mapping[str, str],
    top_level_only: bool,
) -> str:
    asked = {key for key, one in kept.items() if one.requested}
    tops = top_level(kept.values(), environment) - asked
    rest = set() if top_level_only else kept.keys() - asked - tops
    parts = [
        (_("asked for by name"), asked),
        (_("installed, and needed by no other package"), tops),
        (_("needed by those above"), rest),
    ]
    text = "".join(
        f"# {title}\n" + "".join(f"{lines[key]}\n" for key in sorted(keys)) for title, keys in parts if keys
    )
    if lost:
        title = _("was installed from a place that is gone")
        text += f"# {title}\n" + "".join(f"# {line}\n" for line in lost)
    return text


def _line(container: Container, one: Installed) -> tuple[str, str]:
    """The line that gives ``one`` again, empty where none does; and what is to be known of it."""
    place = folder_of(one.link)
    if place is None:
        return requirement_for(one), ""
    if not place.exists():
        said = (
            _("The folder {path} of {name}, which was in development, is gone.")
            if one.editable
            else _("{name} was installed from {path}, which is gone.")
        )
        return "", said.format(name=one.name, path=place)
    if Path(os.path.realpath(place)).is_relative_to(os.path.realpath(container.venv)):
        link = checkout_link(place)
        if link is None:
            said = _("{name} was installed from {path} in the virtualenv itself: move that folder out of it.")
            return "", said.format(name=one.name, path=place)
        said = _("{name} is a checkout in the virtualenv itself: what was changed in {path} and not pushed is not kept.")
        return f"{one.name} @ {link}", said.format(name=one.name, path=place)
    return requirement_for(one), ""


def _unread(site_packages: Path, installed: tuple[Installed, ...]) -> list[str]:
    """What lies in ``site_packages`` and could not be told as a distribution, one sentence each."""
    said = []
    by_key = {one.key: one for one in installed}
    for name in metadata_entries(site_packages):
        one = read_entry(site_packages / name)
        if one is None:
            folder = developed_folder(site_packages / name) if name.endswith(".egg-link") else None
            if folder is not None and not folder.exists():
                text = _("The folder {path} of {name}, which was in development, is gone.")
                said.append(text.format(name=name.removesuffix(".egg-link"), path=folder))
            else:
                said.append(_("{name} in site-packages cannot be read: what it was is not known.").format(name=name))
        elif (first := by_key[one.key]).entry != one.entry and first.version != one.version:
            text = _("{name} is there twice, as {first} and {second}: the first is taken.")
            said.append(text.format(name=one.name, first=first.version, second=one.version))
    try:
        eggs = sorted(name for name in os.listdir(site_packages) if name.endswith(".egg"))  # noqa: PTH208
    except OSError:
        eggs = []
    text = _("{name} is an egg, which no requirement gives again: write its line by hand.")
    return said + [text.format(name=name) for name in eggs]
