"""What other locations of the same server do to a static block: take its requests, or stand there twice."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..container import Container
from ..results import StaticProblem
from ..text import _, ngettext
from .matching import Location, every_location, match
from .opened import file_of

# Asked for where the folder has no files: what sites have.
_USUAL = ("a.css", "a.js", "a.png", "a.svg", "a.txt", "a.html", "a.woff2")


def location_problems(
    container: Container, locations: tuple[Location, ...], location: Location, samples: Iterable[str]
) -> Iterator[StaticProblem]:
    """``samples`` are names of files in its folder; ``locations`` is the whole tree of the server."""
    twin = _twin(locations, location)
    if twin is not None:
        yield StaticProblem(
            "duplicate",
            "error",
            _("location {location} stands twice: also {place}. nginx does not start with it.").format(
                location=location.shown, place=place_of(twin)
            ),
            _("Comment one of the two out."),
            "edit",
        )
        return
    if location.is_regex or location.modifier == "=" or location.handler is not None:
        return
    asked = tuple(samples) or _USUAL
    taken: list[tuple[str, Location]] = []
    for name in asked:
        path = f"{location.path.rstrip('/')}/{name}"
        found = match(locations, os.fsencode(path))
        winner = found.location
        if not found.sure or winner is None or winner.node is location.node:
            continue
        if winner.handler is None and _same_file(container, winner, location, path, found.captures):
            continue
        taken.append((path, winner))
    if taken:
        yield _shadowed(taken, len(asked), location)


def place_of(location: Location) -> str:
    """``python.conf:12``"""
    return f"{location.node.source.file.name}:{location.node.line}"


def _shadowed(taken: list[tuple[str, Location]], asked: int, location: Location) -> StaticProblem:
    path, winner = taken[0]
    by_regex = winner.is_regex and location.modifier == ""
    count = len(taken)
    title = _("location {winner} ({place}) takes {path} from location {location}.").format(
        winner=winner.shown, place=place_of(winner), path=path, location=location.shown
    )
    if count > 1:
        title += " " + ngettext("{n} of {of} such paths.", "{n} of {of} such paths.", count).format(n=count, of=asked)
    if by_regex:
        remedy = _("A regular expression goes before a plain location; with ^~ this one goes before it.")
    else:
        remedy = _("The longer location wins. Take one of the two out by hand, if that is not meant.")
    nested = winner in every_location(location.nested)
    return StaticProblem(
        "shadowed",
        "error" if count == asked else "warning",
        title,
        remedy,
        "edit" if by_regex and not nested else "",
    )


def _twin(locations: tuple[Location, ...], location: Location) -> Location | None:
    """Another location of the same level for the same path; ``=`` is a path of its own, ``^~`` is not."""
    for level in (locations, *(each.nested for each in every_location(locations))):
        if not any(each.node is location.node for each in level) or location.is_regex:
            continue
        for each in level:
            same = each.path == location.path and (each.modifier == "=") == (location.modifier == "=")
            if same and each.node is not location.node and not each.is_regex:
                return each
    return None


def _same_file(
    container: Container, winner: Location, location: Location, path: str, captures: tuple[str, ...]
) -> bool:
    asked = os.fsencode(path)
    opened, meant = file_of(winner, asked, captures), file_of(location, asked)
    if opened is None or meant is None:
        return opened is None  # a variable decides it: nothing is known against it
    return _here(container, opened) == _here(container, meant)


def _here(container: Container, path: str) -> Path:
    return container.under_root(os.path.normpath(path))
