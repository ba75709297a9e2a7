"""A static block that is commented out only in part, finished: the comment signs of its other lines taken off too."""

from __future__ import annotations

import re

from .block import half_commented, half_commented_text, own
from .syntax import every, parse
from .tokens import SiteSyntaxError, line_of

_LINES = 40  # of a block looked at
_LOCATION = re.compile(rb"[ \t]*(#*)[ \t]*location\b")
_DIRECTIVE = re.compile(rb"([ \t]*)#+([ \t]*)((?:[^#\s].*?)?[;{}][ \t]*(?:#.*)?\r?)\Z", re.DOTALL)


def finished(data: bytes, line: int) -> tuple[bytes, int] | None:
    """``data`` with the half-commented block around ``line`` (the first is 1) active, and the line of its location.

    None where there is none that would become one location with a folder in a file that can be read. Prose in
    comments stays a comment.
    """
    lines = data.split(b"\n")
    for start in range(min(line, len(lines)) - 1, max(-1, line - 1 - _LINES), -1):
        if not _LOCATION.match(lines[start]):
            continue
        for end in range(start + 1, min(start + _LINES, len(lines)) + 1):
            block = [_uncommented(each) for each in lines[start:end]]
            if block != lines[start:end] and _is_static(b"\n".join(block)):
                whole = b"\n".join([*lines[:start], *block, *lines[end:]])
                return (whole, start + 1) if _parses(whole) else None
    return None


def half_commented_line(data: bytes) -> int | None:
    """A line of the first half-commented block of a file, None where there is none to be seen."""
    try:
        site = parse(data)
    except SiteSyntaxError as error:
        return error.line if half_commented_text(data) else None
    stray = half_commented(site)
    if stray is not None:
        return stray
    for path in every(site.body):
        if path[-1].name == "location" and own(path[-1], "alias", "root") is None:
            line = line_of(data, path[-1].start)
            if finished(data, line) is not None:
                return line
    return None


def _uncommented(line: bytes) -> bytes:
    found = _DIRECTIVE.match(line)
    if found is None:
        return line
    indent, space, text = found.groups()
    # One space belongs to the sign; a deeper indentation comes in twos.
    kept = space[1:] if b"\t" not in space and len(space) % 2 else space
    return indent + kept + text


def _is_static(text: bytes) -> bool:
    try:
        body = parse(text).body
    except SiteSyntaxError:
        return False
    return len(body) == 1 and body[0].name == "location" and own(body[0], "alias", "root") is not None


def _parses(data: bytes) -> bool:
    try:
        parse(data)
    except SiteSyntaxError:
        return False
    return True
