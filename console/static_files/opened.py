"""Which file nginx opens for a path in a location (ngx_http_map_uri_to_path)."""

from __future__ import annotations

import os
import re

from .matching import Location, compiled

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def file_of(location: Location, path: bytes, captures: tuple[str, ...] = ()) -> str | None:
    """The file's path as nginx makes it of the normalised ``path``; None where a variable decides it.

    An alias stands in the place of the location's path, with a regular expression in the place of all of it; a root
    stands before the whole. Both are inherited by what is nested.
    """
    for holder in (location.node, *reversed(location.around)):
        setting = holder.first("alias", "root")
        if setting is None:
            continue
        text = _expanded(location, setting.texts[0], path, captures)
        if text is None:
            return None
        if setting.name == "root":
            return text.rstrip("/") + os.fsdecode(path)
        within = _location_at(location, holder)
        if within is None or within.is_regex:
            return text
        return text + os.fsdecode(path[len(os.fsencode(within.path)) :])
    return None


def _location_at(location: Location, holder: object) -> Location | None:
    """The location whose directive is ``holder``: this one, or one that it is nested in."""
    from .block import location_words

    if location.node is holder:
        return location
    node = next((node for node in location.around if node is holder), None)
    words = location_words(node.directive) if node is not None and node.name == "location" else None
    return Location(node, words[0], words[1].text, (), ()) if node is not None and words is not None else None


def _expanded(location: Location, text: str, path: bytes, captures: tuple[str, ...]) -> str | None:
    """``text`` with the variables that are known here: captures and the path."""
    names = _named(location, path) if location.is_regex else {}
    unknown = False

    def value(found: re.Match[str]) -> str:
        nonlocal unknown
        name = found.group(1) or found.group(2)
        if name == "uri":
            return os.fsdecode(path)
        if name.isdigit() and int(name) < len(captures):
            return captures[int(name)]
        if name in names:
            return names[name]
        unknown = True
        return ""

    expanded = _VARIABLE.sub(value, text)
    return None if unknown else expanded


def _named(location: Location, path: bytes) -> dict[str, str]:
    pattern = compiled(location)
    found = pattern.search(path) if pattern is not None else None
    return {name: os.fsdecode(text or b"") for name, text in found.groupdict().items()} if found else {}
