"""The colours that a program gave the parts of its log's lines, kept apart from the text."""

from __future__ import annotations

import colorsys
import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from .clean import terminal_safe

# SGR, "Select Graphic Rendition": ECMA-48, 8.3.117; with colons as in ISO 8613-6.
_SGR = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]*)m")
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_CUBE = (0, 95, 135, 175, 215, 255)  # xterm's colours 16 to 231 are a cube of these
_GREY = 0.25  # the saturation of what has no hue
_MOST = 50  # changes of colour in a line
_NO_SEQUENCE = "é"  # no escape sequence holds or ends with it


class Coloured(NamedTuple):
    """The characters from ``begin`` to ``end`` of a safe line. ``colour`` is one of ECMA-48's eight names, None for the
    usual one.
    """

    begin: int
    end: int
    colour: str | None
    bold: bool


def with_colours(data: bytes | str) -> tuple[str, tuple[Coloured, ...]]:
    """What ``terminal_safe`` makes of a line, and which of its parts have a colour or are bold, in order.

    Backgrounds and all else are left out: a text in the colour of its background would be hidden.
    """
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    safe = terminal_safe(text)
    if text.isprintable():
        return safe, ()
    found: list[Coloured] = []
    begin, colour, bold = 0, None, False
    for match in itertools.islice(_SGR.finditer(text), _MOST):
        end = _shown(text[: match.start()], safe)
        if end is None:  # it stands within another sequence
            continue
        if end > begin and (colour is not None or bold):
            found.append(Coloured(begin, end, colour, bold))
        begin, (colour, bold) = end, _after(match[1], colour, bold)
    if len(safe) > begin and (colour is not None or bold):
        found.append(Coloured(begin, len(safe), colour, bold))
    return safe, tuple(found)


def _shown(before: str, safe: str) -> int | None:
    """How much of the safe line ``before`` makes; None where it does not stand by itself."""
    shown = terminal_safe(before + _NO_SEQUENCE).removesuffix(_NO_SEQUENCE)
    return len(shown) if safe.startswith(shown) else None


def _after(parameters: str, colour: str | None, bold: bool) -> tuple[str | None, bool]:
    """The colour and weight after a sequence."""
    codes = iter([int(code or 0) for code in re.split("[;:]", parameters[:100])])
    for code in codes:
        if code == 0:
            colour, bold = None, False
        elif code in (1, 22):
            bold = code == 1
        elif code in (38, 48):
            chosen = _chosen(codes)
            colour = chosen if code == 38 else colour
        elif code == 39:
            colour = None
        elif 30 <= code <= 37 or 90 <= code <= 97:
            colour = _NAMES[code % 10]
    return colour, bold


def _chosen(codes: Iterator[int]) -> str | None:
    """The nearest of the eight colours to ``5;NUMBER`` of 256, or ``2;RED;GREEN;BLUE``."""
    kind = next(codes, 0)
    if kind == 2:
        return _nearest(*itertools.islice(itertools.chain(codes, itertools.repeat(0)), 3))
    number = next(codes, 0) if kind == 5 else 0
    if number < 16:
        return _NAMES[number % 8]
    if number > 231:
        return None
    number -= 16
    return _nearest(_CUBE[number // 36], _CUBE[number // 6 % 6], _CUBE[number % 6])


def _nearest(red: int, green: int, blue: int) -> str | None:
    hue, saturation, _value = colorsys.rgb_to_hsv(*(min(part, 255) / 255 for part in (red, green, blue)))
    if saturation < _GREY:
        return None
    return ("red", "yellow", "green", "cyan", "blue", "magenta")[round(hue * 6) % 6]
